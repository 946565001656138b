"""Pulling: verified, resumable, and never at the cost of what is already here."""

import pytest
from fake_clip import CHUNK, FakeClip
from synthetic_log import sealed, step

from host_tools.errors import INTEGRITY, INTERRUPTED, HipCueError
from host_tools.output import Output
from host_tools.pull import pull_all

NAME = "00000007.hcl"
LOG = b"".join(sealed(*(step(k) for k in range(20))))
CHUNKS = -(-len(LOG) // CHUNK)


def pull(clip, folder):
    return pull_all(clip, folder, Output(as_json=True))


def cut_at(chunk):
    """Return a spoil function that pulls the cable when `chunk` would come."""

    def spoil(line, number):
        if number == chunk:
            raise HipCueError("The connection was lost.", INTERRUPTED)
        return line

    return spoil


def test_pull(tmp_path):
    (row,) = pull(FakeClip({NAME: LOG}), tmp_path / "clip")
    assert (tmp_path / "clip" / NAME).read_bytes() == LOG
    assert [path.name for path in (tmp_path / "clip").iterdir()] == [NAME]
    assert (row["verdict"], row["bytes_on_clip"], row["bytes_came"], row["exit_code"]) == (
        "whole",
        len(LOG),
        len(LOG),
        0,
    )
    assert (row["steps"], row["blocks_bad"]) == (20, 0)


def test_pulling_twice_adds_nothing(tmp_path):
    pull(FakeClip({NAME: LOG}), tmp_path)
    clip = FakeClip({NAME: LOG})
    (row,) = pull(clip, tmp_path)
    assert (row["bytes_came"], row["verdict"], clip.chunks_sent) == (0, "whole", 0)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line, number: line.replace(b"A", b"B", 1) if number == 2 else line,
        lambda line, number: line[:-9] if number == 2 else line,
        lambda line, number: b"MPY: soft reboot" if number == 2 else line,
        lambda line, number: b"" if number == CHUNKS else line,
    ],
)
def test_a_spoilt_line_is_sent_again(tmp_path, spoil):
    clip = FakeClip({NAME: LOG}, spoil)
    pull(clip, tmp_path)
    assert (tmp_path / NAME).read_bytes() == LOG
    assert clip.chunks_sent > CHUNKS


def test_a_line_that_is_always_spoilt(tmp_path):
    clip = FakeClip({NAME: LOG}, lambda line, number: line if number < 3 else b"?")
    with pytest.raises(HipCueError, match="does not come through the line unspoilt") as caught:
        pull(clip, tmp_path)
    assert caught.value.exit_code == INTEGRITY
    assert (tmp_path / (NAME + ".part")).read_bytes() == LOG[: 2 * CHUNK]


@pytest.mark.parametrize("chunk", range(1, CHUNKS + 1))
def test_resumed_after_a_cut_at_every_chunk(tmp_path, chunk):
    with pytest.raises(HipCueError):
        pull(FakeClip({NAME: LOG}, cut_at(chunk)), tmp_path)
    assert not (tmp_path / NAME).exists()
    clip = FakeClip({NAME: LOG})
    (row,) = pull(clip, tmp_path)
    assert clip.chunks_sent == CHUNKS - (chunk - 1)
    assert row["bytes_came"] == len(LOG) - CHUNK * (chunk - 1)
    assert (tmp_path / NAME).read_bytes() == LOG
    assert not (tmp_path / (NAME + ".part")).exists()


def test_a_corrupted_part_is_found_and_thrown_away(tmp_path):
    (tmp_path / (NAME + ".part")).write_bytes(b"x" * CHUNK)
    with pytest.raises(HipCueError, match="is not what the clip sent") as caught:
        pull(FakeClip({NAME: LOG}), tmp_path)
    assert caught.value.exit_code == INTEGRITY
    assert list(tmp_path.iterdir()) == []
    pull(FakeClip({NAME: LOG}), tmp_path)
    assert (tmp_path / NAME).read_bytes() == LOG


def test_a_log_of_the_same_name_is_not_overwritten(tmp_path):
    other = b"".join(sealed(step(99)))
    (tmp_path / NAME).write_bytes(other)
    (row,) = pull(FakeClip({NAME: LOG}), tmp_path)
    assert (tmp_path / NAME).read_bytes() == other
    assert row["path"] != str(tmp_path / NAME)
    assert (tmp_path / row["path"]).read_bytes() == LOG
    clip = FakeClip({NAME: LOG})
    pull(clip, tmp_path)
    assert clip.chunks_sent == 0 and len(list(tmp_path.iterdir())) == 2


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
