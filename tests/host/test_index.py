"""The index of a runner's folder: what it says of each log, what it finds out, and that it changes with logs only."""

import hashlib
import json

import pytest
from synthetic_log import CLIP, block, head_blocks, pack, sealed, step

from hipcue.contract import record
from host_tools import cli
from host_tools.archive import contacts, index
from host_tools.errors import INTEGRITY, OK
from host_tools.log.wall_time import Contact

LOG = b"".join(sealed(step(0), step(355), runner="R017"))
OTHER = b"".join(sealed(step(0), runner="R017", session=8, clip=b"\x02OTHER"))
NAME, OTHER_NAME = "024849504355-00000007.hcl", "024f54484552-00000008.hcl"
CHANGED = "%s has changed since it came (another SHA-256); move it elsewhere, then pull the session again."
NOON_MS = 1_790_000_000_000  # 2026-09-21 14:13:20 UTC


@pytest.fixture
def folder(tmp_path):
    """A runner's folder with the logs of two clips."""
    runner = tmp_path / "R017"
    runner.mkdir()
    (runner / NAME).write_bytes(LOG)
    (runner / OTHER_NAME).write_bytes(OTHER)
    return runner


def overwrite(path, data):
    path.unlink()
    path.write_bytes(data)


def rows(folder):
    return json.loads((folder / index.NAME).read_text())


def test_a_row_says_what_the_log_is(folder):
    assert index.update(folder) == []
    assert rows(folder) == [
        {
            "file": name, "clip": clip, "session": number, "boot": None, "start_utc": None,
            "start_uncertainty_ms": None, "verdict": "whole", "bytes": len(log),
            "sha256": hashlib.sha256(log).hexdigest(),
        }
        for name, clip, number, log in ((NAME, CLIP.hex(), 7, LOG), (OTHER_NAME, "024f54484552", 8, OTHER))
    ]  # fmt: skip


def test_the_start_is_dated_through_the_contacts_of_the_logs_own_clip(tmp_path):
    """Opened at 1000 ms, when the wall clock stood at noon + 2 h; a host found the clock of this clip 5 s slow then."""
    blocks = head_blocks()
    head = json.loads(b"".join(one[record.HEADER_BYTES :][: record.PAYLOAD_BYTES] for one in blocks).rstrip(b"\0"))
    head["about"]["clock"] = {"scale": [4, 1], "set_unix_ms": None, "rtc_ms": NOON_MS + 7_200_000, "time_ms": 1000}
    head["about"]["firmware"]["boot"] = 4
    text = json.dumps(head).encode()
    parts = [text[at : at + record.PAYLOAD_BYTES] for at in range(0, len(text), record.PAYLOAD_BYTES)]
    log = b"".join(block(record.KIND_SCHEMA, k, 1000, part) for k, part in enumerate(parts))
    (tmp_path / NAME).write_bytes(log)
    at = NOON_MS + 3 * 3_600_000
    contacts.keep(tmp_path, "024f54484552", [Contact((4, 1), at, at + 60_000, 10.0)])
    contacts.keep(tmp_path, CLIP.hex(), [Contact((4, 1), at, at + 5_000, 10.0)])
    index.update(tmp_path)
    (row,) = rows(tmp_path)
    # An hour from the contact at 50 ppm, and its own 10 ms.
    assert (row["start_utc"], row["start_uncertainty_ms"]) == ("2026-09-21T16:13:25.000Z", 190)
    assert (row["boot"], row["verdict"]) == (4, "recording interrupted")


def test_logs_are_read_only_and_a_second_look_changes_nothing(folder):
    index.update(folder)
    assert {path.stat().st_mode & 0o777 for path in folder.glob("*.hcl")} == {0o444}
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    assert index.update(folder) == []
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before


@pytest.mark.parametrize("left", [None, "", "[", "5", '{"a": 1}', '[1, {"file": 7}]', "[" * 100_000])
def test_what_is_lost_of_it_is_made_anew(folder, left):
    index.update(folder)
    whole = (folder / index.NAME).read_bytes()
    (folder / index.NAME).unlink()
    if left is not None:
        (folder / index.NAME).write_text(left)
    assert index.update(folder) == []
    assert (folder / index.NAME).read_bytes() == whole


def test_a_log_that_was_put_there_joins_it(folder):
    (folder / OTHER_NAME).rename(folder / "later")
    index.update(folder)
    (folder / "later").rename(folder / OTHER_NAME)
    assert index.update(folder) == []
    assert [row["file"] for row in rows(folder)] == [NAME, OTHER_NAME]


def test_a_log_that_has_changed_is_told_each_time_and_left(folder):
    """By a log as whole as itself, which no CRC finds out."""
    index.update(folder)
    before = rows(folder)
    changed = b"".join(sealed(step(0, peak=100), step(355), runner="R017"))
    overwrite(folder / NAME, changed)
    for _ in range(2):
        assert index.update(folder) == [CHANGED % (folder / NAME)]
    assert (folder / NAME).read_bytes() == changed and rows(folder) == before
    (folder / "again.hcl").write_bytes(LOG)
    assert index.update(folder) == [
        "%s has changed since it came (another SHA-256); move it elsewhere, what it was is in %s."
        % (folder / NAME, folder / "again.hcl")
    ]


@pytest.mark.parametrize("damaged", [b"", b"\xff\xfe[", b"[[[", b"\0" * 4096])
def test_a_damaged_index_is_made_anew(folder, damaged):
    index.update(folder)
    before = rows(folder)
    (folder / index.NAME).write_bytes(damaged)
    assert index.update(folder) == []
    assert rows(folder) == before


def test_a_log_that_has_grown_on_the_clip_is_as_it_should_be(folder):
    overwrite(folder / NAME, LOG[:-512])
    index.update(folder)
    overwrite(folder / NAME, LOG)
    assert len(index.update(folder)) == 1
    assert index.update(folder, verified={NAME}) == []
    assert [row["verdict"] for row in rows(folder)] == ["whole", "whole"]


def test_a_log_that_is_gone_is_told_once_unless_it_was_moved(folder):
    index.update(folder)
    other = folder.parent / "R018"
    other.mkdir()
    (folder / NAME).rename(other / "moved.hcl")
    assert index.update(folder) == []
    (folder / OTHER_NAME).unlink()
    assert index.update(folder) == ["%s is gone; if that was not meant, pull it again." % (folder / OTHER_NAME)]
    assert index.update(folder) == [] and rows(folder) == []


@pytest.mark.parametrize("command", ["report", "export"])
def test_no_command_takes_a_changed_log_for_what_was_pulled(folder, capsys, command):
    index.update(folder)
    assert cli.main([command, str(folder / NAME)]) == OK
    capsys.readouterr()
    overwrite(folder / NAME, b"".join(sealed(step(0, peak=100), step(355), runner="R017")))
    assert cli.main([command, str(folder / NAME)]) == INTEGRITY
    assert "The file has changed since it came: its SHA-256 is another." in capsys.readouterr().out


def test_a_report_takes_the_copy_that_has_not_changed(folder, capsys):
    """Whichever comes first by name, and says so; the other one is fuller by a step that it should not have."""
    index.update(folder)
    overwrite(folder / NAME, b"".join(sealed(step(0), step(355), step(710), runner="R017")))
    for name in ("a.hcl", "z.hcl"):
        (folder / name).write_bytes(LOG)
        assert cli.main(["report", str(folder)]) == INTEGRITY
        said = capsys.readouterr()
        told = "Session 7 of clip 024849504355 is there twice; the one that has not changed since it came counts.\n"
        assert said.err == told and "Session 7 of clip 024849504355: whole." in said.out
        (folder / name).unlink()


def test_events_of_a_log_do_not_matter_to_its_row(tmp_path):
    """A folder without steps has an index as well."""
    (tmp_path / NAME).write_bytes(b"".join(sealed(pack(record.EVENT, 50, 4, 12))))
    (tmp_path / "none.hcl").write_bytes(b"")
    assert index.update(tmp_path) == []
    assert [(row["file"], row["verdict"], row["clip"]) for row in rows(tmp_path)] == [
        (NAME, "whole", CLIP.hex()),
        ("none.hcl", "damaged", ""),
    ]
