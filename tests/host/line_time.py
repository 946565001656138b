"""A clock for host_tools.twin.slow_line that only its bytes move, so that a loaded machine makes no line slower."""

from threading import get_ident


class LineTime:
    """Stands in for the module `time`: each way of a line, a thread of its own, has its own clock, from 0."""

    def __init__(self):
        self._now_s = {}

    def monotonic(self):
        """Return what has passed on the calling thread's way, in seconds."""
        return self._now_s.get(get_ident(), 0.0)

    def sleep(self, seconds):
        """Let so much pass there, at once."""
        self._now_s[get_ident()] = self.monotonic() + seconds

    def busy_s(self):
        """Return how long the busier way has sent, in seconds."""
        return max(self._now_s.values(), default=0.0)
