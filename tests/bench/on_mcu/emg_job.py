"""What the bench asks of the emulated MCU about the EMG core; answers as on_mcu/job.py gives them."""

import gc
import json
import struct
from array import array
from binascii import hexlify

from machine import mem32
from uctypes import bytearray_at

from hipcue.core.emg import Emg
from hipcue.core.emg_state import Params
from on_mcu import counter, emg_rows
from on_mcu.counter import VALUE
from on_mcu.emg_functions import FUNCTIONS
from on_mcu.stages import find
from on_mcu.stopwatch import Stopwatch
from on_mcu.stream import FRAMES_AT, ROWS_AT

ANSWER = "bench: "
_FRAME_BYTES = 8  # int32 left, right
WATCHED_BLOCKS = 100

class Stream:
    """`frames` of EMG in blocks of `block`, with the steps (contact, stance end) that end in them."""

    def __init__(self, job):
        self.block = job["block"]
        self.blocks = job["frames"] // self.block
        self.steps = job["steps"]
        self.warm_up = job["warm_up"]
        self._view = memoryview(bytearray_at(FRAMES_AT, job["frames"] * _FRAME_BYTES))
        self._buffer = bytearray(self.block * _FRAME_BYTES)
        self._next = 0

    def load(self, number):
        """Return a block in the driver's buffer."""
        start = number * self.block * _FRAME_BYTES
        self._buffer[:] = self._view[start : start + self.block * _FRAME_BYTES]
        return self._buffer

    def due(self, index):
        """Return the steps whose stance ended before sample `index`, each once, as (contact, end, contact before)."""
        found = []
        while 2 * self._next < len(self.steps) and self.steps[2 * self._next + 1] <= index:
            at = 2 * self._next
            found.append((self.steps[at], self.steps[at + 1], self.steps[at - 2] if at else None))
            self._next += 1
        return found


def run(job):
    """Measure.

    `job`: params (arguments of Params), frames, block, warm_up (blocks not
    counted), steps (contact and stance end in turn, samples).
    """
    job["steps"] = array("i", job["steps"])
    _answer("cost", _total(job))
    _answer("functions", _by_function(job))
    _answer("memory", _memory(job))


def _total(job):
    """Return the instructions of pushes, readings and of the dearest of either, and the readings."""
    core, stream = Emg(Params(*job["params"])), Stream(job)
    gc.collect()
    counter.start()
    own = counter.own_ticks()
    rows = bytearray_at(ROWS_AT, len(stream.steps) * emg_rows.BYTES)
    pushing = reading = median = dearest = used = 0
    for number in range(stream.blocks):
        block = stream.load(number)
        begun = mem32[VALUE]
        core.push(block, stream.block)
        pushed = begun - mem32[VALUE] - own
        read = 0
        for contact, end, before in stream.due(core.index):
            begun = mem32[VALUE]
            readings = core.read_step(contact, end, before)
            read += begun - mem32[VALUE] - own
            for each in readings:
                struct.pack_into(emg_rows.FORMAT, rows, used, *emg_rows.values(each))
                used += emg_rows.BYTES
            gc.collect()
        if number >= stream.warm_up:
            pushing += pushed
            reading += read
            dearest = max(dearest, pushed, read)
    begun = mem32[VALUE]
    medians = core.median_frequencies_hz()
    median = begun - mem32[VALUE] - own
    each = counter.INSTRUCTIONS_PER_TICK
    return {
        "push": pushing * each,
        "read": reading * each,
        "dearest": dearest * each,
        "median": median * each,
        "medians_hz": medians,
        "rows": hexlify(memoryview(rows)[:used]).decode(),
    }


def _by_function(job):
    """Return [instructions, calls] for each of FUNCTIONS."""
    counter.start()
    watch = Stopwatch()
    found = [find(module, name) for module, name in FUNCTIONS]
    for owner, name, function in found:
        setattr(owner, name, watch.wrapped(function))
    try:
        core, stream = Emg(Params(*job["params"])), Stream(job)
        for number in range(stream.blocks):
            if number == stream.warm_up:
                watch.start()
            core.push(stream.load(number), stream.block)
            for contact, end, before in stream.due(core.index):
                core.read_step(contact, end, before)
                gc.collect()
        core.median_frequencies_hz()
    finally:
        for owner, name, function in found:
            setattr(owner, name, function)
    return [[watch.instructions(i + 1), watch.calls[i + 1]] for i in range(len(FUNCTIONS))]


def _memory(job):
    """Return facts of the heap.

    `state_bytes`: the most that lives between calls, of each quarter of the stream; `live_bytes`:
    the most that lives at once, state and work, wherever one of FUNCTIONS
    begins or ends; `work_bytes`: the most that one call allocates with nothing
    freed meanwhile.
    """
    gc.collect()
    gc.disable()
    stream, state, work = Stream(job), [0, 0, 0, 0], 0
    gc.collect()
    base = gc.mem_alloc()
    core = Emg(Params(*job["params"]))
    for number in range(stream.blocks):
        block = stream.load(number)
        gc.collect()
        before = gc.mem_alloc()
        core.push(block, stream.block)
        work = max(work, gc.mem_alloc() - before)
        for contact, end, previous in stream.due(core.index):
            gc.collect()
            before = gc.mem_alloc()
            core.read_step(contact, end, previous)
            work = max(work, gc.mem_alloc() - before)
        gc.collect()
        quarter = 4 * number // stream.blocks
        state[quarter] = max(state[quarter], gc.mem_alloc() - base)
    gc.enable()
    return {"state_bytes": state, "work_bytes": work, "live_bytes": _live_bytes(job)}


def _live_bytes(job):
    stream = Stream(job)
    found = [find(module, name) for module, name in FUNCTIONS]
    base = peak = 0

    def watch():
        nonlocal peak
        gc.collect()
        peak = max(peak, gc.mem_alloc())

    def watching(function):
        def watched(*args, **named):
            watch()
            result = function(*args, **named)
            watch()
            return result

        return watched

    for owner, name, function in found:
        setattr(owner, name, watching(function))
    try:
        gc.collect()
        base = gc.mem_alloc()  # what watches is no part of the core
        core = Emg(Params(*job["params"]))
        for number in range(stream.warm_up + WATCHED_BLOCKS):
            core.push(stream.load(number), stream.block)
            for contact, end, previous in stream.due(core.index):
                core.read_step(contact, end, previous)
    finally:
        for owner, name, function in found:
            setattr(owner, name, function)
    return peak - base


def _answer(name, value):
    print(ANSWER + json.dumps([name, value]))
    gc.collect()
