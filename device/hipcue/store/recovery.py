"""Closing the session that a reset or the loss of power has interrupted, with what was kept of it elsewhere.

Where flash fails meanwhile, the session is closed at a later start: then it may not be the newest.
"""

import os
import struct

from hipcue.contract import record
from hipcue.contract.record import BLOCK_BYTES, HEADER_BYTES
from hipcue.contract.tail import joined
from hipcue.store import verified
from hipcue.store.folder import FOLDER, is_sealed, numbers, session_name, size_bytes
from hipcue.store.log import Log

BATTERY_EMPTY, RECOVERED = 3, 6  # in SEAL_REASONS
EVENT = record.EVENT_CODES


class Written:
    """What the blocks of `file` come to; attributes as in Log, and `time_ms` of the last."""

    def __init__(self, file):
        self.sequence = self.chain = self.steps = self.cues = self.events = self.samples_lost = self.records = 0
        self.key = self.battery_mv = self.flags = self.time_ms = 0
        block = bytearray(BLOCK_BYTES)
        view = memoryview(block)
        while file.readinto(block) == BLOCK_BYTES:
            magic, _, kind, _, _, _, time_ms, battery_mv, flags, used = struct.unpack_from(record.HEADER_FORMAT, block)
            if magic == record.MAGIC:
                self.time_ms, self.battery_mv, self.flags = time_ms, battery_mv, flags
                if kind == record.KIND_DATA:
                    self.count(view[HEADER_BYTES : HEADER_BYTES + used])
            self.chain = record.chain_crc32(self.chain, struct.unpack_from("<I", block, record.CRC_OFFSET)[0])
            if kind == record.KIND_SCHEMA:
                self.key = self.chain
            self.sequence += 1

    def count(self, payload):
        """Count the records in `payload`, up to one that is none: the block may be damaged."""
        at = 0
        while at < len(payload):
            kind = payload[at]
            if kind not in record.SIZES or at + record.SIZES[kind] > len(payload):
                break
            self.records += 1
            if kind == record.STEP:
                self.steps += 1
            elif kind == record.CUE:
                self.cues += 1
            elif kind == record.EVENT:
                self.events += 1
                _, _, code, value = struct.unpack_from(record.EVENT_FORMAT, payload, at)
                if code == EVENT["samples_lost"]:
                    self.samples_lost += value
            at += record.SIZES[kind]


def close_interrupted(clip_id, tails, power_lost, low_mv, folder=FOLDER):
    """Seal every session that has no seal yet, but for what a host has already: its seal was damaged since.

    Return ([(number, key, records saved from `tails`), ...], None), or in place of None the error number with which
    flash has kept one from being closed. `tails`: Tails that were kept, of any session, in the order of their
    records. A part of a block at the end is written over. The reason is an empty battery when the power was lost
    below `low_mv`. A session that never came to its schema is removed.
    """
    closed, errno = [], None
    try:
        listed = numbers(folder)
    except OSError as error:
        return closed, error.errno
    for number in listed:
        try:
            if not (is_sealed(number, folder) or verified.is_marked(number, size_bytes(number, folder))):
                lost_now = power_lost and number == listed[-1]
                closed += _close_interrupted(number, clip_id, tails, lost_now, low_mv, folder)
        except OSError as error:
            errno = error.errno
    return closed, errno


def _close_interrupted(number, clip_id, tails, power_lost, low_mv, folder):
    """Seal session `number`; return [(number, key, records saved)], or [] where it is removed."""
    path = folder + "/" + session_name(number)
    with open(path, "rb") as file:
        written = Written(file)
    if not written.sequence:
        os.remove(path)
        return []
    own = [tail for tail in tails if tail.key == written.key]
    for tail in own:
        if tail.kept_ms >= written.time_ms:
            written.time_ms, written.battery_mv, written.flags = tail.kept_ms, tail.battery_mv, tail.flags
    reason = BATTERY_EMPTY if power_lost and 0 < written.battery_mv < low_mv else RECOVERED
    return [(number, written.key, _append(path, number, clip_id, written, joined(own, written.sequence), reason))]


def _append(path, number, clip_id, written, blocks, reason):
    """Append `blocks` and the seal; littlefs takes all of it or nothing. Return the records in `blocks`."""
    before = written.records
    for _, payload in blocks:
        written.count(payload)
    saved = written.records - before
    file = open(path, "r+b")
    file.seek(written.sequence * BLOCK_BYTES)
    log = Log(number, clip_id, file, written.sequence, written.chain)
    for name in ("steps", "cues", "events", "samples_lost", "battery_mv", "flags"):
        setattr(log, name, getattr(written, name))
    for time_ms, payload in blocks:
        log.put_block(time_ms, payload)
        log.write(1)
    log.add_event(written.time_ms, EVENT["recovered"], saved)
    log.seal(reason, written.time_ms)
    return saved
