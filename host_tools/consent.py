"""What a person must agree to: asked at a terminal, given with --yes elsewhere, else refused."""

import sys

from host_tools.errors import UNSAFE, HipCueError


def agree(question, args, output):
    """Return when `args.yes` is set or a person at the terminal says yes to `question`; else HipCueError 30."""
    if args.yes:
        return
    if output.as_json or not sys.stdin.isatty():
        raise HipCueError("%s Refused without an answer; --yes agrees." % question, UNSAFE)
    output.say("%s [y/N]" % question)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise HipCueError("Nothing was changed.", UNSAFE)


def agree_to_stop(said, purpose, args, output):
    """Return when an application that `said` so of itself (Clip.ask_app) records nothing, or may be stopped.

    `purpose`: what it is stopped for, after "to". HipCueError 30 when nobody agrees to that.
    """
    if said is not None and said["recording"]:
        agree("Clip %s is recording; stop and seal that session to %s?" % (said["clip"], purpose), args, output)


def expect_clip(found, expected):
    """Return when the clip `found` is the one `expected`, or none is; else HipCueError 30."""
    if expected and found.lower() != expected.lower():
        raise HipCueError("This is clip %s, not %s; nothing was read." % (found, expected), UNSAFE)
