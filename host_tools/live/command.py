"""`hipcue live`: what the clip measures and does, ten times a second, without disturbing it.

Asks the running application for its line (hipcue.contract.live) and nothing
else: no byte that would stop it, so a recording goes on before, during and after.
"""

import shutil
import sys
import time

from host_tools.clip.ports import find_port
from host_tools.clip.transport import Clip
from host_tools.errors import NOT_HIPCUE, HipCueError
from host_tools.live import picture
from host_tools.live.answer import plain

PERIOD_S = 0.1
LINE_PERIOD_S = 1.0
FIRST_ANSWER_S = 6.0  # the application may be starting
LOST_S = 10.0  # without an answer; a write to flash holds it up for much less
UP = "\x1b[%dA"
REST_OF_LINE = "\x1b[K"
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


def run(args, output):
    """Show the clip that `args` name until Ctrl-C, which leaves it as it is."""
    with Clip(args.port or find_port()) as clip:
        show = _shower(output)
        try:
            for answer in answers(clip):
                show.show(answer)
        except KeyboardInterrupt:
            pass
        finally:
            show.end()
    return {}


def answers(clip):
    """Yield what the clip says of itself (answer.plain), every PERIOD_S; HipCueError when it stops answering."""
    heard_s = None
    begun_s = time.monotonic()
    while True:
        asked_s = time.monotonic()
        said = clip.ask_app()
        if said is not None:
            heard_s = time.monotonic()
            yield _read(said, clip.port)
        elif heard_s is None and time.monotonic() - begun_s > FIRST_ANSWER_S:
            raise HipCueError(
                "No running HipCue answers on %s; is this the clip's port? Unplug the clip and plug it in again to "
                "start it." % clip.port,
                NOT_HIPCUE,
            )
        elif heard_s is not None and time.monotonic() - heard_s > LOST_S:
            raise clip.stopped_answering()
        time.sleep(max(0.0, asked_s + PERIOD_S - time.monotonic()))


def _read(said, port):
    try:
        return plain(said)
    except ValueError:
        raise HipCueError(
            "The clip on %s has other firmware than this command; make the two one: hipcue deploy." % port, NOT_HIPCUE
        ) from None


def _shower(output):
    if output.as_json:
        return _Json(output)
    return _Picture() if sys.stdout.isatty() else _Lines(output)


class _Json:
    """One JSON object for each answer."""

    def __init__(self, output):
        self._output = output

    def show(self, answer):
        self._output.result(answer)

    def end(self):
        pass


class _Lines(_Json):
    """A line every LINE_PERIOD_S."""

    _due_s = 0.0

    def show(self, answer):
        now_s = time.monotonic()
        if now_s >= self._due_s:
            self._due_s = now_s + LINE_PERIOD_S
            self._output.say(picture.line(answer))


class _Picture:
    """Some lines of a terminal, drawn over each time."""

    _height = 0

    def show(self, answer):
        columns = shutil.get_terminal_size().columns  # a line that wrapped would be two
        lines = [line[:columns] for line in picture.lines(answer)]
        back = UP % self._height if self._height else HIDE_CURSOR
        self._height = len(lines)  # before the cursor goes: Ctrl-C may come at once
        sys.stdout.write(back + "".join(line + REST_OF_LINE + "\n" for line in lines))
        sys.stdout.flush()

    def end(self):
        if self._height:
            sys.stdout.write(SHOW_CURSOR)
            sys.stdout.flush()
