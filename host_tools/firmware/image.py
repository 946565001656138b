"""What a firmware image is made for: Espressif's image header, and the partition table inside.

Sources: Espressif, ESP-IDF programming guide, "App Image Format" (magic, chip id at byte 12) and "Partition Tables"
(at 0x8000 of the flash; 32 bytes an entry, little-endian: magic 0xAA 0x50, type, subtype, offset, size, label, flags).
"""

import struct
from dataclasses import dataclass
from pathlib import Path

from host_tools.errors import HipCueError

IMAGE_MAGIC = 0xE9
CHIP_ID_OFFSET = 12
HEADER_BYTES = 24
TABLE_OFFSET = 0x8000  # on flash
TABLE_BYTES = 0xC00
ENTRY_BYTES = 32
ENTRY_MAGIC = b"\xaa\x50"
APP, DATA = 0, 1

# Chip id: (name as esptool says it, where on flash the image begins).
CHIPS = {0: ("ESP32", 0x1000), 9: ("ESP32-S3", 0)}


@dataclass(frozen=True)
class Partition:
    """One row of a partition table; offsets and sizes in bytes of flash."""

    name: str
    kind: int
    subtype: int
    offset: int
    size: int


@dataclass(frozen=True)
class Image:
    """A whole image, boot loader and partition table included, that begins at `offset` of the flash of `chip`."""

    path: Path
    chip: str
    offset: int
    size: int
    partitions: tuple

    def file_system(self):
        """Return the Partition of the file system."""
        return file_system(self.partitions)

    def flash_bytes(self):
        """Return the size of flash that the partitions want."""
        return max(partition.offset + partition.size for partition in self.partitions)


def file_system(partitions):
    """Return the Partition that MicroPython mounts, or None."""
    return next((partition for partition in partitions if partition.name == "vfs" and partition.kind == DATA), None)


def parse_table(data):
    """Return the Partitions of a table's bytes, up to its end mark or checksum."""
    found = []
    for at in range(0, len(data) - ENTRY_BYTES + 1, ENTRY_BYTES):
        if data[at : at + 2] != ENTRY_MAGIC:
            break
        _, kind, subtype, offset, size, label, _ = struct.unpack_from("<2sBBII16sI", data, at)
        found.append(Partition(label.rstrip(b"\0").decode(errors="replace"), kind, subtype, offset, size))
    return tuple(found)


def read_image(path):
    """Return the Image in the file `path`; HipCueError 2 says why it is none that can be flashed."""
    path = Path(path)
    if not path.is_file():
        raise HipCueError("There is no image %s; name the firmware.bin of MicroPython with ulab." % path)
    data = path.read_bytes()
    if len(data) < HEADER_BYTES or data[0] != IMAGE_MAGIC:
        raise HipCueError("%s is no firmware image for an ESP32; choose the firmware.bin of one." % path)
    (chip_id,) = struct.unpack_from("<H", data, CHIP_ID_OFFSET)
    if chip_id not in CHIPS:
        raise HipCueError("%s is for a chip that HipCue does not run on; choose one for ESP32 or ESP32-S3." % path)
    chip, offset = CHIPS[chip_id]
    partitions = parse_table(data[TABLE_OFFSET - offset : TABLE_OFFSET - offset + TABLE_BYTES])
    app = next((partition for partition in partitions if partition.kind == APP), None)
    if app is None or file_system(partitions) is None:
        raise HipCueError(
            "%s holds no partition table with an application and a file system `vfs`; choose the whole firmware.bin, "
            "not the application alone." % path
        )
    begin = app.offset - offset
    if data[begin : begin + 1] != bytes((IMAGE_MAGIC,)):
        raise HipCueError("%s ends before its application; fetch it again." % path)
    if struct.unpack_from("<H", data, begin + CHIP_ID_OFFSET) != (chip_id,):
        raise HipCueError("%s has an application for another chip than its boot loader; fetch it again." % path)
    return Image(path, chip, offset, len(data), partitions)
