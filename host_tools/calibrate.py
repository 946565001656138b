"""`hipcue calibrate`: how the clip sits on the body; `hipcue calibrate side`: what a left step is in this runner."""

import contextlib
import functools
import sys
import threading
import time

from host_tools.errors import UNSAFE, HipCueError
from host_tools.transport import connected

STAND_S = 6
BOWS_S = 15
LEFT_STAND_S = 5
HOPS_S = 8
ANSWER_S = 20.0  # beyond the measurement itself: the clip computes and writes to flash


def stand(clip, seconds):
    """Let the clip measure a quiet stand; HipCueError gives the clip's reason when it refuses."""
    return _ask(clip, "console.stand(%.3f)" % seconds, seconds, "stand")


def bows(clip, seconds):
    """Let the clip measure the bows; HipCueError gives the clip's reason when it refuses."""
    return _ask(clip, "console.bows(%.3f)" % seconds, seconds, "bows")


def left_stand(clip, seconds):
    """Let the clip measure a stand on the left foot; HipCueError gives the clip's reason when it refuses."""
    return _ask(clip, "console.left_stand(%.3f)" % seconds, seconds, "stand on the left foot")


def hops(clip, seconds):
    """Let the clip measure hops on the left foot; HipCueError gives the clip's reason when it refuses."""
    return _ask(clip, "console.hops(%.3f)" % seconds, seconds, "hops")


def keep(clip):
    """Let the clip store what it measured, in place of the calibration it has."""
    return _ask(clip, "console.keep()", 0, "calibration")


def _ask(clip, code, seconds, what):
    answer = clip.exec_json("from hipcue import console; " + code, timeout_s=seconds + ANSWER_S)
    if not answer.get("ok"):
        reason = str(answer.get("reason", "no reason given")).rstrip(".")
        was = "were" if what in ("bows", "hops") else "was"
        raise HipCueError("The %s %s refused: %s." % (what, was, reason), UNSAFE)
    return answer


def run(args, output):
    """Guide the wearer through what `args.what` names; the calibration stays as it is unless all of it is good."""
    with connected(args.port) as (clip, hello):
        measured = _run_side(clip, output) if args.what == "side" else _run_mount(clip, output)
        kept = keep(clip)
        output.say("The calibration is stored on clip %s." % hello["clip"])
    return {"clip": hello["clip"], "path": kept.get("path")} | measured


def _run_mount(clip, output):
    measure = functools.partial(_measured, clip, output)
    stood = measure("Clip on the waistband. Stand upright and still for %d seconds", STAND_S, "stand", stand)
    output.say("The stand is good.")
    bowed = measure("Now bow forward slowly and come up again, five times in %d seconds", BOWS_S, "bows", bows)
    output.say("The bows are good: %s counted." % bowed.get("bows", "all"))
    return {"stand": stood, "bows": bowed}


def _run_side(clip, output):
    measure = functools.partial(_measured, clip, output)
    stood = measure(
        "Clip on the waistband. Stand on the left foot for %d seconds", LEFT_STAND_S, "stand", left_stand
    )
    output.say("The stand is good.")
    hopped = measure("Now hop on the left foot, five times in %d seconds", HOPS_S, "hops", hops)
    output.say("The hops are good: %d counted." % hopped["hops"])
    for name, share in (("sideways push", hopped["force_share"]), ("roll", hopped["roll_share"])):
        output.say("  %-14s %3.0f %% of a usual runner's" % (name, 100 * share))
    return {"left_stand": stood, "hops": hopped}


def _measured(clip, output, sentence, seconds, what, measure):
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
