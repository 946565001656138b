"""`hipcue doctor`: what is well with a clip and what is not, a line each, and one mend for each that is not.

Asks only a clip that is not recording for more than what it says of itself.
"""

import sys
import time

from hipcue.contract.signals import SIDES
from host_tools.clip.attach import attached, is_running
from host_tools.clip.ports import find_port
from host_tools.clip.transport import Clip
from host_tools.doctor import support
from host_tools.doctor.checks import CHECKS, FAIL, OK_STATUS, SKIPPED, TODO, Line
from host_tools.errors import INTEGRITY, NOT_HIPCUE, OK, HipCueError
from host_tools.live import picture
from host_tools.live.answer import plain

ANSWER_S = 15.0  # self-tests take up to 3 s
MARKS = {OK_STATUS: "ok", TODO: "todo", FAIL: "FAIL", SKIPPED: "-"}
ANSWERS = {name[0]: side for side, name in SIDES} | {"n": None}


def run(args, output):
    """Examine the clip that `args` name; return every line, for --json, and exit code 21 when one fails."""
    if args.bundle:
        support.check_writable(args.bundle)
    port = args.port or find_port()
    recording = _recording(port)
    if recording:
        lines, facts = _of_recording(recording), {"recording": recording}
        for line in lines:
            _tell(line, output)
    else:
        with attached(port) as clip:
            _check_firmware(clip)
            lines, facts = examine(clip, output)
    if args.bundle:
        support.write(args.bundle, lines, facts)
        output.say("Support file: %s (no steps, muscles, calibration or training)" % args.bundle)
    failed = any(line.status == FAIL for line in lines)
    return {"lines": [line.plain() for line in lines], "exit_code": INTEGRITY if failed else OK}


def examine(clip, output):
    """Run every check on the attached `clip`, telling each line as it comes; return (lines, facts by call)."""
    facts, lines = {}, []
    for call, judge in CHECKS:
        if call not in facts:
            facts[call] = _ask_clip(clip, call, facts, output)
        line = judge(facts)
        if line is None:
            continue
        lines.append(line)
        _tell(line, output)
    clip.set_clock()
    return lines, facts


def _check_firmware(clip):
    """Raise HipCueError 13 when the clip cannot run our firmware, saying whether it is that or ulab that it lacks."""
    try:
        clip.hello()
    except HipCueError as error:
        if error.exit_code == NOT_HIPCUE:
            _check_ulab(clip)
        raise


def _check_ulab(clip):
    try:
        clip.run("import ulab")
    except HipCueError as error:
        if error.exit_code != NOT_HIPCUE:
            raise
        raise HipCueError(
            "MicroPython on %s has no ulab; flash an image that has it: hipcue flash --image FILE." % clip.port,
            NOT_HIPCUE,
        ) from None


def _ask_clip(clip, call, facts, output):
    """Return the clip's answer to `call`; None where it cannot be asked."""
    if call == "motors":
        return _feel_motors(clip) if sys.stdin.isatty() and not output.as_json else None
    if call == "leads" and "passed" not in facts["emg"]:
        return None
    answer = _call(clip, call)
    if call == "power":
        answer["host_unix_ms"] = time.time_ns() // 1_000_000
    return answer


def _call(clip, call, *arguments):
    code = "from hipcue import doctor; doctor.%s(%s)" % (call, ", ".join(map(str, arguments)))
    return clip.exec_json(code, timeout_s=ANSWER_S)


def _recording(port):
    """Return what the clip on `port` says of itself when it records a run, else None; it is not stopped."""
    with Clip(port) as clip:
        said = clip.ask_app()
    return said if is_running(said) else None


def _of_recording(answer):
    return [
        Line("recording", OK_STATUS, "clip %s, %d steps so far" % (answer.get("clip"), answer.get("steps", 0))),
        Line("firmware", OK_STATUS, "HipCue %s" % answer.get("hipcue")),
        *_of_programme(answer),
        Line("all else", SKIPPED, "would stop the recording", "hold the button for 2 s to end it, then ask again"),
    ]


def _of_programme(answer):
    """Return the line about the programme, if one is set and the clip's firmware tells of it."""
    try:
        progress = plain(answer)["programme"]
    except ValueError:
        return []
    return [Line("programme", OK_STATUS, picture.programme(progress))] if progress else []


def _feel_motors(clip):
    """Let each motor run, and return {side: the side where somebody felt it, or None}; None when nobody answers.

    Any other answer lets it run again.
    """
    felt = {}
    for side, _ in SIDES:
        answer = None
        while answer not in ANSWERS:
            _call(clip, "buzz", side)
            print("Which motor buzzed: left, right or none? [l/r/n] ", end="", flush=True)
            line = sys.stdin.readline()
            if not line:
                print()
                return None
            answer = line.strip().lower()[:1]
        felt[side] = ANSWERS[answer]
    return felt


def _tell(line, output):
    output.say("%-5s%-18s%s" % (MARKS[line.status], line.name, line.finding))
    if line.mend:
        output.say("     -> %s" % line.mend)
