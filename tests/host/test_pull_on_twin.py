"""Pull and erase against a clip on the twin: one that records, one that is another, and downloads that end anywhere."""

import contextlib
import json
import time

import pytest
import torture_pull
from cut_line import CutLine
from halting import wait_for_halt
from line_time import LineTime
from run_log import CLIP, run_log, write_flash

from hipcue.contract.frame import CHUNK_BYTES, FLAG, unpack
from host_tools import cli
from host_tools.clip.transport import Clip
from host_tools.errors import INTERRUPTED, OK, UNSAFE, HipCueError
from host_tools.output import Output
from host_tools.pull.command import list_sessions
from host_tools.pull.fetch import fetch
from host_tools.runners.record import record
from host_tools.runners.scenario import Bows, Scenario, easy_run
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_recording_scene, write_rest_scene

NAMES = ("00000001.hcl", "00000002.hcl")
QUIET = Output(as_json=True)
RUNNING_S = 16.0
SCENARIO = Scenario(
    name="recording",
    duration_s=40.0,
    still_s=(0.0, 1.0),
    bows=Bows(1.0, 2.0),
    stretches=(easy_run(3.0, 40.0),),
)


pytestmark = pytest.mark.usefixtures("binary")


@pytest.fixture
def logs():
    return {name: run_log(300, session=k + 1, seed=k) for k, name in enumerate(NAMES)}


@pytest.fixture
def clip(tmp_path, logs):
    """A twin at rest with two sessions."""
    write_rest_scene(tmp_path / "scene", halts_s=[0.0])
    with Twin(scene=tmp_path / "scene", flash=write_flash(tmp_path, logs)) as twin:
        yield twin


@pytest.fixture(scope="module")
def run_recording():
    return record(SCENARIO)


@pytest.fixture
def recording(tmp_path, run_recording):
    """A twin that records a run; its clock stands, and goes on by a second at most for each byte that comes."""
    halts_s = [RUNNING_S + k for k in range(20)]
    write_recording_scene(tmp_path / "scene", run_recording, halts_s=halts_s, progress=str(tmp_path / "progress"))
    with Twin(scene=tmp_path / "scene") as twin:
        wait_for_halt(tmp_path / "progress", RUNNING_S)
        yield twin


def hipcue(capsys, twin, command, tmp_path, *arguments):
    """Return (exit code, what was printed, the sentence on stderr) of a command against `twin`."""
    code = cli.main([command, "--port", twin.port, "--out", str(tmp_path / "logs"), *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err.strip()


def here(name):
    """Return the file name of a session on this computer."""
    return "%s-%s" % (CLIP.hex(), name)


def test_a_recording_clip_is_not_stopped_without_a_yes(capsys, recording, tmp_path):
    code, _, sentence = hipcue(capsys, recording, "pull", tmp_path)
    assert code == UNSAFE
    assert sentence.startswith("Clip %s is recording; stop and seal that session to pull it?" % CLIP.hex())
    with Clip(recording.port) as clip:
        said = clip.ask_app()
    assert said["recording"] and said["steps"] > 10
    code, _, sentence = hipcue(capsys, recording, "erase", tmp_path, "--yes")
    assert (code, sentence) == (UNSAFE, "Clip %s is recording; pull it first." % CLIP.hex())
    code, out, _ = hipcue(capsys, recording, "pull", tmp_path, "--yes", "--json")
    (session,) = json.loads(out)["sessions"]
    assert (code, session["verdict"], session["seal"]["reason"]) == (OK, "whole", "stopped by the host")
    assert session["steps"] > 10


def test_another_clip_is_refused_and_goes_on(capsys, recording, tmp_path):
    for command in ("pull", "erase"):
        code, _, sentence = hipcue(capsys, recording, command, tmp_path, "--yes", "--clip", "0123456789ab")
        assert (code, sentence) == (UNSAFE, "This is clip %s, not 0123456789ab; nothing was read." % CLIP.hex())
    with Clip(recording.port) as clip:
        assert clip.ask_app()["recording"]


def test_a_cable_that_comes_off(capsys, clip, tmp_path, logs):
    """Exit code 20 and what is missing of each session; the same command then brings exactly that."""
    line = CutLine(clip.far, to_host=8000)
    code, out, sentence = hipcue(capsys, line, "pull", tmp_path, "--json")
    line.close()
    first, second = json.loads(out)["sessions"]
    assert (code, sentence) == (INTERRUPTED, "")
    assert first["verdict"] == second["verdict"] == "download interrupted"
    assert "was lost" in first["problems"][0]
    assert 3000 < first["bytes_came"] < 8000 and first["bytes_came"] % 1024 == 0
    assert second["bytes_missing"] == second["bytes_on_clip"] == len(logs[NAMES[1]])
    code, out, _ = hipcue(capsys, clip, "pull", tmp_path, "--json")
    rows = json.loads(out)["sessions"]
    assert code == OK and [row["bytes_came"] for row in rows] == [first["bytes_missing"], second["bytes_missing"]]
    for name, log in logs.items():
        assert (tmp_path / "logs" / CLIP.hex() / here(name)).read_bytes() == log


def test_erase_only_what_is_verified_here(capsys, clip, tmp_path, logs):
    folder = tmp_path / "logs" / CLIP.hex()
    code, _, sentence = hipcue(capsys, clip, "erase", tmp_path, "--yes")
    assert code == UNSAFE and sentence.startswith("Not erased: %s, %s of the clip are not verified" % NAMES)
    assert hipcue(capsys, clip, "pull", tmp_path, "--clip", CLIP.hex())[0] == OK
    for name in NAMES:
        assert (folder / here(name)).read_bytes() == logs[name]
    with Clip(clip.port) as link:
        link.enter()
        assert [entry["verified"] for entry in list_sessions(link)] == [True, True]
    hurt = bytearray(logs[NAMES[1]])
    hurt[700] ^= 1
    (folder / here(NAMES[1])).unlink()
    (folder / here(NAMES[1])).write_bytes(hurt)
    code, _, sentence = hipcue(capsys, clip, "erase", tmp_path, "--yes")
    assert code == UNSAFE and sentence.startswith("Not erased: %s of the clip is not verified" % NAMES[1])
    (folder.parent / "K-3").mkdir()
    (folder.parent / "K-3" / "by another name.hcl").write_bytes(logs[NAMES[1]])  # any runner's folder will do
    code, _, sentence = hipcue(capsys, clip, "erase", tmp_path)  # nobody to ask
    assert code == UNSAFE and sentence.startswith("Erase 2 sessions, ")
    code, out, _ = hipcue(capsys, clip, "erase", tmp_path, "--yes")
    assert (code, out) == (OK, "2 sessions erased from clip %s.\n" % CLIP.hex())
    code, out, _ = hipcue(capsys, clip, "pull", tmp_path)
    assert (code, out.splitlines()[0]) == (OK, "The clip holds no session.")
    with Clip(clip.port) as link:
        link.enter()
        assert link.exec_json("from hipcue.store import folder; print(folder.next_number())") == 3
    assert (folder / here(NAMES[0])).read_bytes() == logs[NAMES[0]]


def test_the_clip_itself_refuses_to_erase_what_it_was_not_told_right(clip):
    with Clip(clip.port) as link:
        link.enter()
        before = list_sessions(link)
        for number, sha256 in ((1, before[1]["sha256"]), (9, before[0]["sha256"]), (2, "")):
            answer = link.exec_json("from hipcue import transfer; transfer.erase(%d, %r)" % (number, sha256))
            assert answer["ok"] is False
        assert list_sessions(link) == before


def test_downloads_that_end_anywhere():
    """The shortened form of make torture-pull."""
    rows = torture_pull.rows(frames_every=7, cuts=30, kills=1, baud=921600, steps=1500)
    assert [row.faults for row in rows] == [[], [], []]
    assert all(row.passes for row in rows)


def test_share_of_a_slow_line(monkeypatch, tmp_path):
    """The shortened form of make bench-pull: 90 % of 115200 baud, from the call to the verified hash.

    Counted in the line's own time, what all bytes to the host take, so that the machine's load says nothing here. That
    the line is never idle meanwhile: eight frames are under way, 0.7 s of it, before the clip waits for the host.
    """
    line_time = LineTime()
    monkeypatch.setattr("host_tools.twin.slow_line.time", line_time)
    log = run_log(2000)
    write_rest_scene(tmp_path / "scene", halts_s=[0.0])
    flash = write_flash(tmp_path, {NAMES[0]: log})
    with Twin(scene=tmp_path / "scene", flash=flash, baud=115200) as twin, Clip(twin.port) as link:
        link.enter()
        (entry,) = list_sessions(link)
        start_s = line_time.busy_s()
        fetch(link, entry, tmp_path / "part", QUIET)
        taken_s = line_time.busy_s() - start_s
        sent = _sent_unacknowledged(link)
    assert (tmp_path / "part").read_bytes() == log
    assert 1.0 > len(log) * 10 / 115200 / taken_s >= 0.90
    assert sent == [k * CHUNK_BYTES for k in range(8)]


def _sent_unacknowledged(link):
    """Return the offsets of the frames that come while the host acknowledges none, until the clip waits for it."""
    offsets = []
    with contextlib.suppress(HipCueError):  # silence
        for stuffed in link.pieces("from hipcue import transfer; transfer.send(%r, 0)" % NAMES[0], FLAG, 2.0):
            offsets.append(unpack(stuffed)[0])
    return offsets


def test_a_line_that_holds_what_another_host_asked(clip, tmp_path, logs):
    """Whatever was running or half said on the line, the next host is understood."""
    left_over = (
        b"\r\x03\r\x01" + b"for k in range(20000): print('raw REPL; CTRL-B to exit', k)\x04",
        b"\r\x03\r\x01" + b"from hipcue import transfer; transfer.send('00000001.hcl', 0)\x04",
        b"\r\x03\r\x01" + b"from hipcue import transfer; transfer.se",
        b"\r\x03\r\x02" + b"x = '''",
        b"\x06" * 100 + b"\x05A\x01",
    )
    for k, said in enumerate(left_over):
        line = CutLine(clip.far)
        link = Clip(line.port)
        link._transport.serial.write(said)
        time.sleep(0.1)
        link.drop()
        line.close()
        line = CutLine(clip.far)
        link = Clip(line.port)
        link.enter()
        entry = list_sessions(link)[0]
        fetch(link, entry, tmp_path / ("part%d" % k), QUIET)
        link.drop()
        line.close()
        assert (tmp_path / ("part%d" % k)).read_bytes() == logs[NAMES[0]]
