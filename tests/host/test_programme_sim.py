"""Policies of cueing compared on the twin: the firmware's rule with made-up runners; statistics by a second source."""

import json
import math
import statistics

import cues
import numpy as np
import pytest

from host_tools import cli
from host_tools.programme import false_cue, figures, simulate
from host_tools.programme.model import DEPENDENCES, PARAMETERS, parameters
from host_tools.programme.policies import POLICIES

DEFAULT = parameters()["dependence"]


@pytest.fixture(scope="module")
def programmes(binary):
    return {name: simulate._one(binary, ((name, DEFAULT), 3))[1] for name in POLICIES}


@pytest.fixture(scope="module")
def left_deg(binary, programmes):
    """{(policy, dependence): drop of the last two sessions less that of the same runner without any cue}"""
    without = np.mean([session["drop_deg"] for session in programmes["none"][-2:]])
    found = {}
    for job in [(name, dependence) for name in ("continuous", "faded") for dependence in (0.0, 1.0)]:
        sessions = simulate._one(binary, (job, 3))[1]
        found[job] = np.mean([session["drop_deg"] for session in sessions[-2:]]) - without, sessions
    return found


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
    """Half of the 0.8 deg that fatigue adds in 30 minutes lies on the mean of each session."""
    without = [session["drop_deg"] for session in programmes["none"]]
    assert max(without) - min(without) < 0.15 and abs(statistics.mean(without) - 7.9) < 3 * 0.5
    assert all(session["cues"] == 0 for session in programmes["none"])
    for name in ("continuous", "faded", "adaptive"):
        drops = [session["drop_deg"] for session in programmes[name]]
        assert drops[3] < without[3] - 1.5 and drops[-1] < without[-1] - 0.5
        assert drops[-1] > drops[3]  # and lose some of it without


def test_a_seed_is_one_runner_whatever_the_policy(programmes):
    first = [programmes[name][0] for name in ("continuous", "faded", "adaptive")]
    assert first[0] == first[1] == first[2]


def test_who_depends_on_feedback_does_well_with_it_and_keeps_less(left_deg):
    """The guidance effect: without dependence more cues leave more behind, with all of it fewer do."""
    assert left_deg["continuous", 0.0][0] < left_deg["faded", 0.0][0] - 0.3
    assert left_deg["faded", 1.0][0] < left_deg["continuous", 1.0][0] - 0.3
    dependent, free = (left_deg["continuous", dependence][1] for dependence in (1.0, 0.0))
    lost = [sessions[-1]["drop_deg"] - sessions[7]["drop_deg"] for sessions in (dependent, free)]
    assert dependent[0]["drop_deg"] - free[0]["drop_deg"] < 0.5 and lost[0] > lost[1] > 0
    # All that dense feedback leaves to a dependent runner is from before the reliance on it was there.
    assert dependent[7]["cues"] > 2 * free[7]["cues"]


def test_false_cues_are_those_of_make_cues(programmes):
    """The other side is 2 deg under the target: what `make cues` measures, here with the refractory steps."""
    assert cues.would_be_false is false_cue.would_be_false and cues.UNDER_DEG == 2.0
    made = [session for name in ("continuous", "faded") for session in programmes[name]]
    assert all(session["far_under"] >= session["steps"] / 2 for session in made)
    false, under = (sum(session[name] for session in made) for name in ("false", "far_under"))
    assert 0 < false and cues.proportion(false, under)[2] < 0.001


@pytest.mark.parametrize(
    "true_deg, threshold_deg, false", [(6.0, 8.0, True), (6.01, 8.0, False), (9.0, 8.0, False), (1.0, None, False)]
)
def test_what_a_false_cue_is(true_deg, threshold_deg, false):
    assert false_cue.would_be_false(true_deg, threshold_deg) is false


def test_the_adaptive_target_comes_down(binary):
    sessions = simulate._one(binary, (("adaptive", 0.0), 3))[1]
    thresholds = [session["threshold_deg"] for session in sessions]
    assert thresholds[0] == 6.0 and thresholds == sorted(thresholds, reverse=True) and thresholds[-1] < 6.0
    assert {round(4 * value) for value in thresholds} <= set(range(25))  # steps of 0.25 deg


def test_the_same_seed_gives_the_same_programme(binary, programmes):
    job = ("faded", DEFAULT)
    assert simulate._one(binary, (job, 3)) == (job, programmes["faded"])
    assert simulate._one(binary, (job, 4)) != (job, programmes["faded"])


@pytest.mark.parametrize("count, t", [(3, 4.303), (5, 2.776), (10, 2.262), (30, 2.045)])
def test_the_interval_is_students(count, t):
    """t at 97.5 % as tables print it."""
    values = np.random.default_rng(count).normal(5.0, 2.0, count)
    mean, half = figures.interval(values)
    assert mean == pytest.approx(values.mean())
    assert half == pytest.approx(t * statistics.stdev(values) / count**0.5, rel=3e-4)


@pytest.mark.parametrize(
    "ys, x", [((2.0, 1.0, -1.0), 1.5), ((1.0, 0.0, -2.0), 1.0), ((1.0, 2.0, 3.0), None), ((-1.0, -2.0, 1.0), None)]
)
def test_where_the_order_turns(ys, x):
    assert figures.crossing(list(enumerate(ys))) == x


def test_figures_of_a_policy_by_hand():
    """Two runners, four sessions, of which the last two are of retention."""
    one = {"cues": 10, "false": 1, "far_under": 100, "share": 1.0, "delivered": 0.99}
    made = [[one | {"drop_deg": drop} for drop in drops] for drops in ((6.0, 5.0, 5.0, 7.0), (6.0, 6.0, 6.0, 6.0))]
    found = figures.summarise(made, np.full((2, 4), 8.0))
    assert [mean for mean, _ in found["drop_deg"]] == [6.0, 5.5, 5.5, 6.5]
    assert found["practice_deg"][0] == -2.25 and found["retention_deg"] == (-2.0, 0.0)
    assert found["cues_in_all"] == (40.0, 0.0) and found["false_share"] == (0.01, 0.0)
    assert math.isclose(found["worst_share_error"], 0.01)


def test_command(capsys, binary, monkeypatch):
    monkeypatch.setattr(figures, "SESSIONS", 3)
    monkeypatch.setattr(simulate, "DEPENDENCES", (0.0, 1.0))
    monkeypatch.setattr(simulate._one, "__defaults__", (3, 12.0))
    assert cli.main(["sim", "--programme", "--seeds", "2", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert list(made["policies"]) == ["none", "continuous", "faded", "adaptive"]
    assert [row["dependence"] for row in made["dependence"]] == [0.0, 1.0]
    assert made["runner"] == {name: value for name, value, _, _ in PARAMETERS}
    assert cli.main(["sim", "--programme", "--seeds", "2"]) == 0
    said = capsys.readouterr().out
    assert "predicts nobody" in said and "assumed" in said
    assert cli.main(["sim", "--programme", "--seeds", "0"]) == 2


def test_every_parameter_has_a_source_or_is_marked_as_assumed():
    for name, _, unit, source in PARAMETERS:
        assert unit and ("assumed" in source or "et al." in source or "demo" in source), name
    assert DEPENDENCES[0] == 0.0 and DEPENDENCES[-1] == 1.0
