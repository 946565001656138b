"""The contacts of a clip with this host, kept beside its logs: what its sessions' wall times are fitted through."""

import json

from host_tools.wall_time import Contact

NAME = "contacts.jsonl"


def of_setting(answer, sent_unix_ms, came_unix_ms):
    """Return the two Contacts of a setting of the clip's clock: the end of one scale, the start of the next.

    answer: what console.clock() printed; the host's clock when the call was sent and when its answer had come.
    """
    unix_ms = (sent_unix_ms + came_unix_ms) / 2
    uncertainty_ms = (came_unix_ms - sent_unix_ms) / 2
    before = answer["before"]
    return (
        Contact(tuple(before["scale"]), before["rtc_ms"], unix_ms, uncertainty_ms),
        Contact(tuple(answer["scale"]), answer["set_unix_ms"], unix_ms, uncertainty_ms),
    )


def append(folder, contacts):
    """Keep `contacts` in the folder of their clip's logs."""
    with (folder / NAME).open("a", encoding="utf-8") as file:
        for contact in contacts:
            row = [list(contact.scale), contact.rtc_ms, contact.unix_ms, contact.uncertainty_ms]
            file.write(json.dumps(row) + "\n")


def load(folder):
    """Return the Contacts kept in `folder`; a line that is none, cut off perhaps, is left out."""
    path = folder / NAME
    if not path.is_file():
        return []
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            scale, rtc_ms, unix_ms, uncertainty_ms = json.loads(line)
            found.append(Contact(tuple(scale), float(rtc_ms), float(unix_ms), float(uncertainty_ms)))
        except (ValueError, TypeError):
            continue
    return found
