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
from hipcue.store import verified
from hipcue.store.folder import FOLDER, numbers, session_name, size_bytes

INTERRUPT = b"\x03"


def sessions():
    """List the recorded sessions: number, name, size, SHA-256, and whether a host has vouched for it (see storage)."""
    listed = []
    for number in numbers():
        size = size_bytes(number)
        listed.append({
            "number": number,
            "name": session_name(number),
            "bytes": size,
            "sha256": sha256(session_name(number), size),
            "verified": verified.is_marked(number, size),
        })  # fmt: skip
    _print({"sessions": listed})


def digest(name, count):
    """Print the SHA-256 of the first `count` bytes of a session: what a host holds of it is good if it has the same."""
    _print({"sha256": sha256(name, count)})


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


def erase(number, known_sha256):
    """Remove a session that the host has verified: `known_sha256` is its SHA-256. Its number is not given again."""
    if number not in numbers():
        _print({"ok": False, "reason": "there is no session %d" % number})
        return
    name, size = session_name(number), size_bytes(number)
    if sha256(name, size) != known_sha256:
        _print({"ok": False, "reason": "session %d is not what the host has verified" % number})
        return
    if not verified.is_marked(number, size):
        verified.mark(number, size, known_sha256)
    os.remove(FOLDER + "/" + name)
    verified.forget(number)
    _print({"ok": True})


def sha256(name, count):
    """Return the SHA-256 of the first `count` bytes of a session, in hexadecimal."""
    found = hashlib.sha256()
    chunk = memoryview(bytearray(frame.CHUNK_BYTES))
    with open(FOLDER + "/" + name, "rb") as file:
        while count > 0:
            came = file.readinto(chunk[:count] if count < len(chunk) else chunk)
            if not came:
                break
            found.update(chunk[:came])
            count -= came
    return hexlify(found.digest()).decode()


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


def _print(value):
    print(json.dumps(value))
