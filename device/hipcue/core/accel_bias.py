"""The accelerometer's bias (datasheets: zero-g offset) from forward bows, as far as it lies in their plane.

A bias turns with the clip, gravity does not. While the pelvis leans forward by
phi, gravity turns by -phi in the clip's frame, and phi is known from the
gyroscope. In the plane of the bow, as complex numbers z = up + i forward, with
z0 from the stand before:

    z(t) = e^(-i phi) (z0 - b) + b + (i phi'' - phi'^2) r

b is the bias, r where the clip lies from what the bow turns about (a runner's
own: hips, or a little behind them), and phi begins at an unknown lean. Least
squares; linear but for that lean, hence in a few passes (Gauss-Newton). The
bias along the axis of the bow turns with nothing and stays; it tilts stand and
run alike.

It matters since a pelvis also yaws: a forward bias of 15 mg, 0.9 deg of tilt,
makes 0.1 deg of obliquity at 7 deg of yaw, opposite in left and right steps.

Bows are no machine's: what the model leaves over counts against the bias that
the datasheet lets expect (ridge regression, Hoerl & Kennard 1970, Technometrics
12:55, weighted as Bayes' rule weighs a normal expectation), so rough bows find
little of a bias, not a wrong one.
"""

from ulab import numpy as np

from hipcue.core.filters import integrals, integrator
from hipcue.core.rotation import cross, dot, unit

USUAL_MPS2 = 0.2  # SD that is expected: LSM6DSOX datasheet, table 2, zero-g level offset accuracy: 20 mg
ALIKE_S = 0.5  # for which what the model leaves over is alike: movements of a body, not noise
PASSES = 3  # the first finds the lean, the second how well all fits, the third what is to be believed


def in_bows(accel, rate, axis, rest, interval_s):
    """Return the bias, m/s2, vector in the sensor's frame, perpendicular to `axis`.

    `accel` m/s2, `rate` rad/s without the gyroscope's bias: shape (3, n),
    sensor frame, of bows about `axis` (unit vector; forwards positive). `rest`:
    vector, m/s2, as the stand before read it, its bias included.
    """
    along = dot(rest, axis)
    rest = tuple([rest[i] - along * axis[i] for i in range(3)])
    up = unit(rest)
    forward = cross(axis, up)
    gravity = dot(rest, up)
    turning = np.dot(np.array(axis), rate)
    lean = integrals(integrator(interval_s, 1), turning.reshape((1, len(turning))))[0][1:-1]
    swing = (turning[2:] - turning[:-2]) * (0.5 / interval_s)
    square = turning[1:-1] * turning[1:-1]
    rise, advance = np.dot(np.array(up), accel)[1:-1], np.dot(np.array(forward), accel)[1:-1]
    ridge = 0.0
    for _ in range(PASSES):
        cosine, sine = np.cos(lean), np.sin(lean)
        # Bias up and forward, distance up and forward, more lean at the start (times gravity): real, imaginary parts.
        pairs = ((1.0 - cosine, sine), (-sine, 1.0 - cosine), (-square, swing), (-swing, -square), (-sine, -cosine))
        rows = [np.concatenate(pair) for pair in pairs]
        left_over = np.concatenate((rise - cosine * gravity, advance + sine * gravity))
        factors = _solution(rows, left_over, ridge)
        for i in range(len(rows)):
            left_over -= rows[i] * factors[i]
        variance = np.dot(left_over, left_over) / len(left_over)
        ridge = variance * ALIKE_S / (interval_s * USUAL_MPS2 * USUAL_MPS2)
        lean += factors[4] / gravity
    return tuple([factors[0] * up[i] + factors[1] * forward[i] for i in range(3)])


def _solution(rows, values, ridge):
    """Return the factors with which `rows` come nearest to `values`; `ridge` holds the first two, the bias, at 0.

    Gaussian elimination of the normal equations, which need no pivots: they are positive definite.
    """
    count = len(rows)
    system = [[float(np.dot(row, other)) for other in rows] + [float(np.dot(row, values))] for row in rows]
    for i in range(2):
        system[i][i] += ridge
    for i in range(count):
        for k in range(i + 1, count):
            share = system[k][i] / system[i][i]
            system[k] = [system[k][j] - share * system[i][j] for j in range(count + 1)]
    factors = [0.0] * count
    for i in range(count - 1, -1, -1):
        known = sum([system[i][j] * factors[j] for j in range(i + 1, count)])
        factors[i] = (system[i][count] - known) / system[i][i]
    return factors
