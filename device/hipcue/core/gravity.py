"""The direction of gravity while running, and the gyroscope's bias, from whole steps.

In a frame carried along by the gyroscope alone ("carried frame") gravity is
constant but for the slow drift that the gyroscope's bias leaves. Over a whole
stride the body's own acceleration averages to nothing but the change of its
velocity; sums over steps, weighted by a triangle, therefore leave gravity:
a triangle is a box over 12 steps convolved with a box over 12 (or 6) steps,
so it is blind to anything that repeats with the stride or alternates between
left and right, and to the velocity at its ends. Normalised once, never per
sample: flight is near 0 g.

A whole step's mean must then be as large as gravity at rest. What it has more
(`load` - 1) is no motion of the body, which would have to end: it is what the
sensor makes of impacts (a clip that rings on its belt, a range that clips one
way, a rectified vibration). An impact comes from the ground, up and back: in
the first 20 ms of contact a real sacral accelerometer reads BACK_SHARE as much
backward as upward (Alcantara et al. 2022, PeerJ 10:e12752: 0.30 to 1.02 in 8
trials, mean 0.52, median 0.51, upward being the trial's mean force). The
backward part of the excess is put back: left in, it tilts gravity by 1 deg for
3.5 % of excess, which the pelvis' yaw turns into a wrong obliquity at the
rhythm of the stride. Its upward part changes no direction.

Longer windows are affordable because the gyroscope's noise (LSM6DSOX:
3.8 mdps/sqrt(Hz), datasheet table 3) makes 0.01 deg over 4 s. Measured on
the virtual recording RBDS001: zero-mean error 0.05 deg for one box of 12
steps, 0.03 deg for the triangle of 12 and 12.
"""

import micropython
from ulab import numpy as np

from hipcue.core.rotation import cross, normalised, scaled, unit

BACK_SHARE = 0.5
BOX_STEPS = 12
LEAST_STEPS = 6
# Share of a window's weight that must lie on steady steps: what is logged may rest on the window's rim alone (about 6
# steps on its two sides), what decides a cue may not, for there the rim is the past.
SETTLED_SHARE = 0.1
CAUSAL_SHARE = 0.5
CAUSAL_STEPS = 17  # boxes of 12 and 6: the window behind a cue
SETTLED_STEPS = 23  # boxes of 12 and 12: the window around a logged step
BIAS_STEPS = 24
BIAS_EVERY = 4  # steps from one look at the drift to the next
BIAS_GAIN = 1.0 / 40.0  # per step, least share of a drift taken into the bias: a mean over about 40 steps

_CAPACITY = 64
_KEPT = BIAS_STEPS + SETTLED_STEPS // 2  # a settled window reaches this far back at most


def window(count):
    """Return the weights of the longest symmetric window for `count` steps: two even boxes convolved.

    Even boxes cancel what alternates between left and right. ValueError below 3.
    """
    if count < 3:
        raise ValueError("a window needs at least 3 steps")
    outer = min(BOX_STEPS, (count - 1) // 2 * 2)
    inner = min(BOX_STEPS, (count - outer + 1) // 2 * 2)
    return [min(i + 1, inner, outer + inner - 1 - i) for i in range(outer + inner - 1)]


def _balancing(count):
    """Return (weights of shape (steps, 2): window(count) as it is, and of alternating sign; their sum)."""
    weights = window(count)
    return np.array([[weight, -weight if i % 2 else weight] for i, weight in enumerate(weights)]), sum(weights)


class StepSums:
    """Specific force summed over each whole step of a stretch, carried frame.

    A column per step: x, y, z (m/s2 summed over its moments), 1. An unsteady
    step's column is 0, so it weighs nothing; that its side then weighs less than
    the other is taken out by fitting, with the window's weights, what alternates
    between the sides beside what is common to both. Old columns are dropped;
    numbers of steps go on from 0 at the stretch's first.
    """

    def __init__(self):
        self._columns = np.zeros((4, _CAPACITY))
        self._weights = {count: _balancing(count) for count in (CAUSAL_STEPS, SETTLED_STEPS)}
        self.clear()

    def clear(self):
        """Begin a stretch."""
        self._dropped = 0
        self.count = 0

    @micropython.native
    def add(self, force_sum, steady):
        """Append a step; `force_sum` of shape (3,)."""
        at = self.count - self._dropped
        if at == _CAPACITY:
            self._columns[:, :_KEPT] = self._columns[:, _CAPACITY - _KEPT :] * 1.0
            self._dropped += _CAPACITY - _KEPT
            at = _KEPT
        if steady:
            self._columns[:3, at] = force_sum
            self._columns[3, at] = 1.0
        else:
            self._columns[:, at] = np.zeros(4)
        self.count += 1

    @micropython.native
    def direction(self, first, stop, least_share):
        """Return the unit vector of gravity's reaction ("up") in the carried frame over steps [first, stop), or None.

        Shape (3,). The longest window that fits is centred on them. None for
        fewer than LEAST_STEPS, and when less than `least_share` of its weight
        is steady, or less than a quarter of that on one of the sides.
        """
        count = stop - first
        if count < LEAST_STEPS:
            return None
        weights, whole = self._weights[count] if count in self._weights else _balancing(count)
        first += (count - len(weights)) // 2 - self._dropped
        sums = np.dot(self._columns[:, first : first + len(weights)], weights)
        total, alternating = sums[:, 0], sums[:, 1]
        weight, imbalance, least = total[3], alternating[3], least_share * whole
        if weight < least or 2.0 * (weight - abs(imbalance)) < least:
            return None
        if imbalance:
            total = weight * total - imbalance * alternating
        return normalised(total[:3])

    @micropython.native
    def drift_rads(self, step_s):
        """Return the turning of "up" in the carried frame, rad/s, shape (3,), or None; `step_s`: time of a step.

        Compares the last 12 whole steps with the 12 before. A bias b turns up
        at b x up, so up_old x up_new / time is the part of the bias across
        gravity; the part along gravity does not reach the obliquity.
        """
        stop = self.count - self._dropped
        if stop < BIAS_STEPS:
            return None
        middle = stop - BOX_STEPS
        x, y, z, old_steady = np.sum(self._columns[:, middle - BOX_STEPS : middle], axis=1).tolist()
        new_x, new_y, new_z, new_steady = np.sum(self._columns[:, middle:stop], axis=1).tolist()
        if old_steady + new_steady < BIAS_STEPS:
            return None
        old, new = unit((x, y, z)), unit((new_x, new_y, new_z))
        return np.array(scaled(cross(old, new), 1.0 / (BOX_STEPS * step_s)))


class Bias:
    """The biases: the gyroscope's as rests and the drift of gravity tell it, the accelerometer's as it was given.

    `rads`: rad/s, array of shape (3,). `channels`: rad/s, then m/s2, shape
    (6,). Sensor frame.
    """

    def __init__(self, rads, accel_mps2=(0.0, 0.0, 0.0)):
        self._accel = list(accel_mps2)
        self.rest(rads)

    def rest(self, rads):
        """Take the mean rate of a rest."""
        self._mean = np.array(rads)
        self._drifts = 0
        self._use(np.array(rads))

    def _use(self, rads):
        self.rads = rads
        self.channels = np.array(rads.tolist() + self._accel)

    @micropython.native
    def steps(self, count, drift):
        """Take what the last `count` steps say of the drift (rad/s, sensor frame, shape (3,)), or None.

        The drift is what the bias that was in use left over, on the mean over
        the last 24 steps, so it is added to the mean of that, not to the bias
        of now: corrections do not count twice. The first ones weigh most.
        """
        used = self.rads - self._mean
        used *= count / BOX_STEPS
        self._mean += used
        if drift is not None:
            self._drifts += 1
            gain = max(count * BIAS_GAIN, 1.0 / (1.0 + self._drifts))
            correction = self._mean + drift
            correction -= self.rads
            correction *= gain
            self._use(self.rads + correction)
