"""Which sessions of a clip are not on this computer yet: by its own list, or by the blocks in an image of its flash."""

from pathlib import Path

from host_tools.blocks import clip_of, find_all
from host_tools.fetch import sha256_of


def listed(sessions, folder):
    """Return the names of the clip's `sessions` (see pull.list_sessions) of which `folder` holds no equal file.

    Any depth below `folder` counts, and any name.
    """
    here = {sha256_of(path) for path in _logs(folder)}
    return [entry["name"] for entry in sessions if entry["sha256"] not in here]


def in_image(image, folder):
    """Return the (clip, session) of which `image`, bytes of flash, holds later blocks than every log in `folder`."""
    known = {}
    for path in _logs(folder):
        _keep_latest(known, path.read_bytes())
    there = {}
    _keep_latest(there, image)
    return sorted(owner for owner, sequence in there.items() if sequence > known.get(owner, -1))


def _keep_latest(latest, data):
    """Note in `latest` the highest sequence number of each (clip, session) in `data`."""
    for block in find_all(data)[0]:
        owner = (clip_of(block), int(block["session"]))
        latest[owner] = max(latest.get(owner, -1), int(block["sequence"]))


def _logs(folder):
    return sorted(Path(folder).rglob("*.hcl"))
