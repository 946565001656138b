"""Reads a session back from the mounted flash, block by block, and believes nothing. Runs on the twin."""

import struct
from binascii import crc32

from workload import CLIP, read_session

from hipcue.contract import record


class Finding(Exception):
    """What was not as it must be; args: the figure that it counts for, and a sentence."""


def step_times(number):
    """Return the times of the steps of session `number`, in ms; a Finding unless it is whole, in order and sealed."""
    data = read_session(number)
    times = []
    kind = None
    for sequence in range(len(data) // record.BLOCK_BYTES):
        block = data[sequence * record.BLOCK_BYTES : (sequence + 1) * record.BLOCK_BYTES]
        head = struct.unpack_from(record.HEADER_FORMAT, block)
        kind, time_ms, used = head[2], head[6], head[9]
        if head[3:6] != (CLIP, number, sequence) or struct.unpack("<I", block[-4:])[0] != crc32(block[:-4]):
            raise Finding("whole", "block %d of session %d is not right" % (sequence, number))
        if kind == record.KIND_DATA:
            _add_steps(block[record.HEADER_BYTES : record.HEADER_BYTES + used], time_ms, times)
    if kind != record.KIND_SEAL or len(data) % record.BLOCK_BYTES:
        raise Finding("whole", "session %d is not sealed" % number)
    sealed = struct.unpack_from(record.SEAL_FORMAT, block, record.HEADER_BYTES)
    if sealed[2] != len(times):
        raise Finding("whole", "the seal of session %d counts %d steps of %d" % (number, sealed[2], len(times)))
    return times


def _add_steps(payload, time_ms, times):
    at = 0
    while at < len(payload):
        if payload[at] == record.STEP:
            times.append(time_ms + struct.unpack_from("<h", payload, at + 1)[0])
        at += record.SIZES[payload[at]]
