"""Gravity from whole steps: the window is two boxes convolved, what alternates cancels, a known drift is found."""

from types import SimpleNamespace

import numpy
import pytest
from scipy.spatial.transform import Rotation

from hipcue.core import gravity

UP = numpy.array((0.06, -0.08, 0.995)) / numpy.linalg.norm((0.06, -0.08, 0.995))
SAMPLES = 73
RATE_HZ = 208.0


def steps(force_sums, steady=True):
    return [SimpleNamespace(force_sum=tuple(sum), samples=SAMPLES, steady=steady) for sum in force_sums]


def standing(count):
    return numpy.tile(9.8 * SAMPLES * UP, (count, 1))


def boxes(outer, inner):
    return numpy.convolve(numpy.ones(outer), numpy.ones(inner)).astype(int).tolist()


@pytest.mark.parametrize(
    "count, outer, inner",
    [(3, 2, 2), (4, 2, 2), (5, 4, 2), (6, 4, 2), (7, 6, 2), (13, 12, 2), (15, 12, 4), (17, 12, 6), (18, 12, 6),
     (21, 12, 10), (23, 12, 12), (24, 12, 12), (40, 12, 12)],
)  # fmt: skip
def test_window(count, outer, inner):
    assert gravity.window(count) == boxes(outer, inner)


def test_windows_that_the_module_names():
    assert gravity.window(gravity.CAUSAL_STEPS) == boxes(12, 6)
    assert gravity.window(gravity.SETTLED_STEPS) == boxes(12, 12)


def test_window_needs_three_steps():
    with pytest.raises(ValueError, match="at least 3 steps"):
        gravity.window(2)


@pytest.mark.parametrize("count", range(3, 30))
def test_what_alternates_cancels_exactly(count):
    """For a triangle of even boxes the sums over even and over odd places are equal."""
    weights = gravity.window(count)
    assert sum(weights[0::2]) == sum(weights[1::2])


@pytest.mark.parametrize("count", [6, 17, 23])
def test_direction_is_blind_to_left_and_right(count):
    sums = standing(count)
    sums[0::2] += (30.0, 90.0, -20.0)
    sums[1::2] -= (30.0, 90.0, -20.0)
    assert gravity.direction(steps(sums)) == pytest.approx(tuple(UP), abs=1e-12)


def test_direction_is_blind_to_a_steady_drift_of_velocity():
    """A symmetric window on forces that grow evenly reads their middle."""
    sums = standing(23) + numpy.outer(numpy.arange(-11, 12), (5.0, -3.0, 1.0))
    assert gravity.direction(steps(sums)) == pytest.approx(tuple(UP), abs=1e-12)


def test_direction_leaves_unsteady_steps_out():
    whole = steps(standing(23))
    for step in whole[4:8]:
        step.steady, step.force_sum = False, (1e6, 0.0, 0.0)
    assert gravity.direction(whole) == pytest.approx(tuple(UP), abs=1e-12)
    for step in whole[:14]:
        step.steady = False
    assert gravity.direction(whole) is not None
    for step in whole[:18]:
        step.steady = False
    assert gravity.direction(whole) is None  # 5 steady steps are left


def test_direction_reads_the_middle_of_more_steps_than_its_window():
    sums = numpy.concatenate((numpy.full((3, 3), 1e6), standing(23), numpy.full((3, 3), -1e6)))
    assert gravity.direction(steps(sums)) == pytest.approx(tuple(UP), abs=1e-12)


def drifting(bias_rads, count=24):
    """Sums of steps in a frame carried along by a gyroscope with a small constant bias: up turns by bias x up."""
    middle_s = (numpy.arange(count) + 0.5) * SAMPLES / RATE_HZ
    return Rotation.from_rotvec(numpy.outer(middle_s, bias_rads)).apply(9.8 * SAMPLES * UP)


def test_drift_is_the_bias_across_gravity():
    bias = numpy.radians((0.3, -0.2, 0.25))
    drift = gravity.drift_rads(steps(drifting(bias)), RATE_HZ)
    # The up that it is across to is that of the middle of the 24 steps.
    middle_up = Rotation.from_rotvec(bias * 12 * SAMPLES / RATE_HZ).apply(UP)
    across = bias - middle_up * (middle_up @ bias)
    assert drift == pytest.approx(tuple(across), abs=0.001 * numpy.linalg.norm(bias))


def test_drift_uses_the_last_24_steady_steps_alone():
    bias = numpy.radians((0.3, -0.2, 0.0))
    late = steps(drifting(bias))
    expected = gravity.drift_rads(late, RATE_HZ)
    assert gravity.drift_rads(steps(numpy.full((9, 3), 77.0)) + late, RATE_HZ) == expected
    assert gravity.drift_rads(late[1:], RATE_HZ) is None
    late[3].steady = False
    assert gravity.drift_rads(late, RATE_HZ) is None


def test_bias_converges_to_the_true_one_across_gravity():
    """Fed back step by step, in a body frame turned against the carried one; the part along gravity stays."""
    true, bias = numpy.radians((0.4, -0.3, 0.2)), (0.0, 0.0, 0.0)
    turn = Rotation.from_rotvec((0.2, -0.1, 0.7))
    matrix = tuple(map(tuple, turn.as_matrix().tolist()))
    for _ in range(600):
        left_over = turn.apply(true - numpy.array(bias))
        bias = gravity.corrected_bias(bias, gravity.drift_rads(steps(drifting(left_over)), RATE_HZ), matrix)
    up_in_body = turn.inv().apply(UP)
    expected = true - up_in_body * (up_in_body @ true)
    assert bias == pytest.approx(tuple(expected), abs=numpy.radians(0.002))


def test_load_factor():
    assert gravity.load_factor(steps(standing(2)), 9.8) == pytest.approx(1.0, abs=1e-12)
    assert gravity.load_factor(steps(1.07 * standing(2)), 9.8) == pytest.approx(1.07, abs=1e-12)
    braking = standing(2) + SAMPLES * numpy.array((9.8, 0, 0)) * 0.5
    assert gravity.load_factor(steps(braking), 9.8) == pytest.approx(
        numpy.linalg.norm(UP + numpy.array((0.5, 0, 0))), abs=1e-12
    )
