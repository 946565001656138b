"""The ring of envelopes on the clip: sampling allocates nothing, and a step's mean comes of it in single precision."""

from micropython import heap_lock, heap_unlock

from hipcue.contract.signals import UNKNOWN_U16
from hipcue.core.envelope import SLOTS, EnvelopeRing


def test_sampling_allocates_nothing():
    """A slot after a slot, after a pause, and after one longer than the ring."""
    ring = EnvelopeRing()
    slot, values = ring.slot, ring.values
    heap_lock()
    try:
        for time_ms in range(0, 3000, 10):
            index = slot(time_ms)
            values[2 * index] = 5000
            values[2 * index + 1] = 7000
        slot(4000)
        slot(99000)
    finally:
        heap_unlock()
    assert list(values) == [UNKNOWN_U16] * (2 * SLOTS)


def test_means_of_a_stance():
    """0.23 s of a ramp from 100 mV, which every slot raises by 1 mV on the left and lowers by 0.5 on the right."""
    ring = EnvelopeRing()
    for number in range(400):
        index = ring.slot(10 * number)
        ring.values[2 * index], ring.values[2 * index + 1] = 1000 + 10 * number, 9000 - 5 * number
    left, right = ring.mean_between(3105, 3334)
    assert (left, right) == (1000 + 10 * 321.5, 9000 - 5 * 321.5)


def test_slots_while_a_motor_ran_are_left_out():
    ring = EnvelopeRing()
    for number in range(100):
        if 50 <= number < 60:
            continue  # not sampled
        index = ring.slot(10 * number)
        ring.values[2 * index], ring.values[2 * index + 1] = 2000, 3000
    assert ring.mean_between(405, 695) == (2000, 3000)
    assert ring.mean_between(501, 595) == (None, None)


def run():
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test()


run()
