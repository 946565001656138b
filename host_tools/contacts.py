"""The contacts of clips with this host, kept beside their logs: what their sessions' wall times are fitted through.

Those of all clips stand above the runners' folders, as nobody knows yet who wears the clip next, and those of a
runner's clips in the folder as well, which can so be taken elsewhere.
"""

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
        with (folder / NAME).open("a", encoding="utf-8") as file:
            file.write("\n".join(rows) + "\n")


def load(folder, clip):
    """Return the Contacts of `clip` kept in `folder`; a line that is none, cut off perhaps, is left out."""
    path = folder / NAME
    if not path.is_file():
        return []
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            *owner, scale, rtc_ms, unix_ms, uncertainty_ms = json.loads(line)
            if owner in ([clip], []):  # of earlier versions: all of a folder are its one clip's
                found.append(Contact(tuple(scale), float(rtc_ms), float(unix_ms), float(uncertainty_ms)))
        except (ValueError, TypeError):
            continue
    return found
