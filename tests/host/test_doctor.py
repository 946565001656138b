"""doctor over the pseudo-terminal: each fault its line, its mend and the exit code; a recording is not disturbed."""

import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import time

import pytest
from halting import wait_for_halt

from host_tools import cli
from host_tools.clip.transport import Clip
from host_tools.doctor import checks
from host_tools.doctor import command as doctor
from host_tools.errors import INTEGRITY, INTERRUPTED, NOT_HIPCUE, OK, USAGE, HipCueError
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_recording_scene, write_rest_scene

NAMES = [
    "chip", "firmware", "ulab", "motion sensor", "  self-test", "muscle front end", "leads", "motors", "flash",
    "journal", "settings", "battery", "clock", "runner", "calibration",
]  # fmt: skip
ALWAYS = {"from_s": 0.0, "to_s": 1e6}
FILL_NVS = """
import esp32
other, key = esp32.NVS("other"), 0
for size in (4000, 1000, 200, 40, 1):
    try:
        while True:
            other.set_blob(str(key), bytes(size))
            key += 1
    except OSError:
        pass
"""
STORE_CALIBRATION = (
    "from hipcue import settings; level = dict(mount=[[1, 0, 0], [0, 1, 0], [0, 0, 1]], gyro_bias_rads=[0, 0, 0], "
    "gravity_mps2=9.8); level.update(%r); settings.store_calibration(level)"
)


pytestmark = pytest.mark.usefixtures("binary")


def twin(folder, **header):
    """A twin whose clock stands at 0, so that the application waits for its host."""
    scene = write_rest_scene(folder / "scene", **{"halts_s": [0.0], **header})
    return Twin(scene=scene, flash=folder / "flash")


def examine(capsys, port, *more):
    """Return (exit code, {name: line})."""
    code = cli.main(["doctor", "--port", port, "--json", *more])
    lines = json.loads(capsys.readouterr().out)["lines"]
    return code, {line["name"]: line for line in lines}


def of_twin(capsys, folder, before=None, **header):
    """Return what doctor says of a twin made by `header`, on which the code `before` was run."""
    with twin(folder, **header) as clip:
        if before:
            with Clip(clip.port) as console:
                console.enter()
                console.run(before)
        return examine(capsys, clip.port)


@pytest.mark.parametrize(("board", "leads"), [("esp32", "skipped"), ("s3", "ok")])
def test_sound_clip(capsys, tmp_path, board, leads):
    code, lines = of_twin(capsys, tmp_path, board=board)
    assert code == OK and list(lines) == NAMES
    statuses = {name: line["status"] for name, line in lines.items()}
    assert statuses.pop("leads") == leads
    assert statuses.pop("motors") == "skipped" and statuses.pop("calibration") == "todo"
    assert set(statuses.values()) == {"ok"}
    finding = lines["  self-test"]["finding"]
    found = re.fullmatch(r"accelerometer (\d+)/(\d+)/(\d+) mg, gyroscope 350/350/350 deg/s", finding)
    # Means of five readings, with the self-test less without; the noise of one is 1.12 mg (DS12814, 110 ug/sqrt(Hz)).
    assert [int(mg) for mg in found.groups()] == pytest.approx([400.0] * 3, abs=0.5 + 5 * 1.12 * (2 / 5) ** 0.5)


def test_a_journal_that_takes_nothing(capsys, tmp_path):
    """Another program's values have filled the partition."""
    code, lines = of_twin(capsys, tmp_path, before=FILL_NVS)
    assert code == INTEGRITY and lines["journal"]["status"] == "fail"
    assert "takes nothing" in lines["journal"]["finding"] and "erase-flash" in lines["journal"]["mend"]
    assert [name for name, line in lines.items() if line["status"] == "fail"] == ["journal"]


@pytest.mark.parametrize(
    ("header", "name", "finding", "mend"),
    [
        ({"faults": [{"kind": "imu_silent", **ALWAYS}]}, "motion sensor", "does not answer", "check its wires"),
        ({"board": "s3", "faults": [{"kind": "imu_silent", **ALWAYS}]}, "motion sensor", "not answer", "its wires"),
        ({"who_am_i": 0x22}, "motion sensor", "with identity 0x22 instead of 0x6C", "fit an LSM6DSOX"),
        ({"faults": [{"kind": "accel_self_test_weak"}]}, "  self-test", "accelerometer (19|2[01])/.* mg", "replace"),
        ({"faults": [{"kind": "gyro_self_test_weak"}]}, "  self-test", "gyroscope 60/60/60 deg/s", "replace"),
        ({"board": "s3", "emg_identity": 0}, "muscle front end", "identity 0x00", "check its wires"),
        ({"board": "s3", "faults": [{"kind": "emg_silent", **ALWAYS}]}, "muscle front end", "0xFF", "check its wires"),
        ({"battery_mv": 3400}, "battery", "3.40 V, below 3.50 V", "charge it"),
        ({"battery_mv": 0}, "battery", "0.00 V, which no LiPo cell has", "check the cell"),
    ],
)
def test_fault_of_a_part(capsys, tmp_path, header, name, finding, mend):
    code, lines = of_twin(capsys, tmp_path, **header)
    assert code == INTEGRITY and lines[name]["status"] == "fail"
    assert re.search(finding, lines[name]["finding"]) and mend in lines[name]["mend"]
    failed = [line["name"] for line in lines.values() if line["status"] == "fail"]
    assert failed == [name]


def test_leads_without_contact(capsys, tmp_path):
    faults = [{"kind": "lead_off", "lead": lead, **ALWAYS} for lead in ("IN1N", "IN2P")]
    code, lines = of_twin(capsys, tmp_path, board="s3", faults=faults)
    assert code == OK and lines["leads"]["status"] == "todo"
    assert lines["leads"]["finding"] == "no contact: left -, right +"


@pytest.mark.parametrize(
    ("before", "name", "status", "finding"),
    [
        (
            "with open('big', 'wb') as file:\n for _ in range(470): file.write(bytes(4096))",
            "flash", "fail", "0.6 h of running",
        ),
        (
            "from hipcue import settings; settings.change_config({})\n"
            "with open('/settings/config.json', 'w') as file: file.write('{')",
            "settings", "fail", "/settings/config.json was cut off",
        ),
        (
            STORE_CALIBRATION % {"unix_ms": 1000},
            "calibration", "todo", "days old",
        ),
        (
            STORE_CALIBRATION % {"bows": 5},
            "calibration", "ok", "of unknown age",
        ),
        (
            "from hipcue import console; console.clock(1800000000000)",
            "clock", "ok", "; it is set now",
        ),
    ],
)  # fmt: skip
def test_what_is_stored(capsys, tmp_path, before, name, status, finding):
    code, lines = of_twin(capsys, tmp_path, before)
    assert lines[name]["status"] == status and finding in lines[name]["finding"]
    assert code == (INTEGRITY if status == "fail" else OK)


@pytest.mark.parametrize(
    ("unix_ms", "finding"),
    [
        (None, "was not set since the power came; it is set now"),
        (1_800_000_000_000, "right within 0.1 s"),
        (1_799_999_990_000, "was 10 s slow; it is set now"),
        (1_800_000_010_000, "was 10 s fast; it is set now"),
    ],
)
def test_how_the_clock_stood(unix_ms, finding):
    power = {"unix_ms": unix_ms, "host_unix_ms": 1_800_000_000_000}
    assert checks.clock({"power": power}).finding == finding


def test_a_flash_that_takes_nothing(capsys, tmp_path):
    with twin(tmp_path) as clip, Clip(clip.port) as console:
        console.enter()
        console.run("from hipcue import settings; settings.change_config({'cue_margin_deg': 3.5})")
    code, lines = of_twin(capsys, tmp_path, faults=[{"kind": "flash_read_only"}])
    assert code == INTEGRITY and lines["flash"]["status"] == "fail" and lines["settings"]["status"] == "ok"
    assert lines["flash"]["finding"] == "/settings/probe cannot be read or written (error 5)"
    assert "hipcue recover" in lines["flash"]["mend"]


@pytest.mark.parametrize(("sessions", "told"), [(0, "0 sessions"), (1, "1 session"), (2, "2 sessions")])
def test_sessions_are_counted_in_words(sessions, told):
    facts = {"stored": {"free_bytes": 1_000_000, "flash_bytes": 2_000_000, "sessions": sessions, "failed": []}}
    assert checks.flash(facts).finding.endswith("; " + told)


PROGRAMME = (
    "from hipcue import settings, programme; settings.change_config({'programme_sessions': 8}); "
    "config = settings.load_config()[0]; now = programme.Programme(config); now.session = %d; now.whole_ms = 725000; "
    "settings.store_progress(now.progress(None, True))"
)


@pytest.mark.parametrize(
    ("session", "finding"),
    [
        # Eight sessions, faded over the last four (Willy et al. 2012): by a quarter each, none in the last.
        (1, "session 1 of 8, feedback planned for 100 %; 12 min run in it"),
        (6, "session 6 of 8, feedback planned for 50 %; 12 min run in it"),
        (8, "session 8 of 8, feedback planned for 0 %; 12 min run in it"),
        (9, "session 9, after the 8 with feedback: none planned; 12 min run in it"),
        (11, "all its 8 sessions, and those of retention, are over"),
    ],
)
def test_programme(capsys, tmp_path, session, finding):
    code, lines = of_twin(capsys, tmp_path, PROGRAMME % session)
    assert code == OK and lines["programme"]["status"] == "ok" and lines["programme"]["finding"] == finding


def test_programme_of_a_clip_that_records():
    """As its answer tells (see test_live); firmware that tells of none has no line."""
    assert doctor._of_programme({"recording": True}) == []


class Person:
    """Somebody at the terminal who types `words`, one a question."""

    def __init__(self, words):
        self.words = iter(words)

    def isatty(self):
        return True

    def readline(self):
        return next((word + "\n" for word in self.words), "")


@pytest.mark.parametrize(
    ("words", "status", "finding"),
    [
        (("l", "r"), "ok", "left is left, right is right"),
        (("Right", "left"), "FAIL", "left and right are swapped"),
        (("l", "n"), "FAIL", "not felt as it should be: right"),
    ],
)
def test_motors_are_asked_for(capsys, monkeypatch, tmp_path, words, status, finding):
    monkeypatch.setattr("sys.stdin", Person(words))
    with twin(tmp_path, motor_log=str(tmp_path / "motors")) as clip:
        code = cli.main(["doctor", "--port", clip.port])
    said = capsys.readouterr().out.split("[l/r/n] ")
    assert (
        len(said) == 3
        and said[2].splitlines()[0].split(None, 2) == [status, "motors", finding]
        and code == (OK if status == "ok" else INTEGRITY)
    )
    motors = [json.loads(line) for line in (tmp_path / "motors").read_text().splitlines()]
    assert [(row["motor"], row["duty"]) for row in motors] == [
        ("left", 0.8), ("left", 0.0), ("right", 0.8), ("right", 0.0),
    ]  # fmt: skip


def test_motors_run_again_until_somebody_answers(capsys, monkeypatch, tmp_path):
    """Enter, a slip of the finger, left; then the end of the input: nobody is there for the right one."""
    monkeypatch.setattr("sys.stdin", Person(["", "x", "l"]))
    with twin(tmp_path, motor_log=str(tmp_path / "motors")) as clip:
        assert cli.main(["doctor", "--port", clip.port]) == OK
    assert "need somebody to feel them" in capsys.readouterr().out
    motors = [json.loads(line) for line in (tmp_path / "motors").read_text().splitlines()]
    assert [row["motor"] for row in motors if row["duty"]] == ["left"] * 3 + ["right"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_whatever_ends_the_command_the_clip_runs_again(number):
    """Its window is closed while it waits for an answer, which two programs tell it: the next run is recorded."""

    def heed():
        signal.signal(number, signal.SIG_DFL)  # under nohup the tests have it ignored

    with Twin() as clip:
        far, near = pty.openpty()
        command = [sys.executable, "-m", "host_tools.cli", "doctor", "--port", clip.port]
        with subprocess.Popen(command, stdin=near, stdout=near, stderr=near, preexec_fn=heed) as process:
            said = b""
            while b"[l/r/n] " not in said:
                said += os.read(far, 1000)
            time.sleep(0.3)  # until it reads: a signal right before that waits for the next key
            for _ in range(1 if number == signal.SIGINT else 2):
                process.send_signal(number)
            assert process.wait(20) == INTERRUPTED
        os.close(far)
        os.close(near)
        with Clip(clip.port) as after:
            assert after.ask_app()["recording"] is False


def test_every_line_that_is_not_well_has_one_mend(capsys, tmp_path):
    faults = [{"kind": "imu_silent", **ALWAYS}]
    _, lines = of_twin(capsys, tmp_path, faults=faults, battery_mv=3400)
    for line in lines.values():
        assert bool(line["mend"]) == (line["status"] in ("fail", "todo"))


def test_recording_is_not_disturbed(capsys, tmp_path, minute):
    """The clock stands at each halt until something comes: a question each, as many as are asked here."""
    halts_s = [50.0 + 0.5 * k for k in range(10)]
    write_recording_scene(tmp_path / "scene", minute, halts_s=halts_s, progress=str(tmp_path / "progress"))
    with Twin(scene=tmp_path / "scene", flash=tmp_path / "flash") as clip:
        wait_for_halt(tmp_path / "progress", halts_s[0])
        steps = 0
        for _ in range(3):
            code, lines = examine(capsys, clip.port)
            assert code == OK and list(lines) == ["recording", "firmware", "all else"]
            assert lines["all else"]["status"] == "skipped"
            seen = int(lines["recording"]["finding"].split(", ")[1].split()[0])
            assert seen >= max(steps, 40)
            steps = seen
        with Clip(clip.port) as console:
            answer = console.ask_app()
            assert answer["recording"] and answer["steps"] >= steps


def test_bundle_holds_nothing_of_the_body(capsys, tmp_path):
    """Neither who nor calibration, muscles, steps or training, whatever the clip holds: 9876, 4711, 1234 or 6.54."""
    before = (
        "import os\nfrom hipcue import settings\nsettings.change_config({'cue_margin_deg': 6.54})\n"
        "settings.store_runner('K-9876')\n"
        + STORE_CALIBRATION % {"unix_ms": 1000, "gravity_mps2": 4711, "mvic_uv": [4711, 4711]}
        + "\nos.mkdir('/log')\n"
        "with open('/log/00000001.hcl', 'w') as file: file.write('4711')"
    )
    scene = json.dumps({"imu_rate_hz": 208.0, "halts_s": [0.0], "envelope_rate_hz": 1.0, "envelope_samples": 1})
    (tmp_path / "scene").write_bytes(scene.encode() + b"\n" + struct.pack("<2f", 1.234, 1.234))
    with Twin(scene=tmp_path / "scene", flash=tmp_path / "flash") as clip:
        with Clip(clip.port) as console:
            console.enter()
            console.run(before)
        _, lines = examine(capsys, clip.port, "--bundle", str(tmp_path / "support.json"))
    assert "1234" in lines["muscle front end"]["finding"]
    text = (tmp_path / "support.json").read_text()
    bundle = json.loads(text)
    assert "9876" not in text and lines["runner"]["finding"] == "K-9876"
    assert not re.search(r"\b(4711|1234|1\.234|6\.54)\b", text)  # as a number of its own, not within another
    assert bundle["settings"]["imu_rate_hz"] == 208
    assert [line["name"] for line in bundle["lines"]] == [name for name in NAMES if name != "runner"]
    assert bundle["facts"]["stored"]["sessions"] == 1 and bundle["facts"]["imu"]["passed"]
    assert bundle["host"]["packages"]["mpremote"]


def test_bundle_that_cannot_be_written_is_refused_first(capsys, tmp_path):
    for path in (tmp_path, tmp_path / "none" / "support.json"):
        assert cli.main(["doctor", "--port", "/dev/no-such-port", "--bundle", str(path)]) == USAGE
        assert "support" in capsys.readouterr().err or path == tmp_path


def test_micropython_without_ulab(monkeypatch):
    class Bare:
        port = "/dev/x"

        def hello(self):
            raise HipCueError("holds no HipCue firmware", NOT_HIPCUE)

        def run(self, code):
            raise HipCueError("The clip reports: ImportError: no module named 'ulab'.", NOT_HIPCUE)

    with pytest.raises(HipCueError, match="has no ulab; flash an image that has it") as caught:
        doctor._check_firmware(Bare())
    assert caught.value.exit_code == NOT_HIPCUE
