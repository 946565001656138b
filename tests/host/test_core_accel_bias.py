"""The accelerometer's bias from bows: known ones come back, and what is no bias is not taken for one."""

import math

import numpy
import pytest
from scipy.spatial.transform import Rotation
from ulab import numpy as np

from hipcue.core import accel_bias

INTERVAL_S = 8 / 208.0
AXIS = (0.0, 0.8, 0.6)  # of the bows, sensor frame
UP = Rotation.from_rotvec(0.2 * numpy.array((1.0, 0.0, 0.0))).apply((0.1, -0.6, 0.8)) / math.sqrt(1.01)
MG = 9.81e-3
FORWARD = numpy.cross(AXIS, UP) / numpy.linalg.norm(numpy.cross(AXIS, UP))
BIAS = 20 * MG * FORWARD


def bows(bias=BIAS, distance_m=(0.0, 0.0, 0.0), start_deg=0.0, depth_deg=30.0, noise=0.0):
    """(accel, rate, rest): five bows of 2.4 s, each moment's acceleration from where the clip is in space.

    `distance_m`: of the clip from the axis, sensor frame, standing; `start_deg`: lean before the first bow; `noise`:
    (m/s2, 3, n) on top.
    """
    step_s = 1e-4
    t = numpy.arange(int(12.0 / INTERVAL_S)) * INTERVAL_S

    def turned(at_s):
        lean = math.radians(depth_deg) * (1 - numpy.cos(2 * numpy.pi * at_s / 2.4)) / 2 + math.radians(start_deg)
        return Rotation.from_rotvec(numpy.outer(lean, AXIS))

    before, now, after = (turned(t + shift) for shift in (-step_s, 0.0, step_s))
    places = [each.apply(distance_m) for each in (before, now, after)]
    force = (places[0] - 2 * places[1] + places[2]) / step_s**2 + 9.81 * UP
    rate = (before.inv() * after).as_rotvec() / (2 * step_s)
    accel = now.apply(force, inverse=True).T + bias[:, None] + noise
    return np.array(accel.tolist()), np.array(rate.T.tolist()), tuple(9.81 * UP + bias)


def found(**changes):
    accel, rate, rest = bows(**changes)
    bias, forward = accel_bias.in_bows(accel, rate, AXIS, rest, INTERVAL_S)
    return bias * numpy.array(forward)


# The lean by the trapezoid and the turning's change over two intervals of 38 ms: 0.2 % of what they are taken from,
# 0.15 m/s2 at 10 cm, next to which gravity in single precision is exact.
@pytest.mark.parametrize("distance_m", [(0.0, 0.0, 0.0), (0.05, -0.06, 0.08), (-0.2, 0.1, 0.0)])
def test_a_bias_comes_back_wherever_the_clip_is(distance_m):
    assert found(distance_m=distance_m) == pytest.approx(BIAS, abs=1.0 * MG)


def test_no_bias_is_found_where_there_is_none():
    assert found(bias=numpy.zeros(3), distance_m=(0.05, -0.06, 0.08)) == pytest.approx((0, 0, 0), abs=1.0 * MG)


@pytest.mark.parametrize("start_deg", [2.0, -5.0])
def test_a_lean_at_the_start_is_no_bias(start_deg):
    """Taken for a part of the bow, 5 degrees would be 85 mg."""
    assert found(start_deg=start_deg) == pytest.approx(BIAS, abs=1.0 * MG)


def test_what_turns_with_nothing_stays():
    """Along the axis, where 50 mg look like no bow."""
    bias = found(bias=BIAS + 50 * MG * numpy.array(AXIS))
    assert bias == pytest.approx(BIAS, abs=1.0 * MG)
    assert numpy.dot(bias, AXIS) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("upward", [-30, 30])
def test_a_bias_upwards_hardly_changes_the_one_forwards(upward):
    """It is a part of gravity's length, but for what goes with the square of the lean: a fifth at bows of 30 deg."""
    bias = found(bias=BIAS + upward * MG * numpy.cross(FORWARD, AXIS))
    assert numpy.dot(bias, FORWARD) == pytest.approx(20 * MG, abs=(1.0 + 30 / 5) * MG)
    assert numpy.dot(bias, numpy.cross(FORWARD, AXIS)) == pytest.approx(0, abs=2 * MG)


def wander(random, rms_mps2):
    """Acceleration (3, n) of a body that sways: 2 Hz and below."""
    count = int(12.0 / INTERVAL_S)
    frequencies = numpy.fft.rfftfreq(count, INTERVAL_S)
    spectrum = random.standard_normal((3, len(frequencies))) + 1j * random.standard_normal((3, len(frequencies)))
    spectrum[:, (frequencies > 2.0) | (frequencies == 0.0)] = 0.0
    noise = numpy.fft.irfft(spectrum, count)
    return rms_mps2 * noise / noise.std()


def left_over(rms_mps2):
    """Return the rms of the forward bias that is left, in shares of what was there, over usual sensors."""
    random = numpy.random.default_rng(5)
    there, left = [], []
    for _ in range(60):
        forward, down = accel_bias.USUAL_MPS2 * random.standard_normal(2)
        bias = forward * FORWARD + down * numpy.cross(FORWARD, AXIS)
        there.append(forward)
        left.append(numpy.dot(found(bias=bias, noise=wander(random, rms_mps2)) - bias, FORWARD))
    return numpy.linalg.norm(left) / numpy.linalg.norm(there)


def test_quiet_bows_find_two_thirds():
    assert left_over(0.1) < 1 / 3


@pytest.mark.parametrize("rms_mps2", [0.3, 1.0, 3.0])
def test_rough_bows_do_no_harm(rms_mps2):
    """Bayes' rule: with the right expectation an estimate is no worse on the mean than none."""
    assert left_over(rms_mps2) < 1.0
