"""Instructions of each function without those of the timed functions it calls."""

import gc

from machine import mem32

from on_mcu import counter
from on_mcu.counter import VALUE

_CALIBRATION_CALLS = 50  # few: the more garbage, the dearer the next allocation


class Stopwatch:
    """Times functions that it has wrapped; the wrappers' own cost is known and left out.

    `ticks` and `calls` have one entry per wrapped function, and entry 0 for
    what runs outside of all.
    """

    def __init__(self):
        self.ticks = [0]
        self.calls = [0]
        self._nested = [0]  # calls of other timed functions from each
        self._current = 0
        self._since = 0
        self._callee_ticks = 0.0  # charged to a function by each call of it
        self._caller_ticks = 0.0  # charged to its caller
        self._calibrate()

    def start(self):
        """Begin at zero."""
        for counts in (self.ticks, self.calls, self._nested):
            for i in range(len(counts)):
                counts[i] = 0
        self._current = 0
        self._since = mem32[VALUE]

    def wrapped(self, function):
        """Return `function` as one that is timed; its entry is the newest of `ticks`."""
        index = len(self.ticks)
        for counts in (self.ticks, self.calls, self._nested):
            counts.append(0)
        ticks, calls, nested = self.ticks, self.calls, self._nested

        def timed(*args, **named):
            now = mem32[VALUE]
            caller = self._current
            ticks[caller] += self._since - now
            nested[caller] += 1
            calls[index] += 1
            self._current = index
            self._since = mem32[VALUE]
            result = function(*args, **named)
            now = mem32[VALUE]
            ticks[index] += self._since - now
            self._current = caller
            self._since = mem32[VALUE]
            return result

        return timed

    def instructions(self, index):
        """Return the instructions spent in a function itself."""
        own = self.ticks[index] - self.calls[index] * self._callee_ticks - self._nested[index] * self._caller_ticks
        return own * counter.INSTRUCTIONS_PER_TICK

    def _calibrate(self):
        """Time calls of a method that does nothing: the call itself stays with the caller."""
        nothing = self._nothing
        gc.collect()
        begun = mem32[VALUE]
        for _ in range(_CALIBRATION_CALLS):
            nothing(1)
        plain = begun - mem32[VALUE]
        timed = self.wrapped(nothing)
        gc.collect()
        self.start()
        for _ in range(_CALIBRATION_CALLS):
            timed(1)
        self.ticks[0] += self._since - mem32[VALUE]
        self._callee_ticks = self.ticks[1] / _CALIBRATION_CALLS
        self._caller_ticks = (self.ticks[0] - plain) / _CALIBRATION_CALLS
        for counts in (self.ticks, self.calls, self._nested):
            counts.pop()

    def _nothing(self, value):
        return value
