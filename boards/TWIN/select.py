"""`select` on the twin: polling the console lets virtual time pass."""

import errno

from twin import clock, console_sys, line, waiting

POLLIN = 1
POLLOUT = 4
POLLERR = 8
POLLHUP = 16


def _is_input(stream):
    return stream is console_sys.stdin or stream is console_sys.stdin.buffer or stream == 0


class poll:
    """Polls the console's input; its output is always ready, and nothing else can be polled."""

    def __init__(self):
        self._masks = {}

    def register(self, stream, eventmask=POLLIN | POLLOUT):
        """Watch `stream`: sys.stdin, its buffer, descriptor 0, or an output of the console."""
        if not _is_input(stream) and not hasattr(stream, "write"):
            raise OSError(errno.EINVAL)
        self._masks[stream] = eventmask

    def unregister(self, stream):
        """Watch `stream` no more."""
        del self._masks[stream]

    def modify(self, stream, eventmask):
        """Change what `stream` is watched for."""
        if stream not in self._masks:
            raise OSError(errno.ENOENT)
        self._masks[stream] = eventmask

    def poll(self, timeout=-1):
        """Wait up to `timeout` ms (-1: for ever) of virtual time; return [(stream, events), ...]."""
        reads, writes = self._wanted()
        if writes:
            timeout = 0
        if timeout < 0:
            waiting.for_input()
        else:
            waiting.until(clock.now_us() + timeout * 1000, reads)
        return self._ready()

    def ipoll(self, timeout=-1, flags=0):
        """Return an iterator over what poll() returns."""
        return iter(self.poll(timeout))

    def _wanted(self):
        """Return whether input, and whether output, is waited for."""
        reads = writes = False
        for stream, mask in self._masks.items():
            if _is_input(stream):
                reads = reads or mask & POLLIN
            else:
                writes = writes or mask & POLLOUT
        return reads, writes

    def _ready(self):
        ready = []
        for stream, mask in self._masks.items():
            if _is_input(stream):
                if mask & POLLIN and line.waiting():
                    ready.append((stream, POLLIN))
            elif mask & POLLOUT:
                ready.append((stream, POLLOUT))
        return ready
