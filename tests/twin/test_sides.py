"""The evidence for the stance side on MicroPython: it takes the same memory whatever it says."""

import gc

from hipcue.core.sides import Sides

LEFT = (1.5, 0.3, 0.75)  # witnesses of a left step at their full vote
NONE = (0.0, 0.0, 0.0)


def free_after(sides, even, odd, strides):
    for _ in range(strides):
        sides.hear(even, odd)
    gc.collect()
    return gc.mem_free()


def test_evidence_takes_the_same_memory_whatever_it_says():
    sides = Sides()
    free_after(sides, LEFT, NONE, 40)  # what is made once
    # To the end of its range on either side, in between, and nothing.
    left = free_after(sides, LEFT, NONE, 40)
    assert free_after(sides, NONE, LEFT, 80) == left
    assert free_after(sides, LEFT, NONE, 9) == left
    sides.forget()
    assert free_after(sides, LEFT, NONE, 0) == left


def run():
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test()


run()
