"""Finding the whole blocks of a log in bytes that may be cut, torn or shifted."""

import struct
from binascii import crc32
from dataclasses import dataclass

from hipcue.contract import record


@dataclass(frozen=True)
class Block:
    """One block whose CRC-32 is right."""

    position: int  # where it lay in the file, bytes
    version: int
    kind: int
    clip: bytes
    session: int
    sequence: int
    time_ms: int
    battery_mv: int
    flags: int
    payload: bytes  # the used part only
    crc: int


@dataclass(frozen=True)
class Found:
    """The whole blocks of one session in sequence order, and what else the bytes held."""

    blocks: list
    doubled: int  # blocks that came more than once
    foreign: int  # whole blocks of another clip or session
    stray_bytes: int  # bytes in no whole block


def find(data):
    """Return Found for the bytes of a log; after bytes that make no block it looks for the next magic."""
    whole, stray_bytes = [], 0
    position = 0
    while position < len(data):
        block = _read(data, position)
        if block is not None:
            whole.append(block)
            position += record.BLOCK_BYTES
            continue
        following = data.find(record.MAGIC, position + 1)
        following = len(data) if following < 0 else following
        stray_bytes += following - position
        position = following
    return _of_one_session(whole, stray_bytes)


def _read(data, position):
    block = data[position : position + record.BLOCK_BYTES]
    if len(block) < record.BLOCK_BYTES or not block.startswith(record.MAGIC):
        return None
    (crc,) = struct.unpack_from("<I", block, record.CRC_OFFSET)
    if crc32(block[: record.CRC_OFFSET]) != crc:
        return None
    _, version, kind, clip, session, sequence, time_ms, battery_mv, flags, used = struct.unpack_from(
        record.HEADER_FORMAT, block
    )
    payload = block[record.HEADER_BYTES : record.HEADER_BYTES + min(used, record.PAYLOAD_BYTES)]
    return Block(position, version, kind, clip, session, sequence, time_ms, battery_mv, flags, payload, crc)


def _of_one_session(whole, stray_bytes):
    counts = {}
    for block in whole:
        owner = (block.clip, block.session)
        counts[owner] = counts.get(owner, 0) + 1
    owner = max(counts, key=counts.get, default=None)
    own = {}
    for block in whole:
        if (block.clip, block.session) == owner:
            own.setdefault(block.sequence, block)
    owned = counts.get(owner, 0)
    return Found(
        blocks=[own[sequence] for sequence in sorted(own)],
        doubled=owned - len(own),
        foreign=len(whole) - owned,
        stray_bytes=stray_bytes,
    )
