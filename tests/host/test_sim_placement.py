"""Slips, re-stand and left-foot check on the twin: what the log says of them and what the wearer feels."""

import json

import numpy as np
import pytest

from host_tools.archive import logs
from host_tools.output import Output
from host_tools.runners.scenarios import SCENARIOS
from host_tools.sim.abstaining import judge
from host_tools.sim.command import replay

QUIET = Output(as_json=True)


pytestmark = pytest.mark.usefixtures("binary")


class Felt:
    """A scenario on the twin: `session`, `recording`, `pulses` [(motor, from ms, to ms)]."""

    def __init__(self, name, work):
        self.recording = SCENARIOS[name]()
        log, self.facts = replay(self.recording, work, QUIET)
        self.session = logs.read_log(log)
        since, self.pulses = {}, []
        for line in (work / "motors").read_text().splitlines():
            change = json.loads(line)
            if change["duty"]:
                since[change["motor"]] = change["t_us"] / 1000
            else:
                self.pulses.append((change["motor"], since[change["motor"]], change["t_us"] / 1000))

    def event(self, name):
        (only,) = [event for event in self.session.events if event["name"] == name]
        return only

    def after(self, event, seconds=3.0):
        """Return [(motor, length in ms)] of the pulses that begin within `seconds` of an event."""
        begin, end = event["time_ms"] - 1, event["time_ms"] + 1000 * seconds
        return [
            (motor, round(off - on)) for motor, on, off in sorted(self.pulses, key=lambda p: p[1]) if begin <= on < end
        ]


def near(pulses, expected):
    """Whether pulses are the expected ones, each as long or longer by what a pass of the loop takes."""
    return len(pulses) == len(expected) and all(
        motor == name and -2 <= length - ms <= 20 for (motor, length), (name, ms) in zip(pulses, expected, strict=True)
    )


@pytest.fixture(scope="module")
def slipped(tmp_path_factory):
    return Felt("slip_and_stand", tmp_path_factory.mktemp("slipped"))


def test_a_slip_is_felt_from_side_to_side(slipped):
    pulses = slipped.after(slipped.event("slipped"))
    assert near(pulses, [("left", 250), ("right", 250)] * 3)


def test_the_stand_is_felt_on_both_sides(slipped):
    pulses = slipped.after(slipped.event("stood"))
    assert near(sorted(pulses), [("left", 150)] * 2 + [("right", 150)] * 2)
    assert slipped.event("stood")["value"] == pytest.approx(100, abs=10)  # 0.1 deg
    assert 55000 < slipped.event("stood")["time_ms"] < 61500  # stood from 52.5 s on, at least 5 s


def test_drops_after_the_stand_are_those_of_the_body(slipped):
    """The clip still sits 10 deg askew: against truth within 0.5 deg on the mean."""
    steps, truth = slipped.session.steps, slipped.recording.truth_steps
    late = (steps["time_ms"] > 74000) & np.isfinite(steps["peak_drop_deg"])
    assert late.sum() > 40
    errors = []
    for time_ms, drop in zip(steps["time_ms"][late], steps["peak_drop_deg"][late], strict=True):
        nearest = np.argmin(np.abs(truth["t_ic_s"] - time_ms / 1000))
        errors.append(drop - truth["peak_drop_deg"][nearest])
    assert abs(np.mean(errors[:-3])) < 0.5 and judge(slipped.session, slipped.recording).shortcomings() == []


def test_a_clip_turned_over_at_a_stop(tmp_path):
    """Told and felt, and no cue any more; the log says nothing of a stand, for it remains upside down."""
    felt = Felt("turned_over", tmp_path)
    assert near(felt.after(felt.event("upside_down")), [("left", 250), ("right", 250)] * 3)
    assert not [event for event in felt.session.events if event["name"] == "stood"]
    assert not (felt.session.cues["time_ms"] > 47800).any()


def test_sides_of_a_contrary_runner_after_the_left_foot_check(tmp_path):
    """Over the console as `hipcue calibrate side` does it; the log's calibration holds what was found."""
    felt = Felt("left_foot_check", tmp_path)
    assert felt.facts["calibration"] == "ok"
    force, yaw, roll = felt.session.calibration["side_template"]
    assert force < -4 and yaw == 0 and roll > 4
    assert 5 <= felt.session.calibration["left_foot"]["hops"] <= 8
    assert felt.session.calibration["left_foot"]["obliquity_deg"] == pytest.approx(2.0, abs=0.1)
    steps, truth = felt.session.steps, felt.recording.truth_steps
    late = (steps["time_ms"] > 50000) & (steps["time_ms"] < 84000)
    nearest = [np.argmin(np.abs(truth["t_ic_s"] - time_ms / 1000)) for time_ms in steps["time_ms"][late]]
    assert (steps["side"][late] == np.where(truth["stance_side"][nearest] == "L", 1, 2)).all() and late.sum() > 80
    assert felt.event("sides_sure")["value"] <= 40


def test_samples_lost_in_the_fifo(tmp_path):
    felt = Felt("lost_samples", tmp_path)
    assert judge(felt.session, felt.recording).shortcomings() == []
