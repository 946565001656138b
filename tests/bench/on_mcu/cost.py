"""How many instructions the core takes."""

import gc

from machine import mem32

from hipcue.core.envelope import SLOT_MS, EnvelopeRing
from on_mcu import counter
from on_mcu.counter import VALUE
from on_mcu.rows import BLOCK_FRAMES
from on_mcu.stages import STAGES, find
from on_mcu.stopwatch import Stopwatch
from on_mcu.stream import Rows


def total(core, stream, warm_up):
    """Return (facts, rows): the core as the firmware runs it, garbage collected after each decision.

    Counting begins after `warm_up` blocks. facts: instructions in `push`, in
    collections and in the dearest push, and `late_blocks`, the most blocks
    from the one with the last sample of a stance to the one with its decision,
    of steps whose drop a cue can rest on: not the first ones of a stretch.
    """
    push, rows = core.push, Rows()
    gc.collect()
    counter.start()
    own = counter.own_ticks()
    pushing = collecting = dearest = late = 0
    for number in range(stream.blocks):
        stream.load(number)
        begun = mem32[VALUE]
        decided, settled = push(stream.buffer, BLOCK_FRAMES)
        push_ticks = begun - mem32[VALUE] - own
        begun = mem32[VALUE]
        if decided:
            gc.collect()
        collect_ticks = begun - mem32[VALUE] - own
        for step in decided:
            if step.peak_drop_causal_deg is not None:
                late = max(late, number - step.stance_end // BLOCK_FRAMES)
        for step in settled:
            rows.add(step)
        if number >= warm_up:
            pushing += push_ticks
            collecting += collect_ticks
            dearest = max(dearest, push_ticks)
    for step in core.finish():
        rows.add(step)
    each = counter.INSTRUCTIONS_PER_TICK
    facts = {"push": pushing * each, "collect": collecting * each, "dearest_push": dearest * each, "late_blocks": late}
    return facts, rows


def by_function(core, stream, warm_up):
    """Return [instructions, calls] for each row of STAGES; the core's functions stay wrapped only meanwhile."""
    counter.start()
    watch = Stopwatch()
    found = [find(module, name) for _, module, name in STAGES]
    for owner, name, function in found:
        setattr(owner, name, watch.wrapped(function))
    try:
        for number in range(stream.blocks):
            if number == warm_up:
                watch.start()
            stream.load(number)
            decided, _ = core.push(stream.buffer, BLOCK_FRAMES)
            if decided:
                gc.collect()
    finally:
        for owner, name, function in found:
            setattr(owner, name, function)
    return [[watch.instructions(i + 1), watch.calls[i + 1]] for i in range(len(STAGES))]


def envelopes(core, stream, warm_up, interval_ms):
    """Return the instructions of the glute envelopes: a slot every 10 ms and their means over each stance."""
    ring = EnvelopeRing()
    counter.start()
    own = counter.own_ticks()
    ticks, now_ms = 0, 0
    for number in range(stream.blocks):
        stream.load(number)
        until_ms = int((number + 1) * BLOCK_FRAMES * interval_ms)
        decided, _ = core.push(stream.buffer, BLOCK_FRAMES)
        begun = mem32[VALUE]
        while now_ms < until_ms:
            index = 2 * ring.slot(now_ms)
            ring.values[index] = ring.values[index + 1] = 1000
            now_ms += SLOT_MS
        for step in decided:
            ring.mean_between(int(step.first * interval_ms), int(step.stance_end * interval_ms))
        if number >= warm_up:
            ticks += begun - mem32[VALUE] - own
        if decided:
            gc.collect()
    return ticks * counter.INSTRUCTIONS_PER_TICK
