"""The models are hardware: what they allocate is not the clip's.

So its heap lock does not bind them, and what the flash leaves behind after a write is not to be seen in its free heap.
"""

from micropython import heap_lock, heap_locked, heap_unlock

collect = None  # the collector, while the twin has a console; it takes no virtual time


def tidy():
    """Free what the models have left behind."""
    if collect:
        collect()


def lift_lock():
    """Unlock the heap and return how deep it was locked, for `restore_lock`."""
    depth = heap_locked()
    for _ in range(depth):
        heap_unlock()
    return depth


def restore_lock(depth):
    """Lock the heap as deep as `lift_lock` found it."""
    for _ in range(depth):
        heap_lock()
