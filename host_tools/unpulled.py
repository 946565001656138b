"""Which sessions of a clip are not on this computer yet: by its own list, or by the blocks in an image of its flash."""

from binascii import crc32
from pathlib import Path

from host_tools.blocks import find_all


def listed(sessions, folder):
    """Return the names of the clip's `sessions` (as console.sessions gives them) of which no equal file is in `folder`.

    Any depth below `folder` counts, whatever the file's name.
    """
    here = {(len(data), crc32(data)) for data in _logs(folder)}
    return [entry["name"] for entry in sessions if (entry["bytes"], entry["crc32"]) not in here]


def in_image(image, folder):
    """Return the (clip, session) of which `image`, bytes of flash, holds later blocks than every log in `folder`."""
    known = {}
    for data in _logs(folder):
        _keep_latest(known, data)
    there = {}
    _keep_latest(there, image)
    return sorted(owner for owner, sequence in there.items() if sequence > known.get(owner, -1))


def _keep_latest(latest, data):
    """Note in `latest` the highest sequence number of each (clip, session) in `data`."""
    for block in find_all(data):
        owner = (block.clip.hex(), block.session)
        latest[owner] = max(latest.get(owner, -1), block.sequence)


def _logs(folder):
    return (path.read_bytes() for path in sorted(Path(folder).rglob("*.hcl"))) if Path(folder).is_dir() else ()
