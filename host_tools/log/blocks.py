"""Finding the whole blocks of a log in bytes that may be cut, torn or shifted."""

from binascii import crc32
from dataclasses import dataclass

import numpy as np

from hipcue.contract import record

# A block as contract.record frames it; the clip's identity in two parts, which compare as numbers.
BLOCK = np.dtype(
    [
        ("magic", "<u4"),
        ("version", "u1"),
        ("kind", "u1"),
        ("clip_low", "<u4"),
        ("clip_high", "<u2"),
        ("session", "<u4"),
        ("sequence", "<u4"),
        ("time_ms", "<u8"),
        ("battery_mv", "<u2"),
        ("flags", "u1"),
        ("used", "<u2"),
        ("payload", "V%d" % record.PAYLOAD_BYTES),
        ("crc", "<u4"),
    ]
)
OWNER = ["clip_low", "clip_high", "session"]
# The CRC-32 of any bytes followed by their own CRC-32, little-endian: a property of the polynomial.
RESIDUE = 0x2144DF1C
MAGIC = int.from_bytes(record.MAGIC, "little")
AT_ONCE = 64  # blocks that are checked together


@dataclass(frozen=True)
class Found:
    """The whole blocks of one session in sequence order, and what else the bytes held."""

    blocks: np.ndarray  # (n,) of BLOCK
    doubled: int  # blocks that came more than once
    foreign: int  # whole blocks of another clip or session
    stray_bytes: int  # bytes in no whole block


def find(data):
    """Return Found for the bytes of a log; after bytes that make no block it looks for the next magic."""
    runs, stray_bytes = [], 0
    view = memoryview(data)
    position = 0
    while position < len(data):
        count = _whole_from(data, view, position)
        if count:
            runs.append(np.frombuffer(data, BLOCK, count, position))
            position += count * record.BLOCK_BYTES
            continue
        following = data.find(record.MAGIC, position + 1)
        following = len(data) if following < 0 else following
        stray_bytes += following - position
        position = following
    whole = runs[0] if len(runs) == 1 else np.concatenate([np.zeros(0, BLOCK), *runs])
    return _of_one_session(whole, stray_bytes) if len(whole) else Found(whole, 0, 0, stray_bytes)


def is_whole(block):
    """Return whether the 512 bytes of `block` are one: its magic and its CRC-32 are right."""
    return block[:4] == record.MAGIC and len(block) == record.BLOCK_BYTES and crc32(block) == RESIDUE


def clip_of(block):
    """Return the identity of the clip that wrote a row of BLOCK, in hexadecimal."""
    return (int(block["clip_low"]).to_bytes(4, "little") + int(block["clip_high"]).to_bytes(2, "little")).hex()


def payload_of(block):
    """Return the used bytes of the payload of a row of BLOCK."""
    return block["payload"].tobytes()[: block["used"]]


def _whole_from(data, view, position):
    """Return how many whole blocks follow one another from `position` on."""
    size = record.BLOCK_BYTES
    count, most = 0, (len(data) - position) // size
    at_once = 1  # more only once the first is whole: bytes that hold none are looked at everywhere
    while count < most:
        start = position + count * size
        checked = min(at_once, most - count)
        whole = np.frombuffer(data, BLOCK, checked, start)["magic"] == MAGIC
        whole &= np.array([crc32(view[at : at + size]) for at in range(start, start + checked * size, size)]) == RESIDUE
        count += checked if whole.all() else int(np.argmin(whole))
        if not whole.all():
            break
        at_once = AT_ONCE
    return count


def _of_one_session(whole, stray_bytes):
    """Return Found of the clip and session with the most blocks; of equals, that which comes first."""
    own = whole
    if any((whole[name] != whole[name][0]).any() for name in OWNER):
        _, first, inverse, counts = np.unique(
            whole[OWNER], return_index=True, return_inverse=True, return_counts=True
        )
        own = whole[inverse == max(range(len(counts)), key=lambda k: (counts[k], -first[k]))]
    blocks = own
    if (np.diff(own["sequence"].astype(np.int64)) <= 0).any():
        _, index = np.unique(own["sequence"], return_index=True)  # of equals, that which comes first
        blocks = own[index]
    return Found(blocks, len(own) - len(blocks), len(whole) - len(own), stray_bytes)

