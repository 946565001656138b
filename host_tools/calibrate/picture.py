"""What the clip sees while it measures, as one line of a terminal: each picture takes what comes, and draws itself."""

import json
import math

from host_tools import ulab
from host_tools.live.picture import amplitude

ulab.install()

from hipcue.core.mount import LEAST_BOW_RAD, STILL_GYRO_RADS  # noqa: E402 - after the install

TRACE_COLUMNS = 40  # at ten a second: the last four seconds
LEVELS = " .:-=+*#%@"
BAR_COLUMNS = 20
BOW_DEG = 60.0  # of a full trace
HOP_MPS2 = 40.0
MEAN_SAMPLES = 50


def seen(line):
    """Return what a `line` of the clip says that it sees, or None when it is another line or nothing is seen."""
    try:
        return json.loads(line).get("seen")
    except (ValueError, AttributeError):
        return None


class Stand:
    """How far the clip tilts from where it has been, and how near its turning is to what a stand may have."""

    def __init__(self):
        self._accel, self._gyro = [], []

    def take(self, values):
        """Take [ax, ay, az, gx, gy, gz], m/s2 and rad/s."""
        self._accel.append(values[:3])
        self._gyro.append(values[3:])
        del self._accel[:-MEAN_SAMPLES], self._gyro[:-MEAN_SAMPLES]

    def draw(self):
        """Return the line."""
        tilt_deg = angle_deg(self._accel[-1], _mean(self._accel))
        unrest = max(_spread(axis) for axis in zip(*self._gyro, strict=True)) / STILL_GYRO_RADS
        verdict = "steady" if unrest < 0.5 else "hold still" if unrest < 1.0 else "too restless"
        return "sways %4.1f deg  [%s] %s" % (tilt_deg, bar(unrest), verdict)


class Bows:
    """The angle of the bow against where it began, over time, and the bows so far."""

    def __init__(self):
        self._upright = None
        self._trace = []
        self._down = False
        self._count = 0

    def take(self, values):
        """Take [ax, ay, az, ...], m/s2: slow enough to be gravity."""
        self._upright = self._upright or values[:3]
        angle = angle_deg(values[:3], self._upright)
        if self._down and angle < 0.5 * math.degrees(LEAST_BOW_RAD):
            self._count += 1
        self._down = angle > (0.5 if self._down else 1.0) * math.degrees(LEAST_BOW_RAD)
        self._trace.append(angle)

    def draw(self):
        """Return the line."""
        return "%3.0f deg  [%s] %d bows" % (self._trace[-1], trace(self._trace, BOW_DEG), self._count)


class Hops:
    """The specific force over time: flat in the air, high at a landing."""

    def __init__(self):
        self._trace = []

    def take(self, values):
        """Take [ax, ay, az, ...], m/s2."""
        self._trace.append(_length(values[:3]))

    def draw(self):
        """Return the line."""
        return "%4.1f m/s2  [%s]" % (self._trace[-1], trace(self._trace, HOP_MPS2))


class Level:
    """How active a muscle is, against the most that this measurement has seen."""

    def __init__(self):
        self._now_uv = self._most_uv = 0.0

    def take(self, uv):
        """Take an activation in uV."""
        self._now_uv = uv
        self._most_uv = max(self._most_uv, uv)

    def draw(self):
        """Return the line."""
        share = self._now_uv / self._most_uv if self._most_uv else 0.0
        return "[%s] %s, most %s" % (bar(share), amplitude(self._now_uv), amplitude(self._most_uv))


def bar(share):
    """Return a bar that 1.0 fills."""
    filled = max(0, min(BAR_COLUMNS, round(BAR_COLUMNS * share)))
    return "#" * filled + "." * (BAR_COLUMNS - filled)


def trace(values, full):
    """Return the last of `values`, a column each, as characters of growing weight up to `full`."""
    steps = len(LEVELS) - 1
    marks = [LEVELS[max(0, min(steps, round(steps * value / full)))] for value in values[-TRACE_COLUMNS:]]
    return "".join(marks).rjust(TRACE_COLUMNS)


def angle_deg(one, other):
    """Return the angle between two vectors."""
    product = sum(a * b for a, b in zip(one, other, strict=True))
    return math.degrees(math.acos(max(-1.0, min(1.0, product / (_length(one) * _length(other) or 1.0)))))


def _length(vector):
    return math.sqrt(sum(value * value for value in vector))


def _mean(vectors):
    return [sum(axis) / len(vectors) for axis in zip(*vectors, strict=True)]


def _spread(values):
    """Return the standard deviation."""
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
