"""Repetitions counted from activation: made-up curves with a known number, peak and hold."""

import numpy as np
import pytest

from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT
from hipcue.drill import Drill

EVERY_MS = 100
TARGET_PCT = 50


def hear(left, right=None, hold_ms=2000):
    """Return (drill, [(ms, side) reached], [(ms, Repetition)]) of curves in percent of the MVIC, a value per 100 ms."""
    drill = Drill(1, TARGET_PCT, hold_ms)
    reached, ended = [], []
    right = [2.0] * len(left) if right is None else right
    for k, (left_pct, right_pct) in enumerate(zip(left, right, strict=True)):
        sides, repetitions = drill.hear(1000 + EVERY_MS * k, {SIDE_LEFT: left_pct, SIDE_RIGHT: right_pct})
        reached += [(1000 + EVERY_MS * k, side) for side in sides]
        ended += [(1000 + EVERY_MS * k, one) for one in repetitions]
    return drill, reached, ended


def lift(peak_pct, hold_s=3.0, rest_s=2.0):
    """One repetition: half a second up, a hold, half a second down, a rest at 2 %."""
    ramp = np.linspace(2.0, peak_pct, 6)
    return [*ramp[:-1], *[peak_pct] * round(10 * hold_s), *ramp[:0:-1], *[2.0] * round(10 * rest_s)]


def test_ten_repetitions_are_ten():
    drill, reached, ended = hear(lift(60.0) * 10)
    assert drill.count == len(ended) == len(reached) == 10
    assert {side for _, side in reached} == {SIDE_LEFT} == {one.side for _, one in ended}
    for _, one in ended:
        assert (one.peak_pct, one.target_pct, one.reached) == (60.0, TARGET_PCT, True)
        assert abs(one.hold_ms - 3000) <= 200 and abs(one.duration_ms - 3700) <= 300


def test_the_buzz_comes_when_the_target_was_held_for_long_enough():
    """Up over 50 % at the fifth value; 2 s of it later."""
    _, reached, _ = hear(lift(60.0))
    assert reached == [(1000 + 500 + 1900, SIDE_LEFT)] or reached == [(1000 + 500 + 2000, SIDE_LEFT)]


@pytest.mark.parametrize("peak_pct, hold_s", [(49.0, 4.0), (60.0, 1.5)])
def test_too_weak_or_too_short_is_a_repetition_that_was_not_reached(peak_pct, hold_s):
    _, reached, ended = hear(lift(peak_pct, hold_s))
    assert reached == [] and [one.reached for _, one in ended] == [False]


def test_flutter_around_the_target_is_one_repetition_whose_time_at_it_adds_up():
    flutter = [55.0, 45.0] * 25
    _, reached, ended = hear([2.0, 30.0, *flutter, 2.0, 2.0])
    assert len(ended) == 1 and ended[0][1].hold_ms == 2500 and len(reached) == 1


def test_flutter_between_begin_and_end_is_none():
    assert hear([24.0, 20.0] * 50)[2] == []  # never over half of the target
    assert len(hear([2.0, *[26.0, 19.0] * 20, 2.0])[2]) == 1  # never below a third of it


def test_a_twitch_is_none():
    drill, reached, ended = hear([2.0, 80.0, 80.0, 2.0, 2.0])
    assert (drill.count, reached, ended) == (0, [], [])


def test_both_sides_by_turns():
    left = lift(60.0) + [2.0] * len(lift(60.0))
    right = [2.0] * len(lift(60.0)) + lift(55.0)
    _, reached, ended = hear(left, right)
    assert [side for _, side in reached] == [SIDE_LEFT, SIDE_RIGHT]
    assert [(one.side, one.peak_pct) for _, one in ended] == [(SIDE_LEFT, 60.0), (SIDE_RIGHT, 55.0)]


@pytest.mark.parametrize("count, hold_ms", [(0, 2500), (5, 3000), (10, 2400)])
def test_what_is_not_known_ends_nothing_and_is_held_if_it_is_as_short_as_a_buzz(count, hold_ms):
    """25 values at the target, each for the time since the one before."""
    ((_, one),) = hear([2.0, *[60.0] * 15, *[None] * count, *[60.0] * 10, 2.0])[2]
    assert one.hold_ms == hold_ms and one.duration_ms == 2500 + 100 * count
