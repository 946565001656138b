"""End to end through faults: the firmware on the twin while sensor, flash, power or time fail, and what its log says.

One made-up run of 26 s, begun at power-on by a clip that is calibrated; drops are about 4 deg, and 2 deg makes a cue.
"""

import json
import time
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest
from halting import stands_at

from hipcue.contract import config
from hipcue.contract.cues import OUTCOME_CODES
from host_tools.calibrate import command as calibrate
from host_tools.clip.transport import Clip
from host_tools.errors import HipCueError
from host_tools.log.decode import decode
from host_tools.output import Output
from host_tools.pull.command import pull_all
from host_tools.runners.record import record
from host_tools.runners.scenario import BOWS, Scenario, easy_run
from host_tools.twin.process import POWER_CUT_EXIT_CODE, Twin
from host_tools.twin.scene import write_recording_scene, write_rest_scene, write_scene

PREPARED_S = BOWS.end_s
END_S = 28.0
SCENARIO = Scenario(
    name="faults",
    duration_s=PREPARED_S + END_S,
    stretches=(easy_run(PREPARED_S + 1.0, 60.0),),
)
SETTINGS = {"cue_absolute_deg": 2.0, "commit_period_s": 2}
QUIET = Output(as_json=True)
SAMPLE_MS = 1000 / 208.832
LSM6DSO16IS = 0x22  # another sensor of the same maker
FULL = "hipcue: the flash is full; measuring and cueing go on, nothing is recorded"
STALLING_MAIN = """\
import time
import board
from hipcue import app
from hipcue.store.journal import Journal

write = Journal.write
stalls_ms = [%d]

def slow_write(journal, session, now_ms):
    kept = write(journal, session, now_ms)
    if session.steps > 22 and stalls_ms:
        time.sleep_ms(stalls_ms.pop())
    return kept

Journal.write = slow_write
app.run(board)
"""
NO_JOURNAL = """\
import board

def open_nvs():
    raise OSError(-0x1105, "ESP_ERR_NVS_NOT_ENOUGH_SPACE")

board.open_nvs = open_nvs
"""
WITHOUT_JOURNAL_MAIN = NO_JOURNAL + """\
from hipcue import app
app.run(board)
"""
INTERRUPTED_MAIN = NO_JOURNAL + """\
import time
from hipcue import app
from hipcue.contract import record

chain = record.chain_crc32
waits_ms = [5000]

def slow_chain(before, crc):
    if time.ticks_ms() > 20000 and waits_ms:
        time.sleep_ms(waits_ms.pop())
    return chain(before, crc)

record.chain_crc32 = slow_chain
app.run(board)
"""
DOZING_MAIN = """\
import board
from hipcue import app, doze

doze.AFTER_MS = 5000
app.run(board)
"""
PROMPT = "\n>>> "


@dataclass
class Outcome:
    """What a run left: `sessions` decoded, `said` on the console, `motors` [(s, name, duty)], `image` of the flash."""

    sessions: list
    said: str
    motors: list
    image: bytes
    exit_code: int | None = None

    @property
    def session(self):
        (only,) = self.sessions
        return only

    @property
    def cued(self):
        """When one motor alone was switched on, s: what tells of the recording itself is felt on both."""
        on_s = [at_s for at_s, _, duty in self.motors if duty > 0]
        return [at_s for at_s in on_s if on_s.count(at_s) == 1]

    def events(self, name):
        return [event for event in self.session.events if event["name"] == name]


@pytest.fixture(scope="module")
def run(binary):
    return record(SCENARIO)


@pytest.fixture(scope="module")
def truth_s(run):
    """Contacts on the clip's clock."""
    return run.truth_steps["t_ic_s"] - PREPARED_S


@pytest.fixture(scope="module")
def calibration(run, tmp_path_factory):
    """What a good stand and bows store."""
    work = tmp_path_factory.mktemp("calibration")
    write_recording_scene(work / "scene", run, halts_s=[0.0])
    with Twin(scene=work / "scene") as twin, Clip(twin.port) as clip:
        clip.enter()
        calibrate.stand(clip, 4.5)
        calibrate.bows(clip, 11.0)
        calibrate.keep(clip)
        return clip.exec_json(
            "import json; from hipcue import settings; print(json.dumps(settings.load_calibration()))"
        )


def prepare(flash, calibration, settings, sectors=512, main=None):
    """Make a flash of `sectors` with calibration and settings on it."""
    flash.write_bytes(b"\xff" * 4096 * sectors)
    write_rest_scene(flash.with_suffix(".scene"), halts_s=[0.0])
    with Twin(scene=flash.with_suffix(".scene"), flash=flash) as twin, Clip(twin.port) as clip:
        clip.enter()
        clip.run("from hipcue import settings; settings.store_calibration(%r)" % calibration)
        assert clip.exec_json("from hipcue import console; console.configure(%r)" % settings)["ok"]
        if main:
            clip.run("with open('main.py', 'w') as file: file.write(%r)" % main)


def pulled(flash):
    """Return the decoded sessions on `flash`, read by a clip that is switched on for it alone."""
    write_rest_scene(flash.with_suffix(".scene"), halts_s=[0.0])
    with Twin(scene=flash.with_suffix(".scene"), flash=flash) as twin, Clip(twin.port) as clip:
        clip.enter()
        rows = pull_all(clip, clip.hello()["clip"], flash.parent / "pulled", QUIET)
    return [decode(open(row["path"], "rb").read(), row["bytes_on_clip"]) for row in rows]


def wait_for_halt(twin, clip, progress, at_s):
    """Wait until the twin's clock stands at `at_s`, or the application has ended; return what the clip said."""
    said, until = "", time.monotonic() + 30
    while time.monotonic() < until and twin.process.poll() is None:
        try:
            said += clip.overhear()
        except OSError:  # its power has gone, and the line with it
            twin.process.wait(5)
            break
        if stands_at(progress, at_s) or PROMPT in said:
            return said
        time.sleep(0.02)
    twin.check()
    assert twin.process.poll() is not None, "the twin does not come to %g s" % at_s
    return said


def act(run, flash, stop_s=END_S, stop=True, **header):
    """Run from power-on until `stop_s`, then Ctrl-C, or with `stop` False switch the power off; return the Outcome."""
    work = flash.parent
    log = work / "motors"
    first = int(PREPARED_S * run.imu_rate_hz)
    envelope = run.envelope_v[int(PREPARED_S * run.envelope_rate_hz) :]
    write_scene(
        work / "scene", run.imu[first:], run.imu_rate_hz, envelope, run.envelope_rate_hz,
        halts_s=[stop_s], progress=str(work / "progress"), motor_log=str(log), **header,
    )  # fmt: skip
    (work / "progress").unlink(missing_ok=True)
    with Twin(scene=work / "scene", flash=flash) as twin, Clip(twin.port) as clip:
        said = wait_for_halt(twin, clip, work / "progress", stop_s)
        if stop and twin.process.poll() is None:
            clip.interrupt()
            until = time.monotonic() + 10
            while PROMPT not in said and time.monotonic() < until:
                time.sleep(0.02)
                said += clip.overhear()
        exit_code = twin.process.poll()
    image = flash.read_bytes()
    motors = [json.loads(line) for line in log.read_text().splitlines()]
    return Outcome(pulled(flash), said, [(m["t_us"] / 1e6, m["motor"], m["duty"]) for m in motors], image, exit_code)


@pytest.fixture
def flash(calibration, tmp_path):
    path = tmp_path / "flash"
    prepare(path, calibration, SETTINGS)
    return path


@pytest.fixture
def acted(run, flash):
    return partial(act, run, flash)


def found(session, truth_s, from_s, until_s):
    """Return (truth contacts, of these found within 30 ms, errors in ms of these) between two times."""
    expected = truth_s[(truth_s > from_s) & (truth_s < until_s)]
    steps_s = session.steps["time_ms"] / 1000
    errors = np.array([(steps_s - each)[np.argmin(np.abs(steps_s - each))] for each in expected]) * 1000
    return len(expected), int(np.count_nonzero(np.abs(errors) < 30)), errors


def steps_between(session, from_s, until_s):
    times_s = session.steps["time_ms"] / 1000
    return np.flatnonzero((times_s > from_s) & (times_s < until_s))


def test_without_a_fault(acted, truth_s):
    """What the others are held against: stopped by Ctrl-C, sealed, whole; every step found, cues on both sides."""
    outcome = acted()
    session = outcome.session
    assert outcome.said.replace("\r", "").startswith("hipcue: stopped\nMicroPython v1.")
    assert session.verdict == "whole" and session.seal["reason"] == "stopped by the host" and not session.problems
    assert session.seal["steps"] == len(session.steps["side"]) and session.seal["samples_lost"] == 0
    expected, hits, errors = found(session, truth_s, 4.0, END_S - 1.0)
    assert expected > 60 and hits == expected and abs(errors).max() < 15
    assert session.seal["cues"] == len(session.cues["side"]) >= 5 and session.cues["latency_ms"].max() <= 350
    assert len(outcome.cued) == len(session.cues["side"])
    names = [event["name"] for event in session.events]
    assert names == ["run_started", "threshold", "threshold_right", "settings", "boot", "sides_sure", "flash_writes"]
    assert [event["value"] for event in session.events[1:4]] == [200, 200, config.version(session.config)]
    (boot,), (started,), (sure,) = (outcome.events(name) for name in ("boot", "run_started", "sides_sure"))
    assert 20 <= sure["value"] <= 30 and (steps_between(session, 0, sure["time_ms"] / 1000).size) >= sure["value"]
    assert boot["value"] == 1  # machine.PWRON_RESET on the ESP32
    assert (started["value"], started["time_ms"]) == (0, session.steps["time_ms"][0])
    assert session.firmware["boot"] == 2  # the first was to prepare the flash


def test_the_same_run_twice_gives_the_same_bytes(acted, flash):
    partitions = (flash, flash.with_name(flash.name + ".nvs"))
    before = [partition.read_bytes() for partition in partitions]
    first = acted()
    for partition, data in zip(partitions, before, strict=True):
        partition.write_bytes(data)
    second = acted()
    assert first.image == second.image and first.motors == second.motors and first.said == second.said


def test_ctrl_c_in_mid_run_gives_a_whole_sealed_log(acted, truth_s):
    """Within a step; steps not settled yet are settled, and none is lost."""
    outcome = acted(stop_s=20.1)
    session = outcome.session
    assert (session.verdict, session.seal["reason"]) == ("whole", "stopped by the host")
    expected, hits, _ = found(session, truth_s, 4.0, 19.7)
    assert hits == expected > 40


def test_the_button_in_mid_run_leaves_every_step_in_one_session(acted, truth_s):
    """Steps that had not settled belong to the session that ends; what comes after begins the next."""
    outcome = acted(button=[[14.0, 16.5]])
    first, second = outcome.sessions
    assert [session.seal["reason"] for session in (first, second)] == ["stopped by the button", "stopped by the host"]
    assert first.steps["time_ms"].max() > 15000 and second.steps["time_ms"].min() > first.steps["time_ms"].max()
    expected, hits, _ = found(first, truth_s, 4.0, 15.4)
    assert hits == expected > 25
    assert found(second, truth_s, 17.5, END_S - 1.0)[1] == found(second, truth_s, 17.5, END_S - 1.0)[0] > 20
    for session in (first, second):
        cued = np.count_nonzero(session.steps["outcome"] == OUTCOME_CODES["cued"])
        assert cued == len(session.cues["side"]) == session.seal["cues"]


def test_ctrl_c_during_a_write_gives_a_whole_log(run, calibration, tmp_path):
    """On a board it comes at any time: between a block's write and its place in the running CRC as well."""
    flash = tmp_path / "flash"
    prepare(flash, calibration, SETTINGS, main=INTERRUPTED_MAIN)
    session = act(run, flash, stop_s=23.0).session
    assert (session.verdict, session.seal["reason"], session.problems) == ("whole", "stopped by the host", [])
    assert session.seal["samples_lost"] > 0  # the write was under way


def test_without_a_calibration_the_log_says_so(run, tmp_path):
    flash = tmp_path / "flash"
    prepare(flash, None, SETTINGS)
    outcome = act(run, flash)
    (event,) = outcome.events("uncalibrated")
    assert event["time_ms"] < 4000 and not len(outcome.session.cues["side"])


def test_a_run_that_wakes_a_dozing_clip_misses_no_step(run, calibration, tmp_path, truth_s):
    """Still to the last digit for 40 s, 35 of them dozing, and the run is the first movement."""
    flash = tmp_path / "flash"
    prepare(flash, calibration, SETTINGS, main=DOZING_MAIN)
    first, still_s = int(PREPARED_S * run.imu_rate_hz), 40.0
    still = np.repeat(run.imu[first : first + 1], round(still_s * run.imu_rate_hz), axis=0)
    imu = np.concatenate((run.imu[:first], still, run.imu[first:]))
    session = act(replace(run, imu=imu), flash, stop_s=still_s + END_S).session
    session.steps["time_ms"] = session.steps["time_ms"] - 1000 * still_s
    expected, hits, errors = found(session, truth_s, 0.0, END_S - 1.0)
    assert hits == expected > 65 and abs(errors).max() < 15
    assert session.verdict == "whole" and session.seal["samples_lost"] == 0
    assert len(session.cues["side"]) >= 5


def test_cue_that_would_come_late_is_not_given(run, calibration, tmp_path):
    """After a stall of 1 s steps are decided long after their peaks; every step over the threshold asks for a cue."""
    flash = tmp_path / "flash"
    prepare(flash, calibration, SETTINGS | {"cue_refractory_steps": 0}, main=STALLING_MAIN % 1000)
    outcome = act(run, flash)
    late = outcome.events("late_cue")
    assert late and all(350 < event["value"] < 1400 for event in late)
    assert np.count_nonzero(outcome.session.steps["outcome"] == OUTCOME_CODES["late"]) == len(late)
    rows = outcome.session.ledger
    told = rows["latency_ms"][rows["outcome"] == OUTCOME_CODES["late"]]
    assert told.tolist() == [event["value"] for event in late]
    cues = outcome.session.cues
    assert len(cues["side"]) > 10 and cues["latency_ms"].max() <= 350
    on_ms = 1000 * np.array(outcome.cued)
    assert len(on_ms) == len(cues["time_ms"]) and np.abs(on_ms - cues["time_ms"]).max() < 2


def test_sensor_with_the_wrong_identity(acted):
    """It is not used; the log says what answered, and the application goes on until it is stopped."""
    outcome = acted(who_am_i=LSM6DSO16IS)
    assert "hipcue: stopped" in outcome.said
    (event,) = outcome.events("sensor_wrong")
    assert event["value"] == LSM6DSO16IS
    assert outcome.session.verdict == "whole" and len(outcome.session.steps["side"]) == 0


def refusal_of_a_stand(folder, **more):
    """Return what a stand is refused with; `more`: of the scene."""
    scene = write_rest_scene(folder / "scene", halts_s=[0.0], **more)
    with Twin(scene=scene) as twin, Clip(twin.port) as clip:
        clip.enter()
        with pytest.raises(HipCueError) as refusal:
            calibrate.stand(clip, 1.0)
    return refusal.value.message


def test_calibration_with_the_wrong_sensor(tmp_path):
    assert refusal_of_a_stand(tmp_path, who_am_i=LSM6DSO16IS) == (
        "The stand was refused: the motion sensor is not one that HipCue knows (identity 0x22, not 0x6C)."
    )


def test_calibration_with_a_sensor_that_repeats_itself(tmp_path):
    """It looks like the quietest of stands."""
    fault = {"kind": "imu_repeats", "at_s": 0.0, "for_s": 9999.0, "stays": True}
    assert refusal_of_a_stand(tmp_path, faults=[fault]) == (
        "The stand was refused: the motion sensor repeats itself: switch the clip off and on."
    )


def test_sensor_silent_for_three_seconds(acted, truth_s):
    """Logged once, with how long; steps go on as soon as it is back, at their right times."""
    outcome = acted(faults=[{"kind": "imu_silent", "from_s": 12.0, "to_s": 15.0}])
    session = outcome.session
    (silent,), (back,) = outcome.events("sensor_silent"), outcome.events("sensor_back")
    assert 12000 <= silent["time_ms"] <= 12100 and silent["value"] == 19  # ENODEV
    # It is tried again every second.
    assert 15000 <= back["time_ms"] <= 16200 and 2900 <= back["value"] <= 4200
    lost = sum(event["value"] for event in outcome.events("samples_lost"))
    assert lost == session.seal["samples_lost"]
    assert lost * SAMPLE_MS == pytest.approx(back["time_ms"] - silent["time_ms"], abs=200)
    assert session.verdict == "whole"
    assert len(steps_between(session, 12.3, 15.0)) == 0
    (stopped,), (_, again) = outcome.events("run_stopped"), outcome.events("run_started")
    seen = steps_between(session, 0.0, 13.0)
    assert (stopped["time_ms"], stopped["value"]) == (session.steps["time_ms"][seen[-1]], len(seen))
    assert (again["time_ms"], again["value"]) == (session.steps["time_ms"][seen[-1] + 1], len(seen))
    expected, hits, errors = found(session, truth_s, 17.0, END_S - 1)
    assert hits == expected > 25 and abs(errors).max() < 15
    after = steps_between(session, 15.0, END_S)
    assert session.steps["quality"][after[0]] & 0x0008
    assert np.count_nonzero(np.isfinite(session.steps["peak_drop_deg"][after])) > 10


def test_trace_over_a_gap(run, calibration, tmp_path):
    """Samples stand at their times on both sides of the gap, and none within it."""
    flash = tmp_path / "flash"
    prepare(flash, calibration, SETTINGS | {"trace": 1})
    outcome = act(run, flash, faults=[{"kind": "imu_silent", "from_s": 12.0, "to_s": 13.0}])
    time_s, obliquity_deg = outcome.session.trace.time_ms / 1000, outcome.session.trace.values
    within = (time_s > 12.05) & (time_s < 13.0)
    assert np.count_nonzero(within) == pytest.approx(0.95 * 208.832, abs=2)
    assert not outcome.session.trace.mask[within].any() and np.isnan(obliquity_deg[within]).all()
    running = (time_s > 5) & (time_s < END_S - 2)
    truth_deg = np.interp(time_s[running] + PREPARED_S, run.truth_t_s, run.truth_obliquity_deg)
    known = np.isfinite(obliquity_deg[running])
    errors = (obliquity_deg[running] - truth_deg)[known]
    assert len(errors) > 3000 and np.abs(errors).max() < 1.0


def test_sensor_silent_for_good_is_on_flash_though_the_power_goes(acted, truth_s):
    """A power cut costs the steps that were not settled yet, the last 12."""
    outcome = acted(stop=False, faults=[{"kind": "imu_silent", "from_s": 12.0, "to_s": 999.0}])
    assert outcome.session.verdict == "recording interrupted"
    assert len(outcome.events("sensor_silent")) == 1
    expected, hits, _ = found(outcome.session, truth_s, 3.0, 12.0 - 13 * 0.355)
    assert hits == expected > 10


def test_sensor_that_falls_back_to_its_power_on_state(acted, truth_s):
    """A dip of its supply: it is started again, and what it did not measure is counted."""
    outcome = acted(faults=[{"kind": "imu_reset", "at_s": 12.0}])
    session = outcome.session
    assert session.verdict == "whole" and session.seal["samples_lost"] > 0
    expected, hits, errors = found(session, truth_s, 15.0, END_S - 1)
    assert hits == expected > 30 and abs(errors).max() < 15


def test_nearly_full_flash(acted, run, calibration, tmp_path):
    """120 KB of flash, a trace, no journal: felt at the start and said; steps become a summary, and cues go on."""
    with_room = acted()
    flash = tmp_path / "nearly_full" / "flash"
    flash.parent.mkdir()
    settings = SETTINGS | {"trace": 1, "commit_period_s": 1}
    prepare(flash, calibration, settings, sectors=30, main=WITHOUT_JOURNAL_MAIN)
    outcome = act(run, flash)
    session = outcome.session
    assert (session.verdict, session.seal["reason"]) == ("whole", "stopped by the host")
    (low,), (begun,) = outcome.events("flash_low"), outcome.events("summaries_begun")
    assert outcome.events("trace_stopped") and not session.trace.mask.any()
    assert 0 < begun["value"] < 48 * 1024 < low["value"] < 30 * 4096 - 5 * 4096  # the reserve is not counted
    steps, minutes = session.steps, session.summaries
    assert len(steps["side"]) and steps["time_ms"].max() < minutes["time_ms"].min()
    summarised = minutes["steps_left"].sum() + minutes["steps_right"].sum() + minutes["steps_unsure"].sum()
    until_ms = minutes["time_ms"][-1] + minutes["length_ms"][-1]
    assert until_ms > 1000 * END_S - 1000  # a step that ends with the run may or may not be decided
    expected = np.count_nonzero(with_room.session.steps["time_ms"] < until_ms + 100)
    assert len(steps["side"]) + summarised == expected
    assert any(at_s > begun["time_ms"] / 1000 + 2 for at_s in outcome.cued)
    felt = [(motor, at_s) for at_s, motor, duty in outcome.motors if duty > 0 and at_s < 2.0]
    assert [motor for motor, _ in felt] == ["left", "right"] * 4


def test_flash_that_is_full_at_the_start(run, calibration, tmp_path):
    """Nothing is recorded, and no empty session is left; cues are given."""
    flash = tmp_path / "flash"
    prepare(flash, calibration, SETTINGS, sectors=12)
    outcome = act(run, flash)
    assert outcome.sessions == []
    assert outcome.said.count(FULL) == 1
    assert len(outcome.cued) >= 5


def test_power_cut_in_mid_run(acted, flash, run):
    """What was kept in the journal is there; the next recording is another session."""
    outcome = acted(faults=[{"kind": "power_cut_after_flash_operations", "count": 120}])
    assert outcome.exit_code == POWER_CUT_EXIT_CODE
    # What was on flash when the power went, as the next start has sealed it.
    assert outcome.session.verdict == "recording interrupted"
    assert outcome.session.seal["reason"] == "recovered after an interruption"
    assert len(outcome.session.steps["side"]) == outcome.session.seal["steps"] > 5
    (recovered,) = outcome.events("recovered")
    assert recovered["value"] >= outcome.session.seal["steps"]  # the file had none of them yet
    first, second = act(run, flash).sessions
    assert (first.number, first.verdict, second.number, second.verdict) == (1, "recording interrupted", 2, "whole")


@pytest.mark.parametrize("stall_ms, lost", [(1000, False), (2500, True)])
def test_a_long_stall(run, calibration, tmp_path, truth_s, stall_ms, lost):
    """The sensor's FIFO holds 1.2 s. What it could not hold is counted exactly: steps after stand at their times."""
    flash = tmp_path / "flash"
    prepare(flash, calibration, SETTINGS, main=STALLING_MAIN % stall_ms)
    outcome = act(run, flash)
    session = outcome.session
    assert session.verdict == "whole"
    events = outcome.events("samples_lost")
    assert session.seal["samples_lost"] == sum(event["value"] for event in events)
    (stall,) = outcome.events("flash_stall")
    assert stall_ms <= stall["value"] <= stall_ms + 200
    # From the steps that were in the FIFO on: the clock would hide a wrong count within two seconds.
    from_s = events[0]["time_ms"] / 1000 - 0.8 if lost else 4.0
    expected, hits, errors = found(session, truth_s, from_s, END_S - 1)
    assert hits == expected > (60 if not lost else 20) and abs(errors).max() < 15
    if lost:
        # 256 samples are in the FIFO, and up to a block's worth was due before the stall.
        assert (stall_ms / SAMPLE_MS) - 256 - 1 <= events[0]["value"] <= (stall_ms / SAMPLE_MS) - 256 + 20
        assert np.any(session.steps["quality"] & 0x0008)
    else:
        assert not events
