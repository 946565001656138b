"""A serial line to a twin that breaks after a given number of bytes, whichever way they went."""

import contextlib
import fcntl
import os
import pty
import select
import termios
import threading
import time
import tty

READ_S = 2.0
SLICE_BYTES = 256  # less than a pseudo-terminal that is ready at all can take


class CutLine:
    """Relays between the descriptor `far` of a twin and a new pseudo-terminal, `port`, until it breaks or is closed.

    It breaks, for both ways at once, after `to_host` bytes to the host or
    `to_clip` bytes to the clip (None: never). What the clip still sends stays
    in `far`, for the next line. Counts: `host_bytes`, `clip_bytes`.
    """

    def __init__(self, far, to_host=None, to_clip=None):
        self._far = far
        self._near, client = pty.openpty()
        tty.setraw(client)
        self.port = os.ttyname(client)
        self._client = client
        self._ways = {far: self._near, self._near: far}
        self._held = {far: b"", self._near: b""}  # taken, and not yet passed on to that end
        self._left = {far: to_host, self._near: to_clip}
        self._counts = {far: 0, self._near: 0}
        self._wake, self._waker = os.pipe()
        self._thread = threading.Thread(target=self._relay, daemon=True)
        self._thread.start()

    @property
    def host_bytes(self):
        """Bytes that came to the host."""
        return self._counts[self._far]

    @property
    def clip_bytes(self):
        """Bytes that came to the clip."""
        return self._counts[self._near]

    def _relay(self):
        with contextlib.suppress(OSError):  # the far end has gone
            while self._pass_on():
                pass
        self._wait_until_read()
        os.close(self._client)
        os.close(self._near)

    def _pass_on(self):
        """Wait, then relay what is there, as far as the other end takes it; return whether the line still holds."""
        sinks = [sink for sink, data in self._held.items() if data]
        sources = [source for source, sink in self._ways.items() if sink not in sinks]
        ready, free, _ = select.select([self._wake, *sources], sinks, [])
        if self._wake in ready:
            return False
        for source in ready:
            self._held[self._ways[source]] = self._take(source)
        for sink in free:
            self._held[sink] = self._held[sink][os.write(sink, self._held[sink][:SLICE_BYTES]) :]
        broken = any(left == 0 and not self._held[self._ways[source]] for source, left in self._left.items())
        return not broken

    def _take(self, source):
        left = self._left[source]
        data = os.read(source, SLICE_BYTES if left is None else min(left, SLICE_BYTES)) if left != 0 else b""
        self._counts[source] += len(data)
        if left is not None:
            self._left[source] = left - len(data)
        return data

    def _wait_until_read(self):
        """Let the host read what has come: a pseudo-terminal that is closed drops it, a serial driver does not."""
        until_s = time.monotonic() + READ_S
        while time.monotonic() < until_s and fcntl.ioctl(self._client, termios.FIONREAD, bytes(4)) != bytes(4):
            time.sleep(0.005)

    def close(self):
        """Take the line away; the clip stays as it is."""
        os.write(self._waker, b"x")
        self._thread.join()
        os.close(self._wake)
        os.close(self._waker)
