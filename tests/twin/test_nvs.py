"""The model of the partition `nvs` against what ESP-IDF 5.4.1's own library (components/nvs_flash/src) does.

The expectations were made with that library, compiled for a PC and given the same values: its flash operations, the
image it leaves, and what it still reads after each third operation was cut off half done.
"""

import hashlib
import os
from binascii import hexlify

import esp32
from bench import raises
from twin import nvs
from twin.flash import SECTOR_BYTES, Flash, Supply
from twin.power import PowerCut

IMAGE = "nvs.bin"
# (offset in the partition, bytes programmed) of a = 5 bytes, a = 40 bytes, b = ff, a = the 5 bytes again.
OPERATIONS = """
0 feffffff00000000feffffffffffffffffffffffffffffffffffffff842dbab9
64 000101ffc6e131106869706375650000000000000000000001ffffffffffffff
32 feffffff
96 01420200f033a842610000000000000000000000000000000500ffff1691d67e
32 faffffff
128 0102030405ffffffffffffffffffffffffffffffffffffffffffffffffffffff
32 eaffffff
160 014801ff1b6f467261000000000000000000000000000000050000000100ffff
32 aaffffff
192 01420380b7e589f1610000000000000000000000000000002800ffff72ecb51b
32 aafeffff
224 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
32 aafaffff
256 2021222324252627ffffffffffffffffffffffffffffffffffffffffffffffff
32 aaeaffff
288 014801ff1c0300f161000000000000000000000000000000280000000180ffff
32 aaaaffff
32 2aaaffff
32 02aaffff
320 014202006b975f63620000000000000000000000000000000100ffff7210fdd2
32 02aafeff
352 ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
32 02aafaff
384 014801ffc9c812ae62000000000000000000000000000000010000000100ffff
32 02aaeaff
416 01420200f033a842610000000000000000000000000000000500ffff1691d67e
32 02aaaaff
448 0102030405ffffffffffffffffffffffffffffffffffffffffffffffffffffff
32 02aaaafe
480 014801ff1b6f467261000000000000000000000000000000050000000100ffff
32 02aaaafa
32 022aaafa
32 0200aafa
"""
# SHA-256 of the image after 120 values under ten keys, for which 13 sectors were erased.
IMAGE_SHA256 = "6d133ea277357a2b24c88cd15681f4bef367b7ad1d25debe972d1168faf161ae"
# Of 90 values under 24 keys operations were cut: what was read then, the image after two more values, and how often
# there was nothing to read, that which was never written included.
TORN_SHA256 = "18d3548d8033907d2d0142da21bbaa168840ad57321bc8f0f62d5a7fa8309110"
NOTHING = 253


class Watched(Flash):
    """Writes down what is programmed and erased: (offset, bytes; None for an erase)."""

    def __init__(self, **options):
        super().__init__(IMAGE, nvs.DEFAULT_BYTES, **options)
        self.operations = []

    def _erase(self, sector):
        self.operations.append((sector * SECTOR_BYTES, None))
        super()._erase(sector)

    def _program(self, sector, offset, data):
        self.operations.append((sector * SECTOR_BYTES + offset, bytes(data)))
        super()._program(sector, offset, data)


def value(number):
    return bytes((7 * number + k) % 251 for k in range(380 + 37 * number % 160))


def new(**options):
    """Attach an erased partition and return it."""
    if IMAGE in os.listdir():
        os.remove(IMAGE)
    chip = Watched(**options)
    nvs.attach(chip)
    return chip


def read(store, key):
    """Return the bytes kept under `key`, or None."""
    buffer = bytearray(1000)
    try:
        return bytes(buffer[: store.get_blob(key, buffer)])
    except OSError as error:
        assert error.args == (-0x1102, "ESP_ERR_NVS_NOT_FOUND")
        return None


def test_operations_are_those_of_the_library():
    chip = new()
    store = esp32.NVS("hipcue")
    for key, data in (("a", bytes((1, 2, 3, 4, 5))), ("a", bytes(range(40))), ("b", b"\xff"), ("a", b"\1\2\3\4\5")):
        store.set_blob(key, data)
        store.commit()
    done = ["%d %s" % (offset, hexlify(data).decode()) for offset, data in chip.operations]
    assert done == OPERATIONS.split("\n")[1:-1]
    store.set_blob("a", b"\1\2\3\4\5")  # the same again writes nothing
    assert len(chip.operations) == len(done) and read(store, "a") == b"\1\2\3\4\5" and read(store, "c") is None


def test_image_is_that_of_the_library():
    chip = new()
    store = esp32.NVS("hipcue")
    for number in range(120):
        store.set_blob(str(number % 10), value(number))
    with open(IMAGE, "rb") as file:
        assert hexlify(hashlib.sha256(file.read()).digest()).decode() == IMAGE_SHA256
    assert chip.erases == 13
    nvs.forget()
    assert [read(store, str(number % 10)) for number in range(110, 120)] == [value(k) for k in range(110, 120)]


def write(count):
    store = esp32.NVS("hipcue")
    for number in range(count):
        store.set_blob(str(number % 24), value(number))


def test_what_is_left_after_a_cut_is_what_the_library_leaves():
    """Cut half done at every eleventh operation, and at each near an erase, where a page is emptied into another."""
    chip = new()
    write(90)
    erases = [at for at, (_, data) in enumerate(chip.operations) if data is None]
    found, nothing = hashlib.sha256(), 0
    for at in range(len(chip.operations)):
        if at % 11 and not any(at - 2 <= erase <= at + 8 for erase in erases):
            continue
        new(supply=Supply(at + 1))
        assert raises(PowerCut, write, 90)
        nvs.attach(Flash(IMAGE))
        store = esp32.NVS("hipcue")
        for key in range(24):
            data = read(store, str(key))
            found.update(b"-" if data is None else hexlify(data))
            nothing += data is None
        store.set_blob("1", value(200))
        store.set_blob("2", value(201))
        with open(IMAGE, "rb") as file:
            found.update(file.read())
    assert (hexlify(found.digest()).decode(), nothing) == (TORN_SHA256, NOTHING)


def test_a_buffer_that_is_too_short_and_a_value_that_is_too_long():
    new()
    store = esp32.NVS("hipcue")
    store.set_blob("a", bytes(100))
    assert raises(OSError, store.get_blob, "a", bytearray(99)).args[1] == "ESP_ERR_NVS_INVALID_LENGTH"
    assert raises(OSError, store.set_blob, "b", bytes(24000)).args[1] == "ESP_ERR_NVS_NOT_ENOUGH_SPACE"
    assert read(store, "a") == bytes(100)


def run():
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test()
    os.remove(IMAGE)


run()
