"""Telling a clip that one of its sessions is verified here: those alone may go when its flash runs full."""

from host_tools.errors import HipCueError
from host_tools.pull.fetch import DIGEST_S


def vouch(clip, entry, output):
    """Vouch for the sealed session `entry` (number, sha256); where the clip does not take it, warn."""
    code = "from hipcue import storage; storage.mark_verified(%d, %r)" % (entry["number"], entry["sha256"])
    try:
        answer = clip.exec_json(code, timeout_s=DIGEST_S)
        reason = None if answer["ok"] else answer["reason"]
    except HipCueError as error:
        reason = error.message.rstrip(".")
    if reason:
        output.warn("The clip takes session %d not as verified: %s." % (entry["number"], reason))
