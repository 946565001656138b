"""What a host calls to fetch the sessions, and to erase those that it has verified.

Only `erase` changes what the clip holds, and only a session whose SHA-256 the
host can name.
"""

import hashlib
import json
import os
import select
import sys
from binascii import hexlify

from hipcue.contract import frame
from hipcue.store.files import exists
from hipcue.store.session import FOLDER

SUFFIX = ".hcl"
INTERRUPT = b"\x03"


def names():
    """Return the names of the recorded sessions, in order."""
    return sorted([name for name in os.listdir(FOLDER) if name.endswith(SUFFIX)]) if exists(FOLDER) else []


def sessions():
    """List the recorded sessions with their size and SHA-256."""
    listed = []
    for name in names():
        size = os.stat(FOLDER + "/" + name)[6]
        listed.append({"name": name, "bytes": size, "sha256": _sha256(name, size)})
    _print({"sessions": listed})


def digest(name, count):
    """Print the SHA-256 of the first `count` bytes of a session: what a host holds of it is good if it has the same."""
    _print({"sha256": _sha256(name, count)})


def send(name, offset):
    """Send a session from byte `offset` in frames (see contract.frame), the last one without data."""
    write = sys.stdout.buffer.write
    line = _Acknowledged()
    with open(FOLDER + "/" + name, "rb") as file:
        file.seek(offset)
        while True:
            data = file.read(frame.CHUNK_BYTES)
            write(frame.pack(offset, data))
            line.sent()
            if not data:
                break
            offset += len(data)
    line.finish()


def erase(name, sha256):
    """Remove a session that the host has verified: its SHA-256 must be `sha256`."""
    if name not in names():
        _print({"ok": False, "reason": "there is no session %s" % name})
        return
    path = FOLDER + "/" + name
    if _sha256(name, os.stat(path)[6]) != sha256:
        _print({"ok": False, "reason": "%s is not what the host has verified" % name})
        return
    os.remove(path)
    _print({"ok": True})


class _Acknowledged:
    """Frames under way: counted as they are sent, and off again as the host acknowledges them.

    Waiting for a host that has gone lasts until the next one interrupts. All
    other bytes are noise, or an enquiry that was meant for the application.
    """

    def __init__(self):
        self._under_way = 0
        self._poller = select.poll()
        self._poller.register(sys.stdin, select.POLLIN)

    def sent(self):
        """Count a frame; wait while the window is full."""
        self._under_way += 1
        while self._under_way >= frame.WINDOW_FRAMES or self._poller.poll(0):
            self._hear()

    def finish(self):
        """Wait until all has been acknowledged: no byte is left for the prompt to stumble over."""
        while self._under_way:
            self._hear()

    def _hear(self):
        byte = sys.stdin.buffer.read(1)
        if byte == frame.ACK:
            self._under_way -= 1
        elif byte == INTERRUPT:  # one that came before there was anything to interrupt
            raise KeyboardInterrupt


def _sha256(name, count):
    """Return the SHA-256 of the first `count` bytes of a session, in hexadecimal."""
    sha256 = hashlib.sha256()
    chunk = memoryview(bytearray(frame.CHUNK_BYTES))
    with open(FOLDER + "/" + name, "rb") as file:
        while count > 0:
            came = file.readinto(chunk[:count] if count < len(chunk) else chunk)
            if not came:
                break
            sha256.update(chunk[:came])
            count -= came
    return hexlify(sha256.digest()).decode()


def _print(value):
    print(json.dumps(value))
