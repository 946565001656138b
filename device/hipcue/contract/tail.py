"""Records that a session's file does not hold yet: their layout in the reset's memory and in the journal.

An entry of the journal is the magic, a tail and the CRC-32 of both. All numbers are little-endian.
"""

import struct
from binascii import crc32

from hipcue.contract.record import PAYLOAD_BYTES

MAGIC = b"HIJ1"  # its last byte tells of the layout
CRC_BYTES = 4
HEAD = "<IIQHBB"  # key of the session, sequence of the first block, time of keeping, battery, flags, blocks
HEAD_BYTES = struct.calcsize(HEAD)
BLOCK = "<QHH"  # time, bytes of its payload that lie elsewhere, bytes that follow here
BLOCK_BYTES = struct.calcsize(BLOCK)

pack_into = struct.pack_into


class Tail:
    """What `put` wrote at `at` of the bytes `data`; ValueError where it goes beyond their end, or a block's.

    `blocks`: [(time_ms, start, payload)] of the session `key` from block `sequence` on; `start`: where in the
    block's payload the bytes belong, those before being in the journal. `begin`, `end`: of its bytes in `data`.
    """

    def __init__(self, data, at=0):
        if len(data) < at + HEAD_BYTES:
            raise ValueError("a tail without its head")
        self.begin = at
        self.key, self.sequence, self.kept_ms, self.battery_mv, self.flags, count = struct.unpack_from(HEAD, data, at)
        at += HEAD_BYTES
        self.blocks = []
        for _ in range(count):
            if len(data) < at + BLOCK_BYTES:
                raise ValueError("a tail that is cut off")
            time_ms, start, used = struct.unpack_from(BLOCK, data, at)
            at += BLOCK_BYTES
            if start + used > PAYLOAD_BYTES:
                raise ValueError("more than a block holds")
            self.blocks.append((time_ms, start, bytes(data[at : at + used])))
            at += used
        self.end = at


def put(view, at, log, unsettled, now_ms):
    """Put the records of `log` that the journal does not hold into the memoryview `view` from `at` on.

    Then those of the Log `unsettled` (None: none). Return (where it ends, whether all had room); the oldest come
    first.
    """
    first = log.first_unkept()
    begin, count, whole = at, 0, True
    at += HEAD_BYTES
    for source, from_block in ((log, first), (unsettled, 0)):
        for index in range(from_block, source.waiting() if source and whole else 0):
            time_ms, start, payload = source.waiting_block(index)
            end = at + BLOCK_BYTES + len(payload)
            if end > len(view):
                whole = False
                break
            pack_into(BLOCK, view, at, time_ms, start, len(payload))
            view[end - len(payload) : end] = payload
            at = end
            count += 1
    pack_into(HEAD, view, begin, log.key, log.sequence + first, now_ms, log.battery_mv, log.flags, count)
    return at, whole


def joined(tails, sequence):
    """Return [(time_ms, payload)] of the blocks from `sequence` on that `tails` of one session, in order, make up.

    What is in the file already is passed over, what came twice is there once, and behind what is missing nothing
    is taken.
    """
    blocks = []
    for tail in tails:
        for index, (time_ms, start, payload) in enumerate(tail.blocks, tail.sequence - sequence):
            if index < 0:
                continue
            if index == len(blocks):
                blocks.append((time_ms, bytearray()))
            if index > len(blocks) or start > len(blocks[index][1]):
                return blocks
            known = blocks[index][1]
            known.extend(payload[len(known) - start :])
    return blocks


def order(tail):
    """Return what sorts tails by their records."""
    return tail.sequence, tail.blocks[0][1] if tail.blocks else 0


def end_entry(view, end):
    """Put the CRC-32 behind the entry that ends there; return its new end."""
    pack_into("<I", view, end, crc32(view[:end]))
    return end + CRC_BYTES


def read_entry(data):
    """Return the Tail of the entry that the bytes `data` begin with, or None for none that is whole."""
    if data[: len(MAGIC)] != MAGIC:
        return None
    try:
        tail = Tail(data, len(MAGIC))
    except ValueError:
        return None
    stored = bytes(data[tail.end : tail.end + CRC_BYTES])
    whole = len(stored) == CRC_BYTES and struct.unpack("<I", stored)[0] == crc32(memoryview(data)[: tail.end])
    return tail if whole else None
