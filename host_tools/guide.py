"""Guiding a wearer through a measurement: what to do, when it begins, how long it still takes."""

import contextlib
import sys
import threading
import time


def measured(clip, output, sentence, seconds, what, measure):
    """Tell the wearer what to do for `seconds`, and return what `measure` has found."""
    _wait_for_wearer(output, sentence % seconds)
    with _countdown(output, seconds, what):
        return measure(clip, seconds)


def _wait_for_wearer(output, sentence):
    if output.as_json or not sys.stdin.isatty():
        output.say(sentence + ".")
        return
    output.say(sentence + ": press Enter to begin.")
    sys.stdin.readline()


@contextlib.contextmanager
def _countdown(output, seconds, label):
    """Show a bar that fills in `seconds`, while the clip measures in silence."""
    done = threading.Event()
    with output.progress(seconds, "s", label) as bar:
        thread = threading.Thread(target=_fill, args=(bar, seconds, done), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def _fill(bar, seconds, done):
    start = time.monotonic()
    while not done.wait(0.1):
        passed = min(seconds, time.monotonic() - start)
        bar.update(round(passed, 1) - bar.n)
