"""Pulling: verified, resumable, and never at the cost of what is already here."""

import hashlib

import pytest
from fake_clip import FakeClip
from synthetic_log import CLIP, block, sealed, step

from hipcue.contract import record
from hipcue.contract.frame import CHUNK_BYTES
from host_tools.clip_folder import folder_of
from host_tools.errors import INTEGRITY, INTERRUPTED, UNSAFE, HipCueError
from host_tools.output import Output
from host_tools.pull import pull_all

NAME = "00000007.hcl"
LOG = b"".join(sealed(*(step(k) for k in range(20))))
CHUNKS = -(-len(LOG) // CHUNK_BYTES)


def pull(clip, folder):
    return pull_all(clip, folder, Output(as_json=True))


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
    (row,) = pull(clip, tmp_path / "clip")
    assert (tmp_path / "clip" / NAME).read_bytes() == LOG
    assert [path.name for path in (tmp_path / "clip").iterdir()] == [NAME]
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


def test_pulling_twice_adds_nothing(tmp_path):
    pull(FakeClip({NAME: LOG}), tmp_path)
    clip = FakeClip({NAME: LOG})
    (row,) = pull(clip, tmp_path)
    assert (row["bytes_came"], row["bytes_missing"], row["verdict"], clip.frames_sent) == (0, 0, "whole", 0)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


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
    assert (tmp_path / NAME).read_bytes() == LOG
    assert clip.frames_sent > CHUNKS + 1 and clip.entered == 1


def test_a_frame_that_came_twice_is_not_written_twice(tmp_path):
    pieces = []

    def twice(piece, number):
        pieces.append(piece)
        return pieces[-2] if number == 3 else piece

    pull(FakeClip({NAME: LOG}, twice), tmp_path)
    assert (tmp_path / NAME).read_bytes() == LOG


def test_silence_is_taken_for_a_lost_acknowledgement(tmp_path):
    def silent(piece, number):
        if number == 4:
            raise HipCueError("The clip stopped answering.", INTERRUPTED)
        return piece

    clip = FakeClip({NAME: LOG}, silent)
    pull(clip, tmp_path)
    assert (tmp_path / NAME).read_bytes() == LOG and clip.entered == 1


def test_a_line_that_always_spoils(tmp_path):
    clip = FakeClip({NAME: LOG}, lambda piece, number: piece if number < 3 else b"?")
    (row,) = pull(clip, tmp_path)
    assert (row["verdict"], row["exit_code"]) == ("download interrupted", INTEGRITY)
    assert "does not come through the line unspoilt" in row["problems"][0]
    assert (tmp_path / (NAME + ".part")).read_bytes() == LOG[: 2 * CHUNK_BYTES]


@pytest.mark.parametrize("number", range(1, CHUNKS + 2))
def test_resumed_after_a_cut_at_every_frame(tmp_path, number):
    (row,) = pull(LostClip({NAME: LOG}, cut_at(number)), tmp_path)
    here = min(len(LOG), CHUNK_BYTES * (number - 1))
    assert (row["verdict"], row["exit_code"], row["session"]) == ("download interrupted", INTERRUPTED, 7)
    assert (row["bytes_on_clip"], row["bytes_came"], row["bytes_missing"]) == (len(LOG), here, len(LOG) - here)
    assert not (tmp_path / NAME).exists()
    clip = FakeClip({NAME: LOG})
    (row,) = pull(clip, tmp_path)
    assert clip.frames_sent == CHUNKS + 1 - (number - 1)
    assert (row["bytes_came"], row["verdict"]) == (len(LOG) - here, "whole")
    assert (tmp_path / NAME).read_bytes() == LOG
    assert not (tmp_path / (NAME + ".part")).exists()


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
    (tmp_path / (NAME + ".part")).write_bytes(part)
    (row,) = pull(FakeClip({NAME: LOG}), tmp_path)
    assert (tmp_path / NAME).read_bytes() == LOG
    assert row["bytes_came"] == len(LOG)


def test_a_part_cut_anywhere_is_built_on(tmp_path):
    for size in (1, 511, CHUNK_BYTES + 1, len(LOG) - 1, len(LOG)):
        (tmp_path / (NAME + ".part")).write_bytes(LOG[:size])
        (row,) = pull(FakeClip({NAME: LOG}), tmp_path)
        assert row["bytes_came"] == len(LOG) - size
        assert (tmp_path / NAME).read_bytes() == LOG
        (tmp_path / NAME).unlink()


def test_a_log_of_the_same_name_is_not_overwritten(tmp_path):
    other = b"".join(sealed(step(99)))
    (tmp_path / NAME).write_bytes(other)
    (row,) = pull(FakeClip({NAME: LOG}), tmp_path)
    assert (tmp_path / NAME).read_bytes() == other
    assert row["path"] != str(tmp_path / NAME)
    assert (tmp_path / row["path"]).read_bytes() == LOG
    clip = FakeClip({NAME: LOG})
    pull(clip, tmp_path)
    assert clip.frames_sent == 0 and len(list(tmp_path.iterdir())) == 2


def test_another_log_of_the_same_length_is_not_taken_for_it(tmp_path):
    """The CRC-32 of whole blocks is the same whatever they hold: only a hash tells two logs apart."""
    other = b"".join(sealed(*(step(k, peak=100) for k in range(20))))
    assert len(other) == len(LOG)
    (tmp_path / NAME).write_bytes(other)
    (row,) = pull(FakeClip({NAME: LOG}), tmp_path)
    assert row["bytes_came"] == len(LOG)
    assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == sorted([LOG, other])


def test_a_log_that_has_grown_replaces_what_was_pulled_of_it(tmp_path):
    (tmp_path / NAME).write_bytes(LOG[: 8 * 512])
    pull(FakeClip({NAME: LOG}), tmp_path)
    assert (tmp_path / NAME).read_bytes() == LOG
    assert len(list(tmp_path.iterdir())) == 1


def test_what_the_clip_itself_lost_is_said(tmp_path):
    hurt = bytearray(LOG)
    hurt[10 * 512 + 40] ^= 1
    (row,) = pull(FakeClip({NAME: bytes(hurt)}), tmp_path)
    assert (row["verdict"], row["blocks_bad"], row["exit_code"]) == ("damaged", 1, 22)


def test_folder_of_a_clip(tmp_path):
    clip = CLIP.hex()
    assert folder_of(tmp_path, clip) == tmp_path / clip
    (tmp_path / "00000001.hcl").write_bytes(LOG)
    assert folder_of(tmp_path, clip) == tmp_path


@pytest.mark.parametrize("inside", ["", CLIP.hex()])
@pytest.mark.parametrize("name", ["00000001.hcl", "00000001.hcl.part"])
def test_folder_of_another_clip_is_refused(tmp_path, inside, name):
    (tmp_path / inside).mkdir(exist_ok=True)
    (tmp_path / inside / name).write_bytes(block(record.KIND_DATA, 0, 0, b"", clip=b"OTHER!"))
    with pytest.raises(HipCueError, match="is of clip 4f5448455221") as caught:
        folder_of(tmp_path, CLIP.hex())
    assert caught.value.exit_code == UNSAFE
