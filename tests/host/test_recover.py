"""Recovering from a raw image: littlefs whole, without its head, moved, erased, hurt; and numbers given twice."""

import json
import random

import pytest
from run_log import CLIP, run_log, write_flash
from synthetic_log import head_blocks, seal_block, sealed, step

from hipcue.contract import record
from host_tools import cli
from host_tools.errors import DATA_LOSS, INTEGRITY, OK
from host_tools.recover.flash_image import SECTOR_BYTES, blocks_in
from host_tools.recover.regroup import sessions_of

SESSIONS = {1: 1500, 2: 20, 3: 18000, 4: 300}  # number: steps; in a long one the cuts by sectors wander through a block
BLOCK = record.BLOCK_BYTES


def owner(session, clip=CLIP):
    return clip + session.to_bytes(4, "little")


@pytest.fixture(scope="module")
def logs():
    return {number: run_log(steps, session=number, seed=number) for number, steps in SESSIONS.items()}


@pytest.fixture(scope="module")
def image(binary, logs, tmp_path_factory):
    """A chip on which the twin's littlefs has written them."""
    named = {"%08d.hcl" % number: log for number, log in logs.items()}
    return write_flash(tmp_path_factory.mktemp("chip"), named).read_bytes()


def recovered(image):
    """Return {session: [log, ...]}."""
    return {int.from_bytes(key[6:], "little"): found for key, found in sessions_of(blocks_in(image)).items()}


def whole(logs):
    return {number: [log] for number, log in logs.items()}


def test_every_session_of_a_chip(image, logs):
    assert len(image) == 2 * 1024 * 1024
    assert recovered(image) == whole(logs)


def test_without_a_file_system(image, logs):
    """Both superblocks and the folders are gone: nothing can be mounted."""
    folders = [at for at in range(0, len(image), SECTOR_BYTES) if b"littlefs" in image[at : at + 32] or at < 8192]
    hurt = bytearray(image)
    for at in folders:
        hurt[at : at + SECTOR_BYTES] = b"\xff" * SECTOR_BYTES
    assert recovered(bytes(hurt)) == whole(logs)


@pytest.mark.parametrize("before", [0x200000, 0x10000, SECTOR_BYTES])
def test_the_file_system_anywhere_on_a_whole_chip(image, logs, before):
    noise = random.Random(1).randbytes(before)
    assert recovered(noise + image) == whole(logs)


def sectors_of(image, block):
    """Return the sectors that hold `block`, found by its bytes alone; with copies, those of the first."""
    at = image.find(block[:33])
    head = min(BLOCK, SECTOR_BYTES - at % SECTOR_BYTES)
    sectors = {at // SECTOR_BYTES}
    if head < BLOCK:
        sectors.add(image.find(block[head:]) // SECTOR_BYTES)
    return sectors


@pytest.mark.parametrize("seed", range(6))
def test_what_lies_in_no_hurt_sector_comes_back_and_nothing_else(image, logs, seed):
    """From 1 to 100 sectors overwritten with noise."""
    chance = random.Random(seed)
    hurt = set(chance.sample(range(len(image) // SECTOR_BYTES), chance.choice((1, 10, 100))))
    changed = bytearray(image)
    for sector in hurt:
        changed[sector * SECTOR_BYTES : (sector + 1) * SECTOR_BYTES] = chance.randbytes(SECTOR_BYTES)
    found = recovered(bytes(changed))
    for number, log in logs.items():
        blocks = [log[at : at + BLOCK] for at in range(0, len(log), BLOCK)]
        unhurt = [block for block in blocks if not sectors_of(image, block) & hurt]
        (made,) = found.get(number, [b""])
        came = [made[at : at + BLOCK] for at in range(0, len(made), BLOCK)]
        assert len(came) >= len(unhurt)
        assert [block for block in came if block in unhurt] == unhurt
        assert all(block in blocks for block in came)


@pytest.mark.parametrize("seed", range(3))
def test_turned_bytes_cost_their_own_blocks_alone(image, logs, seed):
    """300 bytes of the files: also the numbers at a sector's start, and blocks that lead a sector."""
    chance = random.Random(seed)
    changed = bytearray(image)
    used = [at for at in range(0, len(image), SECTOR_BYTES) if record.MAGIC in image[at : at + SECTOR_BYTES]]
    hurt = {chance.choice(used) + chance.randrange(SECTOR_BYTES) for _ in range(300)}
    for at in hurt:
        changed[at] ^= chance.randrange(1, 256)
    found = recovered(bytes(changed))
    for number, log in logs.items():
        (made,) = found[number]
        blocks = [log[at : at + BLOCK] for at in range(0, len(log), BLOCK)]
        came = [made[at : at + BLOCK] for at in range(0, len(made), BLOCK)]
        unhurt = [block for block in blocks if not is_hurt(image, block, hurt)]
        assert len(unhurt) < len(blocks) or number == 2
        # Of a hurt block littlefs may have left a copy.
        assert [block for block in came if block in unhurt] == unhurt
        assert all(block in blocks for block in came)


def is_hurt(image, block, hurt):
    """Return whether a byte of `block`'s first copy is among the positions `hurt`."""
    at = image.find(block[:33])
    head = min(BLOCK, SECTOR_BYTES - at % SECTOR_BYTES)
    places = [(at, head)] + ([(image.find(block[head:]), BLOCK - head)] if head < BLOCK else [])
    return any(start <= one < start + count for start, count in places for one in hurt)


def plain_chip(*logs):
    """Return an image with logs end to end, as another file system than littlefs may leave them."""
    return b"\xff" * 4096 + b"".join(logs) + b"\xff" * 4096


def test_copies_and_strangers():
    first = b"".join(sealed(step(1), step(2)))
    assert recovered(plain_chip(first, first[512:1024], first)) == {7: [first]}


def test_a_number_given_twice_stands_twice():
    """Erased, and the count begun anew: no block of the one may stand in the other."""
    old = b"".join(sealed(*(step(k) for k in range(9))))
    blocks = head_blocks()
    blocks.append(bytes(sealed(step(77))[len(blocks)]))
    new = b"".join(blocks + [seal_block(blocks, time_ms=30000)])
    head = len(head_blocks()) * BLOCK
    rest_of_old = old[head + 2 * BLOCK :]
    (found,) = recovered(plain_chip(new, b"\xff" * 512, rest_of_old)).values()
    assert sorted(found, key=len) == sorted([new, rest_of_old], key=len)


def run(capsys, *arguments):
    code = cli.main(["recover", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err.strip()


def test_command(capsys, image, logs, tmp_path):
    (tmp_path / "chip.bin").write_bytes(image)
    code, out, _ = run(capsys, tmp_path / "chip.bin", "--out", tmp_path / "out", "--json")
    rows = json.loads(out)["sessions"]
    assert (code, [row["verdict"] for row in rows]) == (OK, ["whole"] * 4)
    for number, log in logs.items():
        assert (tmp_path / "out" / CLIP.hex() / ("%s-%08d.hcl" % (CLIP.hex(), number))).read_bytes() == log
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / CLIP.hex()).iterdir()}
    run(capsys, tmp_path / "chip.bin", "--out", tmp_path / "out")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / CLIP.hex()).iterdir()} == before
    assert len(before) == 4 + 1  # the index


def test_each_runner_has_a_folder(capsys, tmp_path):
    named = b"".join(sealed(step(1), runner="R017", session=1))
    (tmp_path / "chip.bin").write_bytes(plain_chip(named, b"".join(sealed(step(2), session=2))))
    _, out, _ = run(capsys, tmp_path / "chip.bin", "--out", tmp_path / "out", "--json")
    assert [row["runner"] for row in json.loads(out)["sessions"]] == ["R017", None]
    assert (tmp_path / "out" / "R017" / "024849504355-00000001.hcl").read_bytes() == named
    assert (tmp_path / "out" / "024849504355" / "024849504355-00000002.hcl").exists()


def test_command_says_what_is_missing_and_overwrites_nothing(capsys, tmp_path):
    log = b"".join(sealed(step(1), step(2), step(3)))
    (tmp_path / "chip.bin").write_bytes(plain_chip(log))
    run(capsys, tmp_path / "chip.bin", "--out", tmp_path / "out")
    head = len(head_blocks())
    (tmp_path / "chip.bin").write_bytes(plain_chip(log[: (head + 1) * BLOCK], log[(head + 2) * BLOCK :]))
    code, out, _ = run(capsys, tmp_path / "chip.bin", "--out", tmp_path / "out")
    assert code == DATA_LOSS
    assert out.startswith("Session 7 of clip 024849504355: damaged; 2 steps. ")
    assert "Block %d is lost: records opened from 20.0 s to 40.0 s" % (head + 1) in out
    assert (tmp_path / "out" / "024849504355" / "024849504355-00000007.hcl").read_bytes() == log
    assert (tmp_path / "out" / "024849504355" / "024849504355-00000007-2.hcl").exists()


def test_an_image_without_a_log(capsys, tmp_path):
    (tmp_path / "chip.bin").write_bytes(b"\xff" * 100000)
    code, _, sentence = run(capsys, tmp_path / "chip.bin")
    expected = "%s holds no whole block of a HipCue log; read the flash again." % (tmp_path / "chip.bin")
    assert (code, sentence) == (INTEGRITY, expected)
