"""Scores with known answers."""

import numpy as np
import pytest

from host_tools.errors import HipCueError
from host_tools.log.sampled import on_grid
from host_tools.log.session import Session
from host_tools.recording.folder import Recording
from host_tools.sim.score import match, score, table

RUN_STARTS_S = 20.0
PERIOD_S = 0.35
COUNT = 100  # true steps, from RUN_STARTS_S on; those from 30 s count: numbers 29 to 99


def truth():
    contact_s = RUN_STARTS_S + PERIOD_S * np.arange(COUNT)
    return {
        "t_ic_s": contact_s,
        "t_tc_s": contact_s + 0.28,
        "stance_side": np.array(["R", "L"])[np.arange(COUNT) % 2],
        "peak_drop_deg": np.full(COUNT, 5.0),
        "excursion_deg": np.full(COUNT, 2.0),
        "t_peak_s": contact_s + 0.1,
    }


def recording(**changes):
    t_s = np.arange(0, 60, 0.005)
    made = Recording("made", 200.0, t_s, np.zeros((len(t_s), 6)), run_starts_s=RUN_STARTS_S, truth_steps=truth())
    made.truth_t_s, made.truth_obliquity_deg = t_s, np.sin(2 * np.pi * 1.43 * t_s)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def session(**changes):
    """Return a session that found the true steps, each 8 ms late."""
    true = truth()
    steps = {
        "time_ms": true["t_ic_s"] * 1000 + 8,
        "side": np.where(true["stance_side"] == "L", 1, 2).astype(np.uint8),
        "quality": np.zeros(COUNT, np.uint16),
        "peak_drop_deg": true["peak_drop_deg"].copy(),
        "peak_drop_causal_deg": true["peak_drop_deg"].copy(),
        "excursion_deg": true["excursion_deg"].copy(),
    }
    return Session(steps=steps | changes)


def test_perfect_but_8_ms_late():
    result = score(session(), recording())
    assert (result["truth_steps"], result["found_steps"], result["matched_steps"]) == (71, 71, 71)
    assert (result["found_share"], result["missed_share"], result["extra_share"]) == (1.0, 0.0, 0.0)
    assert (result["side_right_share"], result["valid_share"]) == (1.0, 1.0)
    assert result["initial_contact_ms"]["bias"] == pytest.approx(8.0)
    assert result["initial_contact_ms"]["sd"] == pytest.approx(0.0, abs=1e-6)
    assert result["peak_drop_deg"] == {"bias": 0.0, "sd": 0.0, "rms": 0.0, "count": 71}
    assert result["obliquity_rmse_deg"] is None


def test_bias_sd_and_rms():
    """Errors of +0.5 and -0.1 in turn: bias 0.2, SD 0.3, rms 0.36; 71 steps from an odd one, so the L errors lead."""
    peak = 5.0 + np.where(np.arange(COUNT) % 2, -0.1, 0.5)
    result = score(session(peak_drop_deg=peak), recording())["peak_drop_deg"]
    assert result["bias"] == pytest.approx((36 * -0.1 + 35 * 0.5) / 71)
    assert result["sd"] == pytest.approx(0.3, abs=1e-4)
    assert result["rms"] == pytest.approx(np.sqrt((36 * 0.01 + 35 * 0.25) / 71))


def test_steps_that_are_not_ok_are_not_compared():
    quality, peak = np.zeros(COUNT, np.uint16), np.full(COUNT, 5.0)
    quality[90:], peak[90:] = 2, 50.0
    result = score(session(quality=quality, peak_drop_deg=peak), recording())
    assert result["peak_drop_deg"] == {"bias": 0.0, "sd": 0.0, "rms": 0.0, "count": 61}
    assert result["valid_share"] == pytest.approx(61 / 71)
    assert result["side_right_share"] == 1.0


def test_unknown_values_are_not_compared():
    excursion = np.full(COUNT, 2.1)
    excursion[50] = np.nan
    result = score(session(excursion_deg=excursion), recording())["excursion_deg"]
    assert (result["count"], result["bias"]) == (70, pytest.approx(0.1))


def test_sides_wrong_and_unsure_count_as_not_right():
    side = session().steps["side"]
    side[95], side[96] = 0, 3 - side[96]
    assert score(session(side=side), recording())["side_right_share"] == pytest.approx(69 / 71)


def test_missed_and_extra_steps():
    good = session().steps
    kept = {name: np.delete(values, [40, 41, 42]) for name, values in good.items()}
    order = np.argsort(np.append(kept["time_ms"], 41500.0))  # 125 ms from both neighbours in truth's 350 ms
    extra = {
        name: np.append(values, 41500.0 if name == "time_ms" else values[-1])[order] for name, values in kept.items()
    }
    result = score(Session(steps=extra), recording())
    assert (result["truth_steps"], result["found_steps"], result["matched_steps"]) == (71, 69, 68)
    assert result["missed_share"] == pytest.approx(3 / 71)
    assert result["extra_share"] == pytest.approx(1 / 69)


@pytest.mark.parametrize(("late_ms", "matched"), [(119, 71), (-119, 71), (121, 0), (-121, 0)])
def test_a_step_matches_within_120_ms(late_ms, matched):
    time_ms = truth()["t_ic_s"] * 1000 + late_ms
    assert score(session(time_ms=time_ms), recording())["matched_steps"] == matched


@pytest.mark.parametrize(
    ("found_s", "truth_s", "pairs"),
    [([1.00, 1.05], [1.04], ([1], [0])), ([1.04], [1.00, 1.05], ([0], [1])), ([1.0, 2.0], [2.0, 3.0], ([1], [0]))],
)
def test_a_step_matches_once(found_s, truth_s, pairs):
    found, true = match(np.array(found_s), np.array(truth_s))
    assert (found.tolist(), true.tolist()) == pairs


def test_no_step_at_all():
    empty = {name: values[:0] for name, values in session().steps.items()}
    result = score(Session(steps=empty), recording())
    assert (result["matched_steps"], result["missed_share"], result["extra_share"]) == (0, 1.0, None)
    assert any("no step to compare" in line for line in table(result))


def test_obliquity():
    made = recording()
    t_s = np.arange(25, 60, 0.004)
    obliquity = np.sin(2 * np.pi * 1.43 * t_s) + 0.4
    obliquity[::2] += 0.1
    obliquity[:1000] = 99.0  # before the 10 s of settling are over
    result = score(Session(steps=session().steps, trace=on_grid(t_s * 1000, obliquity)), made)
    assert result["obliquity_zero_mean_rmse_deg"] == pytest.approx(0.05, abs=1e-3)
    assert result["obliquity_rmse_deg"] == pytest.approx(np.hypot(0.45, 0.05), abs=1e-3)


def test_obliquity_only_while_running():
    made = recording()
    made.truth_running = (made.truth_t_s < 40) | (made.truth_t_s > 50)
    t_s = np.arange(30, 59, 0.005)
    obliquity = np.sin(2 * np.pi * 1.43 * t_s)
    obliquity[(t_s > 40) & (t_s < 50)] += 20
    result = score(Session(steps=session().steps, trace=on_grid(t_s * 1000, obliquity)), made)
    assert result["obliquity_rmse_deg"] == pytest.approx(0.0, abs=1e-3)


def test_standing_obliquity_is_taken_from_the_truth():
    peak = np.where(truth()["stance_side"] == "L", 4.0, 6.0)  # standing with the left side 1 deg up
    result = score(session(peak_drop_deg=peak), recording(meta={"standing_neutral_obliquity_deg": 1.0}))
    assert result["peak_drop_deg"]["rms"] == 0.0


def test_recording_without_truth():
    with pytest.raises(HipCueError, match="has no truth_steps.csv to score against"):
        score(session(), recording(truth_steps=None))
