"""The command: exit codes, one sentence each, --json, instant help; what goes wrong at a port: test_wrong_uses.py."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from synthetic_log import sealed, step

from host_tools import cli
from host_tools.errors import INTEGRITY, INTERRUPTED, NO_CLIP, OK, USAGE


def run(capsys, *arguments):
    """Return (exit code, what was printed, the sentence on stderr)."""
    code = cli.main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err.strip()


@pytest.fixture
def logs(tmp_path):
    """A folder with a whole log, one cut short, one hurt and one that is no log."""
    data = b"".join(sealed(step(0), step(10)))
    (tmp_path / "whole.hcl").write_bytes(data)
    (tmp_path / "cut.hcl").write_bytes(data[:-100])
    hurt = bytearray(data)
    hurt[-600] ^= 1
    (tmp_path / "hurt.hcl").write_bytes(hurt)
    (tmp_path / "extra.hcl").write_bytes(data + b"?")
    (tmp_path / "none.hcl").write_bytes(bytes(2000))
    return tmp_path


def test_help_imports_nothing_heavy():
    code = "import sys; from host_tools import cli; cli.parser().format_help(); print(sorted(sys.modules))"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not any("'%s'" % name in modules for name in ("numpy", "scipy", "matplotlib", "serial", "mpremote", "shtab"))


@pytest.mark.parametrize("name", [row[0] for row in cli.COMMANDS])
def test_every_command_has_help_and_json(name, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main([name, "--help"])
    assert caught.value.code == OK
    assert "--json" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["fly"], ["sim"], ["sim", "--runner", "other"]])
def test_wrong_usage(arguments, capsys):
    code, out, sentence = run(capsys, *arguments)
    assert (code, out) == (USAGE, "") and sentence.startswith("hipcue") and sentence.endswith(" --help.")


def test_no_recording_folder(capsys, tmp_path):
    code, out, sentence = run(capsys, "sim", "--recording", str(tmp_path / "none"), "--out", str(tmp_path / "out"))
    assert (code, out, sentence) == (
        USAGE,
        "",
        "There is no recording folder %s; name one that holds meta.json and imu.csv." % (tmp_path / "none"),
    )
    assert not (tmp_path / "out").exists()


def test_error_as_json(capsys, tmp_path):
    code, out, sentence = run(capsys, "export", str(tmp_path / "none.hcl"), "--json")
    assert json.loads(out) == {"error": sentence, "exit_code": USAGE}
    assert code == USAGE and sentence == "There is no log %s; name a file that `hipcue pull` has made." % (
        tmp_path / "none.hcl"
    )


@pytest.mark.parametrize(
    ("name", "expected", "verdict"),
    [
        ("whole", OK, "whole"),
        ("cut", INTERRUPTED, "download interrupted"),
        ("hurt", 22, "damaged"),
        ("extra", INTEGRITY, "damaged"),
    ],
)
def test_export(capsys, logs, name, expected, verdict):
    code, out, _ = run(capsys, "export", str(logs / (name + ".hcl")), "--json")
    made = json.loads(out)
    assert (code, made["exit_code"], made["sessions"][0]["verdict"]) == (expected, expected, verdict)
    assert (logs / name / "steps.csv").exists()


def test_export_of_a_folder(capsys, logs):
    """Each log beside itself; one that is none is told and left out, and the gravest code counts."""
    code, out, said = run(capsys, "export", str(logs), "--json")
    assert code == 22 and "%s holds no whole block of a HipCue log" % (logs / "none.hcl") in said
    verdicts = [each["verdict"] for each in json.loads(out)["sessions"]]
    assert sorted(verdicts) == ["damaged", "damaged", "download interrupted", "whole"]
    assert sorted(path.parent.name for path in logs.glob("*/steps.csv")) == ["cut", "extra", "hurt", "whole"]


@pytest.mark.parametrize(("name", "made"), [("csv", "{log}/steps.csv"), ("bids", "dataset_description.json")])
def test_export_of_several_logs_into_one_folder(capsys, logs, name, made):
    """A folder for each, but one data set of BIDS."""
    chosen = [str(logs / (log + ".hcl")) for log in ("whole", "extra")]
    assert run(capsys, "export", *chosen, "--format", name, "--out", str(logs / "out"))[0] == INTEGRITY
    assert all((logs / "out" / made.format(log=log)).exists() for log in ("whole", "extra"))
    assert not (logs / "whole").exists()


def test_export_of_a_part_file_is_an_interrupted_download(capsys, logs):
    (logs / "some.hcl.part").write_bytes((logs / "whole.hcl").read_bytes()[:1536])
    assert run(capsys, "export", str(logs / "some.hcl.part"))[0] == INTERRUPTED


def test_export_of_what_is_no_log(capsys, logs):
    code, _, sentence = run(capsys, "export", str(logs / "none.hcl"))
    assert (code, sentence) == (
        INTEGRITY,
        "%s holds no whole block of a HipCue log; pull the session again." % (logs / "none.hcl"),
    )
    assert not (logs / "none").exists()


def test_unwritable_folder(capsys, logs):
    code, _, sentence = run(capsys, "export", str(logs / "whole.hcl"), "--out", str(logs / "none.hcl"))
    assert (code, sentence) == (USAGE, "%s: File exists; choose another name." % (logs / "none.hcl"))


def test_interrupted(capsys, monkeypatch, logs):
    def stop(path):
        raise KeyboardInterrupt

    monkeypatch.setattr("host_tools.archive.logs.read_log", stop)
    code, _, sentence = run(capsys, "export", str(logs / "whole.hcl"))
    assert (code, sentence) == (INTERRUPTED, "Interrupted; the same command can be run again.")


def board(device, vid=0x303A, pid=0x1001):
    return SimpleNamespace(device=device, vid=vid, pid=pid, serial_number="S-" + device, description="")


@pytest.mark.parametrize("ports", [[], [board("/dev/a", vid=0x046D)], [board("/dev/a", vid=None, pid=None)]])
def test_no_clip(capsys, monkeypatch, ports):
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: ports)
    code, _, sentence = run(capsys, "pull")
    assert (code, sentence) == (NO_CLIP, "No clip is plugged in; connect one, or name its port with --port.")
