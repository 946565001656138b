"""Telling a clip which of its sessions are verified here: they alone may go when its flash runs full."""

from host_tools.errors import HipCueError
from host_tools.fetch import DIGEST_S


def vouch(clip, rows, output):
    """Vouch for each sealed session of `rows` (as pull.pull_all() returns them) that is all here, once; else warn."""
    here = [row for row in rows if row["seal"] and not row["bytes_missing"]]
    if not here:
        return
    try:
        unverified = clip.exec_json("from hipcue import storage; storage.status()", DIGEST_S)["unverified"]
        for row in here:
            if row["session"] in unverified:
                call = "storage.mark_verified(%d, %r)" % (row["session"], row["sha256"])
                answer = clip.exec_json("from hipcue import storage; " + call, DIGEST_S)
                if not answer["ok"]:
                    output.warn("The clip takes session %d not as verified: %s." % (row["session"], answer["reason"]))
    except HipCueError as error:
        output.warn("The clip could not note what is verified here: " + error.message)
