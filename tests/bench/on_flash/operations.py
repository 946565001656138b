"""Partitions that write down what is done to them, and chips on which that ends in the middle. Runs on the twin.

An image is a pair of open files: that of the file system's partition, and that of `nvs`.
"""

import io

from twin import clock, power
from twin.flash import SECTOR_BYTES, Flash

# How an operation can be cut short: as a chip's charge pump may leave it.
WAYS = ("not begun", "half done", "all but a byte", "random bits")
FILES, NVS = 0, 1  # partitions
NVS_SECTORS = 6


class Watched(Flash):
    """Partition `number` of an image; what is done to it goes into the list `operations`.

    As (partition, sector, offset or None for an erase, data, us, reset memory).
    """

    def __init__(self, image, number, operations):
        super().__init__(image[number])
        self._number = number
        self._operations = operations

    def _erase(self, sector):
        self._note(sector, None, b"")
        super()._erase(sector)

    def _program(self, sector, offset, data):
        self._note(sector, offset, bytes(data))
        super()._program(sector, offset, data)

    def _note(self, sector, offset, data):
        self._operations.append((self._number, sector, offset, data, clock.now_us(), power.rtc_memory()))


def erased(sectors):
    """Return the image of an erased chip with so many sectors for files."""
    return tuple(io.BytesIO(b"\xff" * (count * SECTOR_BYTES)) for count in (sectors, NVS_SECTORS))


def copy(image):
    """Return another image with the same content."""
    return tuple(io.BytesIO(part.getvalue()) for part in image)


def apply(image, operation):
    """Do `operation` to `image`."""
    number, sector, offset, data = operation[:4]
    part = image[number]
    if offset is None:
        _put(part, sector, 0, b"\xff" * SECTOR_BYTES)
    else:
        before = _get(part, sector, offset, len(data))
        _put(part, sector, offset, _programmed(before, data))


def tear(image, operation, way, random_bits):
    """Do to `image` what `operation` leaves when the power goes within it; `random_bits(n)`: an int of n bits."""
    number, sector, offset, data = operation[:4]
    part = image[number]
    erase = offset is None
    offset = offset or 0
    count = SECTOR_BYTES if erase else len(data)
    before = _get(part, sector, offset, count)
    after = b"\xff" * count if erase else _programmed(before, data)
    done = {"not begun": 0, "half done": count // 2, "all but a byte": count - 1}.get(way)
    if done is None:
        torn = bytes(_mixed(before[k], after[k], random_bits(8)) for k in range(count))
    else:
        torn = after[:done] + before[done:]
    _put(part, sector, offset, torn)


def _programmed(before, data):
    """Return what programming `data` over `before` leaves: it can only clear bits."""
    return bytes(before[k] & data[k] for k in range(len(data)))


def _mixed(old, new, bits):
    return (old & ~bits) | (new & bits)


def _get(image, sector, offset, count):
    image.seek(sector * SECTOR_BYTES + offset)
    return image.read(count)


def _put(image, sector, offset, data):
    image.seek(sector * SECTOR_BYTES + offset)
    image.write(data)
