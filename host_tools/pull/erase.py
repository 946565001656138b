"""`hipcue erase`: makes room on a clip whose every session is verified on this host."""

from host_tools.clip.transport import connected
from host_tools.consent import agree, expect_clip
from host_tools.errors import INTEGRITY, UNSAFE, HipCueError
from host_tools.output import counted
from host_tools.pull.command import list_sessions
from host_tools.pull.unpulled import listed as missing_in


def run(args, output):
    """Erase all sessions of the clip, if `args.out` holds each to the last byte; HipCueError 30 names what it lacks."""

    def may_stop(said):
        if said is not None:
            expect_clip(said["clip"], args.clip)
            if said["recording"]:
                raise HipCueError("Clip %s is recording; pull it first." % said["clip"], UNSAFE)

    with connected(args.port, may_stop) as (clip, hello):
        expect_clip(hello["clip"], args.clip)
        listed = list_sessions(clip)
        _verify(listed, args.out)
        if listed:
            what = "%s, %d bytes" % (counted(len(listed), "session"), sum(entry["bytes"] for entry in listed))
            agree("Erase %s from clip %s? All are verified here." % (what, hello["clip"]), args, output)
        for entry in listed:
            _erase(clip, entry)
    output.say("%s erased from clip %s." % (counted(len(listed), "session"), hello["clip"]))
    return {"clip": hello["clip"], "erased": [entry["name"] for entry in listed]}


def _verify(listed, folder):
    missing = missing_in(listed, folder)
    if missing:
        raise HipCueError(
            "Not erased: %s of the clip %s not verified in %s; pull first."
            % (", ".join(missing), "is" if len(missing) == 1 else "are", folder),
            UNSAFE,
        )


def _erase(clip, entry):
    code = "from hipcue import transfer; transfer.erase(%d, %r)" % (entry["number"], entry["sha256"])
    answer = clip.exec_json(code, timeout_s=60.0)
    if not answer.get("ok"):
        raise HipCueError("The clip did not erase: %s." % answer.get("reason"), INTEGRITY)
