"""Where pulled logs are kept: a folder for each runner, by pseudonym; for what names no runner one for each clip."""

from host_tools.errors import UNSAFE, HipCueError
from host_tools.files import sha256_of

PART = ".part"


def log_name(clip, number):
    """Return the file name of session `number` of `clip`: in a runner's folder stand logs of several clips."""
    return "%s-%08d.hcl" % (clip, number)


def folder_of(out, session, runner=None):
    """Return the folder in `out` for a Session: that of the runner it bears, else of `runner`, else of its clip."""
    return out / (session.runner or runner or session.clip)


def check_is_above(out):
    """Raise HipCueError 30 when `out` is a runner's folder itself: another's logs might go there."""
    if any(out.glob("*.hcl")):
        raise HipCueError(
            "%s holds logs itself, as the folder of one runner does; name the folder above it with --out." % out, UNSAFE
        )


def find_verified(out, entry):
    """Return the file anywhere below `out` that is the session `entry` (bytes, sha256) to the last byte, or None."""
    for path in sorted(out.rglob("*.hcl")):
        if path.stat().st_size == entry["bytes"] and sha256_of(path) == entry["sha256"]:
            return path
    return None


def find_part(out, clip, entry):
    """Return the file for what has come of the session `entry`: the one that is there already, else a new one's name.

    A new one stands in `out`: whose it is, its first blocks tell. Earlier versions had it in the clip's folder.
    """
    name = log_name(clip, entry["number"]) + PART
    known = [*sorted(out.rglob(name)), out / clip / (entry["name"] + PART)]
    return next((part for part in known if part.is_file()), out / name)
