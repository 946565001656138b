"""Gravity from whole steps: the window is two boxes convolved, what alternates cancels, a known drift is found.

The bias: a gyroscope with a known one is followed step by step, as the core does it.
"""

import math

import numpy
import pytest
from scipy.spatial.transform import Rotation
from ulab import numpy as np

from hipcue.core import gravity

UP = numpy.array((0.06, -0.08, 0.995)) / numpy.linalg.norm((0.06, -0.08, 0.995))
MOMENTS = 36
STEP_S = 0.35
SHARE = gravity.SETTLED_SHARE
SINGLE = 6e-8  # half a step of float32 at 1
ROUNDING = 24 * SINGLE  # of a direction: a sum of 23 products of singles


def array(values):
    return np.array(numpy.asarray(values).tolist())


def standing(count):
    return numpy.tile(9.8 * MOMENTS * UP, (count, 1))


def summed(force_sums, steady=None):
    """StepSums of steps (n, 3); `steady`: booleans (n,), all if None."""
    sums = gravity.StepSums()
    add(sums, force_sums, steady)
    return sums


def add(sums, force_sums, steady=None):
    for number, force_sum in enumerate(force_sums):
        sums.add(array(force_sum), True if steady is None else bool(steady[number]))


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


@pytest.mark.parametrize("count", [6, 9, 17, 23])
def test_direction_is_blind_to_left_and_right(count):
    force = standing(count)
    force[0::2] += (30.0, 90.0, -20.0)
    force[1::2] -= (30.0, 90.0, -20.0)
    assert numpy.asarray(summed(force).direction(0, count, SHARE)) == pytest.approx(UP, abs=ROUNDING)


def test_direction_is_blind_to_a_steady_drift_of_velocity():
    """A symmetric window on forces that grow evenly reads their middle."""
    force = standing(23) + numpy.outer(numpy.arange(-11, 12), (5.0, -3.0, 1.0))
    assert numpy.asarray(summed(force).direction(0, 23, SHARE)) == pytest.approx(UP, abs=ROUNDING)


def test_direction_is_the_weighted_mean_of_the_steps_named():
    """Any forces, any steps of a stretch; beside NumPy in double precision."""
    force = standing(40) + 40.0 * numpy.random.default_rng(2).standard_normal((40, 3))
    sums = summed(force)
    for first, stop, outer, inner in ((0, 6, 4, 2), (5, 22, 12, 6), (17, 40, 12, 12), (3, 39, 12, 12)):
        weights = numpy.array(boxes(outer, inner))
        begin = first + (stop - first - len(weights)) // 2
        total = weights @ force[begin : begin + len(weights)]
        found = numpy.asarray(sums.direction(first, stop, SHARE))
        assert found == pytest.approx(total / numpy.linalg.norm(total), abs=2 * ROUNDING), (first, stop)


def test_direction_leaves_unsteady_steps_out():
    force = standing(23)
    force[4:8] = (1e6, 0.0, 0.0)
    steady = numpy.ones(23, bool)
    steady[4:8] = False
    assert numpy.asarray(summed(force, steady).direction(0, 23, SHARE)) == pytest.approx(UP, abs=ROUNDING)


@pytest.mark.parametrize(
    "count, share, too_few, enough",
    [
        # Weights of 12 x 12 boxes are 1, 2 .. 12 .. 2, 1, together 144: the last 4 make 7 %, the last 5 make 10.4 %.
        (23, gravity.SETTLED_SHARE, 4, 5),
        # Of 12 x 6 boxes 1 .. 5, seven times 6, 5 .. 1, together 72: the last 8 make 45.8 %, the last 9 make 54.2 %.
        (17, gravity.CAUSAL_SHARE, 8, 9),
    ],
)
def test_direction_needs_its_share_of_the_weight_on_steady_steps(count, share, too_few, enough):
    """A tenth for what is logged, half for a cue."""
    for last, known in ((too_few, False), (enough, True)):
        steady = numpy.arange(count) >= count - last
        assert (summed(standing(count), steady).direction(0, count, share) is not None) == known


def fitted(force, weights):
    """By least squares: the direction of what steps have in common, beside what alternates from step to step."""
    terms = numpy.column_stack((numpy.ones(len(force)), numpy.where(numpy.arange(len(force)) % 2, -1.0, 1.0)))
    root = numpy.sqrt(weights)[:, None]
    common = numpy.linalg.lstsq(terms * root, force * root, rcond=None)[0][0]
    return common / numpy.linalg.norm(common)


@pytest.mark.parametrize("left_out", [[11], [3, 7, 11, 15, 19], [0, 2, 4, 6, 8, 10], list(range(17))])
def test_steps_that_are_left_out_do_not_unbalance_the_sides(left_out):
    """In running a left step pushes to the left as hard as a right one to the right: here 0.5 m/s2 on their means."""
    force = standing(23)
    force[0::2] += MOMENTS * numpy.array((0.1, 0.5, 0.2))
    force[1::2] -= MOMENTS * numpy.array((0.1, 0.5, 0.2))
    steady = numpy.ones(23, bool)
    steady[left_out] = False
    assert numpy.asarray(summed(force, steady).direction(0, 23, SHARE)) == pytest.approx(UP, abs=4 * ROUNDING)


def test_steps_of_one_side_alone_do_not_tell_gravity():
    assert summed(standing(23), numpy.arange(23) % 2 == 0).direction(0, 23, SHARE) is None


def test_direction_needs_six_steps():
    assert summed(standing(5)).direction(0, 5, SHARE) is None
    assert summed(standing(6)).direction(0, 6, SHARE) is not None


def test_old_columns_are_dropped_and_numbers_go_on():
    """Through a stretch of 1000 steps every step leans differently: each window is that of its own steady steps.

    As the core asks: 17 steps up to now, and 23 around a step 12 back.
    """
    steady = numpy.arange(1000) % 7 > 0
    lean = numpy.linspace(0, 3, 1000)
    force = 9.8 * MOMENTS * numpy.column_stack((numpy.sin(lean), 0.2 + 0 * lean, numpy.cos(lean)))
    sums = gravity.StepSums()
    for number in range(1000):
        add(sums, force[number : number + 1], steady[number : number + 1])
        assert sums.count == number + 1
        for first, stop, outer, inner in ((number - 16, number + 1, 12, 6), (number - 22, number + 1, 12, 12)):
            if first >= 0 and number % 3 == 0:
                weights = numpy.array(boxes(outer, inner)) * steady[first:stop]
                found = numpy.asarray(sums.direction(first, stop, SHARE))
                assert found == pytest.approx(fitted(force[first:stop], weights), abs=2 * ROUNDING), number


def test_what_a_settled_window_reaches_back_to_is_kept():
    """At any count: the 24 steps of the drift, and the 23 that settle a step 12 back."""
    sums = gravity.StepSums()
    for number in range(300):
        add(sums, standing(1))
        if number >= 34:
            assert numpy.asarray(sums.direction(number - 34, number - 11, SHARE)) == pytest.approx(UP, abs=ROUNDING), (
                number
            )
            assert sums.drift_rads(STEP_S) is not None


def test_clear_begins_a_stretch():
    sums = summed(numpy.full((70, 3), 77.0))
    sums.clear()
    assert sums.count == 0 and sums.direction(0, 0, SHARE) is None and sums.drift_rads(STEP_S) is None
    add(sums, standing(6))
    assert numpy.asarray(sums.direction(0, 6, SHARE)) == pytest.approx(UP, abs=ROUNDING)


def drifting(bias_rads, count=24):
    """Sums of steps in a frame carried along by a gyroscope with a small constant bias: up turns by bias x up."""
    middle_s = (numpy.arange(count) + 0.5) * STEP_S
    return Rotation.from_rotvec(numpy.outer(middle_s, bias_rads)).apply(9.8 * MOMENTS * UP)


def test_drift_is_the_bias_across_gravity():
    bias = numpy.radians((0.3, -0.2, 0.25))
    drift = numpy.asarray(summed(drifting(bias)).drift_rads(STEP_S))
    # The up that it is across to is that of the middle of the 24 steps.
    middle_up = Rotation.from_rotvec(bias * 12 * STEP_S).apply(UP)
    across = bias - middle_up * (middle_up @ bias)
    # A direction of singles, over the 12 steps between the two: ROUNDING / 4.2 s.
    assert drift == pytest.approx(across, abs=0.001 * numpy.linalg.norm(bias) + ROUNDING / (12 * STEP_S))


def test_drift_uses_the_last_24_steady_steps_alone():
    bias = numpy.radians((0.3, -0.2, 0.0))
    late = drifting(bias)
    expected = numpy.asarray(summed(late).drift_rads(STEP_S)).tolist()
    sums = summed(numpy.full((90, 3), 77.0))
    add(sums, late)
    assert numpy.asarray(sums.drift_rads(STEP_S)).tolist() == expected
    assert summed(late[1:]).drift_rads(STEP_S) is None
    for unsteady in (0, 3, 23):
        assert summed(late, numpy.arange(24) != unsteady).drift_rads(STEP_S) is None


def followed(true_rads, count, seed_rads=(0.0, 0.0, 0.0)):
    """Return the bias (count / 4, 3) that is known after every fourth step of a clip that turns by nothing.

    `true_rads`: function of the step's number. The carried frame turns by what
    the bias in use leaves over; gravity is looked at as the core does.
    """
    bias, sums = gravity.Bias(seed_rads), gravity.StepSums()
    carried, known = Rotation.identity(), []
    for number in range(count):
        left_over = true_rads(number) - numpy.asarray(bias.rads)
        carried = carried * Rotation.from_rotvec(left_over * STEP_S)
        add(sums, carried.apply(standing(1)))
        if sums.count % gravity.BIAS_EVERY == 0:
            drift = sums.drift_rads(STEP_S)
            if drift is not None:
                drift = array(carried.inv().apply(numpy.asarray(drift)))
            bias.steps(gravity.BIAS_EVERY, drift)
            known.append(numpy.asarray(bias.rads))
    return numpy.array(known)


def across(vector):
    return vector - UP * (UP @ vector)


def test_bias_converges_to_the_true_one_across_gravity_and_leaves_the_part_along_it():
    true = numpy.radians((0.4, -0.3, 0.2))
    known = followed(lambda number: true, 400)
    assert known[-1] == pytest.approx(across(true), abs=numpy.radians(0.005))
    assert numpy.linalg.norm(known[5]) > 0.4 * numpy.linalg.norm(across(true))  # after 24 steps half of it
    assert (known[:5] == 0).all()


def test_a_change_of_the_bias_is_followed_within_about_40_steps_and_not_overshot():
    """A mean over 40 steps of what drifted 12 steps ago on the mean: after 12 + 40 steps 1 / e of a change is left.

    If what had been corrected meanwhile counted again, the bias would pass the true one and swing.
    """
    change = across(numpy.radians((0.3, 0.2, 0.0)))
    share = followed(lambda number: change * (number >= 400), 800) @ change / (change @ change)
    after = 1.0 - share[99:]  # what is left 4, 8.. steps after the change, which step 400 is the first to have
    # Between a look's 4 steps at once and continuous following.
    assert math.exp(-56 / 40) < after[(12 + 40) // 4] < math.exp(-36 / 40)
    assert after.min() > -0.05 and abs(after[200 // 4 :]).max() < 0.05


def test_without_a_drift_the_bias_stays():
    bias = gravity.Bias((0.01, -0.02, 0.03))
    for _ in range(50):
        bias.steps(4, None)
    assert numpy.asarray(bias.rads) == pytest.approx((0.01, -0.02, 0.03), abs=1e-9)


def test_a_rest_is_believed_at_once_and_the_next_drifts_weigh_as_the_first():
    bias = gravity.Bias((0.01, -0.02, 0.03))
    for _ in range(30):
        bias.steps(4, array((0.001, 0.0, 0.0)))
    bias.rest((0.0, 0.005, 0.0))
    assert numpy.asarray(bias.rads) == pytest.approx((0.0, 0.005, 0.0), abs=1e-9)
    bias.steps(4, array((0.002, 0.0, 0.0)))
    assert numpy.asarray(bias.rads) == pytest.approx((0.001, 0.005, 0.0), abs=1e-9)  # the mean of rest and drift
