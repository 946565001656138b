"""`hipcue calibrate`: how the clip sits on the body; `hipcue calibrate side`: what a left step is in this runner."""

import functools

from host_tools.calibrate import guide
from host_tools.calibrate.picture import Bows, Hops, Stand
from host_tools.clip.transport import connected
from host_tools.clip.wearer import wear
from host_tools.consent import agree_to_stop
from host_tools.errors import UNSAFE, HipCueError

STAND_S = 6
BOWS_S = 15
LEFT_STAND_S = 5
HOPS_S = 8
ANSWER_S = 20.0  # beyond the measurement itself: the clip computes and writes to flash


def stand(clip, seconds, hear=None):
    """Let the clip measure a quiet stand; HipCueError gives the clip's reason when it refuses."""
    return ask(clip, "console", "stand(%.3f)" % seconds, seconds, "stand", hear)


def bows(clip, seconds, hear=None):
    """Let the clip measure the bows; HipCueError gives the clip's reason when it refuses."""
    return ask(clip, "console", "bows(%.3f)" % seconds, seconds, "bows", hear)


def left_stand(clip, seconds, hear=None):
    """Let the clip measure a stand on the left foot; HipCueError gives the clip's reason when it refuses."""
    return ask(clip, "console", "left_stand(%.3f)" % seconds, seconds, "stand on the left foot", hear)


def hops(clip, seconds, hear=None):
    """Let the clip measure hops on the left foot; HipCueError gives the clip's reason when it refuses."""
    return ask(clip, "console", "hops(%.3f)" % seconds, seconds, "hops", hear)


def keep(clip):
    """Let the clip store what it measured, in place of the calibration it has."""
    return ask(clip, "console", "keep()", 0, "calibration")


def ask(clip, module, call, seconds, what, hear=None):
    """Let the clip measure, by a `call` to one of its modules; HipCueError gives the clip's reason when it refuses.

    `hear` takes each line that comes (see Clip.exec_json), those of what the clip sees among them.
    """
    code = "from hipcue import %s; %s.%s" % (module, module, call)
    answer = clip.exec_json(code, timeout_s=seconds + ANSWER_S, hear=hear)
    if not answer.get("ok"):
        reason = str(answer.get("reason", "no reason given")).rstrip(".")
        was = "were" if what in ("bows", "hops") else "was"
        raise HipCueError("The %s %s refused: %s." % (what, was, reason), UNSAFE)
    return answer


def run(args, output):
    """Guide the wearer through what `args.what` names; the calibration stays as it is unless all of it is good."""
    may_stop = functools.partial(agree_to_stop, purpose="calibrate", args=args, output=output)
    with connected(args.port, may_stop) as (clip, hello):
        runner = wear(clip, hello, args.runner, output)
        measured = _run_side(clip, output) if args.what == "side" else _run_mount(clip, output)
        kept = keep(clip)
        output.say("The calibration is stored on clip %s." % hello["clip"])
    return {"clip": hello["clip"], "runner": runner, "path": kept.get("path")} | measured


def _run_mount(clip, output):
    measure = functools.partial(guide.measured, clip, output)
    stood = measure("Clip on the waistband. Stand upright and still for %d seconds", STAND_S, "stand", stand, Stand())
    output.say("The stand is good.")
    bowed = measure("Now bow forward slowly and come up again, five times in %d seconds", BOWS_S, "bows", bows, Bows())
    output.say("The bows are good: %d counted, the largest of %.0f deg." % (bowed["bows"], bowed["largest_deg"]))
    output.say("The clip sits at roll %.0f, pitch %.0f, yaw %.0f deg." % tuple(bowed["roll_pitch_yaw_deg"]))
    return {"stand": stood, "bows": bowed}


def _run_side(clip, output):
    measure = functools.partial(guide.measured, clip, output)
    stood = measure(
        "Clip on the waistband. Stand on the left foot for %d seconds", LEFT_STAND_S, "stand", left_stand, Stand()
    )
    output.say("The stand is good.")
    hopped = measure("Now hop on the left foot, five times in %d seconds", HOPS_S, "hops", hops, Hops())
    output.say("The hops are good: %d counted." % hopped["hops"])
    for name, share in (("sideways push", hopped["force_share"]), ("roll", hopped["roll_share"])):
        output.say("  %-14s %3.0f %% of a usual runner's" % (name, 100 * share))
    return {"left_stand": stood, "hops": hopped}
