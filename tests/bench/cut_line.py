"""A serial line to a twin that breaks after a given number of bytes, whichever way they went."""

import contextlib
import os
import pty
import select
import threading
import tty

SLICE_BYTES = 4096


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
        os.close(self._client)
        os.close(self._near)

    def _pass_on(self):
        """Relay what is there, waiting for it; return whether the line still holds."""
        ready, _, _ = select.select([self._far, self._near, self._wake], [], [])
        for source in ready:
            if source == self._wake:
                return False
            left = self._left[source]
            data = os.read(source, SLICE_BYTES if left is None else min(left, SLICE_BYTES)) if left != 0 else b""
            os.write(self._near if source == self._far else self._far, data)
            self._counts[source] += len(data)
            if left is not None:
                self._left[source] = left - len(data)
                if self._left[source] <= 0:
                    return False
        return True

    def close(self):
        """Take the line away; the clip stays as it is."""
        os.write(self._waker, b"x")
        self._thread.join()
        os.close(self._wake)
        os.close(self._waker)
