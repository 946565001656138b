"""Who wears the clip: a runner's pseudonym (contract.runner), kept on the clip so that its logs bear it."""

from host_tools.errors import NOT_HIPCUE, HipCueError

NOBODY = "none"  # as an option: no pseudonym has it, for want of a digit


def wear(clip, hello, runner, output):
    """Let the clip note that `runner` wears it from now on; return whose it then is, a pseudonym or None.

    runner: NOBODY takes the pseudonym off it; None leaves it as it is. Calibration, MVIC and programme are each
    runner's own. `hello`: what the clip said of itself. HipCueError 13 when its firmware knows no runners.
    """
    if runner is None:
        if hello.get("runner"):
            output.say("Runner %s." % hello["runner"])
        return hello.get("runner")
    if "runner" not in hello:
        raise HipCueError("The clip's firmware knows no runners; `hipcue deploy` brings one that does.", NOT_HIPCUE)
    worn = None if runner == NOBODY else runner
    answer = clip.exec_json("from hipcue import console; console.wear(%r)" % worn)
    whose = "is %s's" % worn if worn else "bears no pseudonym"
    state = "a calibration for that is on it" if answer["calibrated"] else "calibrate it: hipcue calibrate"
    output.say("Clip %s %s now; %s." % (hello["clip"], whose, state))
    return worn
