"""Who wears the clip: what may be a pseudonym, what it does on the clip, and whose folder a log then goes to."""

import json

import pytest

from hipcue.contract import runner
from host_tools import cli
from host_tools.archive import index, logs
from host_tools.clip.transport import Clip
from host_tools.clip.wearer import wear
from host_tools.errors import NOT_HIPCUE, OK, USAGE, HipCueError
from host_tools.output import Output
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_rest_scene

CLIP = "024849504355"
RECORD = """\
import board
from hipcue.app import App, ResetMemory, machine
app = App(board, ResetMemory(machine.RTC().memory))
app._begin(app._clock.now_ms())
app.stop(1)
"""


@pytest.mark.parametrize("text", ["R017", "7A", "K-3", "2026-11-29A", "A" * 10 + "1"])
def test_a_pseudonym(text):
    assert runner.check(text) == runner.check(text.lower()) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "7", "1980-02-03", "Anna", "Anna Smith", "R 17", "-R17", "R17\n", "R_17", "R\u00e917", "A" * 11 + "1",
        "02484950435a", 17, None, "../R7",
    ],  # fmt: skip
)
def test_no_pseudonym(text):
    with pytest.raises(ValueError, match="a code such as R017, never a name: up to 11 letters and digits"):
        runner.check(text)


@pytest.fixture
def clip(binary, tmp_path):
    write_rest_scene(tmp_path / "scene", halts_s=[0.0])
    with Twin(scene=tmp_path / "scene", flash=tmp_path / "flash") as twin:
        yield twin


@pytest.fixture
def run(capsys, clip, tmp_path):
    """Return a function that runs a command against `clip`: (exit code, what was printed, the sentence on stderr)."""

    def run(command, *arguments):
        where = ("--out", str(tmp_path / "logs")) if command in ("pull", "erase") else ()
        code = cli.main([command, "--port", clip.port, *where, *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err.strip()

    return run


def record(clip):
    with Clip(clip.port) as console:
        console.enter()
        console.run(RECORD)


def test_one_clip_and_several_runners(run, clip, tmp_path):
    """A session each; whatever is said at the pull, two of them know whose they are."""
    code, out, _ = run("configure", "--runner", "r017")
    assert (code, out) == (OK, "Clip %s is R017's now; calibrate it: hipcue calibrate.\n" % CLIP)
    record(clip)
    assert run("configure", "--runner", "K-3")[0] == OK
    record(clip)
    line = {row["name"]: row for row in json.loads(run("doctor", "--json")[1])["lines"]}
    assert line["runner"]["finding"] == "K-3"
    assert line["flash"]["status"] == "todo" and line["flash"]["mend"] == "run hipcue pull"
    assert line["flash"]["finding"].endswith("; 2 sessions, 2 of them not pulled yet (1, 2)")
    assert json.loads(run("configure", "--runner", "none", "--json")[1])["runner"] is None
    record(clip)
    code, out, sentence = run("pull", "--runner", "x9", "--json")
    assert (code, [row["runner"] for row in json.loads(out)["sessions"]]) == (OK, ["R017", "K-3", "X9"])
    assert sentence.splitlines() == [
        "Session 1 was recorded as R017's, and --runner does not change that.",
        "Session 2 was recorded as K-3's, and --runner does not change that.",
    ]
    for number, name in enumerate(("R017", "K-3", "X9"), 1):
        folder = tmp_path / "logs" / name
        assert {path.name for path in folder.iterdir()} == {
            "%s-%08d.hcl" % (CLIP, number), "index.json", "contacts.jsonl",
        }  # fmt: skip
        (row,) = json.loads((folder / index.NAME).read_text())
        assert (row["clip"], row["session"], row["verdict"]) == (CLIP, number, "whole")
        assert row["boot"] >= 1 and row["start_utc"][:2] == "20" and 0 < row["start_uncertainty_ms"] < 1000
        assert logs.read_log(folder / row["file"]).runner == name
    flash = {row["name"]: row for row in json.loads(run("doctor", "--json")[1])["lines"]}["flash"]
    assert flash["status"] == "ok" and flash["finding"].endswith("; 3 sessions")
    assert run("erase", "--yes") == (OK, "3 sessions erased from clip %s.\n" % CLIP, "")


def test_a_second_pull_changes_no_byte_and_no_time(run, clip, tmp_path):
    """Nor does one of a clip that was erased in between."""
    run("configure", "--runner", "R017")
    record(clip)
    run("pull")
    before = everything(tmp_path / "logs")
    code, out, _ = run("pull")
    assert (code, "all here already" in out) == (OK, True)
    assert everything(tmp_path / "logs") == before
    run("erase", "--yes")
    run("pull")
    assert everything(tmp_path / "logs") == before
    assert {path.relative_to(tmp_path / "logs").parts[0] for path in before} == {"R017", "contacts.jsonl"}


def everything(folder):
    """Return all below `folder`: bytes, permissions and times."""
    return {
        path: (path.is_file() and path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
    }


def test_configure_says_whose_the_clip_is(run):
    assert "Runner" not in run("configure")[1]
    run("configure", "--runner", "R017", "cue_margin_deg=3")
    assert run("configure")[1].startswith("Runner R017.\n") and "(default 2.0)" in run("configure")[1]


@pytest.mark.parametrize("command", ["configure", "calibrate", "pull"])
def test_a_name_is_refused_before_anything_is_asked_of_a_clip(capsys, command):
    assert cli.main([command, "--port", "/dev/no-such-port", "--runner", "Anna Smith"]) == USAGE
    assert capsys.readouterr().err.startswith("hipcue %s: argument --runner: a runner's pseudonym is a code" % command)


def test_older_firmware_knows_no_runner():
    with pytest.raises(HipCueError, match="knows no runners; `hipcue deploy` brings one that does") as caught:
        wear(None, {"clip": CLIP}, "R017", Output())
    assert caught.value.exit_code == NOT_HIPCUE
    assert wear(None, {"clip": CLIP}, None, Output()) is None
