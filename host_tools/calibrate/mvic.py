"""`hipcue calibrate mvic`: a glute's maximum voluntary isometric contraction, in three holds of five seconds."""

import functools

from host_tools.calibrate import guide
from host_tools.calibrate.command import ask
from host_tools.calibrate.picture import Level
from host_tools.clip.transport import connected
from host_tools.clip.wearer import wear
from host_tools.consent import agree_to_stop
from host_tools.errors import UNSAFE, HipCueError
from host_tools.live.picture import amplitude

REST_S = 3
HOLD_S = 5
SETTLE_S = 1  # that the clip's filters take before each measurement
MOST_REFUSED = 3  # of one try
HOLD = "Lie on the other side, leg straight. Lift the %s leg against a strap, as hard as you can, for %%d seconds"


def begin(clip, side):
    """Let the clip begin to measure a `side`."""
    return ask(clip, "mvic", "begin(%r)" % side, 0, "measurement")


def rest(clip, seconds, hear=None):
    """Let the clip measure the relaxed muscle; HipCueError gives its reason when it refuses."""
    return ask(clip, "mvic", "rest(%.3f)" % seconds, seconds + SETTLE_S, "rest", hear)


def hold(clip, seconds, hear=None):
    """Let the clip measure one hold; HipCueError gives its reason when it refuses."""
    return ask(clip, "mvic", "hold()", seconds + SETTLE_S, "hold", hear)


def keep(clip):
    """Let the clip store the MVIC behind those before."""
    return ask(clip, "mvic", "keep()", 0, "MVIC")


def run(args, output):
    """Guide the wearer through the holds; what was measured before stays, and nothing is stored unless all are good."""
    may_stop = functools.partial(agree_to_stop, purpose="calibrate", args=args, output=output)
    with connected(args.port, may_stop) as (clip, hello):
        runner = wear(clip, hello, args.runner, output)
        begun = begin(clip, args.side)
        guide.measured(clip, output, "Relax the %s hip for %%d seconds" % args.side, REST_S, "rest", rest, Level())
        best_uv = [_one_hold(clip, output, args.side, number, begun["tries"]) for number in range(begun["tries"])]
        kept = keep(clip)
        output.say("MVIC of the %s gluteus medius: %s." % (args.side, amplitude(kept["mvic_uv"])))
        _say_course(output, kept["history"][args.side])
        output.say("It is stored on clip %s." % hello["clip"])
    measured = {"side": args.side, "front_end": begun["front_end"], "tries_uv": best_uv}
    kept_facts = {name: kept[name] for name in ("path", "mvic_uv", "history")}
    return {"clip": hello["clip"], "runner": runner} | measured | kept_facts


def _one_hold(clip, output, side, number, count):
    """Return the best of one good hold in uV; a refused one is told and repeated, MOST_REFUSED times at the most."""
    for attempt in range(MOST_REFUSED):
        pause = "Rest for half a minute. " if number or attempt else ""
        sentence = "Hold %d of %d. %s%s" % (number + 1, count, pause, HOLD % side)
        try:
            best_uv = guide.measured(clip, output, sentence, HOLD_S, "hold", hold, Level())["best_uv"]
        except HipCueError as error:
            if error.exit_code != UNSAFE or attempt + 1 == MOST_REFUSED:
                raise
            output.warn(error.message)
            continue
        output.say("  %s" % amplitude(best_uv))
        return best_uv


def _say_course(output, history):
    """Tell how the MVIC has changed against the first that the clip keeps."""
    if len(history) > 1:
        first, last = history[0][1], history[-1][1]
        output.say("  %+.0f %% against the first of the %d kept." % (100.0 * (last / first - 1.0), len(history)))
