"""The report's part for the runner: how many steps were good, whether it gets better, what to do; and its picture."""

import math
import re

import numpy as np
import pytest
from report_page import words
from report_sessions import make_busy_days, make_cues, make_programme, make_session, make_steps, make_week

from hipcue.contract import config
from host_tools.report import wording
from host_tools.report.page import page
from host_tools.report.runner import good_share, runner_section
from host_tools.report.runner_figure import body_figure, dots_figure
from host_tools.report.runs import runs_of


def said(*sessions):
    return words(runner_section(runs_of(sessions)))


def test_good_steps_are_those_under_the_limit_since_there_is_one():
    """Left limit 7 deg from 183 s on; the drop is 5 deg until step 800 of 1200, then 9 deg; 0.35 s a step from 2 s."""
    run = runs_of([make_session()])[0]
    lefts = [k for k in range(0, 1200, 2) if 2.0 + 0.35 * k >= 183.0]
    assert good_share(run, 1) == sum(k < 800 for k in lefts) / len(lefts) == 141 / 341
    assert good_share(run, 2) == 1.0
    assert "Left leg 4 of 10 steps were good. The other hip sank further towards the end." in said(make_session())
    assert "Right leg All steps were good. It stayed about the same to the end." in said(make_session())


def test_a_step_that_is_not_valid_is_neither_good_nor_bad():
    steps = make_steps()
    steps["quality"][800:] = 2
    assert good_share(runs_of([make_session(steps=steps)])[0], 1) == 1.0


@pytest.mark.parametrize(
    "good, of, told",
    [(1, 1000, "1 of 10"), (999, 1000, "9 of 10"), (1000, 1000, "All"), (0, 1000, "No"), (1, 2, "5 of 10")],
)
def test_all_and_none_are_said_of_all_and_none_alone(good, of, told):
    steps = make_steps(2 * of + 1100, left_growth_deg=0.0)
    left = np.flatnonzero((steps["side"] == 1) & (steps["time_ms"] >= 60000 + 183000))[:of]
    steps["quality"][left[-1] + 1 :] = 2
    steps["peak_drop_causal_deg"] = np.full(len(steps["side"]), 9.0)
    steps["peak_drop_causal_deg"][left[:good]] = 5.0
    assert "Left leg %s steps were good." % told in said(make_session(steps=steps, cues=make_cues([])))


def test_without_a_limit_nothing_is_good_or_bad():
    html = runner_section(runs_of([make_session(events=[])]))
    assert words(html).count("The clip had no limit for this leg.") == 2
    assert "dots-1" not in html and "stroke-dasharray" not in html


def test_better_is_against_the_first_run_and_beyond_the_error():
    assert said(*make_busy_days()).count("Better than in your first run.") == 2  # 2.4 deg less after eight days
    assert "steps were good in the last run." in said(*make_week())
    assert said(*make_week()).count("About as in your first run: no change that is sure.") == 2  # 1.8 deg less
    worse = make_session(number=8, steps=make_steps() | {"peak_drop_deg": np.full(1200, 7.5)})
    assert said(make_session(), worse).count("The other hip sinks further than in your first run.") == 2


@pytest.mark.parametrize("swing", [0, 1])
@pytest.mark.parametrize("away", [0, 1])
def test_what_to_do_follows_the_settings_of_side_and_direction(swing, away):
    told = said(make_session(config=config.validate({"cue_swing_side": swing, "cue_away": away})))
    assert "Buzz at a hip: " + wording.INSTRUCTIONS[swing, away] in told
    assert len(set(wording.INSTRUCTIONS.values())) == 4
    for (_, direction), asked in wording.INSTRUCTIONS.items():
        assert ("away" in asked) == bool(direction)


@pytest.mark.parametrize(
    "settings, told",
    [
        ({}, "Two short buzzes: the buttock on that side was quiet, too. No buzz: go on like this."),
        ({"cue_mode": 0}, wording.NO_BUZZ),
        ({"cue_mode": 3}, "Two short buzzes at a hip: its buttock was quiet. "),
        ({"cue_success": 1}, "A light, short one: good again."),
    ],
)
def test_what_the_buzzes_say(settings, told):
    assert told in said(make_session(config=config.validate(settings)))
    assert ("Two short" in said(make_session(config=config.validate({"cue_mode": 1})))) is False


@pytest.mark.parametrize(
    "session, share, told",
    [
        (2, 1.0, "Session 2 of 8: no buzz means go on like this."),
        (6, 0.5, "Session 6 of 8: the clip is silent in parts, as planned. Do the same there by yourself."),
        (8, 0.0, "Session 8 of 8: the clip is silent, as planned. Do the same by yourself."),
        (9, 0.0, "Session 9: the clip is silent, as planned. Do the same by yourself."),
    ],
)
def test_what_the_programme_asks(session, share, told):
    settings = config.validate({"programme_sessions": 8})
    assert told in said(make_session(config=settings, programme=make_programme(session, share)))


def test_lost_settings_are_said_to_be_lost():
    assert wording.SETTINGS_LOST in said(make_session(config={}))


JARGON = ("threshold", "stance", "swing", "glute", "emg", "median", "baseline", "quality", "cue", "deg ", "%", "drop")


def test_it_has_no_jargon():
    for sessions in ([make_session()], make_week(), make_busy_days()):
        told = said(*sessions).lower()
        for word in JARGON:
            assert word not in told, word


def test_without_a_valid_step_there_is_nothing_to_say():
    steps = make_steps()
    steps["quality"][:] = 2
    assert runner_section(runs_of([make_session(steps=steps)])) == ""
    assert "For the runner" in words(page([make_session()]))


@pytest.mark.parametrize("side", [1, 2])
def test_the_picture_is_drawn_to_the_angle(side):
    """The standing hip is fixed; the other one hangs by the drop; left and right are mirror images."""
    drawn = body_figure(side, 9.0, 6.0)
    lines = re.findall(r'<polyline points="([^"]+)"[^>]*stroke="#(?:0072b2|c24e00|1c2126)"', drawn)
    angles = []
    for points in lines:
        (x, y), (end_x, end_y) = (map(float, point.split(",")) for point in points.split())
        assert (end_x > x) == (side == 1)
        angles.append(math.degrees(math.atan2(end_y - y, abs(end_x - x))))
    assert angles == pytest.approx([9.0, 6.0], abs=0.1)


@pytest.mark.parametrize("good", [0, 4, 10])
def test_dots(good):
    circles = re.findall(r"<circle[^>]*>", dots_figure(1, good))
    assert len(circles) == 10 and sum('fill="#fff"' in circle for circle in circles) == 10 - good
