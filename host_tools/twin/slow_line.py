"""A serial line of a given speed between the twin and its client: a second pseudo-terminal and two threads."""

import os
import pty
import threading
import time
import tty

BITS_PER_BYTE = 10  # start, eight, stop
SLICE_S = 0.005


class SlowLine:
    """Relays between the descriptor `far` of a pseudo-terminal and a new one, `port`, at `baud` bits per second."""

    def __init__(self, far, baud):
        self._near, self._client = pty.openpty()
        tty.setraw(self._client)
        self.port = os.ttyname(self._client)
        self._slice_bytes = max(1, round(baud / BITS_PER_BYTE * SLICE_S))
        self._byte_s = BITS_PER_BYTE / baud
        for source, sink in ((far, self._near), (self._near, far)):
            threading.Thread(target=self._relay, args=(source, sink), daemon=True).start()

    def _relay(self, source, sink):
        ready_s = 0.0
        try:
            while data := os.read(source, self._slice_bytes):
                # The line is busy until the bytes before have gone out; what this thread overslept is no pause of it.
                ready_s = max(ready_s, time.monotonic() - SLICE_S) + len(data) * self._byte_s
                time.sleep(max(0.0, ready_s - time.monotonic()))
                os.write(sink, data)
        except OSError:
            return  # the line was closed

    def close(self):
        """Close the client's side; the relays end with it."""
        os.close(self._near)
        os.close(self._client)
