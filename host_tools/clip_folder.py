"""The folder with one clip's sessions."""

from hipcue.contract import record
from host_tools.errors import UNSAFE, HipCueError
from host_tools.fetch import sha256_of

CLIP_AT = 6  # offset of the clip's identity in a block, as record.HEADER_FORMAT has it
CLIP_BYTES = 6


def folder_of(out, clip):
    """Return the folder for the sessions of `clip`: `out` if it holds some already, else one in it by the clip's name.

    HipCueError 30 when the folder holds sessions of another clip.
    """
    if _owner(out, clip):
        return out
    _owner(out / clip, clip)
    return out / clip


def _owner(folder, clip):
    """Return whether `folder` holds logs, all of `clip`; HipCueError 30 names the first that is not."""
    paths = sorted([*folder.glob("*.hcl"), *folder.glob("*.hcl.part")])
    for path in paths:
        with path.open("rb") as file:
            head = file.read(CLIP_AT + CLIP_BYTES)
        if head.startswith(record.MAGIC) and head[CLIP_AT:].hex() != clip:
            raise HipCueError(
                "%s is of clip %s, and this is clip %s; name another folder with --out."
                % (path, head[CLIP_AT:].hex(), clip),
                UNSAFE,
            )
    return bool(paths)


def find_verified(folder, entry):
    """Return the file in `folder` that is the session `entry` (name, bytes, sha256) to the last byte, or None."""
    stem = entry["name"].rpartition(".")[0]
    for path in sorted(folder.glob(stem + "*.hcl")):
        if path.stat().st_size == entry["bytes"] and sha256_of(path) == entry["sha256"]:
            return path
    return None
