"""The contacts of clips with this host, kept beside their logs: what their sessions' wall times are fitted through.

Those of all clips stand above the runners' folders, as nobody knows yet who wears the clip next, and those of a
runner's clips in the folder as well, which can so be taken elsewhere.
"""

import json

from host_tools.files import naming
from host_tools.log.wall_time import Contact

NAME = "contacts.jsonl"


def keep(folder, clip, contacts):
    """Keep in `folder` those of the `contacts` of `clip` that it does not hold yet."""
    known = load(folder, clip)
    rows = [
        json.dumps([clip, list(contact.scale), contact.rtc_ms, contact.unix_ms, contact.uncertainty_ms])
        for contact in contacts
        if contact not in known
    ]
    if rows:
        folder.mkdir(parents=True, exist_ok=True)
        # Appended in one write: another clip may be pulled into the folder meanwhile.
        with naming(folder / NAME), (folder / NAME).open("ab") as file:
            torn = file.tell() and not (folder / NAME).read_bytes().endswith(b"\n")
            file.write((b"\n" if torn else b"") + "".join(row + "\n" for row in rows).encode())


def load(folder, clip):
    """Return the Contacts of `clip` kept in `folder`; a line that is none, cut off perhaps, is left out."""
    path = folder / NAME
    if not path.is_file():
        return []
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            *owner, scale, rtc_ms, unix_ms, uncertainty_ms = json.loads(line)
            if owner in ([clip], []):  # of earlier versions: all of a folder are its one clip's
                found.append(Contact(tuple(scale), float(rtc_ms), float(unix_ms), float(uncertainty_ms)))
        except (ValueError, TypeError):
            continue
    return found
