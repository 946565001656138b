"""The log of one session as it is written: records packed into 512-byte blocks, which wait in a queue.

Packing a record allocates nothing and writes nothing: full blocks wait in a
small queue until `write()` is called, at a moment when a flash write of up
to 80 ms disturbs no decision.
"""

import struct

from hipcue.contract import record
from hipcue.contract.record import BLOCK_BYTES, HEADER_BYTES, PAYLOAD_BYTES

QUEUE_BLOCKS = 8
OFFSET_MS = 30000  # an `offset_ms` of 16 bits reaches so far, and a little further
EMPTY_BLOCK = bytes(BLOCK_BYTES)
# The samples of a trace are packed one by one: a call with the items of a list as arguments allocates.
TRACE_HEAD_FORMAT = record.TRACE_FORMAT[: -len("%dh" % record.TRACE_SAMPLES)]
TRACE_HEAD_BYTES = struct.calcsize(TRACE_HEAD_FORMAT)
# Those of EMG come as the bytes that they are.
_EMG_FRAMES_CODE = "%dh" % (2 * record.EMG_FRAMES)
EMG_FORMAT = record.EMG_FORMAT[: -len(_EMG_FRAMES_CODE)] + "%ds" % struct.calcsize(_EMG_FRAMES_CODE)

pack_into = struct.pack_into


class Log:
    """Records of session `number`, in `file` from block `sequence` on. Times are the clip's monotonic ms.

    `chain`: CRC-32 over the stored CRC-32s of the blocks before. Counts: `steps`, `cues`, `events`,
    `samples_lost` stand in the seal; `dropped`: records that found no room in the queue; `records`: all so far.
    `key`: the chain over its schema, which tells of clip, boot and time: no other session has it.
    """

    def __init__(self, number, clip_id, file, sequence=0, chain=0, queue_blocks=QUEUE_BLOCKS):
        self.number = number
        self.key = 0
        self.sequence = sequence
        self.battery_mv = 0
        self.flags = record.FLAG_CLOCK_UNKNOWN
        self.steps = 0
        self.cues = 0
        self.events = 0
        self.samples_lost = 0
        self.dropped = 0
        self.records = 0
        self._clip_id = clip_id
        self._file = file
        self._chain = chain
        self._blocks = [bytearray(BLOCK_BYTES) for _ in range(queue_blocks)]
        self._times = [0] * queue_blocks
        self._used = [0] * queue_blocks
        self._kept = [0] * queue_blocks  # bytes of each that the journal holds
        self._begun_ms = [None] * queue_blocks  # when a Session's `due` first saw a record in each that it does not
        self._current = 0  # block being filled; those before it in the queue are full

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

    def add_trace(self, time_ms, more_us, period_us, obliquity):
        """Append a trace record; `obliquity`: TRACE_SAMPLES values in 0.01 deg, the first `more_us` after `time_ms`.

        In two numbers, for after 18 minutes the microseconds are more than a small integer of a 32-bit board holds.
        """
        at = self._reserve(record.TRACE, time_ms)
        if at:
            block = self._blocks[self._current]
            offset_us = self._offset(time_ms) * 1000 + more_us
            pack_into(TRACE_HEAD_FORMAT, block, at, record.TRACE, offset_us, period_us)
            at += TRACE_HEAD_BYTES
            for value in obliquity:
                pack_into("<h", block, at, value)
                at += 2

    def add_emg(
        self, time_ms, first_ms, more_us, period_ns, blanked, lead_off, origin_left, origin_right, frames
    ):  # fmt: skip
        """Append an EMG record at `time_ms` of frames since `more_us` after `first_ms`, in two numbers as of a trace.

        `frames`: 2 EMG_FRAMES int16 as bytes.
        """
        at = self._reserve(record.EMG, time_ms)
        if at:
            block = self._blocks[self._current]
            offset_us = self._offset(first_ms) * 1000 + more_us
            pack_into(
                EMG_FORMAT, block, at, record.EMG, offset_us, period_ns, blanked, lead_off, origin_left, origin_right,
                frames,
            )  # fmt: skip

    def add_muscle(self, time_ms, *values):
        """Append a muscle record."""
        self._add(record.MUSCLE, record.MUSCLE_FORMAT, time_ms, values)

    def add_programme(self, time_ms, *values):
        """Append a programme record."""
        self._add(record.PROGRAMME, record.PROGRAMME_FORMAT, time_ms, values)

    def add_repetition(self, time_ms, *values):
        """Append a repetition record."""
        self._add(record.REPETITION, record.REPETITION_FORMAT, time_ms, values)

    def add_summary(self, time_ms, *values):
        """Append the summary of a minute that began at `time_ms`."""
        self._add(record.SUMMARY, record.SUMMARY_FORMAT, time_ms, values)

    # Blocks.

    def waiting(self):
        """Return how many blocks hold records that are not written yet, the one being filled included."""
        return self._current + (self._used[self._current] > 0)

    def full(self):
        """Return how many blocks wait that take no record more."""
        return self._current

    def waiting_block(self, index):
        """Return (time_ms, start, payload) of what waiting block `index` holds behind what is kept; a view."""
        start = self._kept[index]
        block = memoryview(self._blocks[index])
        return self._times[index], start, block[HEADER_BYTES + start : HEADER_BYTES + self._used[index]]

    def first_unkept(self):
        """Return the number of the first waiting block of which the journal does not hold all, else of the last."""
        index = 0
        while index < self._current and self._kept[index] == self._used[index]:
            index += 1
        return index

    def note_kept(self):
        """Know that the journal holds all that waits."""
        for index in range(self.waiting()):
            self._kept[index] = self._used[index]
            self._begun_ms[index] = None

    def drop(self):
        """Drop the records of a queue of one block."""
        self._clear(0)

    def put_block(self, time_ms, payload):
        """Put a block that has waited elsewhere into the queue, which is empty, as it was."""
        self._blocks[0][HEADER_BYTES : HEADER_BYTES + len(payload)] = payload
        self._times[0] = time_ms
        self._used[0] = len(payload)

    def write(self, count):
        """Write the first `count` waiting blocks."""
        for index in range(count):
            self._write(index, record.KIND_DATA)
        for _ in range(count):  # the blocks written go to the end of the queue
            for queue in (self._blocks, self._times, self._used, self._kept, self._begun_ms):
                queue.append(queue.pop(0))
        self._current = max(0, self._current - count)

    def write_schema(self, text, now_ms):
        """Write the bytes `text`, which make the log decodable by itself."""
        for start in range(0, len(text), PAYLOAD_BYTES):
            part = text[start : start + PAYLOAD_BYTES]
            self._blocks[0][HEADER_BYTES : HEADER_BYTES + len(part)] = part
            self._used[0] = len(part)
            self._times[0] = now_ms
            self._write(0, record.KIND_SCHEMA)
        self.key = self._chain

    def seal(self, reason, now_ms):
        """Write what waits and the seal, and close the file."""
        self.write(self.waiting())
        pack_into(
            record.SEAL_FORMAT, self._blocks[0], HEADER_BYTES,
            reason, self.sequence, self.steps, self.cues, self.events, self.samples_lost, self._chain,
        )  # fmt: skip
        self._times[0] = now_ms
        self._used[0] = struct.calcsize(record.SEAL_FORMAT)
        self._write(0, record.KIND_SEAL)
        self._file.close()

    def _reserve(self, kind, time_ms):
        """Return the offset for a record of `kind` in the current block, or 0 when there is no room at all."""
        size = record.SIZES[kind]
        used = self._used[self._current]
        far = used and kind != record.SUMMARY and not -OFFSET_MS < time_ms - self._times[self._current] < OFFSET_MS
        if used + size > PAYLOAD_BYTES or far:
            if self._current + 1 == len(self._blocks):
                self.dropped += 1
                return 0
            self._current += 1
            used = 0
        if used == 0:
            self._times[self._current] = time_ms
        self._used[self._current] = used + size
        self.records += 1
        return HEADER_BYTES + used

    def _add(self, kind, layout, time_ms, values):
        """Append a record of a kind that is rare: this allocates."""
        at = self._reserve(kind, time_ms)
        if at:
            pack_into(layout, self._blocks[self._current], at, kind, self._offset(time_ms), *values)

    def _offset(self, time_ms):
        return time_ms - self._times[self._current]

    def _write(self, index, kind):
        block = self._blocks[index]
        crc = record.pack_block_into(
            block, kind, self._clip_id, self.number, self.sequence,
            self._times[index], self.battery_mv, self.flags, self._used[index],
        )  # fmt: skip
        self._file.write(block)
        self.sequence += 1
        self._chain = record.chain_crc32(self._chain, crc)
        self._clear(index)

    def _clear(self, index):
        self._blocks[index][:] = EMPTY_BLOCK
        self._used[index] = 0
        self._kept[index] = 0
        self._begun_ms[index] = None
