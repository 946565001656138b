"""The left-foot check on made-up runners: template, refusals, and what the core makes of it in the run after."""

import math
from dataclasses import replace

import numpy
import pytest
from core_run import calibrated, contact_s, means, raw_frames, run
from ulab import numpy as np

from hipcue.contract.signals import SIDE_LEFT, SIDE_LETTERS, SIDE_RIGHT
from hipcue.core import left_foot
from hipcue.core.mount import Refused
from hipcue.core.sides import POPULATION
from host_tools.runners.people import CONTRARY_RUNNER, Runner
from host_tools.runners.record import record
from host_tools.runners.scenario import Lean, Scenario, Stretch, easy_run

CHECKED = math.log(99.0)
CHECK = Scenario(
    "check", 70.0, stretches=(Stretch("hop left", 25.0, 29.0, 130.0, 0.0), easy_run(35.0, 70.0)),
    left_stand_s=(19.5, 25.0), hops_s=(25.0, 33.0), leans=(Lean(18.5, 30.0, 2.0, over_s=1.0),),
)  # fmt: skip


class Made:
    """A recording with what the check takes of it."""

    def __init__(self, recording):
        self.recording = recording
        self.frames = raw_frames(recording)
        self.params = calibrated(recording, self.frames)

    def stand(self, span_s=None):
        signals = means(self.recording, self.frames, span_s or self.recording.left_stand_s)
        return left_foot.stand(*signals, self.params.mount, self.params.gyro_bias_rads)

    def hops(self, span_s=None, force_sign=1.0, roll_sign=1.0):
        """Signs: of the signals across the body and about its forward axis, as the hops' own mirror images."""
        mount = self.params.mount
        accel, gyro = means(self.recording, self.frames, span_s or self.recording.hops_s, 2)
        accel, gyro = along(accel, mount[1], force_sign), along(gyro, mount[0], roll_sign)
        return left_foot.hops(accel, gyro, mount, self.params.gravity_mps2, 2 / self.recording.imu_rate_hz)


def along(rows, axis, sign):
    """Return the rows with what lies along `axis` times `sign`, a number or one for each moment."""
    values, axis = numpy.array(rows.tolist()), numpy.array(axis)
    return np.array((values + (sign - 1) * numpy.outer(axis, axis @ values)).tolist())


@pytest.fixture(scope="module")
def contrary():
    return Made(act(CONTRARY_RUNNER))


@pytest.fixture(scope="module")
def usual():
    return Made(act(Runner()))


def act(runner):
    """The recording of the check as another runner acts it."""
    return record(CHECK, runner)


def test_stand_tells_how_the_pelvis_hangs(usual):
    """The scenario leans by 2 deg to the right; sway is 0.05 deg."""
    assert usual.stand() == pytest.approx(2.0, abs=0.1)


def test_usual_runner(usual):
    template, facts = usual.hops()
    assert template == pytest.approx((CHECKED, POPULATION[1], CHECKED))
    assert 5 <= facts["hops"] <= 8 and 0.25 < facts["force_share"] < 1 and 0.25 < facts["roll_share"] < 1


def test_contrary_runner(contrary):
    """The push is contrary, the roll as in others; the rotation, which a hop does not show, has no say any more."""
    template, facts = contrary.hops()
    assert template == pytest.approx((-CHECKED, 0.0, CHECKED)) and facts["force_share"] < -1


@pytest.mark.parametrize(
    ("force", "roll", "expected"),
    [
        (1, 0, (CHECKED, POPULATION[1], POPULATION[2])),
        (0, 1, (POPULATION[0], POPULATION[1], CHECKED)),
        (1, -1, (CHECKED, 0.0, -CHECKED)),
        (-1, 1, (-CHECKED, 0.0, CHECKED)),
        (0, 0, None),
        (-1, 0, None),
        (0, -1, None),
        (-1, -1, None),
    ],
)
def test_what_is_clear_contrary_and_unclear(usual, force, roll, expected):
    """Signs of 0 leave no sideways push or no roll at all in the hops."""
    if expected:
        assert usual.hops(force_sign=force, roll_sign=roll)[0] == pytest.approx(expected)
    else:
        cause = "right foot" if -1 in (force, roll) else "too soft"
        with pytest.raises(Refused, match=cause):
            usual.hops(force_sign=force, roll_sign=roll)


def test_hops_that_contradict_each_other_are_unclear(usual):
    """Two hops with six times the push, the others with half of it to the other side: their mean is large."""
    count = means(usual.recording, usual.frames, usual.recording.hops_s, 2)[0].shape[1]
    first_two_s = 2.9  # of 7 within 6.5 s
    share = numpy.where(numpy.arange(count) < first_two_s * usual.recording.imu_rate_hz / 2, 6.0, -0.5)
    with pytest.raises(Refused, match="too unlike each other"):
        usual.hops(force_sign=share, roll_sign=0.0)


@pytest.mark.parametrize(
    ("span_s", "cause"),
    [((0.0, 6.0), "only 0 hops were seen"), ((25.0, 27.5), "only [1-3] hops were seen"), ((6.0, 18.0), "only 0 hops")],
)
def test_hops_that_are_none_or_few_are_refused(usual, span_s, cause):
    """A stand, the first hops alone, bows."""
    with pytest.raises(Refused, match=cause):
        usual.hops(span_s)


@pytest.mark.parametrize(
    ("span_s", "cause"),
    [((26.0, 30.0), "the clip moved"), ((38.0, 42.0), "the clip moved"), ((9.0, 9.6), "the clip moved|does not sit")],
)
def test_a_stand_that_is_none_is_refused(usual, span_s, cause):
    """Hopping, running, within a bow."""
    with pytest.raises(Refused, match=cause):
        usual.stand(span_s)


def test_a_clip_that_was_moved_since_is_refused(usual):
    forward, left, up = (numpy.array(row) for row in usual.params.mount)
    cosine, sine = math.cos(0.4), math.sin(0.4)
    turned = tuple(map(tuple, (forward, cosine * left + sine * up, cosine * up - sine * left)))
    signals = means(usual.recording, usual.frames, usual.recording.left_stand_s)
    with pytest.raises(Refused, match="does not sit as it was calibrated"):
        left_foot.stand(*signals, turned, usual.params.gyro_bias_rads)


def given_sides(made, **changes):
    """Return [(side given, true side)] of all steps from 12 s after the first."""
    recording = made.recording
    params = calibrated(recording, made.frames, **changes)
    truth = recording.truth_steps
    pairs = []
    for step in run(params, made.frames):
        time_s = contact_s(step, recording.imu_rate_hz)
        if truth["t_ic_s"][0] + 12.0 < time_s < truth["t_ic_s"][-1] + 0.1:
            nearest = numpy.argmin(numpy.abs(truth["t_ic_s"] - time_s))
            pairs.append((SIDE_LETTERS[step.side], str(truth["stance_side"][nearest])))
    assert len(pairs) > 50
    return pairs


def test_a_contrary_runner_is_unsure_without_the_check_and_right_with_it(contrary):
    assert {given for given, _ in given_sides(contrary)} == {""}
    assert all(given == true for given, true in given_sides(contrary, side_template=contrary.hops()[0]))


def test_a_contrary_push_alone_is_enough_to_be_unsure_and_the_check_to_be_right():
    made = Made(act(replace(CONTRARY_RUNNER, rotation_share=1.0)))
    assert {given for given, _ in given_sides(made)} == {""}
    pairs = given_sides(made, side_template=made.hops()[0])
    assert all(given == true for given, true in pairs if given)
    assert sum(given == true for given, true in pairs) >= 0.9 * len(pairs)


def test_a_contrary_rotation_alone_needs_no_check():
    """As in a runner of Hamner & Delp 2013 (J Biomech 46:780) up to 4 m/s."""
    assert all(given == true for given, true in given_sides(Made(act(replace(CONTRARY_RUNNER, push_mps2=0.0)))))


def test_the_check_changes_nothing_for_a_usual_runner(usual):
    pairs = given_sides(usual, side_template=usual.hops()[0])
    assert all(given == true for given, true in pairs)
    assert {SIDE_LETTERS[SIDE_LEFT], SIDE_LETTERS[SIDE_RIGHT]} == {given for given, _ in pairs}
