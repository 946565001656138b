"""What outlives a reset, but not the loss of power: the records not on flash in any way, and facts of this power-on.

It lies in the memory of the ESP32's real-time clock: 2048 bytes unless the port was built with others
(MICROPY_HW_RTC_USER_MEM_MAX in MicroPython's ports/esp32/machine_rtc.c), not initialised at a start, so that a
watchdog's, a brown-out's or the program's own reset leaves it as it was. After a loss of power it holds anything
or nothing: a CRC-32 tells.
"""

import struct
from binascii import crc32

from hipcue.contract.tail import CRC_BYTES, HEAD_BYTES, Tail, put

MEMORY_BYTES = 2048
MAGIC = b"HIR2"  # its last byte tells of the layout: a firmware must not read what another has kept
FACTS = "<4sIIqBBB"  # magic and the attributes of ResetMemory in their order
FACTS_BYTES = struct.calcsize(FACTS)

pack_into = struct.pack_into


class ResetMemory:
    """`memory`: the method of that name of a machine.RTC.

    `power_on`: number of the boot at which the power came; `clock_sets`: times that the wall clock was set since;
    `clock_set_unix_ms`: to what it was set last, 0: not yet; `fault`: code of the fault that the last start ended
    with, 0: none; `quick_faults`: faults in a row that each came soon after a start; `sensor_resets`: resets in a
    row for the sensor's sake. All 0 after a loss of power, with `survived` false; a change holds once it is saved.
    `tails`: what was kept of the session before this start, behind what could not be closed at the starts before.
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
        self._end = max(FACTS_BYTES, len(data) - CRC_BYTES)
        self._begin = FACTS_BYTES  # of the records to come
        self.tails = []
        at = FACTS_BYTES
        while at < self._end:
            self.tails.append(Tail(data, at))
            at = self.tails[-1].end
        self._buffer[: len(data)] = data

    def begin_clock(self, boot):
        """Note that the wall clock runs from its epoch, since boot number `boot`."""
        self.power_on, self.clock_sets, self.clock_set_unix_ms = boot, 0, 0

    def clock_scale(self):
        """Return what names the stretch of the wall clock since it was last set, or since the power came."""
        return [self.power_on, self.clock_sets]

    def keep(self, log, unsettled, now_ms):
        """Keep the records of `log` that neither file nor journal holds, then those of the Log `unsettled`.

        The oldest first, where not all fit; return whether they do.
        """
        if self._begin + HEAD_BYTES + CRC_BYTES > MEMORY_BYTES:
            return False  # what is held leaves no room
        self._end, whole = put(self._view[:-CRC_BYTES], self._begin, log, unsettled, now_ms)
        self.save()
        return whole

    def hold(self, closed):
        """Keep the tails for the next start, but for those of the session keys in `closed`; what comes goes behind."""
        at = FACTS_BYTES
        for tail in self.tails:
            if tail.key not in closed:
                end = at + tail.end - tail.begin
                self._buffer[at:end] = self._buffer[tail.begin : tail.end]
                at = end
        self._begin = at
        self.forget()

    def forget(self):
        """Keep the facts and what is held, and no other records any more."""
        self.tails = []
        self._end = self._begin
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
    if end < FACTS_BYTES or data[:4] != MAGIC:
        return False
    return struct.unpack_from("<I", data, end)[0] == crc32(memoryview(data)[:end])
