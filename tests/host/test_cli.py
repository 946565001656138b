"""The command: exit codes, one sentence each, --json, instant help."""

import json
import os
import pty
import subprocess
import sys
import threading
import tty
from types import SimpleNamespace

import pytest
import serial
from synthetic_log import sealed, step

from host_tools import cli, transport
from host_tools.errors import INTEGRITY, INTERRUPTED, NO_CLIP, NOT_HIPCUE, OK, PORT_BUSY, SEVERAL_CLIPS, USAGE


def run(capsys, *arguments):
    """Return (exit code, what was printed, the sentence on stderr)."""
    code = cli.main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err.strip()


@pytest.fixture
def terminal(monkeypatch):
    """A pseudo-terminal: (file descriptor of the far end, name of the port)."""
    monkeypatch.setattr(transport, "ANSWER_S", 0.3)
    far, near = pty.openpty()
    tty.setraw(near)
    yield far, os.ttyname(near)
    os.close(far)
    os.close(near)


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
    assert not any("'%s'" % name in modules for name in ("numpy", "scipy", "matplotlib", "serial", "mpremote"))


@pytest.mark.parametrize("name", [row[0] for row in cli.COMMANDS])
def test_every_command_has_help_and_json(name, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main([name, "--help"])
    assert caught.value.code == OK
    assert "--json" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["fly"], ["sim"], ["sim", "--runner", "other"]])
def test_wrong_usage(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == USAGE


def test_no_recording_folder(capsys, tmp_path):
    code, out, sentence = run(capsys, "sim", "--recording", str(tmp_path / "none"), "--out", str(tmp_path / "out"))
    assert (code, out, sentence) == (USAGE, "", "There is no recording folder %s." % (tmp_path / "none"))
    assert not (tmp_path / "out").exists()


def test_error_as_json(capsys, tmp_path):
    code, out, sentence = run(capsys, "export", str(tmp_path / "none.hcl"), "--json")
    assert json.loads(out) == {"error": sentence, "exit_code": USAGE}
    assert code == USAGE and sentence == "There is no log %s." % (tmp_path / "none.hcl")


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
    assert (code, made["exit_code"], made["verdict"]) == (expected, expected, verdict)
    assert (logs / name / "steps.csv").exists()


def test_export_of_a_part_file_is_an_interrupted_download(capsys, logs):
    (logs / "some.hcl.part").write_bytes((logs / "whole.hcl").read_bytes()[:1536])
    assert run(capsys, "export", str(logs / "some.hcl.part"))[0] == INTERRUPTED


def test_export_of_what_is_no_log(capsys, logs):
    code, _, sentence = run(capsys, "export", str(logs / "none.hcl"))
    assert (code, sentence) == (INTEGRITY, "%s holds no whole block of a HipCue log." % (logs / "none.hcl"))
    assert not (logs / "none").exists()


def test_unwritable_folder(capsys, logs):
    code, _, sentence = run(capsys, "export", str(logs / "whole.hcl"), "--out", str(logs / "none.hcl"))
    assert (code, sentence) == (USAGE, "%s: File exists." % (logs / "none.hcl"))


def test_interrupted(capsys, monkeypatch, logs):
    def stop(path):
        raise KeyboardInterrupt

    monkeypatch.setattr("host_tools.logs.read_log", stop)
    code, _, sentence = run(capsys, "export", str(logs / "whole.hcl"))
    assert (code, sentence) == (INTERRUPTED, "Interrupted; the same command can be run again.")


def board(device, vid=0x303A, pid=0x1001):
    return SimpleNamespace(device=device, vid=vid, pid=pid, serial_number="S-" + device, description="")


@pytest.mark.parametrize("ports", [[], [board("/dev/a", vid=0x046D)], [board("/dev/a", vid=None, pid=None)]])
def test_no_clip(capsys, monkeypatch, ports):
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: ports)
    code, _, sentence = run(capsys, "pull")
    assert (code, sentence) == (NO_CLIP, "No clip is plugged in; connect one, or name its port with --port.")


def test_several_clips(capsys, monkeypatch):
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: [board("/dev/a"), board("/dev/b", 0x10C4, 0xEA60)])
    code, _, sentence = run(capsys, "calibrate")
    expected = "Several boards are plugged in: /dev/a (S-/dev/a), /dev/b (S-/dev/b); choose one with --port."
    assert (code, sentence) == (SEVERAL_CLIPS, expected)


def test_no_such_port(capsys):
    code, _, sentence = run(capsys, "pull", "--port", "/dev/no-such-port")
    assert (code, sentence) == (NO_CLIP, "There is no port /dev/no-such-port; is the clip plugged in?")


def test_busy_port(capsys, terminal):
    with serial.Serial(terminal[1], exclusive=True):
        code, _, sentence = run(capsys, "pull", "--port", terminal[1])
    assert (code, sentence) == (PORT_BUSY, "Another program uses %s; close it and try again." % terminal[1])


def test_file_in_place_of_a_port(capsys, logs):
    code, _, sentence = run(capsys, "pull", "--port", str(logs / "whole.hcl"))
    assert (code, sentence) == (NOT_HIPCUE, "%s is not a serial port." % (logs / "whole.hcl"))


def test_silent_device(capsys, terminal):
    code, out, sentence = run(capsys, "pull", "--port", terminal[1])
    expected = "What is on %s does not answer as MicroPython; is this the clip's port?" % terminal[1]
    assert (code, out, sentence) == (NOT_HIPCUE, "", expected)


def test_device_that_talks_of_something_else(capsys, terminal):
    os.write(terminal[0], b"$GPGGA,123519,4807.038,N\r\n" * 20)
    code, out, _ = run(capsys, "pull", "--port", terminal[1])
    assert (code, out) == (NOT_HIPCUE, "")


def test_micropython_without_hipcue(capsys, terminal):
    thread = threading.Thread(target=_answer_as_bare_micropython, args=(terminal[0],), daemon=True)
    thread.start()
    code, _, sentence = run(capsys, "pull", "--port", terminal[1])
    expected = "%s answers as MicroPython, but holds no HipCue firmware; `hipcue deploy` puts it there." % terminal[1]
    assert (code, sentence) == (NOT_HIPCUE, expected)


def _answer_as_bare_micropython(far):
    """Speak the raw REPL as a board without our packages does: prints work, an import of ours does not."""
    received = b""
    while b"hipcue" not in received or not received.endswith(b"\x04"):
        received += os.read(far, 1)
        if received.endswith(b"\r\x01"):
            os.write(far, b"raw REPL; CTRL-B to exit\r\n>")
            received = b""
        elif received.endswith(b"\x05A\x01"):
            os.write(far, b"R\x00")
            received = b""
        elif received.startswith(b"print(") and received.endswith(b"\x04"):
            os.write(far, b"OK" + received[7:-3] + b"\r\n\x04\x04>")
            received = b""
    os.write(far, b"OK\x04Traceback (most recent call last):\r\nImportError: no module named 'hipcue'\r\n\x04>")
