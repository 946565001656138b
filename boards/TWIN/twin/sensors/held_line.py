"""A part that holds SDA low: it was sending a zero when its clock stopped, and waits for the rest of its byte.

Fault `i2c_held` (`at_s`, `clocks`): from then on SDA is low, until SCL has risen so many times; 0: for good.
"""


class HeldLine:
    """SDA of one bus. `faults` as in the scene; `now_us`: the clock."""

    def __init__(self, faults, now_us):
        held = [(int(f["at_s"] * 1e6), f["clocks"]) for f in faults if f["kind"] == "i2c_held"]
        self._faults = sorted(held)
        self._now_us = now_us
        self._rises = 0
        self._clock_level = 1

    def level(self):
        """Return the level of SDA: 0 while it is held."""
        return 0 if self._faults and self._faults[0][0] <= self._now_us() else 1

    def clock(self, level):
        """SCL is driven to `level`."""
        if level and not self._clock_level and not self.level():
            self._rises += 1
            if self._rises == self._faults[0][1]:
                self._faults.pop(0)
                self._rises = 0
        self._clock_level = level
