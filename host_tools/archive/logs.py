"""Finding pulled logs, and reading one from its file."""

from pathlib import Path

from hipcue.contract import record, runner
from host_tools.archive import contacts, index
from host_tools.errors import DATA_LOSS, INTEGRITY, INTERRUPTED, OK, HipCueError
from host_tools.files import sha256_of
from host_tools.log.decode import decode
from host_tools.log.session import DAMAGED, DOWNLOAD_INTERRUPTED


def find_logs(names):
    """Return (paths of the logs that `names` name, the folder or None): logs, or one folder with a runner's logs in it.

    Logs that stand in one folder are one runner's, of whatever clip. HipCueError when there are none.
    """
    folders = [Path(name) for name in names if Path(name).is_dir()]
    if not folders:
        return [Path(name) for name in names], None
    if len(names) > 1:
        raise HipCueError("Name logs, or one folder: %s is a folder among others." % folders[0])
    folder = folders[0]
    below = sorted({path.parent for path in folder.glob("*/*.hcl")})
    if not any(folder.glob("*.hcl")) and below:
        if len(below) > 1:
            raise HipCueError("%s holds the folders of %d clips or runners; name one of them." % (folder, len(below)))
        folder = below[0]
    found = _logs_in(folder)
    if not found:
        raise HipCueError("There is no log (.hcl) in %s; name a folder that `hipcue pull` has made." % folder)
    return found, folder


def _logs_in(folder):
    """Return the logs in `folder`, with what has come so far of those whose download was interrupted."""
    return sorted([*folder.glob("*.hcl"), *folder.glob("*.hcl.part")])


def read_log(path):
    """Return the Session in the file `path`; HipCueError when there is none."""
    path = Path(path)
    if not path.is_file():
        raise HipCueError("There is no log %s; name a file that `hipcue pull` has made." % path)
    data = path.read_bytes()
    # What `hipcue pull` leaves as .part is never the whole log.
    session = decode(data, expected_bytes=len(data) + 1 if path.suffix == ".part" else None)
    session.contacts = contacts.load(path.parent, session.clip)
    session.runner = runner_of(session, path)
    known = index.load(path.parent).get(path.name)
    if known and known["sha256"] != sha256_of(path):
        session.verdict, session.changed = DAMAGED, True
        session.problems.append("The file has changed since it came: its SHA-256 is another.")
    if not session.blocks_read:
        what = "holds no whole block of a HipCue log" if data else "is empty"
        raise HipCueError("%s %s; pull the session again." % (path, what), INTEGRITY)
    if session.contract > record.CONTRACT_VERSION:
        raise HipCueError(
            "%s is of log version %d, and this program reads up to %d; update hipcue."
            % (path, session.contract, record.CONTRACT_VERSION),
            INTEGRITY,
        )
    return session


def runner_of(session, path):
    """Return the pseudonym that `session` bears, else that of the folder that its file `path` stands in, or None."""
    folder = path.absolute().parent.name
    try:
        named = runner.check(folder)
    except ValueError:
        named = None
    return session.runner or (named if named == folder else None)


def exit_code(session):
    """Return the exit code that a session's verdict stands for; an interrupted recording is no fault of the log."""
    if session.verdict == DOWNLOAD_INTERRUPTED:
        return INTERRUPTED
    if session.verdict == DAMAGED:
        return DATA_LOSS if session.blocks_bad else INTEGRITY
    return OK


def describe(session):
    """Return a session as plain facts, for --json."""
    return {
        "clip": session.clip,
        "session": session.number,
        "runner": session.runner,
        "verdict": session.verdict,
        "problems": session.problems,
        "gaps": session.gaps,
        "steps": len(session.steps["time_ms"]),
        "cues": len(session.cues["time_ms"]),
        "blocks_expected": session.blocks_expected,
        "blocks_read": session.blocks_read,
        "blocks_bad": session.blocks_bad,
        "seal": session.seal,
    }


def tell(session, output):
    """Say a session's verdict and problems."""
    output.say("Session %d of clip %s: %s." % (session.number, session.clip, session.verdict))
    for problem in session.problems:
        output.say("  " + problem)
    if exit_code(session):
        output.warn(
            "Session %d of clip %s: %s; what is whole has been used, pull it again for the rest."
            % (session.number, session.clip, session.verdict)
        )
