"""The index of a folder of logs: what each was when it came, so that a log that is changed later is found out.

A JSON list with a line for each log. `start_utc`: by the clocks of the hosts that the clip has met, off by up to
`start_uncertainty_ms`; null: not known. Whatever of it is lost is made anew from the logs.
"""

import contextlib
import json
from datetime import UTC, datetime, timedelta

from host_tools.archive import contacts
from host_tools.archive.runner_folder import find_verified
from host_tools.files import sha256_of, write_bytes
from host_tools.log import wall_time
from host_tools.log.decode import decode

NAME = "index.json"
READ_ONLY = 0o444


def load(folder):
    """Return {file name: row} of the index in `folder`; a row that cannot be used is left out."""
    try:
        rows = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return {row["file"]: row for row in rows if _is_row(row)} if isinstance(rows, list) else {}


def update(folder, verified=()):
    """Bring the index of `folder` up to date and make its logs read-only; return sentences on logs that have changed.

    `verified`: names of logs that are right whatever the index says of them, such as one that has grown on the clip.
    A log that has changed keeps its row, and is left as it is.
    """
    known = load(folder)
    rows, complaints = [], []
    for path in sorted(folder.glob("*.hcl")):
        row = known.get(path.name)
        if row is None or (path.name in verified and row["sha256"] != sha256_of(path)):
            row = _row(path)
        elif row["sha256"] != sha256_of(path):
            complaints.append(_changed(path, row))
        rows.append(row)
    for name in sorted(known.keys() - {row["file"] for row in rows}):
        if find_verified(folder.parent, known[name]) is None:  # else it was only moved
            complaints.append("%s is gone; if that was not meant, pull it again." % (folder / name))
    _write(folder, rows)
    return complaints


def _changed(path, row):
    copy = find_verified(path.parent.parent, row)
    mend = "what it was is in %s" % copy if copy else "then pull the session again"
    return "%s has changed since it came (another SHA-256); move it elsewhere, %s." % (path, mend)


def _write(folder, rows):
    data = ("[\n%s\n]\n" % ",\n".join(map(json.dumps, rows))).encode()
    path = folder / NAME
    if not path.exists() or path.read_bytes() != data:
        write_bytes(path, data)


def _row(path):
    with contextlib.suppress(PermissionError):  # a drive that knows no permissions, another user's file
        path.chmod(READ_ONLY)
    session = decode(path.read_bytes())
    start = None
    if session.blocks_read:
        known = contacts.load(path.parent, session.clip)
        start = wall_time.at(session, float(session.battery_time_ms[0]), known)
    uncertain = start is not None and start.uncertainty_ms is not None
    return {
        "file": path.name,
        "clip": session.clip,
        "session": session.number,
        "boot": session.firmware.get("boot"),
        "start_utc": start and _utc(start.unix_ms),
        "start_uncertainty_ms": round(start.uncertainty_ms) if uncertain else None,
        "verdict": session.verdict,
        "bytes": session.log_bytes,
        "sha256": sha256_of(path),
    }


def _utc(unix_ms):
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=round(unix_ms))
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_row(row):
    kinds = {"file": str, "bytes": int, "sha256": str}
    return isinstance(row, dict) and all(isinstance(row.get(name), kind) for name, kind in kinds.items())
