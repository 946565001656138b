"""The whole way on the twin: recording, sensors, firmware, log, CSV; and the commands against a running clip."""

import csv
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from halting import AT_CALIBRATE_S

from host_tools import cli
from host_tools.clip.transport import connected
from host_tools.errors import HipCueError
from host_tools.runners.people import Clip
from host_tools.runners.record import record
from host_tools.runners.scenario import Lean, Scenario, Stretch, easy_run
from host_tools.sim.command import _check_app, _default_out
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_recording_scene, write_scene

SHARED = Path(__file__).parents[3] / "shared/data/recordings"
SHORT = Scenario(
    name="short",
    duration_s=60.0,
    stretches=(easy_run(20.0, 58.0),),
)
IMU_HEADER = "t_s,ax_mps2,ay_mps2,az_mps2,gx_rads,gy_rads,gz_rads"


@pytest.fixture(scope="module")
def short(binary):
    return record(SHORT)


@pytest.fixture(scope="module")
def folder(short, tmp_path_factory):
    """The short run as a recording folder with truth."""
    folder = tmp_path_factory.mktemp("short")
    (folder / "meta.json").write_text(json.dumps(short.meta))
    np.savetxt(folder / "imu.csv", np.column_stack([short.t_s, short.imu]), "%.6f", ",", header=IMU_HEADER, comments="")
    columns = list(short.truth_steps)
    with (folder / "truth_steps.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*(short.truth_steps[name].tolist() for name in columns), strict=True))
    truth = np.column_stack([short.truth_t_s, short.truth_obliquity_deg, short.truth_running])
    np.savetxt(folder / "truth_obliquity.csv", truth, "%.6f", ",", header="t_s,obliquity_deg,running", comments="")
    return folder


def sim(capsys, *arguments):
    """Return (exit code, result, sentences on stderr) of `hipcue sim ... --json`."""
    code = cli.main(["sim", *map(str, arguments), "--json"])
    captured = capsys.readouterr()
    return code, json.loads(captured.out), captured.err


@pytest.fixture(scope="module")
def traced(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("traced")
    assert cli.main(["sim", "--recording", str(folder), "--out", str(out), "--trace", "--score"]) == 0
    return out


def test_files(traced):
    names = {path.name for path in traced.iterdir()}
    tables = {"steps.csv", "cues.csv", "events.csv", "programme.csv", "obliquity.csv", "columns.json"}
    assert names == tables | {"024849504355-00000001.hcl", "report.html", "score.json"}


def test_score_of_a_made_up_run(traced):
    """Loose bounds: sign, side, unit and clock are right; how close is the accuracy command's to say."""
    score = json.loads((traced / "score.json").read_text())
    assert score["truth_steps"] > 70
    assert score["found_share"] >= 0.97 and score["side_right_share"] >= 0.97 and score["valid_share"] >= 0.95
    assert score["peak_drop_deg"]["rms"] <= 1.0
    assert abs(score["initial_contact_ms"]["bias"]) <= 30
    assert score["obliquity_zero_mean_rmse_deg"] <= 0.5


def test_steps_stand_on_the_clock_of_the_recording(traced, short):
    with (traced / "steps.csv").open() as file:
        rows = list(csv.DictReader(file))
    times_s = np.array([float(row["t_s"]) for row in rows])
    truth_s = short.truth_steps["t_ic_s"]
    nearest_s = np.abs(times_s[:, None] - truth_s[None, :]).min(axis=1)
    assert np.median(nearest_s) < 0.03
    # The folder holds no emg.csv.
    assert all(row["emg_gmed_left_uv"] == row["emg_gmed_left_quality"] == "" for row in rows)


def test_the_same_run_twice_gives_the_same_bytes(capsys, folder, tmp_path):
    for out in (tmp_path / "a", tmp_path / "b"):
        assert sim(capsys, "--recording", folder, "--out", out)[0] == 0
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "b").iterdir())
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_result_as_json(capsys, folder, tmp_path):
    code, result, stderr = sim(capsys, "--recording", folder, "--out", tmp_path)
    assert (code, result["exit_code"], result["verdict"], result["calibration"], stderr) == (0, 0, "whole", "ok", "")
    assert result["valid_steps"] <= result["steps"]
    assert result["first_third_deg"]["left"] == pytest.approx(result["last_third_deg"]["left"], abs=1.0)
    assert Path(result["report"]).exists()


def test_uncalibrated_without_still_and_bows(capsys, folder, tmp_path):
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "imu.csv").write_bytes((folder / "imu.csv").read_bytes())
    (bare / "meta.json").write_text(
        json.dumps({"name": "bare", "imu_rate_hz": json.loads((folder / "meta.json").read_text())["imu_rate_hz"]})
    )
    code, result, stderr = sim(capsys, "--recording", bare, "--out", tmp_path / "out")
    assert code == 0
    assert stderr.startswith("The recording names no still_s and bows_s: the run is uncalibrated")
    assert result["calibration"].startswith("none") and result["steps"] > 0 and result["valid_steps"] == 0


def test_science_build(capsys, folder, traced, tmp_path):
    """The motion sensor on SPI sees what it sees on I2C; the muscle front end is another one, without envelopes."""
    code, result, stderr = sim(capsys, "--recording", folder, "--out", tmp_path, "--board", "s3", "--score")
    assert (code, stderr) == (0, "")
    scores = [json.loads((out / "score.json").read_text()) for out in (traced, tmp_path)]
    assert scores[0]["matched_steps"] == scores[1]["matched_steps"]
    assert scores[0]["peak_drop_deg"]["rms"] == pytest.approx(scores[1]["peak_drop_deg"]["rms"], abs=0.05)


def test_score_without_truth_is_refused_before_the_run(capsys, folder, tmp_path):
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("imu.csv", "meta.json"):
        (bare / name).write_bytes((folder / name).read_bytes())
    code, result, _ = sim(capsys, "--recording", bare, "--out", tmp_path / "out", "--score")
    assert (code, result["error"]) == (2, "The recording short has no truth_steps.csv; leave out --score.")
    assert not (tmp_path / "out").exists()


def test_out_that_is_a_file(capsys, folder, tmp_path):
    (tmp_path / "out").write_text("mine")
    code, _, stderr = sim(capsys, "--recording", folder, "--out", tmp_path / "out")
    assert (code, stderr) == (2, "%s is a file; --out names a folder.\n" % (tmp_path / "out"))
    assert (tmp_path / "out").read_text() == "mine"


def test_no_twin_binary(capsys, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("MICROPYTHON", str(tmp_path / "none"))
    code, _, stderr = sim(capsys, "--recording", folder, "--out", tmp_path / "out")
    assert code == 10
    assert "MICROPYTHON names %s" % (tmp_path / "none") in stderr
    assert not (tmp_path / "out").exists()


def test_firmware_that_stops_is_told():
    said = "raw\r\n>>> \r\nMPY: soft reboot\r\nTraceback:\r\nValueError: no\r\nMicroPython v1.25.0; x\r\n>>> "
    with pytest.raises(HipCueError, match="The firmware stopped at 1.5 s: ValueError: no."):
        _check_app(said, 1500)
    _check_app(said[: said.index("Traceback")], 1500)


def test_default_out_is_the_recordings_name():
    assert _default_out("demo") == Path("out/demo")


@pytest.mark.parametrize("name", ["", ".", "..", "../mine", "/tmp/mine", "a/b"])
def test_name_that_leads_out_of_the_default_folder(name):
    with pytest.raises(HipCueError, match="cannot name a folder; say where with --out") as refusal:
        _default_out(name)
    assert refusal.value.exit_code == 2


@pytest.fixture
def clip(short, tmp_path):
    """A twin that lies on the short run's sensors and waits at power-on for its host."""
    write_recording_scene(tmp_path / "scene", short, halts_s=AT_CALIBRATE_S, progress=str(tmp_path / "progress"))
    with Twin(scene=tmp_path / "scene") as twin:
        yield twin


def wait_for_halt(progress, at_s):
    """Wait until the twin stands still at `at_s` of its scene, or has gone past: a late enquiry wakes it."""
    for _ in range(600):
        words = progress.read_text().split()
        if words and int(words[0]) >= 1000 * at_s - 100:
            return
        time.sleep(0.1)
    raise AssertionError("the twin does not come to %g s of its scene" % at_s)


def run(capsys, *arguments):
    code = cli.main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_calibrate(capsys, clip):
    code, out, _ = run(capsys, "calibrate", "--port", clip.port, "--runner", "R017", "--json")
    made = json.loads(out)
    assert (code, made["bows"]["bows"], made["runner"]) == (0, 5, "R017")
    assert made["path"].endswith("calibration-R017.json")
    assert made["stand"]["gravity_mps2"] == pytest.approx(9.81, abs=0.2)
    # What the modelled sensor adds, forwards; 0.7 % between its axes' scales are 0.07 m/s2 of gravity.
    mount, added = np.array(made["bows"]["mount"]), np.array(Clip().accel_bias_mps2)
    assert mount[0] @ made["bows"]["accel_bias_mps2"] == pytest.approx(mount[0] @ added, abs=0.07)


def test_calibrate_refuses_and_keeps_the_old_one(capsys, short, tmp_path):
    """Switched on again within the run: no quiet stand."""
    write_recording_scene(tmp_path / "whole", short, halts_s=AT_CALIBRATE_S)
    with Twin(scene=tmp_path / "whole", flash=tmp_path / "flash") as clip:
        assert run(capsys, "calibrate", "--port", clip.port)[0] == 0
    running = short.imu[round(30.0 * short.imu_rate_hz) :]
    write_scene(tmp_path / "run", running, short.imu_rate_hz, halts_s=AT_CALIBRATE_S)
    with Twin(scene=tmp_path / "run", flash=tmp_path / "flash") as clip:
        code, _, stderr = run(capsys, "calibrate", "--port", clip.port)
        assert code == 30
        assert stderr.startswith("The stand was refused: ") and stderr.count("\n") == 1
        with connected(clip.port) as (_, hello):
            assert hello["calibrated"] is True


CHECK_FROM_S = 21.0
# After stand and bows, from CHECK_FROM_S on: 5 s on the left foot, then 8 s to hop on it.
CHECK = replace(
    SHORT,
    name="check",
    stretches=(Stretch("hop left", 26.2, 31.5, steps_per_min=130.0, speed_mps=0.0),),
    leans=(Lean(19.5, 40.0, 2.0, over_s=0.8),),
)


@pytest.fixture
def calibrated(capsys, short, tmp_path):
    """Return a function that switches the calibrated clip on again within a recording."""
    write_recording_scene(tmp_path / "whole", short, halts_s=AT_CALIBRATE_S)
    with Twin(scene=tmp_path / "whole", flash=tmp_path / "flash") as clip:
        assert run(capsys, "calibrate", "--port", clip.port)[0] == 0

    def on(recording):
        later = recording.imu[round(CHECK_FROM_S * recording.imu_rate_hz) :]
        write_scene(tmp_path / "later", later, recording.imu_rate_hz, halts_s=AT_CALIBRATE_S)
        return Twin(scene=tmp_path / "later", flash=tmp_path / "flash")

    return on


def stored_calibration(clip):
    with connected(clip.port) as (link, _):
        return link.exec_json(
            "import json; from hipcue import settings; print(json.dumps(settings.load_calibration()))"
        )


def test_calibrate_side(capsys, calibrated):
    """The template joins the calibration, which keeps its mount."""
    with calibrated(record(CHECK)) as clip:
        code, out, _ = run(capsys, "calibrate", "side", "--port", clip.port, "--json")
        made = json.loads(out)
        assert code == 0 and made["left_stand"]["obliquity_deg"] == pytest.approx(2.0, abs=0.2)
        assert 5 <= made["hops"]["hops"] <= 10 and all(limit > 2 for limit in made["hops"]["side_template"])
        stored = stored_calibration(clip)
        assert stored["side_template"] == made["hops"]["side_template"] and len(stored["mount"]) == 3
        assert stored["left_foot"]["obliquity_deg"] == made["left_stand"]["obliquity_deg"]


def test_calibrate_side_of_an_uncalibrated_clip_is_refused(capsys, clip):
    code, _, stderr = run(capsys, "calibrate", "side", "--port", clip.port)
    assert (code, stderr.strip()) == (
        30,
        "The stand on the left foot was refused: the clip is not calibrated: stand and bow first.",
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"stretches": SHORT.stretches}, "The stand on the left foot was refused: the clip moved"),
        ({"stretches": ()}, "The hops were refused: only 0 hops were seen"),
        (
            {"leans": (Lean(19.5, 40.0, 25.0, over_s=0.8),)},
            "The stand on the left foot was refused: the clip does not sit",
        ),
    ],
)
def test_calibrate_side_says_what_was_wrong_and_keeps_the_calibration(capsys, calibrated, change, sentence):
    """A wearer who runs, one who does not hop, one whose clip was moved."""
    with calibrated(record(replace(CHECK, **change))) as clip:
        before = stored_calibration(clip)
    with calibrated(record(replace(CHECK, **change))) as clip:
        code, _, stderr = run(capsys, "calibrate", "side", "--port", clip.port)
        assert code == 30 and stderr.startswith(sentence) and stderr.count("\n") == 1
        assert stored_calibration(clip) == before and "side_template" not in before


def test_pull_twice(capsys, clip, tmp_path):
    """The first pull stops the application at power-on, when it has nothing; the second finds the run recorded."""
    pull = ("pull", "--port", clip.port, "--out", str(tmp_path / "logs"))
    code, out, _ = run(capsys, *pull)
    assert (code, out.splitlines()[0]) == (0, "The clip holds no session.")
    wait_for_halt(tmp_path / "progress", SHORT.duration_s)
    first = json.loads(run(capsys, *pull, "--json", "--yes")[1])
    (session,) = first["sessions"]
    assert session["verdict"] == "whole" and session["steps"] > 0 and session["runner"] is None
    assert session["bytes_came"] == session["bytes_on_clip"] == Path(session["path"]).stat().st_size
    folder = tmp_path / "logs" / "024849504355"
    assert first["folders"] == [str(folder)] and session["path"] == str(folder / "024849504355-00000001.hcl")
    assert {path.name for path in folder.iterdir()} == {Path(session["path"]).name, "contacts.jsonl", "index.json"}
    before = everything(tmp_path / "logs")
    second = json.loads(run(capsys, *pull, "--json")[1])
    assert second["sessions"] == [session | {"bytes_came": 0}]
    assert everything(tmp_path / "logs") == before
    Path(session["path"]).unlink()
    Path(session["path"]).write_bytes(Path(first["folders"][0], "index.json").read_bytes())
    code, _, sentence = run(capsys, *pull)
    assert code == 21 and sentence.startswith("%s has changed since it came" % session["path"])


def everything(folder):
    """Return all below `folder`: bytes, permissions and times."""
    return {
        path: (path.is_file() and path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in [folder, *folder.rglob("*")]
    }


def test_a_clip_is_told_what_is_verified_here(capsys, clip, tmp_path):
    """And told but once; an erased session's number is not used again."""
    ask = "from hipcue import storage; storage.status()"
    arguments = ("--port", clip.port, "--out", str(tmp_path / "logs"), "--yes")
    run(capsys, "pull", *arguments)  # stops the application at power-on
    wait_for_halt(tmp_path / "progress", SHORT.duration_s)
    run(capsys, "pull", *arguments)
    with connected(clip.port) as (near, _):
        assert near.exec_json(ask) | {"sessions": 1, "unverified": []} == near.exec_json(ask)
    code, _, stderr = run(capsys, "pull", *arguments)
    assert (code, stderr) == (0, "")
    assert run(capsys, "erase", *arguments)[0] == 0
    with connected(clip.port) as (near, _):
        numbers = "import json; from hipcue.store.folder import *; print(json.dumps([numbers(), next_number()]))"
        assert near.exec_json(numbers) == [[], 2]


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared data is not here")
def test_shared_recording(capsys, short, tmp_path):
    code, result, _ = sim(capsys, "--recording", SHARED / "rbds001-2.5mps", "--out", tmp_path, "--trace", "--score")
    assert code == 0
    assert result["score"]["found_share"] >= 0.97
    assert result["score"]["side_right_share"] >= 0.97
    assert result["score"]["peak_drop_deg"]["rms"] <= 1.0
