"""A flash chip that writes down what is done to it, and chips on which that ends in the middle. Runs on the twin."""

import io

from twin import clock, power
from twin.flash import SECTOR_BYTES, Flash

# How an operation can be cut short: as a chip's charge pump may leave it.
WAYS = ("not begun", "half done", "all but a byte", "random bits")


class Journal(Flash):
    """`operations`: [(sector, offset or None for an erase, data, us, reset memory)], as they were done."""

    def __init__(self, image):
        super().__init__(image)
        self.operations = []

    def _erase(self, sector):
        self.operations.append((sector, None, b"", clock.now_us(), power.rtc_memory))
        super()._erase(sector)

    def _program(self, sector, offset, data):
        self.operations.append((sector, offset, bytes(data), clock.now_us(), power.rtc_memory))
        super()._program(sector, offset, data)


def erased(sectors):
    """Return the image of an erased chip."""
    return io.BytesIO(b"\xff" * (sectors * SECTOR_BYTES))


def copy(image):
    """Return another image with the same content."""
    return io.BytesIO(image.getvalue())


def apply(image, operation):
    """Do `operation` to `image`."""
    sector, offset, data, _, _ = operation
    if offset is None:
        _put(image, sector, 0, b"\xff" * SECTOR_BYTES)
    else:
        before = _get(image, sector, offset, len(data))
        _put(image, sector, offset, _programmed(before, data))


def tear(image, operation, way, random_bits):
    """Do to `image` what `operation` leaves when the power goes within it; `random_bits(n)`: an int of n bits."""
    sector, offset, data, _, _ = operation
    erase = offset is None
    offset = offset or 0
    count = SECTOR_BYTES if erase else len(data)
    before = _get(image, sector, offset, count)
    after = b"\xff" * count if erase else _programmed(before, data)
    done = {"not begun": 0, "half done": count // 2, "all but a byte": count - 1}.get(way)
    if done is None:
        torn = bytes(_mixed(before[k], after[k], random_bits(8)) for k in range(count))
    else:
        torn = after[:done] + before[done:]
    _put(image, sector, offset, torn)


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
