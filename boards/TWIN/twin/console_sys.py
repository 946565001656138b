"""`sys` while the twin has a console: input comes from the line, and text output ends its lines as a board does."""

import io
from collections import namedtuple

import usys
from usys import *  # noqa: F403 - everything else is as in `sys`

from twin import interrupts, line, waiting

# A UART of 115200 baud: ports/esp32/uart.c writes into its FIFO of 128 bytes and waits for room.
_FIFO_BYTES = 128
_BYTES_PER_MS = 11  # 87 us each; whole ms, for clocks that are read in ms

path = usys.path
implementation = usys.implementation


class _Input:
    """Bytes from the line; reads wait until they have what they were asked for."""

    def read(self, count):
        """Return the next `count` bytes."""
        while line.waiting() < count:
            waiting.for_more_input()
        return line.take(count)

    def readinto(self, buffer):
        """Fill `buffer` and return its length."""
        buffer[:] = self.read(len(buffer))
        return len(buffer)

    def readline(self):
        """Return the bytes up to and with the next line feed."""
        taken = b""
        while not taken.endswith(b"\n"):
            taken += self.read(1)
        return taken


class _TextInput:
    """Text from the line: a carriage return reads as a line feed."""

    def __init__(self, binary):
        self.buffer = binary

    def read(self, count):
        """Return the next `count` characters."""
        return self.buffer.read(count).decode().replace("\r", "\n")

    def readline(self):
        """Return the characters up to and with the next line end."""
        taken = ""
        while not taken.endswith("\n"):
            taken += self.read(1)
        return taken


class _TextOutput(io.IOBase):
    """Text to the line: a line feed goes out as carriage return and line feed."""

    buffer = usys.stdout.buffer

    def write(self, data):
        """Send a str, or the bytes of one; return how many were taken."""
        text = data if isinstance(data, str) else bytes(data)
        line.write(text.replace("\n", "\r\n").encode() if isinstance(text, str) else text.replace(b"\n", b"\r\n"))
        interrupts.busy_us((max(0, len(text) - _FIFO_BYTES) + _BYTES_PER_MS - 1) // _BYTES_PER_MS * 1000)
        waiting.hear_interrupt()
        return len(data)


stdin = _TextInput(_Input())
stdout = _TextOutput()


def print_exception(exception, file=stdout):
    """Print `exception` with its traceback."""
    usys.print_exception(exception, file)


def name_machine(board):
    """Let `implementation._machine` be as on a board: its name with that of the chip of `board` (esp32 or s3)."""
    global implementation
    own = usys.implementation
    machine = "%s with %s" % (own._machine, "ESP32S3" if board == "s3" else "ESP32")
    fields = namedtuple("implementation", ("name", "version", "_machine", "_mpy"))
    implementation = fields(own.name, own.version, machine, own._mpy)
