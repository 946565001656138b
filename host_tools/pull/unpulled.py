"""Which sessions of a clip are not on this computer yet: by its own list, or by the blocks in an image of its flash."""

from pathlib import Path

from host_tools.files import sha256_of
from host_tools.recover.flash_image import blocks_in

CLIP_BYTES = 6


def listed(sessions, folder):
    """Return the names of the clip's `sessions` (see command.list_sessions) of which `folder` holds no equal file.

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
    missing = sorted(owner for owner, sequence in there.items() if sequence > known.get(owner, -1))
    return [(owner[:CLIP_BYTES].hex(), int.from_bytes(owner[CLIP_BYTES:], "little")) for owner in missing]


def _keep_latest(latest, data):
    """Note in `latest` the highest sequence number of each (clip, session) in `data`."""
    for block in blocks_in(data):
        latest[block.owner] = max(latest.get(block.owner, -1), block.sequence)


def _logs(folder):
    return sorted(Path(folder).rglob("*.hcl"))
