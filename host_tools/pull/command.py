"""`hipcue pull`: the clip's sessions, copied and verified; of each, the clip is told that it is safe, and no more."""

import os
from pathlib import Path

from host_tools.archive import contacts, index, logs
from host_tools.archive.runner_folder import PART, check_is_above, find_part, find_verified, folder_of, log_name
from host_tools.clip.transport import connected
from host_tools.consent import agree_to_stop, expect_clip
from host_tools.errors import INTEGRITY, INTERRUPTED, HipCueError
from host_tools.log.decode import decode
from host_tools.log.session import DOWNLOAD_INTERRUPTED
from host_tools.pull.fetch import DIGEST_S, fetch
from host_tools.pull.vouch import vouch


def run(args, output):
    """Pull every session of the clip into its runner's folder in `args.out`; say what was there, what came, what not.

    `args.runner` names the runner of those that came now and name none themselves.
    """
    out = Path(args.out)
    check_is_above(out)

    def may_stop(said):
        if said is not None:
            expect_clip(said["clip"], args.clip)
        agree_to_stop(said, "pull it", args, output)

    with connected(args.port, may_stop) as (clip, hello):
        expect_clip(hello["clip"], args.clip)
        rows = pull_all(clip, hello["clip"], out, output, args.runner, hello["contacts"])
    folders = sorted({Path(row["path"]).parent for row in rows if not row["bytes_missing"]})
    changed = [sentence for folder in folders for sentence in _keep_index(folder, rows)]
    _tell(rows, folders, args.runner, output)
    for sentence in changed:
        output.warn(sentence)
    codes = [row["exit_code"] for row in rows] + [INTEGRITY for _ in changed]
    return {
        "clip": hello["clip"],
        "folders": [str(folder) for folder in folders],
        "sessions": rows,
        "changed": changed,
        "exit_code": INTERRUPTED if INTERRUPTED in codes else max(codes, default=0),
    }


def list_sessions(clip):
    """Return the clip's sessions: dicts of number, name, bytes, sha256, verified (a host has vouched for it)."""
    return clip.exec_json("from hipcue import transfer; transfer.sessions()", timeout_s=DIGEST_S)["sessions"]


def pull_all(clip, identity, out, output, runner=None, made=()):
    """Pull each session of the clip of this `identity` that is not anywhere below `out`; return one dict a session.

    runner: whose those are that name none; made: the Contacts that the connection has made. A session that does not
    come through, and all after it, are rows as well: with what is here of them and what is missing.
    """
    listed = [entry | {"clip": identity} for entry in list_sessions(clip)]
    out.mkdir(parents=True, exist_ok=True)
    here = [find_verified(out, entry) for entry in listed]
    if None in here:  # a contact dates the sessions before it; where nothing comes, nothing is added
        contacts.keep(out, identity, made)
    rows, failure = [], None
    for entry, path in zip(listed, here, strict=True):
        if failure is None:
            try:
                rows.append(_pull_session(clip, entry, path, out, output, runner))
                continue
            except HipCueError as error:
                failure = error
        rows.append(_unfinished(entry, out, runner, failure))
    for folder in {Path(row["path"]).parent for row in rows} - {out}:
        contacts.keep(folder, identity, contacts.load(out, identity))
    return rows


def _pull_session(clip, entry, here, out, output, runner):
    came = 0
    if here is None:
        part = find_part(out, entry["clip"], entry)
        came = fetch(clip, entry, part, output)
        folder = folder_of(out, decode(part.read_bytes()), runner)
        here = _place(part, folder, entry)
    session = decode(here.read_bytes(), expected_bytes=entry["bytes"])
    if session.seal and not entry["verified"]:
        vouch(clip, entry, output)
    return _row(entry, session, here, came=came, missing=0) | {"exit_code": logs.exit_code(session)}


def _unfinished(entry, out, runner, failure):
    """Return the row of a session that is not whole here, because of `failure`."""
    part = find_part(out, entry["clip"], entry)
    data = part.read_bytes() if part.exists() else b""
    session = decode(data, expected_bytes=entry["bytes"])
    if session.firmware:  # the log's head has come: it tells whose it is, and their report what there is of it
        folder = folder_of(out, session, runner)
        folder.mkdir(exist_ok=True)
        part = part.replace(folder / (log_name(entry["clip"], entry["number"]) + PART))
    session.verdict, session.problems = DOWNLOAD_INTERRUPTED, [failure.message]
    return _row(entry, session, part, came=len(data), missing=entry["bytes"] - len(data)) | {
        "session": entry["number"],
        "exit_code": failure.exit_code,
    }


def _row(entry, session, path, came, missing):
    return logs.describe(session) | {
        "runner": logs.runner_of(session, path),
        "path": str(path),
        "sha256": entry["sha256"],
        "bytes_on_clip": entry["bytes"],
        "bytes_came": came,
        "bytes_missing": missing,
    }


def _place(part, folder, entry):
    """Rename the verified `part` into `folder`; return the new path. No other log that has the name is overwritten.

    But for one that has grown on the clip since: what it held is the start of what it holds now.
    """
    folder.mkdir(exist_ok=True)
    path = folder / log_name(entry["clip"], entry["number"])
    if path.exists() and not part.read_bytes().startswith(path.read_bytes()):
        path = path.with_name("%s-%s%s" % (path.stem, entry["sha256"][:8], path.suffix))
    part.replace(path)
    _sync_folder(folder)
    return path


def _sync_folder(folder):
    """Make a rename in `folder` last through a power cut of the host, where the system offers that."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _keep_index(folder, rows):
    here = [Path(row["path"]) for row in rows if not row["bytes_missing"]]
    return index.update(folder, verified={path.name for path in here if path.parent == folder})


def _tell(rows, folders, runner, output):
    if not rows:
        output.say("The clip holds no session.")
    for row in rows:
        lost = ", %d of %d blocks missing" % (row["blocks_bad"], row["blocks_expected"]) if row["blocks_bad"] else ""
        output.say(
            "Session %d%s: %d bytes on the clip, %s; %s%s; %d steps, %d cues. %s"
            % (
                row["session"],
                " of %s" % row["runner"] if row["runner"] else "",
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
        if runner and row["bytes_came"] and row["runner"] not in (runner, None):
            output.warn(
                "Session %d was recorded as %s's, and --runner does not change that." % (row["session"], row["runner"])
            )
    for folder in folders:
        output.say("Folder: %s" % folder)


def _what_came(row):
    if row["bytes_missing"]:
        return "%d here, %d missing: pull again" % (row["bytes_came"], row["bytes_missing"])
    return "%d came, none missing" % row["bytes_came"] if row["bytes_came"] else "all here already"
