"""How much of the heap the core takes."""

import gc

from on_mcu.rows import BLOCK_FRAMES
from on_mcu.stages import STAGES, find

_KB = 1024
_LEAST_KB = 4
_MOST_KB = 160
_BALLAST_BYTES = 1024


def by_minute(make_core, stream, minutes):
    """Return facts of the heap, collected before every block and never within one.

    `state_bytes`: what lives after each minute, with the core's own code not
    counted; `peak_bytes`: that and all that one block allocates, largest of
    each minute; `block_bytes`: mean and largest allocation of a block.
    """
    state, peaks, largest, total = [0] * minutes, [0] * minutes, 0, 0  # lists that grow would count as the core's
    gc.disable()
    gc.collect()
    base = gc.mem_alloc()
    core = make_core()
    for minute in range(minutes):
        peak = 0
        for number in range(stream.blocks):
            stream.load(number)
            gc.collect()
            before = gc.mem_alloc()
            core.push(stream.buffer, BLOCK_FRAMES)
            after = gc.mem_alloc()
            largest = max(largest, after - before)
            total += after - before
            peak = max(peak, after - base)
        gc.collect()
        state[minute] = gc.mem_alloc() - base
        peaks[minute] = peak
    gc.enable()
    return {
        "state_bytes": state,
        "peak_bytes": peaks,
        "block_bytes": [total / (minutes * stream.blocks), largest],
        "heap_bytes": gc.mem_alloc() + gc.mem_free(),
    }


def live_bytes(make_core, stream, blocks, watched):
    """Return the most memory that lives at once: state, and work wherever one of the core's functions begins or ends.

    Watches the last `watched` of `blocks`.
    """
    gc.collect()
    base = peak = gc.mem_alloc()

    def watching(function):
        def watched_function(*args, **named):
            watch()
            result = function(*args, **named)
            watch()
            return result

        return watched_function

    def watch():
        nonlocal peak
        gc.collect()
        peak = max(peak, gc.mem_alloc())

    core = make_core()
    found = [find(module, name) for _, module, name in STAGES]
    try:
        for number in range(blocks):
            if number == blocks - watched:
                for owner, name, function in found:
                    setattr(owner, name, watching(function))
            stream.load(number)
            core.push(stream.buffer, BLOCK_FRAMES)
    finally:
        for owner, name, function in found:
            setattr(owner, name, function)
    return peak - base


def smallest_heap_kb(make_core, stream, blocks):
    """Return the least free heap, KB, with which the core is made and takes `blocks`; collections run as needed.

    More than what lives at once: small things that live on leave holes too
    small for an array.
    """
    low, high = _LEAST_KB, _MOST_KB
    while low < high:
        middle = (low + high) // 2
        if _fits(make_core, stream, blocks, middle):
            high = middle
        else:
            low = middle + 1
    return low


def _fits(make_core, stream, blocks, free_kb):
    gc.collect()
    ballast = []
    while gc.mem_free() > free_kb * _KB + _BALLAST_BYTES:
        ballast.append(bytearray(_BALLAST_BYTES))
    try:
        core = make_core()
        for number in range(blocks):
            stream.load(number)
            core.push(stream.buffer, BLOCK_FRAMES)
    except MemoryError:
        return False
    return True
