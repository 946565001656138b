"""The accelerometer's forward bias (datasheets: zero-g offset) from forward bows.

A bias turns with the clip, gravity does not. While the pelvis leans forward by
phi, gravity turns by -phi in the clip's frame, and phi is known from the
gyroscope. In the plane of the bow, as complex numbers z = up + i forward, with
z0 from the stand before:

    z(t) = e^(-i phi) (z0 - b) + b + (i phi'' - phi'^2) r

b is the bias, r where the clip lies from what the bow turns about (a runner's
own: hips, or a little behind them), and phi begins at an unknown lean. Least
squares; linear but for that lean, hence in a few passes (Gauss-Newton).

The forward part of b is what matters, since a pelvis also yaws: 15 mg, 0.9 deg
of tilt, make 0.1 deg of obliquity at 7 deg of yaw, opposite in left and right
steps. The part along the axis of the bow turns with nothing; it tilts stand and
run alike. The upward part tilts nothing, and cannot be told from a movement of
the hips that goes with the lean: it is left in the length of gravity.

Bows are no machine's: what the model leaves over counts against the bias that
the datasheet lets expect (ridge regression, Hoerl & Kennard 1970, Technometrics
12:55, weighted as Bayes' rule weighs a normal expectation), so rough bows find
little of a bias, not a wrong one.
"""

from ulab import numpy as np

from hipcue.core.filters import integrals, integrator
from hipcue.core.rotation import across, cross, dot, unit

USUAL_MPS2 = 0.2  # SD that is expected: LSM6DSOX datasheet, table 2, zero-g level offset accuracy: 20 mg
ALIKE_S = 0.5  # for which what the model leaves over is alike: movements of a body, not noise
PASSES = 3  # the first finds the lean, the second how well all fits, the third what is to be believed
PART = 64  # moments at once: memory


def in_bows(accel, rate, axis, rest, interval_s):
    """Return (bias, forward): m/s2 along the unit vector `forward`, sensor frame, perpendicular to `axis` and `rest`.

    `accel` m/s2, `rate` rad/s without the gyroscope's bias: shape (3, n),
    sensor frame, of bows about `axis` (unit vector; forwards positive). `rest`:
    vector, m/s2, as the stand before read it, its bias included.
    """
    rest = across(rest, axis)
    up = unit(rest)
    forward = cross(axis, up)
    gravity = dot(rest, up)
    turning = np.dot(np.array(axis), rate)
    bows = _Bows(turning, np.dot(np.array(up), accel), np.dot(np.array(forward), accel), gravity, interval_s)
    ridge = lean = 0.0
    for _ in range(PASSES):
        factors = bows.solution(lean, ridge)
        ridge = bows.variance(lean, factors) * ALIKE_S / (interval_s * USUAL_MPS2 * USUAL_MPS2)
        lean += factors[-1] / gravity
    return factors[0], forward


class _Bows:
    """What the model is held against: the lean's course, and the specific force upwards and forwards."""

    def __init__(self, turning, rise, advance, gravity, interval_s):
        self._lean = integrals(integrator(interval_s, 1), turning.reshape((1, len(turning))))[0][1:-1]
        self._swing = (turning[2:] - turning[:-2]) * (0.5 / interval_s)
        self._square = turning[1:-1] * turning[1:-1]
        self._rise, self._advance = rise[1:-1], advance[1:-1]
        self._gravity = gravity

    def solution(self, lean, ridge):
        """Return the factors of the rows of `_parts` that come nearest; `ridge` holds the first, the bias, at 0."""
        system = None
        for rows, values in self._parts(lean):
            part = [[float(np.dot(row, other)) for other in rows + [values]] for row in rows]
            system = _sum(system, part) if system else part
        system[0][0] += ridge
        return _solved(system)

    def variance(self, lean, factors):
        """Return the variance of what the model leaves over, (m/s2)^2."""
        total = 0.0
        for rows, values in self._parts(lean):
            for i in range(len(rows)):
                values -= rows[i] * factors[i]
            total += float(np.dot(values, values))
        return 0.5 * total / len(self._lean)

    def _parts(self, start):
        """Yield (rows, values) for one part after the other, the lean beginning at `start` (rad).

        Rows: bias forward, distance up and forward, more lean at the start
        (times gravity); values: the force that is not gravity. Real parts, then
        imaginary ones.
        """
        for first in range(0, len(self._lean), PART):
            stop = first + PART
            lean = self._lean[first:stop] + start
            cosine, sine = np.cos(lean), np.sin(lean)
            swing, square = self._swing[first:stop], self._square[first:stop]
            rows = [
                np.concatenate((-sine, 1.0 - cosine)),
                np.concatenate((-square, swing)),
                np.concatenate((-swing, -square)),
                np.concatenate((-sine, -cosine)),
            ]
            rise = self._rise[first:stop] - cosine * self._gravity
            yield rows, np.concatenate((rise, self._advance[first:stop] + sine * self._gravity))


def _sum(a, b):
    return [[a[i][j] + b[i][j] for j in range(len(b[i]))] for i in range(len(b))]


def _solved(system):
    """Return the solution of normal equations, rows with their right side last; changes them.

    Gaussian elimination, which needs no pivots here: they are positive definite.
    """
    count = len(system)
    for i in range(count):
        for k in range(i + 1, count):
            share = system[k][i] / system[i][i]
            system[k] = [system[k][j] - share * system[i][j] for j in range(count + 1)]
    factors = [0.0] * count
    for i in range(count - 1, -1, -1):
        known = sum([system[i][j] * factors[j] for j in range(i + 1, count)])
        factors[i] = (system[i][count] - known) / system[i][i]
    return factors
