"""`hipcue pull`: the clip's sessions, copied and verified; of each, the clip is told that it is safe, and no more."""

import os
from pathlib import Path

from host_tools import contacts, logs
from host_tools.clip_folder import find_verified, folder_of
from host_tools.consent import agree, expect_clip
from host_tools.decode import decode
from host_tools.errors import INTERRUPTED, HipCueError
from host_tools.fetch import DIGEST_S, fetch
from host_tools.session import DOWNLOAD_INTERRUPTED
from host_tools.transport import connected
from host_tools.vouch import vouch


def run(args, output):
    """Pull every session of the clip into its folder in `args.out`; say what was there, what came, what is missing."""

    def may_stop(said):
        if said is not None:
            expect_clip(said["clip"], args.clip)
            if said["recording"]:
                agree("Clip %s is recording; stop and seal that session to pull it?" % said["clip"], args, output)

    with connected(args.port, may_stop) as (clip, hello):
        expect_clip(hello["clip"], args.clip)
        folder = folder_of(Path(args.out), hello["clip"])
        rows = pull_all(clip, folder, output)
        contacts.append(folder, hello["contacts"])
        vouch(clip, rows, output)
    _tell(rows, folder, output)
    codes = [row["exit_code"] for row in rows]
    exit_code = INTERRUPTED if INTERRUPTED in codes else max(codes, default=0)
    return {"clip": hello["clip"], "folder": str(folder), "sessions": rows, "exit_code": exit_code}


def list_sessions(clip):
    """Return the clip's sessions: dicts of number, name, bytes, sha256, verified (a host has vouched for it)."""
    return clip.exec_json("from hipcue import transfer; transfer.sessions()", timeout_s=DIGEST_S)["sessions"]


def pull_all(clip, folder, output):
    """Pull each session that `folder` lacks; return one dict a session.

    A session that does not come through, and all after it, are rows as well:
    with what is here of them and what is missing.
    """
    listed = list_sessions(clip)
    folder.mkdir(parents=True, exist_ok=True)
    rows, failure = [], None
    for entry in listed:
        if failure is None:
            try:
                rows.append(_pull_session(clip, entry, folder, output))
                continue
            except HipCueError as error:
                failure = error
        rows.append(_unfinished(entry, folder, failure))
    return rows


def _pull_session(clip, entry, folder, output):
    here = find_verified(folder, entry)
    came = 0
    if here is None:
        part = _part(folder, entry)
        came = fetch(clip, entry, part, output)
        here = _place(part, folder / entry["name"], entry)
    if not entry["verified"]:
        _vouch(clip, entry)
    session = decode(here.read_bytes(), expected_bytes=entry["bytes"])
    return _row(entry, session, here, came=came, missing=0) | {"exit_code": logs.exit_code(session)}


def _vouch(clip, entry):
    """Tell the clip that the session is verified here, so that it may go when the flash runs full.

    The clip does not take it for a session without a seal; that is no fault of the download.
    """
    code = "from hipcue import storage; storage.mark_verified(%d, %r)" % (entry["number"], entry["sha256"])
    clip.exec_json(code, timeout_s=DIGEST_S)


def _unfinished(entry, folder, failure):
    """Return the row of a session that is not whole here, because of `failure`."""
    part = _part(folder, entry)
    data = part.read_bytes() if part.exists() else b""
    session = decode(data, expected_bytes=entry["bytes"])
    session.verdict, session.problems = DOWNLOAD_INTERRUPTED, [failure.message]
    return _row(entry, session, part, came=len(data), missing=entry["bytes"] - len(data)) | {
        "session": entry["number"],
        "exit_code": failure.exit_code,
    }


def _row(entry, session, path, came, missing):
    return logs.describe(session) | {
        "path": str(path),
        "sha256": entry["sha256"],
        "bytes_on_clip": entry["bytes"],
        "bytes_came": came,
        "bytes_missing": missing,
    }


def _part(folder, entry):
    return folder / (entry["name"] + ".part")


def _place(part, path, entry):
    """Rename the verified `part`: to `path`, unless another log has that name already; return the new path."""
    if path.exists() and not part.read_bytes().startswith(path.read_bytes()):
        path = path.with_name("%s-%s%s" % (path.stem, entry["sha256"][:8], path.suffix))
    part.replace(path)
    _sync_folder(path.parent)
    return path


def _sync_folder(folder):
    """Make a rename in `folder` last through a power cut of the host, where the system offers that."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _tell(rows, folder, output):
    if not rows:
        output.say("The clip holds no session.")
    for row in rows:
        lost = ", %d of %d blocks missing" % (row["blocks_bad"], row["blocks_expected"]) if row["blocks_bad"] else ""
        output.say(
            "Session %d: %d bytes on the clip, %s; %s%s; %d steps, %d cues. %s"
            % (
                row["session"],
                row["bytes_on_clip"],
                _what_came(row),
                row["verdict"],
                lost,
                row["steps"],
                row["cues"],
                row["path"],
            )
        )
        for problem in row["problems"]:
            output.say("  " + problem)
    output.say("Folder: %s" % folder)


def _what_came(row):
    if row["bytes_missing"]:
        return "%d here, %d missing: pull again" % (row["bytes_came"], row["bytes_missing"])
    return "%d came, none missing" % row["bytes_came"] if row["bytes_came"] else "all here already"
