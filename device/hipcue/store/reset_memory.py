"""What outlives a reset, but not the loss of power: the records not yet on flash, and facts of this power-on.

It lies in the memory of the ESP32's real-time clock: 2048 bytes unless the port was built with others
(MICROPY_HW_RTC_USER_MEM_MAX in MicroPython's ports/esp32/machine_rtc.c), not initialised at a start, so that a
watchdog's, a brown-out's or the program's own reset leaves it as it was. After a loss of power it holds anything
or nothing: a CRC-32 tells.
"""

import struct
from binascii import crc32

MEMORY_BYTES = 2048
MAGIC = b"HIPR"
FACTS = "<4sIIqBBB"  # magic and the attributes of ResetMemory in their order
TAIL = "<IIQHBB"  # session, sequence of the first block, time of keeping, battery, flags, blocks
BLOCK = "<QH"  # time, bytes of payload
CRC_BYTES = 4

pack_into = struct.pack_into


class Tail:
    """Records that were not on flash: `blocks` [(time_ms, payload)] of session `number` from block `sequence` on."""

    def __init__(self, data, at):
        head = struct.unpack_from(TAIL, data, at)
        self.number, self.sequence, self.kept_ms, self.battery_mv, self.flags, count = head
        at += struct.calcsize(TAIL)
        self.blocks = []
        for _ in range(count):
            time_ms, used = struct.unpack_from(BLOCK, data, at)
            at += struct.calcsize(BLOCK)
            self.blocks.append((time_ms, data[at : at + used]))
            at += used


class ResetMemory:
    """`memory`: the method of that name of a machine.RTC.

    `power_on`: number of the boot at which the power came; `clock_sets`: times that the wall clock was set since;
    `clock_set_unix_ms`: to what it was set last, 0: not yet; `fault`: code of the fault that the last start ended
    with, 0: none; `quick_faults`: faults in a row that each came soon after a start; `sensor_resets`: resets in a
    row for the sensor's sake. All 0 after a loss of power, with `survived` false; a change holds once it is saved.
    `tail`: what was kept of the session before this start, or None.
    """

    def __init__(self, memory):
        self._memory = memory
        self._buffer = bytearray(MEMORY_BYTES)
        self._view = memoryview(self._buffer)
        data = memory()
        self.survived = _is_whole(data)
        if not self.survived:
            data = struct.pack(FACTS, MAGIC, 0, 0, 0, 0, 0, 0)
        (
            _,
            self.power_on,
            self.clock_sets,
            self.clock_set_unix_ms,
            self.fault,
            self.quick_faults,
            self.sensor_resets,
        ) = struct.unpack_from(FACTS, data)
        facts_bytes = struct.calcsize(FACTS)
        has_tail = self.survived and len(data) > facts_bytes + CRC_BYTES
        self.tail = Tail(data, facts_bytes) if has_tail else None
        self._end = max(facts_bytes, len(data) - CRC_BYTES)
        self._buffer[: len(data)] = data

    def begin_clock(self, boot):
        """Note that the wall clock runs from its epoch, since boot number `boot`."""
        self.power_on, self.clock_sets, self.clock_set_unix_ms = boot, 0, 0

    def clock_scale(self):
        """Return what names the stretch of the wall clock since it was last set, or since the power came."""
        return [self.power_on, self.clock_sets]

    def keep(self, log, unsettled, now_ms):
        """Keep the records of `log` that wait to be written, then those of the Log `unsettled`.

        The oldest first, where not all fit.
        """
        at = struct.calcsize(FACTS) + struct.calcsize(TAIL)
        count = 0
        for source in (log, unsettled):
            for index in range(source.waiting()):
                time_ms, payload = source.waiting_block(index)
                end = at + struct.calcsize(BLOCK) + len(payload)
                if end + CRC_BYTES > MEMORY_BYTES:
                    break
                pack_into(BLOCK, self._buffer, at, time_ms, len(payload))
                self._view[end - len(payload) : end] = payload
                at = end
                count += 1
        pack_into(
            TAIL, self._buffer, struct.calcsize(FACTS),
            log.number, log.sequence, now_ms, log.battery_mv, log.flags, count,
        )  # fmt: skip
        self._end = at
        self.save()

    def forget(self):
        """Keep the facts, and no records any more."""
        self.tail = None
        self._end = struct.calcsize(FACTS)
        self.save()

    def save(self):
        """Keep the facts as they are now, and the records that are kept."""
        pack_into(
            FACTS, self._buffer, 0,
            MAGIC, self.power_on, self.clock_sets, self.clock_set_unix_ms, self.fault, self.quick_faults,
            self.sensor_resets,
        )  # fmt: skip
        pack_into("<I", self._buffer, self._end, crc32(self._view[: self._end]))
        self._memory(self._view[: self._end + CRC_BYTES])


def _is_whole(data):
    end = len(data) - CRC_BYTES
    if end < struct.calcsize(FACTS) or data[:4] != MAGIC:
        return False
    return struct.unpack_from("<I", data, end)[0] == crc32(memoryview(data)[:end])
