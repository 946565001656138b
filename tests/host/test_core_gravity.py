"""Gravity from whole steps: the window is two boxes convolved, what alternates cancels, a known drift is found."""

import numpy
import pytest
from scipy.spatial.transform import Rotation
from ulab import numpy as np

from hipcue.core import gravity

UP = numpy.array((0.06, -0.08, 0.995)) / numpy.linalg.norm((0.06, -0.08, 0.995))
SAMPLES = 73
RATE_HZ = 208.0


STEP_S = SAMPLES / RATE_HZ


def held(force_sums, unsteady=()):
    """StepSums of the given sums, (n, 3); `unsteady`: numbers of steps that weigh nothing."""
    sums = gravity.StepSums()
    for number, force_sum in enumerate(force_sums):
        sums.add(np.array(numpy.asarray(force_sum).tolist()), number not in unsteady)
    return sums


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


def direction(sums, first=0):
    found = sums.direction(first, sums.count, gravity.SETTLED_SHARE)
    return None if found is None else numpy.asarray(found)


@pytest.mark.parametrize("count", [6, 17, 23])
def test_direction_is_blind_to_left_and_right(count):
    sums = standing(count)
    sums[0::2] += (30.0, 90.0, -20.0)
    sums[1::2] -= (30.0, 90.0, -20.0)
    assert direction(held(sums)) == pytest.approx(UP, abs=1e-6)


def test_direction_is_blind_to_a_steady_drift_of_velocity():
    """A symmetric window on forces that grow evenly reads their middle."""
    sums = standing(23) + numpy.outer(numpy.arange(-11, 12), (5.0, -3.0, 1.0))
    assert direction(held(sums)) == pytest.approx(UP, abs=1e-6)


def test_direction_leaves_unsteady_steps_out():
    sums = standing(23)
    sums[4:8] = (1e6, 0.0, 0.0)
    assert direction(held(sums, range(4, 8))) == pytest.approx(UP, abs=1e-6)
    assert direction(held(standing(23), range(14))) is not None
    assert direction(held(standing(23), range(19))) is None  # weights 4, 3, 2, 1 of 144 are left
    assert direction(held(standing(5))) is None
    assert held(standing(17), range(9)).direction(0, 17, gravity.CAUSAL_SHARE) is None  # 32 of 72 are steady
    assert held(standing(17), range(8)).direction(0, 17, gravity.CAUSAL_SHARE) is not None  # 38 of 72


def test_direction_reads_the_middle_of_more_steps_than_its_window():
    sums = numpy.concatenate((numpy.full((3, 3), 1e6), standing(23), numpy.full((3, 3), -1e6)))
    assert direction(held(sums)) == pytest.approx(UP, abs=1e-6)


def test_old_columns_are_dropped_and_numbers_go_on():
    """Over hundreds of steps whose direction turns, the last 17 are those that are read."""
    angle = numpy.radians(0.2) * numpy.arange(300)
    sums = 700 * numpy.column_stack((numpy.sin(angle), 0 * angle, numpy.cos(angle)))
    steps = held(sums)
    assert steps.count == 300
    x, _, z = steps.direction(283, 300, gravity.CAUSAL_SHARE).tolist()
    assert numpy.degrees(numpy.arctan2(x, z)) == pytest.approx(0.2 * 291, abs=0.01)


def drifting(bias_rads, count=24):
    """Sums of steps in a frame carried along by a gyroscope with a small constant bias: up turns by bias x up."""
    middle_s = (numpy.arange(count) + 0.5) * STEP_S
    return Rotation.from_rotvec(numpy.outer(middle_s, bias_rads)).apply(9.8 * SAMPLES * UP)


def test_drift_is_the_bias_across_gravity():
    bias = numpy.radians((0.3, -0.2, 0.25))
    drift = numpy.asarray(held(drifting(bias)).drift_rads(STEP_S))
    # The up that it is across to is that of the middle of the 24 steps.
    middle_up = Rotation.from_rotvec(bias * 12 * STEP_S).apply(UP)
    across = bias - middle_up * (middle_up @ bias)
    assert drift == pytest.approx(across, abs=0.005 * numpy.linalg.norm(bias))


def test_drift_needs_24_steady_steps():
    bias = numpy.radians((0.3, -0.2, 0.0))
    assert held(drifting(bias)[1:]).drift_rads(STEP_S) is None
    assert held(drifting(bias), [3]).drift_rads(STEP_S) is None
    late = numpy.concatenate((numpy.full((9, 3), 77.0), drifting(bias)))
    expected = numpy.asarray(held(drifting(bias)).drift_rads(STEP_S))
    assert numpy.asarray(held(late).drift_rads(STEP_S)) == pytest.approx(expected, abs=1e-9)


def test_bias_finds_a_constant_one_at_once_and_does_not_overshoot():
    """The drift of a step is what the biases in use over the last 24 steps left over, weighted by a triangle."""
    true = numpy.array((0.01, -0.006, 0.004))
    bias = gravity.Bias((0.0, 0.0, 0.0))
    used, errors = [], []
    weights = numpy.convolve(numpy.ones(12), numpy.ones(12)) / 144
    for _ in range(99):
        used += [numpy.asarray(bias.rads)] * 4
        drift = None
        if len(used) >= 24:
            left_over = true - weights @ numpy.array(used[-23:])
            drift = np.array(left_over.tolist())
        bias.steps(4, drift)
        errors.append(numpy.linalg.norm(numpy.asarray(bias.rads) - true) / numpy.linalg.norm(true))
    assert errors[4] == 1.0 and errors[5] < 0.6  # the first drift, after 24 steps, weighs half
    assert max(errors[20:]) < 0.15 and errors[-1] < 0.01


def test_a_rest_replaces_the_bias():
    bias = gravity.Bias((0.1, 0.1, 0.1))
    bias.rest((0.01, -0.02, 0.0))
    assert numpy.asarray(bias.rads) == pytest.approx((0.01, -0.02, 0.0))
