"""What a user can do wrong, as a table: each prints one sentence with cause and mend, and gives the right exit code.

A row's setup gets the folder that `place` has filled and returns what the
command's arguments name; new commands add rows. Whatever was there before is
untouched after. Where it takes a denied file or a full disk, the program runs
as a process without the rights of root, on a file system of its own.
"""

import contextlib
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
import tty
from pathlib import Path
from types import SimpleNamespace

import pytest
import serial
from run_log import run_log, write_flash
from synthetic_log import CLIP, pack, sealed, step

from hipcue.contract import record
from host_tools import cli, errors
from host_tools.archive.runner_folder import log_name
from host_tools.clip import transport
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_rest_scene

HIPCUE = str(Path(sys.executable).with_name("hipcue"))
LOG = b"".join(sealed(step(0) + step(355), step(10)))
IMU = "t_s,ax_mps2,ay_mps2,az_mps2,gx_rads,gy_rads,gz_rads\n"


def newer_log():
    """A whole log of a contract version that is yet to come."""
    blocks = []
    for old in sealed(step(0)):
        frame = bytearray(old)
        frame[4] = record.CONTRACT_VERSION + 1
        frame[record.CRC_OFFSET :] = record.crc32(bytes(frame[: record.CRC_OFFSET])).to_bytes(4, "little")
        blocks.append(bytes(frame))
    return b"".join(blocks)


def recording(folder, meta='{"name": "short", "imu_rate_hz": 208}', third="0.004808,0,0,9.81,0,0,0"):
    """Write a recording folder of three samples."""
    folder.mkdir()
    if meta is not None:
        (folder / "meta.json").write_text(meta)
    (folder / "imu.csv").write_text(IMU + "0,0,0,9.81,0,0,0\n%s\n0.009615,0,0,9.81,0,0,0\n" % third)


@pytest.fixture
def place(tmp_path):
    """A folder with what the rows name; after the test all of it must be there as it was."""
    folder = tmp_path / "place"
    (folder / "kept").mkdir(parents=True)
    (folder / "changed").mkdir()
    (folder / "bids").mkdir()
    (folder / "taken" / "report.html").mkdir(parents=True)
    hurt = bytearray(LOG)
    hurt[-600] ^= 1
    for name, data in {
        "whole.hcl": LOG,
        "cut.hcl": LOG[:-100],
        "hurt.hcl": bytes(hurt),
        "extra.hcl": LOG + b"?",
        "empty.hcl": b"",
        "noise.hcl": bytes(range(256)) * 20,
        "newer.hcl": newer_log(),
        "no-steps.hcl": b"".join(sealed(pack(record.EVENT, 50, 4, 12))),
        "some.part": LOG[:1536],
        "r012.hcl": b"".join(sealed(step(0), runner="R012")),
        "r017.hcl": b"".join(sealed(step(0), runner="R017")),
        "changed/a.hcl": LOG,
        "changed/index.json": b'[{"file": "a.hcl", "bytes": %d, "sha256": "%064d"}]' % (len(LOG), 0),
        "bids/participants.tsv": "participant_id\tname\nsub-R001\tJos\xe9\n".encode("latin-1"),
        "kept/steps.csv": b"of before\n",
        "report.html": b"of before\n",
        "image.bin": b"no flash image" * 1000,
    }.items():
        (folder / name).write_bytes(data)
    recording(folder / "good")
    recording(folder / "no-meta", meta=None)
    recording(folder / "no-json", meta="{")
    recording(folder / "no-number", third="0.004808,0,x,9.81,0,0,0")
    recording(folder / "degrees", third="0.004808,0,0,9.81,120,0,0")
    (folder / "no-imu").mkdir()
    (folder / "no-imu" / "meta.json").write_text('{"name": "short", "imu_rate_hz": 208}')
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    yield folder
    for path, data in before.items():
        assert path.read_bytes() == data, "%s is not as it was" % path.name
    assert not list(folder.rglob(".*")), "left over"


@pytest.fixture
def run(capfd):
    """Return a function that runs the command in this process: (exit code, what it said on stderr)."""

    return lambda *arguments: (cli.main(list(arguments)), capfd.readouterr().err)


def check(code, said, row):
    """The row's exit code; one sentence on one line, with its cause and its mend."""
    _, expected, cause, mend = row
    assert said.count("\n") == 1 and said.rstrip("\n")[-1] in ".?'", said
    assert "Traceback" not in said and "Errno" not in said
    assert cause in said and mend in said
    assert code == expected


NEWER = "is of log version %d" % (record.CONTRACT_VERSION + 1)

# id: ("arguments, {place} standing for the folder", exit code, cause, mend)
OF_FILES = {
    "no command": ("", 2, "the following arguments are required: COMMAND", "see hipcue --help"),
    "unknown command": ("fly", 2, "invalid choice: 'fly'", "see hipcue --help"),
    "unknown option": ("report {place}/whole.hcl --colour", 2, "unrecognized arguments: --colour", "--help"),
    "unknown format": ("export {place}/whole.hcl --format xls", 2, "invalid choice: 'xls'", "see hipcue export --help"),
    "no such log": ("report {place}/none.hcl", 2, "There is no log", "hipcue pull"),
    "a folder as log": ("export {place}/kept", 2, "There is no log", "hipcue pull"),
    "empty log": ("report {place}/empty.hcl", 21, "is empty", "pull the session again"),
    "not a log": ("export {place}/noise.hcl", 21, "holds no whole block of a HipCue log", "pull the session again"),
    "log of a newer version": ("export {place}/newer.hcl", 21, NEWER, "update hipcue"),
    "newer log, report": ("report {place}/newer.hcl", 21, NEWER, "update hipcue"),
    "damaged log": ("export {place}/hurt.hcl", 22, "damaged", "pull it again"),
    "damaged log, report": ("report {place}/hurt.hcl", 22, "damaged", "pull it again"),
    "log with more than it says": ("export {place}/extra.hcl", 21, "damaged", "pull it again"),
    "log cut short": ("report {place}/cut.hcl", 20, "download interrupted", "pull it again"),
    "part of a download": ("export {place}/some.part", 20, "download interrupted", "pull it again"),
    "logs of two runners": (
        "report {place}/r012.hcl {place}/r017.hcl", 2, "are of 2 runners (R012, R017)", "name one runner's",
    ),
    "a log that has changed": ("report {place}/changed", 21, "damaged", "pull it again"),
    "a name for a pseudonym": (
        "pull --runner Anna-Smith --port /dev/none", 2, "never a name", "a code such as R017",
    ),
    "a name on the clip": ("calibrate --runner Anna --port /dev/none", 2, "never a name", "a code such as R017"),
    "pull into a runner's folder": (
        "pull --port /dev/none --out {place}", 30, "holds logs itself", "name the folder above it with --out",
    ),
    "a file where a folder goes": (
        "export {place}/whole.hcl --out {place}/noise.hcl", 2, "noise.hcl: File exists", "choose another name",
    ),
    "a folder where a file goes": (
        "report {place}/whole.hcl --out {place}/taken", 2, "taken/report.html: Is a directory", "choose another name",
    ),
    "a file where the report's folder goes": (
        "report {place}/whole.hcl --out {place}/noise.hcl/", 2, "noise.hcl: File exists", "choose another name",
    ),
    "a folder that is not there": (
        "report {place}/whole.hcl --out {place}/none/r.html", 2, "none/r.html: No such file", "make it first",
    ),
    "a file within a file": (
        "export {place}/whole.hcl --out {place}/noise.hcl/x", 2, "noise.hcl/x: Not a directory", "choose another name",
    ),
    "full device": (
        "report {place}/whole.hcl --out /dev/full", 2, "/dev/full: No space left on device", "free some space",
    ),
    "nothing sampled for EDF+": (
        "export {place}/whole.hcl --format edf", 2, "no sampled signal", "set trace=1 on the clip for the next run",
    ),
    "a table that is no text": (
        "export {place}/whole.hcl --format bids --out {place}/bids", 2, "participants.tsv is not a text file in UTF-8",
        "save it as one",
    ),
    "no step for FIT": ("export {place}/no-steps.hcl --format fit", 2, "holds no step", "export as csv"),
    "no recording folder": ("sim --recording {place}/none", 2, "There is no recording folder", "name one that holds"),
    "recording without meta.json": ("sim --recording {place}/no-meta", 2, "meta.json is missing", "put it there"),
    "recording without imu.csv": ("sim --recording {place}/no-imu", 2, "imu.csv is missing", "put it there"),
    "meta.json is not JSON": ("sim --recording {place}/no-json", 2, "meta.json is not JSON", "correct it"),
    "imu.csv with a word": (
        "sim --recording {place}/no-number", 2, "line 3: ay_mps2 is 'x', not a number", "correct the file",
    ),
    "degrees for radians": ("sim --recording {place}/degrees", 2, "they look like deg/s", "convert"),
    "no truth to score against": (
        "sim --recording {place}/good --score", 2, "no truth_steps.csv", "leave out --score",
    ),
    "sim into a file": (
        "sim --recording {place}/good --out {place}/report.html", 2, "report.html is a file", "--out names a folder",
    ),
    "a score of policies": (
        "sim --programme --score --trace --board s3", 2, "takes --board, --trace, --score only without --programme",
        "leave that out",
    ),
    "a folder for policies": (
        "sim --programme --out {place}/o", 2, "takes --out only without --programme", "leave that out",
    ),
    "seeds for a recording": (
        "sim --recording {place}/good --seeds 3", 2, "takes --seeds only with --programme", "leave that out",
    ),
    "no runner for policies": ("sim --programme --seeds 0", 2, "--seeds must be 1 or more", "not 0"),
    "unknown scenario": ("sim --scenario flying --out {place}/o", 2, "There is no scenario flying", "there are"),
    "scene from nothing": ("twin --scene-from {place}/none", 2, "There is no recording folder", "name one that holds"),
    "flash is a folder": ("twin --flash {place}/kept", 2, "kept is no file", "--flash names one"),
    "flash is another file": ("twin --flash {place}/image.bin", 2, "is no image of a clip's flash", "another name"),
    "no image to recover": ("recover {place}/none.bin", 2, "There is no image", "esptool read-flash"),
    "image without a log": (
        "recover {place}/image.bin --out {place}/o", 21, "holds no whole block of a HipCue log", "read the flash again",
    ),
    "no image to flash": (
        "flash --image {place}/none.bin --port /dev/none", 2, "There is no image", "name the firmware.bin",
    ),
    "no firmware image": (
        "flash --image {place}/noise.hcl --port /dev/none", 2, "is no firmware image", "choose the firmware.bin",
    ),
    "setting out of range": (
        "configure cue_margin_deg=99 --port /dev/none", 2, "not 99", "must be from 0.5 to 10.0 deg",
    ),
    "no such setting": (
        "configure margin=2 --port /dev/none", 2, "There is no setting named margin", "`hipcue configure` lists",
    ),
    "nothing to set": (
        "configure cue_margin_deg --port /dev/none", 2, "says nothing to set", "write it as NAME=VALUE",
    ),
    "mvic of no side": ("calibrate mvic --port /dev/none", 2, "Name the glute", "--side left (or right)"),
    "name for the port that is taken": (
        "twin --link {place}/report.html", 2, "report.html is there already", "--link names a new file",
    ),
    "name for the port in no folder": ("twin --link {place}/none/port", 2, "There is no folder", "make it first"),
    "a folder as support file": ("doctor --bundle {place}/kept", 2, "kept is a folder", "--bundle names a file"),
    "deploy to no port": ("deploy --port /dev/none", 10, "There is no port /dev/none", "is the clip plugged in?"),
    "unknown shell": ("completion fish", 2, "invalid choice: 'fish'", "see hipcue completion --help"),
    "a picture of a place": ("live here", 2, "unrecognized arguments: here", "see hipcue --help"),
    "flash in no folder": ("twin --flash {place}/none/flash", 2, "There is no folder", "make it first"),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_FILES)
def test_files(name, place, run):
    row = OF_FILES[name]
    check(*run(*(word.format(place=place) for word in row[0].split())), row)


@pytest.mark.parametrize("name", ["unknown format", "no such log", "a file where a folder goes", "unknown scenario"])
def test_the_same_as_json(name, place, capfd):
    arguments, code, cause, _ = OF_FILES[name]
    assert cli.main([word.format(place=place) for word in arguments.split()] + ["--json"]) == code
    answer = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert answer["exit_code"] == code and cause in answer["error"]


def board(device):
    return SimpleNamespace(device=device, vid=0x303A, pid=0x1001, serial_number="S" + device[-1], description="")


@contextlib.contextmanager
def plugged_in(monkeypatch, *devices):
    """Let these ports be all there are."""
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: [board(device) for device in devices])
    yield "unused"


@contextlib.contextmanager
def terminal(monkeypatch, answer=None, busy=False):
    """Yield the name of a pseudo-terminal; `answer(far)` speaks for what is plugged in."""
    monkeypatch.setattr(transport, "ANSWER_S", 0.3)
    far, near = pty.openpty()
    tty.setraw(near)
    if answer:
        threading.Thread(target=answer, args=(far,), daemon=True).start()
    with serial.Serial(os.ttyname(near), exclusive=True) if busy else contextlib.nullcontext():
        yield os.ttyname(near)
    for descriptor in (far, near):
        with contextlib.suppress(OSError):
            os.close(descriptor)


def talks(far):
    """A GPS receiver."""
    os.write(far, b"$GPGGA,123519,4807.038,N\r\n" * 20)


def bare_micropython(far):
    """Speak the raw REPL as a board without our packages does: prints work, an import of ours does not."""
    with contextlib.suppress(OSError):
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


def older_clip(far):
    """A clip that records, with firmware that does not tell of its steps yet."""
    with contextlib.suppress(OSError):
        while os.read(far, 1):
            os.write(far, b'{"hipcue": "0.0.9", "recording": true, "steps": 5}\r\n')


@contextlib.contextmanager
def silent(monkeypatch):
    """Yield a port where nothing answers, for which live does not wait as for a clip that may be starting."""
    monkeypatch.setattr("host_tools.live.command.FIRST_ANSWER_S", 0.0)
    monkeypatch.setattr(transport, "ENQUIRY_S", 0.2)
    with terminal(monkeypatch) as port:
        yield port


@contextlib.contextmanager
def recording_clip(folder):
    """Yield the port of a twin that records: that its motion sensor is silent."""
    faults = [{"kind": "imu_silent", "from_s": 0.0, "to_s": 1e6}]
    scene = folder.parent / "scene"
    write_rest_scene(scene, faults=faults)
    with Twin(scene=scene) as twin, transport.Clip(twin.port) as clip:
        end_s = time.monotonic() + 20
        while not (clip.ask_app() or {}).get("recording"):
            assert time.monotonic() < end_s
        clip.drop()
        yield twin.port


@contextlib.contextmanager
def unplugged_after(count, flash=None):
    """Yield the port of a twin whose cable is pulled when it has sent `count` bytes."""
    with Twin(flash=flash) as twin:
        near, client = pty.openpty()
        tty.setraw(client)
        name = os.ttyname(client)
        os.close(client)
        source = os.open(twin.port, os.O_RDWR | os.O_NOCTTY)
        held = os.open(name, os.O_RDWR | os.O_NOCTTY)  # or the line would hang up before the command has opened it
        thread = threading.Thread(target=relay, args=(source, near, count), daemon=True)
        thread.start()
        yield name
        os.close(source)
        os.close(held)
        thread.join()


def relay(clip, near, count):
    """Pass bytes both ways until the clip has sent `count`; then pull the cable: close `near`.

    In one thread, since a line that another one reads from stays open.
    """
    with contextlib.suppress(OSError, ValueError):
        while count:
            ready, _, _ = select.select([clip, near], [], [], 0.2)
            if near in ready:
                os.write(clip, os.read(near, 256))
            if clip in ready:
                count -= os.write(near, os.read(clip, min(count, 64)))
    os.close(near)


# id: (arguments, {port} standing for the port's name, exit code, cause, mend), what is there
OF_PORTS = {
    "no clip": (("pull", 10, "No clip is plugged in", "connect one"), lambda patch: plugged_in(patch)),
    "two clips": (
        ("calibrate", 11, "/dev/a (Sa), /dev/b (Sb)", "choose one with --port"),
        lambda patch: plugged_in(patch, "/dev/a", "/dev/b"),
    ),
    "wrong port": (
        ("pull --port /dev/no-such-port", 10, "There is no port /dev/no-such-port", "plugged in"),
        lambda patch: contextlib.nullcontext(),
    ),
    "busy port": (
        ("calibrate --port {port}", 12, "Another program uses", "close it and try again"),
        lambda patch: terminal(patch, busy=True),
    ),
    "a file as port": (
        ("pull --port {place}/whole.hcl", 13, "is not a serial port", "name the clip's with --port"),
        lambda patch: contextlib.nullcontext(),
    ),
    "nothing answers": (
        ("pull --port {port}", 13, "does not answer as MicroPython", "is this the clip's port?"),
        lambda patch: terminal(patch),
    ),
    "another device": (
        ("calibrate side --port {port}", 13, "does not answer as MicroPython", "is this the clip's port?"),
        lambda patch: terminal(patch, talks),
    ),
    "other firmware": (
        ("pull --port {port}", 13, "holds no HipCue firmware", "`hipcue deploy` puts it there"),
        lambda patch: terminal(patch, bare_micropython),
    ),
    "no clip to look at": (("live", 10, "No clip is plugged in", "connect one"), lambda patch: plugged_in(patch)),
    "two clips to look at": (
        ("live", 11, "/dev/a (Sa), /dev/b (Sb)", "choose one with --port"),
        lambda patch: plugged_in(patch, "/dev/a", "/dev/b"),
    ),
    "busy port, live": (
        ("live --port {port}", 12, "Another program uses", "close it and try again"),
        lambda patch: terminal(patch, busy=True),
    ),
    "nothing answers, live": (
        ("live --port {port}", 13, "No running HipCue answers on", "Unplug the clip and plug it in again"),
        lambda patch: silent(patch),
    ),
    "older firmware, live": (
        ("live --port {port}", 13, "has other firmware than this command", "make the two one: hipcue deploy"),
        lambda patch: terminal(patch, older_clip),
    ),
    "no such program as twin": (
        ("sim --recording {place}/good", 10, "which is no program", "correct or unset it"),
        lambda patch: patch.setenv("MICROPYTHON", "/no/such/program") or contextlib.nullcontext(),
    ),
    "another program as twin": (
        ("twin", 10, "which is no HipCue twin", "unset it and run `make twin`"),
        lambda patch: patch.setenv("MICROPYTHON", shutil.which("true")) or contextlib.nullcontext(),
    ),
    "no browser for a PDF": (
        ("report {place}/whole.hcl --pdf", 2, "No Chromium or Chrome is here", "install one"),
        lambda patch: patch.setattr(shutil, "which", lambda name: None) or contextlib.nullcontext(),
    ),
    "no library for a format": (
        ("export {place}/whole.hcl --format parquet", 2, "needs pyarrow", "-m pip install pyarrow` installs it"),
        lambda patch: without(patch, "pyarrow", "host_tools.export.parquet"),
    ),
}


def without(patch, package, user):
    """Let `package` not be installed."""
    for name in [name for name in sys.modules if name.split(".")[0] == package or name == user]:
        patch.delitem(sys.modules, name)
    patch.setitem(sys.modules, package, None)
    return contextlib.nullcontext()


@pytest.mark.parametrize("name", OF_PORTS)
def test_ports_and_machine(name, place, run, monkeypatch):
    row, there = OF_PORTS[name]
    with there(monkeypatch) as port:
        code, said = run(*(word.format(place=place, port=port) for word in row[0].split()))
    check(code, said, row)


# Of a clip that is recording: id: (arguments, exit code, cause, mend)
OF_RECORDING = {
    "pull": ("pull --port {port} --out {place}/o", 30, "stop and seal that session to pull it?", "--yes agrees"),
    "erase": ("erase --port {port} --out {place}/o", 30, "is recording", "pull it first"),
    "calibrate": ("calibrate --port {port}", 30, "stop and seal that session to calibrate?", "--yes agrees"),
    "calibrate side": ("calibrate side --port {port}", 30, "stop and seal that session to calibrate?", "--yes agrees"),
    "calibrate mvic": (
        "calibrate mvic --side left --port {port}", 30, "stop and seal that session to calibrate?", "--yes agrees",
    ),
}  # fmt: skip


@pytest.mark.usefixtures("binary")
@pytest.mark.parametrize("name", OF_RECORDING)
def test_a_clip_that_records(name, place, run):
    row = OF_RECORDING[name]
    with recording_clip(place) as port:
        check(*run(*(word.format(place=place, port=port) for word in row[0].split())), row)
        with transport.Clip(port) as clip:
            assert clip.ask_app()["recording"]


@pytest.mark.usefixtures("binary")
@pytest.mark.parametrize("kind", [["mount"], ["side"], ["mvic", "--side", "left"]])
def test_a_clip_that_records_is_calibrated_when_somebody_agrees(kind, place, run):
    """It is stopped then, and its sensors, which are silent or not there, are what is wrong."""
    with recording_clip(place) as port:
        code, said = run("calibrate", *kind, "--yes", "--port", port)
    assert code == errors.UNSAFE and " was refused: " in said


LOST = ("", 20, "The connection to", "plug the clip in again and repeat the command")


@pytest.mark.usefixtures("binary")
def test_two_twins_on_one_flash(place, run):
    """The first made the file anew, and goes on."""
    flash = str(place.parent / "flash")
    with subprocess.Popen([HIPCUE, "twin", "--flash", flash], stdout=subprocess.PIPE, text=True) as first:
        try:
            port = first.stdout.readline().strip()
            check(*run("twin", "--flash", flash), ("", 12, "Another twin uses", "end it"))
            assert run("doctor", "--port", port)[0] == 0
        finally:
            first.send_signal(signal.SIGINT)
    assert first.returncode == 0


@pytest.mark.usefixtures("binary")
def test_a_twin_that_something_has_ended(run, monkeypatch):
    started = Twin.__init__

    def end_at_once(twin, **options):
        started(twin, **options)
        twin.process.kill()

    monkeypatch.setattr(Twin, "__init__", end_at_once)
    check(*run("twin"), ("", 10, "Something has ended the twin (signal 9)", "start it again"))


@pytest.mark.usefixtures("binary")
@pytest.mark.parametrize("command", ["pull", "calibrate", "live", "doctor", "configure"])
@pytest.mark.parametrize("count", [1, 10, 60, 150, 250, 400])
def test_unplugged_at_any_step(command, count, place, run):
    """Bytes that the clip has sent when the cable comes out: from its greeting to its list of sessions or its stand."""
    with unplugged_after(count) as port:
        where = ["--out", str(place / "logs")] if command == "pull" else []
        check(*run(command, "--port", port, *where), LOST)


@pytest.mark.usefixtures("binary")
@pytest.mark.parametrize("count", [1, 10, 60, 150, 250, 400, 650, 900])
def test_unplugged_at_any_step_of_erase(count, place, run, tmp_path):
    """From the greeting to the answer that a session is erased: of 1000 bytes it would see all. The log stays here."""
    log, here = run_log(300), tmp_path / "logs" / "R017" / "a.hcl"
    here.parent.mkdir(parents=True)
    here.write_bytes(log)
    with unplugged_after(count, flash=write_flash(tmp_path, {"00000001.hcl": log})) as port:
        check(*run("erase", "--yes", "--port", port, "--out", str(tmp_path / "logs")), LOST)
    assert here.read_bytes() == log


@pytest.mark.usefixtures("binary")
@pytest.mark.parametrize("count", [1, 10, 60, 150, 400, 3000, 9000, 12400])
def test_unplugged_at_any_step_of_deploy(count, run):
    """From the greeting, by the answer to each piece of a file, to the new firmware's trial: 12800 bytes would do."""
    with unplugged_after(count) as port:
        check(*run("deploy", "--port", port), LOST)


# Rows for a process: id: (arguments, exit code, cause, mend), what is done in the folder first
DENIED = {
    "folder that may not be written": (
        ("export {place}/whole.hcl --out {place}/denied/x", 2, "denied/x: Permission denied", "change its permissions"),
        "chmod 500 denied",
    ),
    "file beside which nothing may be written": (
        ("report {place}/whole.hcl --out {place}/denied/r.html", 2, "r.html: Permission denied", "another place"),
        "chmod 500 denied",
    ),
    "log that may not be read": (
        ("report {place}/denied/secret.hcl", 2, "secret.hcl: Permission denied", "change its permissions"),
        "cp whole.hcl denied/secret.hcl; chmod 000 denied/secret.hcl",
    ),
    "port that may not be opened": (
        ("pull --port {port}", 12, "You may not open", "sudo usermod -aG dialout"),
        "chmod 000 {port}",
    ),
}


def ordinary():
    """Return what a command is begun with so that file permissions count, or skip."""
    if os.geteuid():
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root may do anything, and setpriv is not here")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@pytest.mark.parametrize("name", DENIED)
def test_denied(name, place):
    row, first = DENIED[name]
    prefix = ordinary()
    (place / "denied").mkdir()
    far, near = pty.openpty()
    words = {"place": place, "port": os.ttyname(near)}
    subprocess.run(["sh", "-c", first.format(**words)], cwd=place, check=True)
    try:
        command = [*prefix, HIPCUE, *(word.format(**words) for word in row[0].split())]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    finally:
        subprocess.run(["chmod", "-R", "u+rwX", "denied"], cwd=place, check=True)
        os.close(far)
        os.close(near)
    check(done.returncode, done.stderr, row)


FULL = {
    "disk full, csv": ("export {place}/big.hcl --out {place}/small/x", 2, "No space left on device", "free some space"),
    "disk full, fit": (
        "export {place}/big.hcl --format fit --out {place}/small/x", 2, "No space left on device", "free some space",
    ),
    "disk full, parquet": (
        "export {place}/big.hcl --format parquet --out {place}/small/x", 2, "steps.parquet: No space left",
        "free some space",
    ),
    "disk full, report": (
        "report {place}/big.hcl --out {place}/small/r.html", 2, "small/r.html: No space left", "another place",
    ),
    "disk full, recover": (
        "recover {place}/big.hcl --out {place}/small/r", 2, "%s: No space left" % log_name(CLIP.hex(), 7),
        "free some space",
    ),
    "disk full, twin": ("twin --flash {place}/small/flash", 2, "small/flash: No space left", "another place"),
}
# Of a twin that holds the log of a run
FULL_OF_CLIP = {
    "disk full, pull": ("pull --port {port} --out {place}/small/logs", 2, "1.hcl.part: No space left", "free some"),
    "disk full, doctor": (
        "doctor --port {port} --bundle {place}/small/support", 2, "small/support: No space left", "free some space",
    ),
}  # fmt: skip
OWN_MOUNTS = ["unshare", "--map-root-user", "--mount", "sh", "-c"]


def on_small_disk(place, row, before=":", after=":", **words):
    """Run a row's command on a file system of 16 KB at `small`, between two of the shell; return what came of it."""
    (place / "small").mkdir()
    mount = "mount -t tmpfs -o size=16k none '%s'" % (place / "small")
    if not shutil.which("unshare") or subprocess.run([*OWN_MOUNTS, mount], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    command = " ".join([HIPCUE, *(word.format(place=place, **words) for word in row[0].split())])
    script = "%s && cd '%s' && %s; %s >/dev/null; code=$?; %s; exit $code"
    script %= (mount, place / "small", before, command, after)
    return subprocess.run([*OWN_MOUNTS, script], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("name", FULL)
def test_full(name, place):
    """Nothing stays of what did not fit."""
    (place / "big.hcl").write_bytes(b"".join(sealed(*(b"".join(step(355 * k) for k in range(20)) for _ in range(200)))))
    done = on_small_disk(place, FULL[name], after="find . -type f")
    check(done.returncode, done.stderr, FULL[name])
    assert done.stdout == ""


@pytest.mark.usefixtures("binary")
@pytest.mark.parametrize("name", FULL_OF_CLIP)
def test_full_with_a_clip(name, place, tmp_path):
    """What had come of a session stays for the next try; of the support file nothing."""
    row, log = FULL_OF_CLIP[name], run_log(1000)
    fill = "head -c %d /dev/zero >filler" % (8192 if "pull" in name else 16384)
    with Twin(flash=write_flash(tmp_path, {"00000001.hcl": log})) as twin:
        done = on_small_disk(place, row, before=fill, after="rm filler; find . -type f -size +0", port=twin.port)
    check(done.returncode, done.stderr, row)
    parts = ["./logs/" + log_name(CLIP.hex(), 1) + ".part", "./logs/contacts.jsonl"]
    assert sorted(done.stdout.split()) == (parts if "pull" in name else [])


def rows():
    return [
        *OF_FILES.values(), *(row for row, _ in OF_PORTS.values()), *OF_RECORDING.values(), LOST,
        *(row for row, _ in DENIED.values()), *FULL.values(), *FULL_OF_CLIP.values(),
    ]  # fmt: skip


def test_there_are_as_many_rows_as_asked_for():
    assert len(rows()) >= 30


def test_every_command_has_a_row():
    named = {row[0].split()[0] for row in rows() if row[0]}
    assert {row[0] for row in cli.COMMANDS} <= named


def test_every_exit_code_has_a_row():
    """But for those of what went well, and of a reader that has gone."""
    codes = {code for name, code in vars(errors).items() if name.isupper()}
    assert {row[1] for row in rows()} == codes - {errors.OK, errors.OUTPUT_CLOSED}
