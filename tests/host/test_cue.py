"""The cue rule as a table of cases, and its statistics under the noise of single steps."""

import numpy
import pytest

from hipcue.contract import config
from hipcue.contract.cues import OUTCOME_CODES
from hipcue.contract.emg import GLUTE_CODES
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT, SIDE_UNKNOWN
from hipcue.cue import CueRule
from hipcue.programme import Programme

L, R, U = SIDE_LEFT, SIDE_RIGHT, SIDE_UNKNOWN
STEP_MS = 343  # 175 steps/min
ABSOLUTE = {"cue_absolute_deg": 8.0}


class Rule(CueRule):
    """The rule with a programme of its own; `ask` gives the cue of a step alone."""

    def __init__(self, settings):
        values = config.validate(settings)
        super().__init__(values, Programme(values))

    def ask(self, *step):
        outcome, cue = self.step(*step)
        assert (outcome == OUTCOME_CODES["cued"]) == (cue is not None)
        return cue


def cues(settings, steps, step_ms=STEP_MS):
    """Return {number of the step: Cue} of steps given as (side, drop in deg or None)."""
    rule = Rule(settings)
    found = {}
    for number, (side, drop_deg) in enumerate(steps):
        cue = rule.ask(side, drop_deg, 1000 + number * step_ms)
        if cue is not None:
            found[number] = cue
    return found


def lefts(text):
    """Left steps only: "+" 1 deg over 8 deg, "=" on it, "-" 2 deg under, "~" half a degree under, "?" not known."""
    drops = {"+": 9.0, "-": 6.0, "=": 8.0, "~": 7.5, "?": None}
    return [(L, drops[character]) for character in text]


# name, settings, left steps, numbers of the steps that cue
CASES = (
    ("three over are not enough", {}, "---+++", []),
    ("the fourth of six cues", {}, "---++++", [6]),
    ("four over in a row from the start", {}, "++++", [3]),
    ("scattered, four of six", {}, "+-+-++", [5]),
    ("four of seven are not four of six", {}, "+--+-++", []),
    ("the present step must be over", {}, "+++-" + "-" * 6, []),
    ("the present step must be over, and is on the next", {}, "+++-+", [4]),
    ("on the threshold is not over", {}, "=" * 8, []),
    ("on the threshold does not count among the four", {}, "===+", []),
    ("steps not known are left out of the six", {}, "++??++", [5]),
    ("a step not known cues nothing", {}, "+++?", []),
    ("8 steps without another, the 9th may", {}, "+" * 22, [3, 12, 21]),
    ("no refractory steps", {"cue_refractory_steps": 0}, "+++++", [3, 4]),
    ("steps not known count for the refractory", {}, "++++" + "?" * 8 + "+", [3, 12]),
    ("hysteresis: once cued, down to 1 deg below is over", {}, "++++" + "~" * 9, [3, 12]),
    ("no hysteresis before the first cue", {}, "~" * 20, []),
    ("no hysteresis when set to 0", {"cue_hysteresis_deg": 0.0}, "++++" + "~" * 9, [3]),
    ("the bout ends when the rule no longer holds", {}, "++++" + "-" * 6 + "~" * 12, [3]),
    ("one of one", {"cue_window_steps": 1, "cue_over_steps": 1, "cue_refractory_steps": 0}, "-+-+", [1, 3]),
    ("cues switched off", {"cue_mode": 0}, "+" * 30, []),
)


@pytest.mark.parametrize("settings, steps, expected", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_rule(settings, steps, expected):
    assert sorted(cues(ABSOLUTE | settings, lefts(steps))) == expected


def test_sides_are_judged_apart():
    """Two over on each side are not four; the left's four cue though the right is under."""
    assert not cues(ABSOLUTE, [(L, 9.0), (R, 9.0)] * 3)
    found = cues(ABSOLUTE, [(L, 9.0), (R, 2.0)] * 6)
    assert list(found) == [6] and found[6].side == L


def given_or_not(text, not_given):
    """Return {number of the left step that cues: whether the cue is given}; those in `not_given` are not."""
    rule, found = Rule(ABSOLUTE), {}
    for number, (side, drop_deg) in enumerate(lefts(text)):
        cue = rule.ask(side, drop_deg, 1000 + number * STEP_MS)
        if cue is not None:
            found[number] = number not in not_given
            if not found[number]:
                rule.not_given(cue)
    return found


def test_a_cue_that_was_not_felt_starts_nothing():
    """Neither refractory steps (8) nor a threshold that is lower by the hysteresis, unless one before was felt."""
    assert given_or_not("+" * 15, [3, 4]) == {3: False, 4: False, 5: True, 14: True}
    assert given_or_not("++++" + "~" * 12, [3]) == {3: False}
    assert given_or_not("++++" + "~" * 12, []) == {3: True, 12: True}
    assert given_or_not("++++" + "~" * 12, [12]) == {3: True, 12: False, 13: True}


def test_refractory_counts_the_steps_of_both_sides():
    found = cues(ABSOLUTE, [(L, 9.0), (R, 9.0)] * 12)
    assert {number: cue.side for number, cue in found.items()} == {6: L, 15: R}


def test_unsure_sides_cue_nothing():
    assert not cues(ABSOLUTE, [(U, 20.0)] * 40)


def test_a_pause_forgets():
    """2.5 s between contacts is the longest step; more, and the count starts again, as does the hysteresis."""
    for pause_ms, expected in ((2500, True), (2501, False)):
        rule = Rule(ABSOLUTE)
        for number in range(3):
            assert rule.ask(L, 9.0, number * STEP_MS) is None
        assert bool(rule.ask(L, 9.0, 2 * STEP_MS + pause_ms)) is expected
    rule = Rule(ABSOLUTE | {"cue_refractory_steps": 0})
    assert [bool(rule.ask(L, 9.0, number * STEP_MS)) for number in range(4)] == [False, False, False, True]
    assert not any(rule.ask(L, 7.5, 60_000 + number * STEP_MS) for number in range(12))
    rule = Rule(ABSOLUTE | {"cue_refractory_steps": 0, "cue_over_steps": 1, "cue_window_steps": 1})
    assert rule.ask(L, 9.0, 0) and rule.ask(L, 7.5, STEP_MS) and not rule.ask(L, 7.5, 60_000)


@pytest.mark.parametrize(
    "drop_deg, duration_ms",
    [(8.5, 105), (9.0, 130), (10.0, 180), (12.4, 300), (12.5, 300), (30.0, 300)],  # 80 ms + 50 ms/deg, at most 300
)
def test_duration_is_scaled_to_the_error_and_capped(drop_deg, duration_ms):
    (cue,) = cues(ABSOLUTE, [(L, drop_deg)] * 4).values()
    assert cue.duration_ms == duration_ms
    assert (cue.value_deg, cue.threshold_deg, cue.side, cue.buzz_side) == (drop_deg, 8.0, L, L)


def test_within_the_hysteresis_the_buzz_is_the_shortest():
    found = cues(ABSOLUTE, lefts("++++" + "~" * 9))
    assert (found[12].duration_ms, found[12].value_deg, found[12].threshold_deg) == (80, 7.5, 8.0)


@pytest.mark.parametrize("side, other", [(L, R), (R, L)])
def test_swing_side(side, other):
    (stance,) = cues(ABSOLUTE, [(side, 9.0)] * 4).values()
    (swing,) = cues(ABSOLUTE | {"cue_swing_side": 1}, [(side, 9.0)] * 4).values()
    assert (stance.side, stance.buzz_side, swing.side, swing.buzz_side) == (side, side, side, other)


def baseline_run(left_deg, right_deg, seconds, then, settings=None):
    """Return (rule, cues by number) after `seconds` at the given drops, then the steps `then`."""
    rule = Rule({"baseline_s": 60} | (settings or {}))
    count = int(seconds * 1000 / STEP_MS)
    steps = [(L, left_deg) if number % 2 == 0 else (R, right_deg) for number in range(count)] + then
    return rule, {n: cue for n, (s, d) in enumerate(steps) if (cue := rule.ask(s, d, 500 + n * STEP_MS)) is not None}


def test_baseline_and_margin_of_each_side():
    """60 s make the baselines 4 and 5 deg; the margin is 2 deg: 6.5 is over for the left, not for the right."""
    both = [(L, 6.5), (R, 6.5)] * 6
    rule, found = baseline_run(4.0, 5.0, 61, both)
    assert (rule.baseline_deg(L), rule.baseline_deg(R)) == pytest.approx((4.0, 5.0))
    assert (rule.threshold_deg(L), rule.threshold_deg(R)) == pytest.approx((6.0, 7.0))
    assert {cue.side for cue in found.values()} == {L} and all(cue.reason == 1 for cue in found.values())
    assert baseline_run(4.0, 5.0, 61, both, {"cue_margin_deg": 2.6})[1] == {}


def test_no_cue_while_the_baseline_is_made():
    """However large the drop; a whole run under 60 s has no threshold."""
    rule, found = baseline_run(4.0, 4.0, 30, [(L, 15.0)] * 50)
    assert found == {} and not rule.baseline_is_set() and rule.threshold_deg(L) is None


def test_baseline_counts_running_time_only():
    """A stop of ten minutes adds nothing to 30 s of running."""
    rule = Rule({"baseline_s": 60})
    for number in range(90):
        rule.ask(L, 4.0, number * STEP_MS)
    rule.ask(L, 4.0, 600_000)
    assert not rule.baseline_is_set()


def test_baseline_leaves_out_what_is_not_known():
    rule = Rule({"baseline_s": 60})
    for number in range(200):
        rule.ask(*((L, 4.0) if number % 2 else (U, 30.0) if number % 4 else (L, None)), number * STEP_MS)
    assert rule.baseline_deg(L) == pytest.approx(4.0)


def test_a_side_without_enough_baseline_steps_is_never_cued():
    """39 known right steps in the first minute: no reference, no cue."""
    rule = Rule({"baseline_s": 60})
    for number in range(180):
        rule.ask(R, 4.0 if number < 39 else None, number * STEP_MS)
    assert rule.baseline_is_set() and rule.threshold_deg(R) is None
    assert not any(rule.ask(R, 20.0, (180 + number) * STEP_MS) for number in range(20))


def test_absolute_needs_no_baseline():
    (cue,) = cues(ABSOLUTE, [(R, 9.0)] * 4).values()
    assert cue.reason == 2 and cue.side == R


NOISE_DEG = 1.4


def test_false_cues_2_deg_under_the_threshold():
    """Fewer than 0.1 % of steps; 0.05 % of six-step windows hold four over (binomial, p = 0.077)."""
    drops = 6.0 + NOISE_DEG * numpy.random.default_rng(11).standard_normal(30_000)
    steps = [(L if number % 2 else R, drop) for number, drop in enumerate(drops.tolist())]
    assert len(cues(ABSOLUTE | {"cue_refractory_steps": 0}, steps)) < 0.001 * len(steps)


def test_bouts_1_deg_over_the_threshold_are_found():
    """At least 85 % within 8 same-side steps, after a stretch 4 deg under."""
    random = numpy.random.default_rng(12)
    found = 0
    for _ in range(1000):
        drops = numpy.concatenate((numpy.full(6, 4.0), 9.0 + NOISE_DEG * random.standard_normal(8)))
        found += bool(cues(ABSOLUTE, [(L, drop) for drop in drops.tolist()]))
    assert found >= 850


# The glute of the stance side

QUIET, ACTIVE, UNKNOWN = GLUTE_CODES["quiet"], GLUTE_CODES["active"], GLUTE_CODES["unknown"]


def glute_cue(percents, settings=None, before_ms=0):
    """Return the first Cue of left steps over the threshold with these activations, after `before_ms` of running."""
    rule = Rule(ABSOLUTE | {"dose_minutes": 240} | (settings or {}))
    for contact_ms in range(0, before_ms, 2000):
        rule.ask(R, None, contact_ms)
    for number, percent in enumerate(percents):
        cue = rule.ask(L, 9.0, before_ms + number * STEP_MS, percent)
        if cue is not None:
            return cue


@pytest.mark.parametrize(
    "percents, state, mean_pct",
    [
        ([100.0] * 4, ACTIVE, 100.0),
        ([86.0] * 4, ACTIVE, 86.0),
        ([84.0] * 4, QUIET, 84.0),
        ([120.0, 60.0, 60.0, 60.0], QUIET, 75.0),
        ([None, None, None, 40.0], UNKNOWN, None),
        ([None] * 4, UNKNOWN, None),
    ],
)
def test_a_drop_with_a_quiet_glute_is_another_cue(percents, state, mean_pct):
    cue = glute_cue(percents)
    assert (cue.glute, cue.glute_pct) == (state, mean_pct)
    assert cue.pulses == (2 if state == QUIET else 1)
    assert cue.duration_ms == cue.pulses * cue.pulse_ms <= 300


@pytest.mark.parametrize(
    "minutes, percent, state",
    # 85 % of what a healthy glute still has: all of it at first, 85 % after 15 minutes, 70 % from 30 minutes on.
    [(15, 74.0, ACTIVE), (15, 71.0, QUIET), (30, 61.0, ACTIVE), (30, 58.0, QUIET), (90, 61.0, ACTIVE)],
)
def test_a_glute_tires_in_any_runner(minutes, percent, state):
    assert glute_cue([percent] * 4, before_ms=60000 * minutes).glute == state


def test_the_share_is_the_clinicians():
    assert glute_cue([70.0] * 4, {"glute_quiet_pct": 60}).glute == ACTIVE


def test_activations_before_a_pause_say_nothing_about_now():
    rule = Rule(ABSOLUTE)
    for number in range(3):
        rule.ask(L, 6.0, number * STEP_MS, 10.0)
    cues = [rule.ask(L, 9.0, 60000 + number * STEP_MS, 100.0) for number in range(4)]
    assert cues[3].glute == ACTIVE and cues[3].glute_pct == 100.0
