"""Guiding a wearer through a measurement: what to do, when it begins, what the clip sees, how long it still takes."""

import contextlib
import shutil
import sys
import time

from host_tools.calibrate.picture import seen

REST_OF_LINE = "\x1b[K"


def measured(clip, output, sentence, seconds, what, measure, picture):
    """Tell the wearer what to do for `seconds`, and return what `measure` has found.

    At a terminal `picture` (see picture.py) is drawn on one line meanwhile.
    """
    _wait_for_wearer(output, sentence % seconds)
    if output.as_json or not sys.stderr.isatty():
        return measure(clip, seconds)
    with _line(picture, seconds, what) as hear:
        return measure(clip, seconds, hear)


def _wait_for_wearer(output, sentence):
    if output.as_json or not sys.stdin.isatty():
        output.say(sentence + ".")
        return
    output.say(sentence + ": press Enter to begin.")
    sys.stdin.readline()


@contextlib.contextmanager
def _line(picture, seconds, what):
    """Yield what takes the clip's lines and draws them; the line is empty again at the end."""
    begun_s = None

    def hear(line):
        nonlocal begun_s
        values = seen(line)
        if values is None:
            return
        now_s = time.monotonic()
        begun_s = begun_s or now_s
        picture.take(values)
        left_s = max(0.0, seconds - (now_s - begun_s))
        text = "%s %4.1f s  %s" % (what, left_s, picture.draw())
        _write("\r" + text[: shutil.get_terminal_size().columns - 1] + REST_OF_LINE)

    try:
        yield hear
    finally:
        _write("\r" + REST_OF_LINE)


def _write(text):
    sys.stderr.write(text)
    sys.stderr.flush()
