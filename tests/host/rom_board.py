"""A board on a pseudo-terminal: the ROM bootloader of an ESP32 or ESP32-S3, or the twin as its application.

The bootloader speaks SLIP as Espressif's esptool documentation, "Serial Protocol", describes it: the ROM's commands,
and those of the stub that esptool uploads. What reaches the flash is kept as NOR flash keeps it, but for its times.

A pseudo-terminal has no DTR and RTS, which put a real board into the bootloader and out of it. In their place: who
sends a SYNC gets the bootloader, who then sends anything but SLIP has the application booted, from this flash. A
flash without boot loader, partition table and application has nothing to boot: the board is silent.
"""

import hashlib
import os
import pty
import select
import struct
import threading
import tty
import zlib

from host_tools.twin.process import Twin

END, ESCAPE = 0xC0, 0xDB
SYNC_FRAME = b"\xc0\x00\x08\x24\x00"
SECTOR = 4096
TABLE = slice(0x8000, 0x8C00)
MAC = bytes.fromhex("024849504355")

(
    FLASH_BEGIN, FLASH_DATA, FLASH_END, MEM_BEGIN, MEM_END, MEM_DATA, SYNC, WRITE_REG, READ_REG, SPI_SET_PARAMS,
) = range(0x02, 0x0C)  # fmt: skip
SPI_ATTACH, READ_FLASH_SLOW, CHANGE_BAUDRATE, DEFL_BEGIN, DEFL_DATA, DEFL_END, FLASH_MD5, SECURITY_INFO = range(
    0x0D, 0x15
)
ERASE_FLASH, ERASE_REGION, READ_FLASH = 0xD0, 0xD1, 0xD2
FAILED, BAD_COMMAND = b"\x01\x07", b"\x01\x05"

# Registers that esptool reads, and what they hold on a real chip (its technical reference manual).
MAGIC_REGISTER = 0x40001000  # ROM; esptool knows the ESP32 by it
ESP32 = {
    "id": 0,
    "registers": {
        MAGIC_REGISTER: 0x00F01D83,
        0x3FF5A00C: 1 << 15,  # EFUSE_BLK0_RDATA3: revision 1
        0x3FF5A004: int.from_bytes(MAC[2:], "big"),  # EFUSE_BLK0_RDATA1 and 2: the MAC
        0x3FF5A008: int.from_bytes(MAC[:2], "big"),
        0x3FF40014: 347,  # UART_CLKDIV: 40 MHz at 115200 Bd
    },
    "flash_spi": 0x3FF42000,
    "spi_w0": 0x80,
}
ESP32_S3 = {
    "id": 9,
    "registers": {
        0x60007044: int.from_bytes(MAC[2:], "big"),  # EFUSE_RD_MAC_SPI_SYS_0 and 1
        0x60007048: int.from_bytes(MAC[:2], "big"),
        0x60000014: 347,
    },
    "flash_spi": 0x60002000,
    "spi_w0": 0x58,
}
SPI_CMD_USR = 1 << 18


class RomBoard:
    """A board with `flash` (bytearray). A context manager; `port` is its serial port.

    `pull_after`: the cable is pulled when so many flash data commands have come; None: never. `bad_md5`: the flash
    reads back other than it was written. `scene`: what the twin plays as the application.
    """

    def __init__(self, chip, flash, scene, pull_after=None, bad_md5=False):
        self.chip, self.flash, self.scene = chip, flash, scene
        self.pull_after, self.bad_md5 = pull_after, bad_md5
        self.data_commands = 0
        self.seen = []  # commands, in order
        self._registers = dict(chip["registers"])
        self._stub = False
        self._writing = None  # (offset, zlib object or None, sequence awaited)
        self._master, self._slave = pty.openpty()  # the slave held open, so that a client that leaves hangs nothing up
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        os.write(self._stop_write, b".")
        self._thread.join()
        for descriptor in (self._master, self._slave, self._stop_read, self._stop_write):
            if descriptor is not None:
                os.close(descriptor)

    def _serve(self):
        boot = self._run_application if self._has_application() else self._run_bootloader
        while boot is not None:
            boot = boot()

    def _has_application(self):
        loader = 0x1000 if self.chip["id"] == 0 else 0
        return self.flash[loader] == self.flash[0x10000] == 0xE9 and self.flash[0x8000:0x8002] == b"\xaa\x50"

    def _files(self):
        """Return the slice of the flash that the partition table names `vfs`."""
        for entry in struct.iter_unpack("<2sBBII16sI", self.flash[TABLE]):
            if entry[5].rstrip(b"\0") == b"vfs":
                return slice(entry[3], entry[3] + entry[4])
        raise AssertionError("no vfs in the partition table")

    def _run_application(self, waiting=b""):
        """Boot the twin on this flash and pass bytes both ways; return what follows: the bootloader, or None."""
        image = self.scene.with_name("vfs")
        files = self._files()
        image.write_bytes(self.flash[files])
        try:
            with Twin(scene=self.scene, flash=image) as twin:
                application = os.open(twin.port, os.O_RDWR | os.O_NOCTTY)
                try:
                    tail = self._pass_on(application, waiting)
                finally:
                    os.close(application)
        finally:
            self.flash[files] = image.read_bytes()
        return None if tail is None else lambda: self._run_bootloader(tail)

    def _pass_on(self, application, waiting):
        os.write(application, waiting)
        recent = b""
        while True:
            ready, _, _ = select.select([self._master, application, self._stop_read], [], [])
            if self._stop_read in ready:
                return None
            if application in ready:
                os.write(self._master, os.read(application, 4096))
            if self._master in ready:
                data = os.read(self._master, 4096)
                recent = (recent + data)[-64:]
                at = recent.find(SYNC_FRAME)
                if at >= 0:
                    return recent[at:]
                os.write(application, data)

    def _run_bootloader(self, waiting=b""):
        """Answer SLIP frames; return what follows: the application, or None at the end."""
        self._stub = False
        buffer = bytearray(waiting)
        while True:
            while buffer:
                if buffer[0] != END:
                    if self._has_application():
                        return lambda rest=bytes(buffer): self._run_application(rest)
                    del buffer[0]
                    continue
                close = buffer.find(END, 1)
                if close < 0:
                    break
                frame = unescape(buffer[1:close])
                del buffer[: close + 1]
                if not self._answer(frame):
                    return None
            ready, _, _ = select.select([self._master, self._stop_read], [], [])
            if self._stop_read in ready:
                return None
            buffer += os.read(self._master, 65536)

    def _send(self, data):
        view = memoryview(escape(data))
        while view:
            view = view[os.write(self._master, view) :]

    def _reply(self, command, value=0, data=b"", status=b"\x00\x00"):
        """Send a reply; the ROM adds two reserved bytes to the status, the stub none."""
        body = data + status + (b"" if self._stub else b"\x00\x00")
        self._send(struct.pack("<BBHI", 1, command, len(body), value) + body)

    def _answer(self, frame):
        """Answer one frame; return False when the cable was pulled."""
        direction, command, size, checksum = struct.unpack_from("<BBHI", frame)
        data = bytes(frame[8:])
        assert direction == 0 and size == len(data), frame
        self.seen.append(command)
        if command in (FLASH_DATA, DEFL_DATA):
            self.data_commands += 1
            if self.data_commands == self.pull_after:
                self._pull_cable()
                return False
        handler = {
            SYNC: self._sync, READ_REG: self._read_register, WRITE_REG: self._write_register,
            SECURITY_INFO: self._security_info, MEM_END: self._start_stub, FLASH_BEGIN: self._begin,
            DEFL_BEGIN: self._begin, FLASH_DATA: self._data, DEFL_DATA: self._data, FLASH_MD5: self._md5,
            READ_FLASH: self._read, ERASE_REGION: self._erase_region,
        }.get(command, self._accept)  # fmt: skip
        handler(command, data, checksum)
        return True

    def _accept(self, command, data, _):
        known = (
            MEM_BEGIN, MEM_DATA, SPI_SET_PARAMS, SPI_ATTACH, CHANGE_BAUDRATE, FLASH_END, DEFL_END,
        )  # fmt: skip
        self._reply(command, status=b"\x00\x00" if command in known else BAD_COMMAND)

    def _sync(self, command, data, _):
        assert data == b"\x07\x07\x12\x20" + 32 * b"\x55"
        for _ in range(8):
            self._reply(command, 0 if self._stub else 0x20120707)

    def _read_register(self, command, data, _):
        (address,) = struct.unpack("<I", data)
        self._reply(command, self._registers.get(address, 0))

    def _write_register(self, command, data, _):
        """Write registers; a user command on the flash's SPI port is done at once, and RDID is the one it knows."""
        base = self.chip["flash_spi"]
        for address, value, _mask, _delay in struct.iter_unpack("<IIII", data):
            self._registers[address] = value
            if address == base and value & SPI_CMD_USR:
                self._registers[base] = 0
                capacity = len(self.flash).bit_length() - 1
                self._registers[base + self.chip["spi_w0"]] = 0x0040C8 | capacity << 16
        self._reply(command)

    def _security_info(self, command, data, _):
        if self.chip["id"] == 0:
            self._reply(command, status=BAD_COMMAND)  # the ESP32's ROM has no such command
        else:
            self._reply(command, data=struct.pack("<IB7sII", 0, 0, bytes(7), self.chip["id"], 0))

    def _start_stub(self, command, data, _):
        self._reply(command)
        self._stub = True
        self._send(b"OHAI")

    def _begin(self, command, data, _):
        """Erase what will be written (the stub would as it goes) and expect block 0."""
        size, _blocks, _block_bytes, offset = struct.unpack_from("<IIII", data)
        self._erase(offset, size)
        self._writing = [offset, zlib.decompressobj() if command == DEFL_BEGIN else None, 0]
        self._reply(command)

    def _data(self, command, data, checksum):
        size, sequence = struct.unpack_from("<II", data)
        block = data[16:]
        right = size == len(block) and sequence == self._writing[2] and checksum == xor(block)
        if not right:
            self._reply(command, status=FAILED)
            return
        offset, inflate, _ = self._writing
        plain = inflate.decompress(block) if inflate else block
        before = self.flash[offset : offset + len(plain)]
        self.flash[offset : offset + len(plain)] = bytes(a & b for a, b in zip(before, plain, strict=True))
        self._writing = [offset + len(plain), inflate, sequence + 1]
        self._reply(command)

    def _md5(self, command, data, _):
        offset, size = struct.unpack_from("<II", data)
        digest = hashlib.md5(self.flash[offset : offset + size] + (b"?" if self.bad_md5 else b""))
        self._reply(command, data=digest.digest() if self._stub else digest.hexdigest().encode())

    def _read(self, command, data, _):
        """Stream sectors; the host acknowledges each by the count of bytes it has, and gets their MD5 at the end."""
        offset, size, block, _window = struct.unpack("<IIII", data)
        self._reply(command)
        wanted = bytes(self.flash[offset : offset + size])
        for at in range(0, size, block):
            self._send(wanted[at : at + block])
            assert struct.unpack("<I", self._frame())[0] == min(at + block, size)
        self._send(hashlib.md5(wanted).digest())

    def _frame(self):
        """Return the next frame from the host."""
        raw = b""
        while raw.count(b"\xc0") < 2:
            ready, _, _ = select.select([self._master, self._stop_read], [], [])
            assert self._stop_read not in ready, "the test ended in the middle of a download"
            raw += os.read(self._master, 1)
        return unescape(raw[1:-1])

    def _erase_region(self, command, data, _):
        self._erase(*struct.unpack("<II", data))
        self._reply(command)

    def _erase(self, offset, size):
        begin = offset // SECTOR * SECTOR
        end = min(-(-(offset + size) // SECTOR) * SECTOR, len(self.flash))
        self.flash[begin:end] = b"\xff" * (end - begin)

    def _pull_cable(self):
        os.close(self._master)
        self._master = None


def escape(data):
    """Return `data` as a SLIP frame."""
    return b"\xc0" + bytes(data).replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0"


def unescape(data):
    """Return what the inside of a SLIP frame stands for."""
    return bytes(data).replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")


def xor(data):
    """Return the checksum of a block: all bytes and 0xEF, XORed."""
    result = 0xEF
    for byte in data:
        result ^= byte
    return result
