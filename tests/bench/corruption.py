"""Damage to a log's bytes, at random, and whether the host's reader takes any of it for a block."""

import random
from dataclasses import dataclass

from hipcue.contract.record import BLOCK_BYTES
from host_tools.log.blocks import find
from host_tools.log.session import WHOLE
from host_tools.log.verdict import judge, read_seal

SECTOR_BYTES = 4096
MOST_BITS = 64
MOST_SWAPS = 8
MOST_LOST = 3000  # bytes of a gap that keeps to no sector


@dataclass
class Damaged:
    """`data`, and which blocks of the log it no longer holds as they were."""

    data: bytes
    gone: set


def flipped(log, rng):
    """Flip 1 to 64 bits."""
    data = bytearray(log)
    for _ in range(rng.randint(1, MOST_BITS)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return _compare(log, data)


def swapped(log, rng):
    """Exchange 1 to 8 pairs of bytes, neighbours every other time."""
    data = bytearray(log)
    for _ in range(rng.randint(1, MOST_SWAPS)):
        one = rng.randrange(len(data) - 1)
        other = one + 1 if rng.random() < 0.5 else rng.randrange(len(data))
        data[one], data[other] = data[other], data[one]
    return _compare(log, data)


def lost(log, rng):
    """Leave out a block, a sector of the flash, or a stretch of bytes; or find them erased in their place."""
    start, length = _stretch(log, rng)
    end = min(start + length, len(log))
    filling = rng.choice((b"", b"\xff" * (end - start), bytes(end - start)))
    gone = set(range(start // BLOCK_BYTES, (end - 1) // BLOCK_BYTES + 1))
    return Damaged(log[:start] + filling + log[end:], gone)


def doubled(log, rng):
    """Find a block or a sector twice, the second time anywhere between blocks."""
    length = rng.choice((BLOCK_BYTES, SECTOR_BYTES))
    start = rng.randrange(0, len(log), length)
    to = rng.randrange(0, len(log) + 1, BLOCK_BYTES)
    return Damaged(log[:to] + log[start : start + length] + log[to:], set())


KINDS = (flipped, swapped, lost, doubled)


def _stretch(log, rng):
    length = rng.choice((BLOCK_BYTES, SECTOR_BYTES, None))
    if length is None:
        length = rng.randint(1, MOST_LOST)
        return rng.randrange(len(log) - length), length
    return rng.randrange(0, len(log), length), length


def _compare(log, data):
    starts = range(0, len(log), BLOCK_BYTES)
    changed = {at // BLOCK_BYTES for at in starts if log[at : at + BLOCK_BYTES] != data[at : at + BLOCK_BYTES]}
    return Damaged(bytes(data), changed)


def run(log, trials, seed):
    """Damage `log` so many times; return the figures as a dict."""
    rng = random.Random(seed)
    blocks = [log[at : at + BLOCK_BYTES] for at in range(0, len(log), BLOCK_BYTES)]
    originals = set(blocks)
    result = {"trials": trials, "false_accepts": 0, "unaffected": 0, "recovered": 0, "passed_as_whole": 0}
    for trial in range(trials):
        damaged = KINDS[trial % len(KINDS)](log, rng)
        found = find(damaged.data)
        accepted = {block.tobytes() for block in found.blocks}
        unaffected = [block for number, block in enumerate(blocks) if number not in damaged.gone]
        result["false_accepts"] += len(accepted - originals)
        result["unaffected"] += len(unaffected)
        result["recovered"] += sum(block in accepted for block in unaffected)
        verdict, _, _ = judge(found, read_seal(found.blocks), len(damaged.data))
        result["passed_as_whole"] += verdict == WHOLE and damaged.data != log
    return result
