"""`make cues` in short: its statistics, its made-up wearers who do not run, and its intervals."""


import cues
import numpy as np
import pytest
import resting

from host_tools.runners.scenario import easy_run


def test_rule_alone():
    """Binomial, p = 0.077 of a step over: 0.05 % of windows of six hold four."""
    share, _, high = cues.proportion(*cues.false_cues(steps=60_000))
    assert high < 0.001 and share > 0
    assert cues.proportion(*cues.bouts_found(bouts=600))[0] > 0.85


def test_interval_is_clopper_and_pearsons():
    """For no hit in n the upper end is 1 - 0.025^(1/n)."""
    assert cues.proportion(0, 100)[2] == pytest.approx(1 - 0.025 ** (1 / 100))
    assert cues.proportion(50, 100)[0] == 0.5


@pytest.mark.parametrize("kind", cues.KINDS)
def test_no_cue_where_nobody_runs(kind, monkeypatch):
    monkeypatch.setattr(cues, "PART_S", 120.0)
    made, _, hours = cues.not_running(kind, 0.01)
    assert made == 0 and hours == pytest.approx(1 / 30)


def test_a_run_seen_by_the_same_eyes_gives_cues(monkeypatch):
    """What does not cue above is not deaf."""
    run = cues._on_foot("run", [easy_run(20.0, 115.0)], 5)
    monkeypatch.setitem(cues.KINDS, "running", lambda seed: run)
    monkeypatch.setattr(cues, "PART_S", 120.0)
    assert cues.not_running("running", 0.01)[0] > 5


def test_driving_is_as_rough_as_it_says():
    made = resting.driving(120.0, 1)
    moving = made.imu[int(20 * resting.RATE_HZ) :, 2]
    assert 0.7 < moving.std() < 1.5 and moving.max() > 9.81 + 3.0
    assert np.abs(made.imu[: int(5 * resting.RATE_HZ), 2] - 9.80665).max() < 0.2
