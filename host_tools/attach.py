"""A board at its raw REPL, whether or not it holds our firmware; a recording clip is left alone."""

import contextlib
import json
import time

from host_tools.errors import UNSAFE, HipCueError
from host_tools.ports import find_port
from host_tools.transport import ENQUIRY, Clip

ENQUIRY_S = 0.6  # the application polls its console every 10 ms; flash may stall it


def enquire(clip):
    """Return what a running application says of itself, such as `recording`, or None: no application runs."""
    clip.overhear()
    clip.send(ENQUIRY)
    until = time.monotonic() + ENQUIRY_S
    said = ""
    while time.monotonic() < until:
        time.sleep(0.02)
        said += clip.overhear()
        for line in said.split("\n")[:-1]:
            with contextlib.suppress(ValueError):
                answer = json.loads(line)
                if isinstance(answer, dict) and "recording" in answer:
                    return answer
    return None


def is_running(answer):
    """Return whether a clip that gave `answer` to enquire() records a run that a stop would cut.

    A clip whose motion sensor is silent records that alone.
    """
    return bool(answer and answer["recording"] and not answer.get("sensor_silent"))


def refuse_recording(clip):
    """Raise HipCueError 30 when the application on `clip` is recording a run."""
    if is_running(enquire(clip)):
        raise HipCueError("The clip is recording; hold its button for 2 seconds to end that, then try again.", UNSAFE)


@contextlib.contextmanager
def attached(port=None):
    """Yield the Clip on `port` (default: the only one plugged in) at its raw REPL; it may hold other firmware or none.

    The clip starts its application again at the end, however that comes. HipCueError 30 when it is recording.
    """
    with Clip(port or find_port()) as clip:
        refuse_recording(clip)
        clip.enter()
        try:
            yield clip
        finally:
            with contextlib.suppress(OSError):
                clip.start_app()
                clip.await_app()


@contextlib.contextmanager
def attached_hipcue(port=None):
    """Yield (Clip, hello) as attached(), with the clock set; HipCueError 13 when it holds no HipCue firmware."""
    with attached(port) as clip:
        hello = clip.hello()
        clip.set_clock()
        yield clip, hello
