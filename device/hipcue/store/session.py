"""One session, one file: schema blocks first, records in 512-byte blocks, the seal last.

Packing a record allocates nothing and writes nothing: full blocks wait in a
small queue until `commit()` is called, at a moment when a flash write of up
to 80 ms disturbs no decision.
"""

import json
import os
import struct

from hipcue.contract import record
from hipcue.contract.record import BLOCK_BYTES, HEADER_BYTES, PAYLOAD_BYTES

FOLDER = "/log"
QUEUE_BLOCKS = 6
# Kept free for the seal and for configuration files: flash is erased by 4 KB.
RESERVE_BYTES = 5 * 4096
ERASE_BYTES = 4096
EMPTY_BLOCK = bytes(BLOCK_BYTES)
# The samples of a trace are packed one by one: a call with the items of a list as arguments allocates.
TRACE_HEAD_FORMAT = record.TRACE_FORMAT[: -len("%dh" % record.TRACE_SAMPLES)]
TRACE_HEAD_BYTES = struct.calcsize(TRACE_HEAD_FORMAT)

pack_into = struct.pack_into


class FlashFull(OSError):
    """No room is left for more records; the session can still be sealed."""


def session_name(number):
    """Return the file name of session `number`."""
    return "%08d.hcl" % number


def next_number(folder=FOLDER):
    """Return the number after the highest session in `folder`, from 1."""
    numbers = [int(name[:-4]) for name in os.listdir(folder) if name.endswith(".hcl") and name[:-4].isdigit()]
    return max(numbers) + 1 if numbers else 1


def free_bytes(folder=FOLDER):
    """Return the free bytes of the file system that holds `folder`."""
    facts = os.statvfs(folder)
    return facts[0] * facts[3]


class Session:
    """Open for appending from its making to `seal()`. Times are the clip's monotonic ms.

    `about`: a dict for JSON of what a reader needs beside the schema: config,
    calibration, firmware. `room_bytes`: what can still be written, the reserve apart.
    """

    def __init__(self, number, clip_id, about, now_ms, folder=FOLDER):
        self.number = number
        self.path = folder + "/" + session_name(number)
        self.battery_mv = 0
        self.flags = record.FLAG_CLOCK_UNKNOWN
        self.steps = 0
        self.cues = 0
        self.events = 0
        self.samples_lost = 0
        self.dropped = 0  # records that found no room in the queue
        self._clip_id = clip_id
        self.room_bytes = free_bytes(folder) - RESERVE_BYTES
        self._blocks = [bytearray(BLOCK_BYTES) for _ in range(QUEUE_BLOCKS)]
        self._times = [0] * QUEUE_BLOCKS
        self._used = [0] * QUEUE_BLOCKS
        self._current = 0  # block being filled; those before it in the queue are full
        self._sequence = 0
        self._chain = 0
        self._begun_ms = [None] * QUEUE_BLOCKS  # when `due` first saw a record in each
        text = json.dumps({"schema": record.schema(), "about": about}, separators=(",", ":")).encode()
        self._take_room(len(text) + 2 * BLOCK_BYTES)  # before the file is there: a full flash leaves no empty one
        self._file = open(self.path, "wb")
        self._write_schema(text, now_ms)

    # Records: nothing is allocated or written here.

    def add_step(self, time_ms, quality_side, peak, causal, excursion, contact_2ms, left, right, onset_2ms):
        """Append a step record; the numbers as in contract.record, unknown ones as their UNKNOWN value."""
        at = self._reserve(record.STEP, time_ms)
        if at:
            self.steps += 1
            pack_into(
                record.STEP_FORMAT, self._blocks[self._current], at, record.STEP, self._offset(time_ms),
                quality_side, peak, causal, excursion, contact_2ms, left, right, onset_2ms,
            )  # fmt: skip

    def add_cue(
        self, time_ms, side, buzz_side, reason, value, threshold, latency_ms, duration_ms, glute, glute_pct
    ):  # fmt: skip
        """Append a cue record."""
        at = self._reserve(record.CUE, time_ms)
        if at:
            self.cues += 1
            pack_into(
                record.CUE_FORMAT, self._blocks[self._current], at, record.CUE, self._offset(time_ms),
                side, buzz_side, reason, value, threshold, latency_ms, duration_ms, glute, glute_pct,
            )  # fmt: skip

    def add_event(self, time_ms, code, value):
        """Append an event record."""
        at = self._reserve(record.EVENT, time_ms)
        if at:
            self.events += 1
            block = self._blocks[self._current]
            pack_into(record.EVENT_FORMAT, block, at, record.EVENT, self._offset(time_ms), code, value)

    def add_clock(self, time_ms, unix_ms):
        """Append a host-clock pair."""
        self.flags &= ~record.FLAG_CLOCK_UNKNOWN
        at = self._reserve(record.CLOCK, time_ms)
        if at:
            block = self._blocks[self._current]
            pack_into(record.CLOCK_FORMAT, block, at, record.CLOCK, self._offset(time_ms), unix_ms)

    def add_muscle(self, time_ms, *values):
        """Append a muscle record."""
        self._add(record.MUSCLE, record.MUSCLE_FORMAT, time_ms, values)

    def add_repetition(self, time_ms, *values):
        """Append a repetition record."""
        self._add(record.REPETITION, record.REPETITION_FORMAT, time_ms, values)

    def add_trace(self, time_us, period_us, obliquity):
        """Append a trace record; `obliquity`: TRACE_SAMPLES values in 0.01 deg."""
        at = self._reserve(record.TRACE, time_us // 1000)
        if at:
            block = self._blocks[self._current]
            offset_us = time_us - self._times[self._current] * 1000
            pack_into(TRACE_HEAD_FORMAT, block, at, record.TRACE, offset_us, period_us)
            at += TRACE_HEAD_BYTES
            for value in obliquity:
                pack_into("<h", block, at, value)
                at += 2

    # Flash

    def due(self, now_ms, period_s):
        """Return how many blocks should be written now: the full ones, once the oldest was begun `period_s` ago.

        Of one that is not full `period_s` must have passed as well; a queue with but two places is written at once.
        """
        begun, current = self._begun_ms, self._current
        for index in range(current + (self._used[current] > 0)):
            if begun[index] is None:
                begun[index] = now_ms
        due_ms = now_ms - 1000 * period_s
        if current < QUEUE_BLOCKS - 2 and not (begun[0] is not None and begun[0] <= due_ms):
            return 0
        return current + (begun[current] is not None and begun[current] <= due_ms)

    def commit(self, count):
        """Write the first `count` waiting blocks and flush them to flash; FlashFull before the reserve is used."""
        self._take_room(count * BLOCK_BYTES)
        self._write_waiting(count)
        self._file.flush()

    def seal(self, reason, now_ms):
        """Write what waits and the seal, into the reserve if need be, and close the file."""
        self._write_waiting(self._current + (self._used[self._current] > 0))
        pack_into(
            record.SEAL_FORMAT, self._blocks[0], HEADER_BYTES,
            reason, self._sequence, self.steps, self.cues, self.events, self.samples_lost, self._chain,
        )  # fmt: skip
        self._times[0] = now_ms
        self._used[0] = struct.calcsize(record.SEAL_FORMAT)
        self._write(0, record.KIND_SEAL)
        self._file.close()

    def abandon(self):
        """Close the file without a seal, as after a device error: what is on flash stays."""
        try:
            self._file.close()
        except OSError:
            pass

    def _write_waiting(self, count):
        """Write the first `count` waiting blocks."""
        for index in range(count):
            self._write(index, record.KIND_DATA)
        for _ in range(count):  # the blocks written go to the end of the queue
            for queue in (self._blocks, self._times, self._used, self._begun_ms):
                queue.append(queue.pop(0))
        self._current = max(0, self._current - count)

    def _write_schema(self, text, now_ms):
        for start in range(0, len(text), PAYLOAD_BYTES):
            part = text[start : start + PAYLOAD_BYTES]
            self._blocks[0][HEADER_BYTES : HEADER_BYTES + len(part)] = part
            self._used[0] = len(part)
            self._times[0] = now_ms
            self._write(0, record.KIND_SCHEMA)
        self._file.flush()

    def _reserve(self, kind, time_ms):
        """Return the offset for a record of `kind` in the current block, or 0 when there is no room at all."""
        size = record.SIZES[kind]
        used = self._used[self._current]
        too_far = used and not -30000 < time_ms - self._times[self._current] < 30000
        if used + size > PAYLOAD_BYTES or too_far:
            if self._current + 1 == QUEUE_BLOCKS:
                self.dropped += 1
                return 0
            self._current += 1
            used = 0
        if used == 0:
            self._times[self._current] = time_ms
        self._used[self._current] = used + size
        return HEADER_BYTES + used

    def _add(self, kind, layout, time_ms, values):
        """Append a record of a kind that is rare: this allocates."""
        at = self._reserve(kind, time_ms)
        if at:
            pack_into(layout, self._blocks[self._current], at, kind, self._offset(time_ms), *values)

    def _offset(self, time_ms):
        return time_ms - self._times[self._current]

    def _take_room(self, count):
        # littlefs erases in whole sectors: count the sector in progress as taken.
        if self.room_bytes - count < ERASE_BYTES:
            raise FlashFull(28)  # ENOSPC
        self.room_bytes -= count

    def _write(self, index, kind):
        block = self._blocks[index]
        crc = record.pack_block_into(
            block, kind, self._clip_id, self.number, self._sequence,
            self._times[index], self.battery_mv, self.flags, self._used[index],
        )  # fmt: skip
        self._file.write(block)
        self._sequence += 1
        self._chain = record.chain_crc32(self._chain, crc)
        self._clear(index)

    def _clear(self, index):
        self._blocks[index][:] = EMPTY_BLOCK
        self._used[index] = 0
        self._begun_ms[index] = None
