"""Vibration motors that record what they were told to do."""

import json
from array import array

_KEPT = 512  # changes


class MotorLog:
    """Writes one JSON line for every change of a motor; `path` None: nowhere."""

    def __init__(self, path=None):
        self._file = open(path, "w") if path else None

    def write(self, t_us, motor, duty):
        """Append a line at once: the clip may lose power at any time."""
        if self._file:
            self._file.write(json.dumps({"t_us": t_us, "motor": motor, "duty": duty}) + "\n")
            self._file.flush()


class Motor:
    """One motor. It takes the same memory whatever it was told: the firmware's heap is looked at from outside."""

    def __init__(self, name, log):
        self._name = name
        self._log = log
        self._duty = 0.0
        self._times_us = array("q", bytes(8 * _KEPT))
        self._duties = array("f", bytes(4 * _KEPT))
        self._count = 0  # changes so far

    @property
    def record(self):
        """Its last changes, a list of (time in us, duty 0..1)."""
        numbers = range(max(0, self._count - _KEPT), self._count)
        return [(self._times_us[number % _KEPT], self._duties[number % _KEPT]) for number in numbers]

    def is_on(self, time_us):
        """Return whether it ran at `time_us`, now or a little while ago."""
        number, oldest = self._count - 1, max(0, self._count - _KEPT)
        while number >= oldest and self._times_us[number % _KEPT] > time_us:
            number -= 1
        return number >= oldest and self._duties[number % _KEPT] > 0

    def set(self, duty, now_us):
        """Take a new duty cycle at `now_us`."""
        duty = round(duty, 4)
        if duty == self._duty:
            return
        self._duty = duty
        self._times_us[self._count % _KEPT] = now_us
        self._duties[self._count % _KEPT] = duty
        self._count += 1
        self._log.write(now_us, self._name, duty)
