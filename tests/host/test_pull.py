"""Pulling: verified, resumable, and never at the cost of what is already here."""

import hashlib
import os

import pytest
from fake_clip import FakeClip
from synthetic_log import CLIP, head_blocks, sealed, step

from hipcue.contract.frame import CHUNK_BYTES
from host_tools.errors import INTEGRITY, INTERRUPTED, HipCueError
from host_tools.output import Output
from host_tools.pull.command import pull_all

IDENTITY = CLIP.hex()
NAME = "00000007.hcl"  # on the clip
LOG = b"".join(sealed(*(step(k) for k in range(20))))
NAMED = b"".join(sealed(*(step(k) for k in range(20)), runner="R017"))
CHUNKS = -(-len(LOG) // CHUNK_BYTES)
HEAD_CHUNKS = -(-512 * len(head_blocks()) // CHUNK_BYTES)  # in which the log says whose it is


def pull(clip, out, runner=None):
    return pull_all(clip, IDENTITY, out, Output(as_json=True), runner)


def here(out, folder=IDENTITY, name=IDENTITY + "-" + NAME):
    """Return where the session stands."""
    return out / folder / name


def part_of(out, folder=""):
    """Return where what has come of the session stands."""
    return here(out, folder, IDENTITY + "-" + NAME + ".part")


def put(path, data):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def files_in(out):
    """Return every file below `out` with its bytes and times: what must not change where nothing is to be added."""
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in out.rglob("*") if path.is_file()}


def cut_at(number_of_cut):
    """Return a spoil function that pulls the cable when that frame would come."""

    def spoil(piece, number):
        if number >= number_of_cut:
            raise HipCueError("The connection was lost.", INTERRUPTED)
        return piece

    return spoil


class LostClip(FakeClip):
    """Once its line fails it is gone."""

    def enter(self):
        raise HipCueError("The connection was lost.", INTERRUPTED)


def test_pull(tmp_path):
    clip = FakeClip({NAME: LOG})
    (row,) = pull(clip, tmp_path / "logs")
    assert here(tmp_path / "logs").read_bytes() == LOG
    assert list(files_in(tmp_path / "logs")) == [here(tmp_path / "logs")]
    assert (row["verdict"], row["exit_code"], row["steps"], row["blocks_bad"]) == ("whole", 0, 20, 0)
    assert (row["bytes_on_clip"], row["bytes_came"], row["bytes_missing"]) == (len(LOG), len(LOG), 0)
    assert (clip.frames_sent, clip.acknowledged, clip.entered) == (CHUNKS + 1, CHUNKS + 1, 0)


def test_the_clip_is_told_once_what_is_safe(tmp_path):
    """Not before the whole is verified here, and not again."""
    lost = LostClip({NAME: LOG}, cut_at(CHUNKS))
    pull(lost, tmp_path)
    assert lost.vouched == []
    clip = FakeClip({NAME: LOG})
    pull(clip, tmp_path)
    assert clip.vouched == [[7, hashlib.sha256(LOG).hexdigest()]]
    pull(clip, tmp_path)
    assert len(clip.vouched) == 1


def test_a_session_without_a_seal_is_not_vouched_for(tmp_path):
    clip = FakeClip({NAME: LOG[:-512]})
    (row,) = pull(clip, tmp_path)
    assert (row["verdict"], clip.vouched) == ("recording interrupted", [])


def test_a_clip_that_cannot_note_it_has_sent_it_all_the_same(tmp_path, capsys):
    class FullClip(FakeClip):
        def exec_json(self, code, timeout_s=10.0):
            if "mark_verified" in code:
                raise HipCueError("The clip reports: OSError: 28.", INTEGRITY)
            return super().exec_json(code, timeout_s)

    (row,) = pull(FullClip({NAME: LOG}), tmp_path)
    assert (row["verdict"], row["exit_code"]) == ("whole", 0)
    assert capsys.readouterr().err == "The clip takes session 7 not as verified: The clip reports: OSError: 28.\n"


def test_pulling_twice_adds_nothing(tmp_path):
    pull(FakeClip({NAME: LOG}), tmp_path)
    before = files_in(tmp_path)
    clip = FakeClip({NAME: LOG})
    (row,) = pull(clip, tmp_path)
    assert (row["bytes_came"], row["bytes_missing"], row["verdict"], clip.frames_sent) == (0, 0, "whole", 0)
    assert files_in(tmp_path) == before and len(before) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda piece, number: piece.replace(b"H", b"h", 1) if number == 2 else piece,
        lambda piece, number: piece[:-9] if number == 2 else piece,
        lambda piece, number: b"MPY: soft reboot" if number == 2 else piece,
        lambda piece, number: b"\x7d" if number == 2 else piece,
        lambda piece, number: b"" if number == CHUNKS else piece,
        lambda piece, number: piece[1:] if number == CHUNKS + 1 else piece,
    ],
)
def test_a_spoilt_frame_is_sent_again(tmp_path, spoil):
    clip = FakeClip({NAME: LOG}, spoil)
    pull(clip, tmp_path)
    assert here(tmp_path).read_bytes() == LOG
    assert clip.frames_sent > CHUNKS + 1 and clip.entered == 1


def test_a_frame_that_came_twice_is_not_written_twice(tmp_path):
    pieces = []

    def twice(piece, number):
        pieces.append(piece)
        return pieces[-2] if number == 3 else piece

    pull(FakeClip({NAME: LOG}, twice), tmp_path)
    assert here(tmp_path).read_bytes() == LOG


def test_silence_is_taken_for_a_lost_acknowledgement(tmp_path):
    def silent(piece, number):
        if number == 4:
            raise HipCueError("The clip stopped answering.", INTERRUPTED)
        return piece

    clip = FakeClip({NAME: LOG}, silent)
    pull(clip, tmp_path)
    assert here(tmp_path).read_bytes() == LOG and clip.entered == 1


def test_a_line_that_always_spoils(tmp_path):
    clip = FakeClip({NAME: LOG}, lambda piece, number: piece if number < 3 else b"?")
    (row,) = pull(clip, tmp_path)
    assert (row["verdict"], row["exit_code"]) == ("download interrupted", INTEGRITY)
    assert "does not come through the line unspoilt" in row["problems"][0]
    assert part_of(tmp_path).read_bytes() == LOG[: 2 * CHUNK_BYTES]


@pytest.mark.parametrize("number", range(1, CHUNKS + 2))
@pytest.mark.parametrize(("log", "folder"), [(LOG, IDENTITY), (NAMED, "R017")])
def test_resumed_after_a_cut_at_every_frame(tmp_path, number, log, folder):
    (row,) = pull(LostClip({NAME: log}, cut_at(number)), tmp_path)
    came = min(len(log), CHUNK_BYTES * (number - 1))
    assert (row["verdict"], row["exit_code"], row["session"]) == ("download interrupted", INTERRUPTED, 7)
    assert (row["bytes_on_clip"], row["bytes_came"], row["bytes_missing"]) == (len(log), came, len(log) - came)
    assert not here(tmp_path, folder).exists()
    assert part_of(tmp_path, folder if number > HEAD_CHUNKS else "").exists()
    clip = FakeClip({NAME: log})
    (row,) = pull(clip, tmp_path)
    assert clip.frames_sent == CHUNKS + 1 - (number - 1)
    assert (row["bytes_came"], row["verdict"]) == (len(log) - came, "whole")
    assert here(tmp_path, folder).read_bytes() == log
    assert list(files_in(tmp_path)) == [here(tmp_path, folder)]


def test_what_an_interrupted_pull_did_not_come_to_is_listed(tmp_path):
    other = b"".join(sealed(step(5)))
    first, second = pull(LostClip({NAME: LOG, "00000008.hcl": other}, cut_at(3)), tmp_path)
    assert (first["bytes_missing"], second["session"], second["bytes_missing"]) == (
        len(LOG) - 2 * CHUNK_BYTES,
        8,
        len(other),
    )
    assert first["exit_code"] == second["exit_code"] == INTERRUPTED


@pytest.mark.parametrize("part", [b"x" * CHUNK_BYTES, LOG[:700] + b"x", LOG + b"x", LOG[:-1] + b"x"])
def test_a_part_that_is_not_the_start_of_the_session_is_not_built_on(tmp_path, part):
    put(part_of(tmp_path), part)
    (row,) = pull(FakeClip({NAME: LOG}), tmp_path)
    assert here(tmp_path).read_bytes() == LOG
    assert row["bytes_came"] == len(LOG)


@pytest.mark.parametrize("part", [part_of, lambda out: here(out, IDENTITY, NAME + ".part")])
def test_a_part_cut_anywhere_is_built_on(tmp_path, part):
    """Where it stands now, and where earlier versions had it."""
    for size in (1, 511, CHUNK_BYTES + 1, len(LOG) - 1, len(LOG)):
        put(part(tmp_path), LOG[:size])
        (row,) = pull(FakeClip({NAME: LOG}), tmp_path)
        assert row["bytes_came"] == len(LOG) - size
        assert here(tmp_path).read_bytes() == LOG
        assert list(files_in(tmp_path)) == [here(tmp_path)]
        here(tmp_path).unlink()


def test_a_log_of_the_same_name_is_not_overwritten(tmp_path):
    other = b"".join(sealed(step(99)))
    put(here(tmp_path), other)
    (row,) = pull(FakeClip({NAME: LOG}), tmp_path)
    assert here(tmp_path).read_bytes() == other
    assert row["path"] != str(here(tmp_path))
    assert (tmp_path / row["path"]).read_bytes() == LOG
    clip = FakeClip({NAME: LOG})
    pull(clip, tmp_path)
    assert clip.frames_sent == 0 and len(files_in(tmp_path)) == 2


def test_another_log_of_the_same_length_is_not_taken_for_it(tmp_path):
    """The CRC-32 of whole blocks is the same whatever they hold: only a hash tells two logs apart."""
    other = b"".join(sealed(*(step(k, peak=100) for k in range(20))))
    assert len(other) == len(LOG)
    put(here(tmp_path), other)
    (row,) = pull(FakeClip({NAME: LOG}), tmp_path)
    assert row["bytes_came"] == len(LOG)
    assert sorted(path.read_bytes() for path in files_in(tmp_path)) == sorted([LOG, other])


def test_a_log_that_has_grown_replaces_what_was_pulled_of_it(tmp_path):
    put(here(tmp_path), LOG[: 8 * 512])
    pull(FakeClip({NAME: LOG}), tmp_path)
    assert here(tmp_path).read_bytes() == LOG
    assert len(files_in(tmp_path)) == 1


def test_what_the_clip_itself_lost_is_said(tmp_path):
    hurt = bytearray(LOG)
    hurt[10 * 512 + 40] ^= 1
    (row,) = pull(FakeClip({NAME: bytes(hurt)}), tmp_path)
    assert (row["verdict"], row["blocks_bad"], row["exit_code"]) == ("damaged", 1, 22)


def test_a_log_goes_to_the_runner_it_was_recorded_under(tmp_path):
    """Whatever is said now; that counts for logs that bear no pseudonym, and stand under their clip's name without."""
    other = b"".join(sealed(step(5), runner="R012"))
    rows = pull(FakeClip({NAME: NAMED, "00000008.hcl": other, "00000009.hcl": LOG}), tmp_path, "K-3")
    assert [row["runner"] for row in rows] == ["R017", "R012", "K-3"]
    assert {path.parent.name: path.read_bytes() for path in files_in(tmp_path)} == {
        "R017": NAMED,
        "R012": other,
        "K-3": LOG,
    }
    (row,) = pull(FakeClip({NAME: LOG[:-512]}), tmp_path)
    assert row["runner"] is None and row["path"] == str(here(tmp_path))


def test_a_runner_of_two_clips_has_both_logs_in_one_folder(tmp_path):
    """Both are session 7 of their clip."""
    other = b"".join(sealed(step(5), runner="R017", clip=b"\x02OTHER"))
    pull(FakeClip({NAME: NAMED}), tmp_path)
    pull_all(FakeClip({NAME: other}), b"\x02OTHER".hex(), tmp_path, Output(as_json=True))
    assert {path.name: path.read_bytes() for path in (tmp_path / "R017").iterdir()} == {
        "024849504355-00000007.hcl": NAMED,
        "024f54484552-00000007.hcl": other,
    }


@pytest.mark.parametrize("where", [here, lambda out: out / IDENTITY / NAME, lambda out: out / "R012" / "a.hcl"])
def test_what_is_here_is_not_moved_by_what_is_said_later(tmp_path, where):
    """By any name, in any folder: a log of an earlier version, or one put in its place by hand."""
    put(where(tmp_path), LOG)
    before = files_in(tmp_path)
    clip = FakeClip({NAME: LOG})
    (row,) = pull(clip, tmp_path, "R017")
    assert clip.frames_sent == 0 and row["path"] == str(where(tmp_path))
    assert files_in(tmp_path) == before


@pytest.mark.parametrize("bad", ["../../up", "/tmp", "Anna Smith", "Anna", "", "R017" * 3, 17, ["R017"], "R\u0660"])
def test_a_log_cannot_name_any_folder(tmp_path, bad):
    """A pseudonym is read from a file that may be of another hand."""
    (row,) = pull(FakeClip({NAME: b"".join(sealed(step(1), runner=bad))}), tmp_path)
    assert row["runner"] is None and os.listdir(tmp_path) == [IDENTITY]
