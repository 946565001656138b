"""Frames that the emulator has put in memory before the start, and the room for results, outside the heap."""

from uctypes import bytearray_at

from hipcue.contract.signals import FRAME_BYTES
from on_mcu import rows
from on_mcu.rows import BLOCK_FRAMES

# The 16 MB of extra memory of the MPS2 boards (Arm AN386, memory map).
FRAMES_AT = 0x21000000
ROWS_AT = 0x21C00000
_ROWS_BYTES = 0x400000

_FIFO_FRAMES = 256  # the firmware drains into a buffer of this size


class Stream:
    """`frames` of the recording, read in blocks into one buffer, as the sensor's driver does."""

    def __init__(self, frames):
        self._source = bytearray_at(FRAMES_AT, frames * FRAME_BYTES)
        self.buffer = memoryview(bytearray(_FIFO_FRAMES * FRAME_BYTES))
        self._block = self.buffer[: BLOCK_FRAMES * FRAME_BYTES]
        self._view = memoryview(self._source)
        self.blocks = frames // BLOCK_FRAMES

    def load(self, number):
        """Put a block into `buffer`."""
        start = number * BLOCK_FRAMES * FRAME_BYTES
        self._block[:] = self._view[start : start + BLOCK_FRAMES * FRAME_BYTES]


class Rows:
    """Results of settled steps."""

    def __init__(self):
        self._memory = bytearray_at(ROWS_AT, _ROWS_BYTES)
        self._used = 0

    def add(self, step):
        """Keep the results of `step`."""
        rows.pack_into(self._memory, self._used, step)
        self._used += rows.BYTES

    def data(self):
        """Return all results as a memoryview."""
        return memoryview(self._memory)[: self._used]
