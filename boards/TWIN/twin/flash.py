"""A NOR flash chip behind MicroPython's block device protocol, its image in a file of the host.

Sectors of 4096 bytes are erased to ones as a whole; programming can only clear
bits. Both stall the processor, interrupts included, for the typical time of a
W25Q-type chip (erase 45 ms, program 0.7 ms per page of 256 bytes). What is written is in the
file at once. Power can be cut in the middle of an operation, which then leaves
half of its bytes done.
"""

import errno
import os

from twin import interrupts
from twin.power import PowerCut

SECTOR_BYTES = 4096
DEFAULT_BYTES = 2 * 1024 * 1024
ERASE_US = 45000
PAGE_BYTES = 256
PAGE_PROGRAM_US = 700

_ERASED_SECTOR = b"\xff" * SECTOR_BYTES


class Supply:
    """The power of one chip, for all its partitions alike: `on` until erase or program operation number `cut_at`.

    They are counted from 1; None: never.
    """

    def __init__(self, cut_at=None):
        self._cut_at = cut_at
        self._operations = 0
        self.on = True

    def fails(self):
        """Count an operation; return whether the power goes during it."""
        self._operations += 1
        return self._operations == self._cut_at


class Flash:
    """One chip, or one partition of it. Counters: `erases`, `programs` (operations), `programmed_bytes`, `reads`.

    path: the image's file, or an open one; erase_us: for a sector; supply: that of the chip, None: its own, for ever.
    bad_sectors: that can be neither read nor written; read_only: none can be written. Either is OSError(EIO).
    """

    def __init__(
        self, path, size=DEFAULT_BYTES, erase_us=ERASE_US, supply=None, bad_sectors=(), read_only=False
    ):
        self._file = _open_image(path, size)
        self.sectors = self._file.seek(0, 2) // SECTOR_BYTES
        self._supply = supply or Supply()
        self._erase_us = erase_us
        self._bad_sectors = bad_sectors
        self._read_only = read_only
        self._before = bytearray(SECTOR_BYTES)
        self.erases = 0
        self.programs = 0
        self.programmed_bytes = 0
        self.reads = 0

    def readblocks(self, block, buffer, offset=0):
        """Fill `buffer` from `offset` in sector `block` on."""
        self.reads += 1
        self._seek(block, offset, len(buffer))
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=None):
        """Program `buffer` at `offset` in sector `block`; without `offset` erase what it covers first.

        OSError(EIO) when bits would have to be set: the bytes are then the AND of old and new.
        """
        if offset is None:
            for sector in range(block, block + (len(buffer) + SECTOR_BYTES - 1) // SECTOR_BYTES):
                self._erase(sector)
            offset = 0
        buffer = memoryview(buffer)
        block += offset // SECTOR_BYTES
        offset %= SECTOR_BYTES
        done = 0
        while done < len(buffer):
            count = min(SECTOR_BYTES - offset, len(buffer) - done)
            self._program(block, offset, buffer[done : done + count])
            done += count
            block += 1
            offset = 0

    def ioctl(self, request, argument):
        """Answer littlefs: 1 init, 2 shut down, 3 sync, 4 count of blocks, 5 bytes of a block, 6 erase a block."""
        if request == 4:
            return self.sectors
        if request == 5:
            return SECTOR_BYTES
        if request == 6:
            self._erase(argument)
        return 0

    def _erase(self, sector):
        self._check_writable()
        torn = self._supply.fails()
        self.erases += 1
        self._seek(sector, 0, SECTOR_BYTES)
        self._file.write(_ERASED_SECTOR[: SECTOR_BYTES // 2] if torn else _ERASED_SECTOR)
        if torn:
            self._lose_power()
        interrupts.stall_us(self._erase_us)

    def _program(self, sector, offset, data):
        self._check_writable()
        torn = self._supply.fails()
        if torn:
            data = data[: len(data) // 2]
        self.programs += 1
        self.programmed_bytes += len(data)
        before = memoryview(self._before)[: len(data)]
        self._seek(sector, offset, len(data))
        self._file.readinto(before)
        clean = before == memoryview(_ERASED_SECTOR)[: len(data)]
        after = data if clean else _and(before, data)
        self._seek(sector, offset, len(data))
        self._file.write(after)
        if torn:
            self._lose_power()
        interrupts.stall_us((PAGE_PROGRAM_US * len(data) + PAGE_BYTES - 1) // PAGE_BYTES)
        if not clean and after != bytes(data):
            raise OSError(errno.EIO)

    def _seek(self, sector, offset, count):
        if not self._supply.on:
            raise PowerCut
        at = sector * SECTOR_BYTES + offset
        if at < 0 or at + count > self.sectors * SECTOR_BYTES:
            raise OSError(errno.EINVAL)
        if sector in self._bad_sectors:
            raise OSError(errno.EIO)
        self._file.seek(at)

    def _check_writable(self):
        if self._read_only:
            raise OSError(errno.EIO)

    def _lose_power(self):
        self._supply.on = False
        self._file.close()
        raise PowerCut


def _and(old, new):
    both = int.from_bytes(old, "little") & int.from_bytes(new, "little")
    return both.to_bytes(len(new), "little")


def _open_image(path, size):
    """Open the image at `path`, a new chip's (all ones) if there is none or it is empty."""
    if not isinstance(path, str):
        return path
    try:
        image = open(path, "r+b")
        if image.seek(0, 2):
            return image
        image.close()
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise
    try:
        with open(path, "wb") as image:
            for _ in range(size // SECTOR_BYTES):
                image.write(_ERASED_SECTOR)
    except OSError:
        os.remove(path)  # part of a chip would be taken for a smaller one
        raise
    return open(path, "r+b")


current = None  # the partition of the file system, as the launcher mounted it; None in a plain script
