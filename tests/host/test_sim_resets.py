"""End to end through resets: watchdog, brown-out, faults of the firmware and of the bus, and what the logs say."""

import contextlib
import time

import numpy as np
import pytest
from test_sim_faults import END_S, PREPARED_S, SCENARIO, SETTINGS, act, found, prepare, steps_between

from hipcue.contract import record as record_contract
from host_tools.clip.transport import Clip
from host_tools.errors import HipCueError
from host_tools.report import facts
from host_tools.runners.record import record
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_rest_scene

PWRON_RESET, HARD_RESET, WDT_RESET = 1, 2, 3  # machine.reset_cause() on the ESP32
LONG_COMMITS = {"commit_period_s": 10}
CALIBRATION = {
    "mount": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    "gravity_mps2": 9.80665,
    "gyro_bias_rads": [0.0, 0.0, 0.0],
}
FAULTY_MAIN = """\
import board
from hipcue import app
from hipcue.cue import CueRule

rule = CueRule.step

def faulty(self, side, drop_deg, contact_ms, glute_pct):
    if contact_ms > %d:
        raise KeyError("side")
    return rule(self, side, drop_deg, contact_ms, glute_pct)

CueRule.step = faulty
app.run(board)
"""
IDLING_MAIN = """\
import board
from hipcue import app
from hipcue.sensing import Sensing

drain = Sensing.drain

def idle(self, now_us):
    return drain(self, now_us) if now_us < 12000000 else ((), ())

Sensing.drain = idle
app.run(board)
"""


@pytest.fixture(scope="module")
def run(binary):
    return record(SCENARIO)


@pytest.fixture
def flash(run, tmp_path):
    path = tmp_path / "flash"
    prepare(path, CALIBRATION, SETTINGS | LONG_COMMITS)
    return path


def events(session, name):
    return [event for event in session.events if event["name"] == name]


def act_through(run, flash, fault):
    """Run with one fault at 15 s that resets; return the two sessions, which must be whole or closed."""
    first, second = act(run, flash, faults=[fault]).sessions
    assert (first.verdict, first.seal["reason"]) == ("recording interrupted", "recovered after an interruption")
    assert (second.verdict, second.seal["reason"]) == ("whole", "stopped by the host")
    return first, second


@pytest.mark.parametrize(
    "fault, cause",
    [
        ({"kind": "processor_stall", "at_s": 15.0, "for_s": 8.5}, WDT_RESET),
        ({"kind": "reset", "at_s": 15.0, "cause": PWRON_RESET}, PWRON_RESET),
        ({"kind": "reset", "at_s": 15.0, "cause": HARD_RESET}, HARD_RESET),
    ],
    ids=["watchdog", "brown-out", "reset"],
)
def test_a_reset_loses_no_record(run, flash, fault, cause):
    """All steps decided by then are there, though the last write may be 10 s old; the next session tells."""
    first, second = act_through(run, flash, fault)
    truth_s = run.truth_steps["t_ic_s"] - PREPARED_S
    # A step is decided at the end of its stance, and with it the block of samples that holds it is drained.
    expected, hits, _ = found(first, truth_s, 4.0, 15.0 - 0.45)
    assert hits == expected > 25
    # Those that had not settled say so, and give what the cue knew.
    interrupted = (first.steps["quality"] & record_contract.QUALITY_BITS["settling"]) > 0
    assert interrupted[-10:].all() and not interrupted[15:-14].any()
    assert np.isnan(first.steps["peak_drop_deg"][interrupted]).all()
    assert np.isfinite(first.steps["peak_drop_causal_deg"][-5:]).all()
    assert len(first.steps["side"]) == first.seal["steps"]
    (recovered,) = events(first, "recovered")
    counted = sum(first.seal[kind] for kind in ("steps", "cues", "events")) - 1
    # The file held none of them yet, nor a record of the programme.
    assert recovered["value"] == counted + 1 and recovered["time_ms"] <= 15000
    assert [event["value"] for event in events(second, "boot")] == [cause]
    assert second.number == first.number + 1 and len(second.steps["side"]) > 5
    # The processor's ticks begin anew; the boots tell the sessions apart.
    assert second.steps["time_ms"][0] < END_S * 1000 - 15000
    assert second.firmware["boot"] == first.firmware["boot"] + 1


def test_a_fault_of_the_firmware_starts_the_clip_anew(run, tmp_path):
    """Logged by its kind in the session that it ends and in the next, printed, and recording goes on."""
    flash = tmp_path / "flash"
    prepare(flash, CALIBRATION, SETTINGS, main=FAULTY_MAIN % 12000)
    outcome = act(run, flash, stop_s=24.0)
    assert outcome.said.count("KeyError: side") == 1
    first, second = outcome.sessions
    assert (first.verdict, first.seal["reason"]) == ("whole", "device error")
    (error,) = events(first, "error")
    assert error["value"] == 4 and 12000 < error["time_ms"] < 12800
    assert [event["value"] for event in events(second, "reset_by_fault")] == [4]
    assert [event["value"] for event in events(second, "boot")] == [HARD_RESET]
    assert second.seal["reason"] == "stopped by the host" and len(second.steps["side"]) > 10


def test_faults_in_a_row_leave_the_clip_at_its_prompt(run, tmp_path):
    """The third one within a minute of its start: it says so, is felt as two long buzzes, and can be asked."""
    flash = tmp_path / "flash"
    prepare(flash, CALIBRATION, SETTINGS, main=FAULTY_MAIN % 4000)
    outcome = act(run, flash)
    assert outcome.said.count("KeyError: side") == 3
    assert "hipcue: stopped after 3 faults in a row; nothing is recorded" in outcome.said
    assert outcome.said.rstrip().endswith(">>>")
    assert [session.seal["reason"] for session in outcome.sessions] == ["device error"] * 3
    buzzes = [round(at_s * 1000) for at_s, motor, duty in outcome.motors if duty > 0 and motor == "left"]
    assert buzzes[-1] - buzzes[-2] == pytest.approx(600, abs=2)
    assert outcome.motors[-1][2] == 0 and outcome.motors[-2][2] == 0


def test_a_loop_that_does_not_get_on_is_bitten(run, tmp_path):
    """It turns, polls its console and drains nothing: the watchdog, 8 s, starts it anew."""
    flash = tmp_path / "flash"
    prepare(flash, CALIBRATION, SETTINGS, main=IDLING_MAIN)
    first, second = act(run, flash).sessions
    assert first.seal["reason"] == "recovered after an interruption"
    assert [event["value"] for event in events(second, "boot")] == [WDT_RESET]
    assert len(steps_between(first, 12.5, END_S)) == 0


def test_a_held_bus_is_freed(run, flash):
    """SDA low until the fifth clock: logged, freed at the next try, and steps go on."""
    session = act(run, flash, faults=[{"kind": "i2c_held", "at_s": 12.0, "clocks": 5}]).session
    (silent,), (freed,), (back,) = (events(session, name) for name in ("sensor_silent", "bus_freed", "sensor_back"))
    assert 12000 <= silent["time_ms"] <= 12200 and freed["value"] == 5
    assert freed["time_ms"] <= back["time_ms"] <= silent["time_ms"] + 1500
    assert session.verdict == "whole" and len(steps_between(session, 16.0, END_S)) > 20


def test_a_bus_that_stays_held_ends_in_a_logged_reset_but_not_for_ever(run, flash):
    """Nine clocks free nothing: after a minute the processor starts anew, twice; then it goes on without."""
    outcome = act(run, flash, stop_s=230.0, faults=[{"kind": "i2c_held", "at_s": 12.0, "clocks": 0}])
    first, second, third = outcome.sessions
    for session in (first, second):
        assert session.seal["reason"] == "device error"
        assert [event["name"] for event in session.events if event["name"] == "bus_held"] == ["bus_held"]
        (reset,) = events(session, "reset_for_sensor")
        assert 60000 < reset["value"] < 62000
    assert third.seal["reason"] == "stopped by the host" and not events(third, "reset_for_sensor")
    assert [event["value"] for event in events(third, "boot")] == [HARD_RESET]


def test_a_sensor_without_new_samples_is_started_again(run, flash):
    """It answers, and has nothing to say: noticed within 0.6 s, started again a second later."""
    session = act(run, flash, faults=[{"kind": "imu_stale", "at_s": 12.0}]).session
    (stale,), (back,) = events(session, "sensor_stale"), events(session, "sensor_back")
    assert 500 < stale["value"] < 700 and abs(stale["time_ms"] - stale["value"] - 12000) < 60
    assert 1000 <= back["time_ms"] - stale["time_ms"] <= 1300
    lost_ms = session.seal["samples_lost"] * 1000 / 208.832
    assert lost_ms == pytest.approx(back["time_ms"] - 12000, abs=200)
    assert np.count_nonzero(session.steps["time_ms"] > 16000) > 20


@pytest.mark.parametrize("slots", ["go on", "stand"])
def test_a_sensor_that_repeats_a_sample_is_started_again(run, flash, slots):
    """The same 14 bytes at the full rate: none of it is a step, it is noticed within 0.7 s, and all of it is lost."""
    fault = {"kind": "imu_repeats", "at_s": 12.0, "for_s": 99.0, "slots": slots}
    session = act(run, flash, faults=[fault]).session
    (stale,), (back,) = events(session, "sensor_stale"), events(session, "sensor_back")
    assert 12500 <= stale["time_ms"] <= 12750 and 500 < stale["value"] < 700
    assert 1000 <= back["time_ms"] - stale["time_ms"] <= 1300
    lost_ms = session.seal["samples_lost"] * 1000 / 208.832
    assert lost_ms == pytest.approx(back["time_ms"] - 12000, abs=200)
    assert session.verdict == "whole"
    assert len(steps_between(session, 12.3, back["time_ms"] / 1000)) == 0
    assert np.count_nonzero(session.steps["time_ms"] > 16000) > 20


def test_a_sensor_that_repeats_itself_after_every_start_ends_in_a_logged_reset(run, flash):
    """From 12 s on it has one sample to give for good: after a minute the processor starts anew, but not for ever."""
    fault = {"kind": "imu_repeats", "at_s": 12.0, "for_s": 999.0, "stays": True}
    first, second, third = act(run, flash, stop_s=230.0, faults=[fault]).sessions
    for session in (first, second):
        assert session.seal["reason"] == "device error"
        assert len(events(session, "sensor_stale")) == 1 and not events(session, "sensor_back")
        (reset,) = events(session, "reset_for_sensor")
        assert 60000 < reset["value"] < 62000
    assert third.seal["reason"] == "stopped by the host" and not events(third, "reset_for_sensor")


def test_a_sensor_that_comes_and_goes_does_not_flood_the_log(run, flash):
    """Silent for half a second in every three of two minutes: told a few times, counted always; nothing is missing."""
    times_s = np.arange(30.0, 150.0, 3.0)
    faults = [{"kind": "imu_silent", "from_s": at_s, "to_s": at_s + 0.5} for at_s in times_s]
    session = act(run, flash, stop_s=160.0, faults=faults).session
    for name in ("sensor_silent", "sensor_back", "samples_lost"):
        assert len(events(session, name)) <= 3 * 5
        assert facts.times(session, name) == len(times_s)
    lost = sum(event["value"] for event in events(session, "samples_lost"))
    assert lost == session.seal["samples_lost"]
    without_ms = sum(event["value"] for event in events(session, "sensor_back"))
    assert lost * 1000 / 208.832 == pytest.approx(without_ms, rel=0.06)
    assert session.verdict == "whole" and not events(session, "records_dropped")


def test_a_clip_left_at_its_prompt_goes_on_after_an_hour(binary, tmp_path):
    """Its host was killed, and nobody has told it to: the next run must not be missed."""
    with Twin(scene=write_rest_scene(tmp_path / "scene", halts_s=[0.0])) as twin:
        clip = Clip(twin.port)
        assert clip.ask_app()
        clip.enter()
        assert list(clip.lines("import time; time.sleep(3590); print('here')", 60.0)) == [b"here"]
        with contextlib.suppress(HipCueError):  # what runs does not end
            clip.run("time.sleep(20)", 5.0)
        assert clip.ask_app()["recording"] is False
        clip.drop()


FAULTY, PROMPT = "after 3 faults in a row", ">>> "
BROKEN_MAIN = """\
import board
from hipcue import app
from hipcue.app import App

def broken(self):
    raise KeyError("side")

App.run = broken
app.run(board)
"""


def test_after_faults_in_a_row_it_is_left_alone_for_a_day(binary, tmp_path):
    """An hour after which it tried, and buzzed, again would come at night as well."""
    flash = tmp_path / "flash"
    prepare(flash, CALIBRATION, SETTINGS, main=BROKEN_MAIN)
    until_s = time.monotonic() + 30.0
    with Twin(scene=write_rest_scene(tmp_path / "scene"), flash=flash) as twin:
        clip, said = Clip(twin.port), ""
        while not (FAULTY in said and said.endswith(PROMPT)) and time.monotonic() < until_s:
            said += clip.overhear()
            time.sleep(0.05)
        clip.enter()
        assert list(clip.lines("import time; time.sleep(23 * 3600); print('here')", 60.0)) == [b"here"]
        with contextlib.suppress(HipCueError):
            clip.run("time.sleep(2 * 3600)", 5.0)
        clip.enter()
        assert list(clip.lines("import time; print(time.ticks_ms() < 3600000)")) == [b"True"]
        clip.drop()
