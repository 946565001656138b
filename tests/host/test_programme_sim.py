"""Policies of cueing compared on the twin: the firmware's rule with a made-up runner; statistics by a second source."""

import json
import statistics

import numpy as np
import pytest

from host_tools import cli
from host_tools.programme import simulate
from host_tools.programme.model import PARAMETERS


@pytest.fixture(scope="module")
def programmes(binary):
    return {name: simulate._one(binary, settings, 3) for name, settings, _ in simulate.POLICIES}


def test_shares_are_those_planned(programmes):
    assert [session["share"] for session in programmes["faded"]] == [1, 1, 1, 1, 0.75, 0.5, 0.25, 0, 0, 0]
    assert [session["share"] for session in programmes["continuous"]] == [1] * 8 + [0, 0]
    for name in ("faded", "continuous"):
        for session in programmes[name]:
            assert abs(session["delivered"] - session["share"]) <= 0.02
            assert session["cues"] == session["outcomes"].get("cued", 0)
            assert sum(session["outcomes"].values()) == session["steps"] == 5100
        assert all(session["cues"] == 0 for session in programmes[name][-2:])


def test_runners_without_cues_learn_nothing_and_those_with_do(programmes):
    """The habit of 7.5 deg and half of the 0.8 that fatigue adds in 30 minutes."""
    for session in programmes["none"]:
        assert session["drop_deg"] == pytest.approx(7.9, abs=0.1) and session["cues"] == 0
    for name in ("continuous", "faded", "adaptive"):
        drops = [session["drop_deg"] for session in programmes[name]]
        assert drops[3] < 7.9 - 1.5 and drops[-1] < 7.9 - 0.5
        assert drops[-1] > drops[3]  # and lose some of it without


def test_the_adaptive_target_comes_down(programmes):
    thresholds = [session["threshold_deg"] for session in programmes["adaptive"]]
    assert thresholds[0] == 6.0 and thresholds == sorted(thresholds, reverse=True) and thresholds[-1] < 6.0
    assert {round(4 * value) for value in thresholds} <= set(range(25))  # steps of 0.25 deg


def test_the_same_seed_gives_the_same_programme(binary, programmes):
    _, settings, _ = simulate.POLICIES[2]
    assert simulate._one(binary, settings, 3) == programmes["faded"]
    assert simulate._one(binary, settings, 4) != programmes["faded"]


@pytest.mark.parametrize("count, t", [(3, 4.303), (5, 2.776), (10, 2.262), (30, 2.045)])
def test_the_interval_is_students(count, t):
    """t at 97.5 % as tables print it."""
    values = np.random.default_rng(count).normal(5.0, 2.0, count)
    mean, half = simulate.interval(values)
    assert mean == pytest.approx(values.mean())
    assert half == pytest.approx(t * statistics.stdev(values) / count**0.5, rel=3e-4)


def test_command(capsys, binary, monkeypatch):
    monkeypatch.setattr(simulate, "SESSIONS", 3)
    monkeypatch.setattr(simulate._one, "__defaults__", (3, 12.0))
    assert cli.main(["sim", "--programme", "--seeds", "2", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert list(made["policies"]) == ["none", "continuous", "faded", "adaptive"]
    assert cli.main(["sim", "--programme", "--seeds", "0"]) == 2


def test_every_parameter_has_a_source_or_is_marked_as_assumed():
    for name, _, unit, source in PARAMETERS:
        assert unit and ("assumed" in source or "et al." in source or "demo" in source), name
