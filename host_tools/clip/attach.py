"""A board at its raw REPL, whether or not it holds our firmware; a clip that records a run is left alone."""

import contextlib

from host_tools.clip.ports import find_port
from host_tools.clip.transport import Clip
from host_tools.errors import UNSAFE, HipCueError


def is_running(said):
    """Return whether a clip that `said` so of itself (Clip.ask_app) records a run that a stop would cut.

    A clip whose motion sensor is silent records that alone.
    """
    return bool(said and said["recording"] and not said.get("sensor_silent"))


def leave_running(said):
    """Raise HipCueError 30 when the application that `said` so of itself records a run; for connected(may_stop)."""
    if is_running(said):
        raise HipCueError("The clip is recording; hold its button for 2 seconds to end that, then try again.", UNSAFE)


@contextlib.contextmanager
def attached(port=None):
    """Yield the Clip on `port` (default: the only one plugged in) at its raw REPL; it may hold other firmware or none.

    The clip starts its application again at the end, however that comes. HipCueError 30 when it is recording.
    """
    with Clip(port or find_port()) as clip:
        leave_running(clip.ask_app())
        clip.enter()
        try:
            yield clip
        finally:
            with contextlib.suppress(OSError):
                clip.start_app()
                clip.await_app()
