"""What a wearer feels of a run on the twin: recording begun and ended, a low battery, a side that is well again."""

import numpy as np
import pytest
from test_sim_faults import SETTINGS, act, calibration, prepare, run  # noqa: F401 (fixtures)

HELD_S = [14.0, 16.5]  # the button
SENSITIVE = {"cue_window_steps": 1, "cue_over_steps": 1, "cue_hysteresis_deg": 0.0, "cue_refractory_steps": 0}


def pulses(outcome):
    """Return [(from ms, to ms, motors, duty)] of what the motors did, in time order; both at once are one pulse."""
    found, since = {}, {}
    for at_s, name, duty in outcome.motors:
        if duty > 0:
            since[name] = at_s, duty
        elif name in since:
            begun_s, strength = since.pop(name)
            key = round(1000 * begun_s), round(1000 * at_s)
            found.setdefault(key, (set(), strength))[0].add(name)
    assert not since  # a motor always stops
    return [(*key, names, duty) for key, (names, duty) in sorted(found.items())]


def lengths(made, from_ms, until_ms):
    """Return the lengths of the pulses on both sides within a time, to 20 ms."""
    return [
        20 * round((end - begin) / 20)
        for begin, end, names, _ in made
        if from_ms <= begin < until_ms and names == {"left", "right"}
    ]


@pytest.fixture(scope="module")
def outcome(run, calibration, tmp_path_factory):  # noqa: F811
    """The button is held in mid-run, the battery is low, and cues come at half of the left steps."""
    flash = tmp_path_factory.mktemp("haptics") / "flash"
    truth = run.truth_steps
    left = truth["stance_side"] == "L"
    threshold_deg = round(float(np.median(truth["peak_drop_deg"][left])), 1)
    prepare(flash, calibration, SETTINGS | SENSITIVE | {"cue_success": 1, "cue_absolute_deg": threshold_deg})
    return act(run, flash, button=[HELD_S], battery_mv=3400)


def test_recording_begun_and_ended_is_felt_on_both_sides(outcome):
    """As long as they are meant to be, although flash is written just before; the runner does not stop for the end."""
    first, second = outcome.sessions
    (started,) = [event for event in first.events if event["name"] == "run_started"]
    assert lengths(pulses(outcome), started["time_ms"], started["time_ms"] + 1000) == [60]
    (again,) = [event for event in second.events if event["name"] == "run_started"]
    made = [pulse for pulse in pulses(outcome) if 16000 <= pulse[0] < again["time_ms"] + 500]  # two s after the press
    assert lengths(made, 0, 60000)[0] == 60 and len(made) == 2
    (short_ms, _, _, _), (long_ms, end_ms, _, _) = made
    assert long_ms - short_ms == pytest.approx(60 + 90, abs=20)
    assert end_ms - long_ms > 2 * 60  # 240 but for the next session's word, which interrupts it


def test_a_low_battery_is_felt_once(outcome):
    first, second = outcome.sessions
    (event,) = [event for event in first.events if event["name"] == "battery_low"]
    assert event["value"] == pytest.approx(3400, abs=60)
    assert lengths(pulses(outcome), event["time_ms"] - 100, event["time_ms"] + 700) == [60, 60, 60]
    assert not [event for event in second.events if event["name"] == "battery_low"]


def test_success_is_felt_lightly_on_the_side_that_is_well_again(outcome):
    """48 % of full strength where 80 are set."""
    light = [(begin, end, names) for begin, end, names, duty in pulses(outcome) if duty < 0.6]
    told = [event for session in outcome.sessions for event in session.events if event["name"] == "success"]
    assert len(told) > 5 and 0 < len(light) <= len(told)
    for begin, end, names in light:
        event = max((event for event in told if event["time_ms"] <= begin), key=lambda event: event["time_ms"])
        assert names == {" left right".split()[event["value"] - 1]}
        assert begin - event["time_ms"] < 500 and end - begin == pytest.approx(60, abs=20)
    strong = {round(duty, 2) for *_, duty in pulses(outcome)} - {0.48}
    assert strong == {0.8}
