"""Mount calibration: how the clip sits on the body, from a quiet stand and a few bows.

1. Stand still: the mean specific force is "up", the mean gyroscope its bias.
2. Bow forwards and back: the main axis of rotation is mediolateral; the first
   bow turns the trunk forwards, positive about the left axis.
3. In the bows the accelerometer's bias turns with the clip and gravity does
   not: what of it points forward is found and taken out of the stand
   (accel_bias.py). The rest tilts the standing "up" and the running "up" alike,
   so it cancels to first order in the drop.
4. Left = the bow axis made perpendicular to up; forward = left x up. The
   standing obliquity is therefore 0 by definition: the standing neutral.
"""

import math

from ulab import numpy as np

from hipcue.contract.signals import GRAVITY_MPS2
from hipcue.core import accel_bias
from hipcue.core.rotation import across, cross, dot, scaled, unit

# A stand is quiet when the spread is below these: postural sway of a healthy
# adult stays well under 1 deg/s and 0.1 m/s2 at the pelvis, a shifted clip does not.
STILL_GYRO_RADS = 0.035
STILL_ACCEL_MPS2 = 0.25
# Up to the zero-g and scale error of the sensor (LSM6DSOX datasheet, table 2) and a margin.
GRAVITY_TOLERANCE = 0.08
# Gyroscope zero-rate error beyond which the reading cannot be a bias: 10 deg/s, ten times typical.
BIAS_LIMIT_RADS = 0.175

BOW_RATE_RADS = 0.25  # about 15 deg/s: a bow, not sway
LEAST_BOWS = 3
LEAST_BOW_RAD = 0.2  # about 11 deg of trunk lean
LEAST_AXIS_SHARE = 0.9  # of the squared rate about one axis
MOST_AXIS_TILT_RAD = 0.35  # bow axis off the horizontal: 20 deg


class Refused(ValueError):
    """A stand or bow that cannot be used; the text says why and what to do."""


def stand(accel, gyro):
    """Return (up, gravity_mps2, gyro_bias) from a quiet stand.

    `accel` m/s2 and `gyro` rad/s: arrays of shape (3, n), sensor frame. `up`
    is a unit vector, `gyro_bias` a vector in rad/s. Raises Refused.
    """
    mean_accel = tuple([float(np.mean(accel[i])) for i in range(3)])
    mean_gyro = tuple([float(np.mean(gyro[i])) for i in range(3)])
    if max([float(np.std(gyro[i])) for i in range(3)]) > STILL_GYRO_RADS:
        raise Refused("the clip turned during the stand: stand still with the weight on both feet, and try again")
    if max([float(np.std(accel[i])) for i in range(3)]) > STILL_ACCEL_MPS2:
        raise Refused("the clip shook during the stand: stand still, and try again")
    gravity = math.sqrt(dot(mean_accel, mean_accel))
    if abs(gravity / GRAVITY_MPS2 - 1.0) > GRAVITY_TOLERANCE:
        raise Refused(
            "the sensor reads %.2f m/s2 at rest, not 9.81: check the sensor with its self-test" % gravity
        )
    if max([abs(value) for value in mean_gyro]) > BIAS_LIMIT_RADS:
        raise Refused("the clip turned steadily during the stand: stand on firm ground, and try again")
    return scaled(mean_accel, 1.0 / gravity), gravity, mean_gyro


def bow_axis(rate):
    """Return (axis, share): the main axis of rows `rate` and its share of the squared rate.

    Largest eigenvector of sum(omega omega^T), by power iteration.
    """
    matrix = [[float(np.sum(rate[i] * rate[j])) for j in range(3)] for i in range(3)]
    total = matrix[0][0] + matrix[1][1] + matrix[2][2]
    strongest = max(range(3), key=lambda i: matrix[i][i])
    axis = tuple([1.0 if i == strongest else 0.0 for i in range(3)])
    for _ in range(50):
        axis = unit(tuple([dot(row, axis) for row in matrix]))
    share = dot(axis, tuple([dot(row, axis) for row in matrix])) / total
    return axis, share


def count_bows(turning, interval_s):
    """Return (bows, first_sign, largest_rad, span) of `turning`, the rate about the bow axis in rad/s (list).

    A bow is a run of turning over the bow rate one way that covers at least
    the least angle, followed by one the other way. `span`: (first, stop) of
    `turning` from the first bow's start to the last one's end.
    """
    halves, span = [], (0, 0)
    sign, angle, start = 0, 0.0, 0
    for at, value in enumerate(turning + [0.0]):
        now = 1 if value > BOW_RATE_RADS else -1 if value < -BOW_RATE_RADS else 0
        if now == sign:
            angle += value * interval_s
            continue
        if sign and abs(angle) >= LEAST_BOW_RAD:
            span = (span[0] if halves else start, at)
            halves.append(angle)
        sign, angle, start = now, value * interval_s if now else 0.0, at
    if not halves:
        return 0, 0, 0.0, span
    forwards = [half for half in halves if (half > 0) == (halves[0] > 0)]
    count = min(len(forwards), len(halves) - len(forwards))
    return count, 1 if halves[0] > 0 else -1, max([abs(half) for half in halves]), span


def bows(accel, gyro, stood, interval_s):
    """Return (calibration, facts): how the clip sits and what its sensor adds, from bows after a stand.

    `accel` m/s2 and `gyro` rad/s: arrays of shape (3, n), sensor frame;
    `stood`: what stand() returned. `calibration` is a dict: `mount`, a matrix
    of rows forward, left, up (body = mount . sensor); `gyro_bias_rads` and
    `accel_bias_mps2`, vectors, sensor frame; `gravity_mps2`, which the sensor
    reads at rest less its bias. `facts` is a dict of the count of bows, the
    largest (deg) and the share of the rotation about one axis. Raises Refused.
    """
    up, gravity, gyro_bias = stood
    rate = gyro - np.array(gyro_bias).reshape((3, 1))
    if max([float(np.max(rate[i])) - float(np.min(rate[i])) for i in range(3)]) < 2.0 * BOW_RATE_RADS:
        raise Refused("no bow was seen: bow forwards and come up again, five times, a second or two each")
    axis, share = bow_axis(rate)
    count, first_sign, largest, (first, stop) = count_bows(np.dot(np.array(axis), rate).tolist(), interval_s)
    if count < LEAST_BOWS:
        raise Refused("only %d bows were seen: bow forwards at least %d times" % (count, LEAST_BOWS))
    if share < LEAST_AXIS_SHARE:
        percent = 100.0 * share
        raise Refused("the bows were not about one axis (%d %%): bow straight forwards, without twisting" % percent)
    axis = scaled(axis, float(first_sign))
    if abs(dot(axis, up)) > math.sin(MOST_AXIS_TILT_RAD):
        raise Refused("the bows were sideways to the stand: stand upright, then bow straight forwards")
    accel, rate = accel[:, first:stop], rate[:, first:stop]
    rest = scaled(up, gravity)
    size, forward = accel_bias.in_bows(accel, rate, axis, rest, interval_s)
    bias = scaled(forward, size)
    rest = tuple([rest[i] - bias[i] for i in range(3)])
    up = unit(rest)
    left = unit(across(axis, up))
    calibration = {
        "mount": (cross(left, up), left, up),
        "gravity_mps2": dot(rest, up),
        "gyro_bias_rads": gyro_bias,
        "accel_bias_mps2": bias,
    }
    return calibration, {"bows": count, "largest_deg": math.degrees(largest), "share_pct": 100.0 * share}


def angles_deg(mount):
    """Return (roll, pitch, yaw) in degrees of the sensor on the body, the order z, y, x, for people to read."""
    forward, left, up = mount
    return (
        math.degrees(math.atan2(up[1], up[2])),
        math.degrees(math.asin(max(-1.0, min(1.0, -up[0])))),
        math.degrees(math.atan2(left[0], forward[0])),
    )
