"""The flash model: NOR semantics, typical times of a W25Q-type chip, power cuts, littlefs on it."""

import errno
import os

import vfs
from bench import elapsed_us, raises
from twin.flash import SECTOR_BYTES, Flash, Supply
from twin.power import PowerCut

IMAGE = "flash.bin"
SIZE = 64 * SECTOR_BYTES


def read(flash, block, offset, count):
    buffer = bytearray(count)
    flash.readblocks(block, buffer, offset)
    return bytes(buffer)


def new_flash(**options):
    if IMAGE in os.listdir():
        os.remove(IMAGE)
    return Flash(IMAGE, SIZE, **options)


def test_new_chip_is_erased():
    flash = new_flash()
    assert flash.ioctl(4, 0) == 64 and flash.ioctl(5, 0) == 4096
    assert read(flash, 63, 4000, 96) == b"\xff" * 96


def test_program_clears_bits_only():
    flash = new_flash()
    flash.writeblocks(2, b"\xf0\x0f", 100)
    assert read(flash, 2, 99, 4) == b"\xff\xf0\x0f\xff"
    flash.writeblocks(2, b"\x30\x0f", 100)  # clears two bits more
    assert read(flash, 2, 100, 2) == b"\x30\x0f"
    error = raises(OSError, flash.writeblocks, 2, b"\xf3\x05", 100)
    assert error.errno == errno.EIO
    assert read(flash, 2, 100, 2) == b"\x30\x05"  # the AND of both
    flash.ioctl(6, 2)
    assert read(flash, 2, 100, 2) == b"\xff\xff"
    assert (flash.erases, flash.programs) == (1, 3)


def test_write_without_offset_erases_first():
    flash = new_flash()
    flash.writeblocks(5, bytes(4096))
    flash.writeblocks(5, b"\xaa" * 4096)
    assert read(flash, 5, 0, 4096) == b"\xaa" * 4096
    assert (flash.erases, flash.programs, flash.programmed_bytes) == (2, 2, 8192)


def test_stalls():
    flash = new_flash()
    assert elapsed_us(flash.ioctl, 6, 0) == 45000
    assert elapsed_us(flash.writeblocks, 0, bytes(256), 0) == 700
    assert elapsed_us(flash.writeblocks, 0, bytes(32), 256) == 88  # 87.5, rounded up
    assert elapsed_us(flash.readblocks, 0, bytearray(4096), 0) == 0


def test_outside_is_refused():
    flash = new_flash()
    assert raises(OSError, flash.readblocks, 64, bytearray(1), 0).errno == errno.EINVAL
    assert raises(OSError, flash.writeblocks, 63, bytes(4), 4094).errno == errno.EINVAL


def test_power_cut_leaves_half():
    flash = new_flash(supply=Supply(3))
    flash.ioctl(6, 1)
    flash.writeblocks(1, bytes(8), 0)
    assert raises(PowerCut, flash.writeblocks, 1, bytes(8), 8)
    assert raises(PowerCut, flash.readblocks, 1, bytearray(1), 0)
    survivor = Flash(IMAGE)
    assert read(survivor, 1, 0, 20) == bytes(12) + b"\xff" * 8


def test_power_cut_in_erase():
    flash = new_flash(supply=Supply(2))
    flash.writeblocks(1, bytes(4096), 0)
    assert raises(PowerCut, flash.ioctl, 6, 1)
    assert read(Flash(IMAGE), 1, 0, 4096) == b"\xff" * 2048 + bytes(2048)


def write_files(file_system):
    for number in range(40):
        with file_system.open("file%d" % (number % 3), "wb") as file:
            file.write(bytes((number,)) * 700)


def test_littlefs_survives_a_cut_at_any_of_its_operations():
    for cut_at in range(5, 200, 13):
        flash = new_flash()
        vfs.VfsLfs2.mkfs(flash)
        flash = Flash(IMAGE, supply=Supply(cut_at))
        raises(PowerCut, write_files, vfs.VfsLfs2(flash))
        file_system = vfs.VfsLfs2(Flash(IMAGE))
        for entry in file_system.ilistdir("/"):
            with file_system.open(entry[0], "rb") as file:
                content = file.read()
            assert content in (b"", content[:1] * 700), (cut_at, entry)


def run():
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test()
    os.remove(IMAGE)


run()
