"""Vibration motors that record what they were told to do."""

import json


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
    """One motor; `record` is its history, a list of (time in us, duty 0..1), changes only."""

    def __init__(self, name, log):
        self._name = name
        self._log = log
        self._duty = 0.0
        self.record = []

    def is_on(self, time_us):
        """Return whether it ran at `time_us`, now or a little while ago."""
        place = len(self.record) - 1
        while place >= 0 and self.record[place][0] > time_us:
            place -= 1
        return place >= 0 and self.record[place][1] > 0

    def set(self, duty, now_us):
        """Take a new duty cycle at `now_us`."""
        duty = round(duty, 4)
        if duty == self._duty:
            return
        self._duty = duty
        self.record.append((now_us, duty))
        self._log.write(now_us, self._name, duty)
