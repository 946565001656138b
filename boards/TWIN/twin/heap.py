"""The models are hardware: what they allocate is not the clip's, so its heap lock does not bind them."""

from micropython import heap_lock, heap_locked, heap_unlock


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
