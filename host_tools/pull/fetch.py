"""One session from the clip into a file: only what is verified is kept, and a second try goes on after that."""

import os

from hipcue.contract import frame
from host_tools.errors import INTEGRITY, INTERRUPTED, HipCueError
from host_tools.files import naming, sha256_of

SILENCE_S = 5.0  # the clip sends or has stopped
DIGEST_S = 60.0  # it reads up to some MB of flash
TRIES = 5  # without a single frame that comes through


def fetch(clip, entry, part, output):
    """Fetch the session `entry` (name, bytes, sha256) into the file `part`; return the bytes that came.

    Goes on at the end of what `part` holds, if the clip has the same up to
    there, and else from the start. HipCueError 20 when the line is lost, 21
    when nothing comes through it unspoilt or the whole has another SHA-256.
    """
    start = _verified_bytes(clip, entry, part)
    with naming(part), part.open("r+b" if start else "wb", buffering=0) as file:
        file.truncate(start)
        file.seek(start)
        with output.progress(entry["bytes"], "B", entry["name"]) as bar:
            bar.update(start)
            _receive_all(clip, entry, file, bar)
        os.fsync(file.fileno())
    if sha256_of(part) != entry["sha256"]:
        part.unlink()
        raise HipCueError("%s is not what the clip sent; pull it again." % entry["name"], INTEGRITY)
    return entry["bytes"] - start


def _verified_bytes(clip, entry, part):
    """Return how much of `part` is the start of the session on the clip: all of it or nothing."""
    size = part.stat().st_size if part.exists() else 0
    if not 0 < size <= entry["bytes"]:
        return 0
    answer = clip.exec_json("from hipcue import transfer; transfer.digest(%r, %d)" % (entry["name"], size), DIGEST_S)
    return size if answer.get("sha256") == sha256_of(part) else 0


def _receive_all(clip, entry, file, bar):
    """Receive until the end has come, calling the clip to order after every spoilt or missing frame."""
    failures = 0
    while failures < TRIES:
        before = file.tell()
        if _receive(clip, entry, file, bar):
            return
        failures = 0 if file.tell() > before else failures + 1
        clip.enter()
    raise HipCueError("%s does not come through the line unspoilt; try another cable." % entry["name"], INTEGRITY)


def _receive(clip, entry, file, bar):
    """Append frames to `file` until the first that is not right; return whether the last one has come."""
    code = "from hipcue import transfer; transfer.send(%r, %d)" % (entry["name"], file.tell())
    ended = False
    try:
        for stuffed in clip.pieces(code, frame.FLAG, SILENCE_S):
            received = frame.unpack(stuffed)
            if ended or received is None or received[0] != file.tell():
                return False
            data = received[1]
            file.write(data)
            clip.acknowledge()
            bar.update(len(data))
            ended = not data
    except HipCueError as error:
        if error.exit_code not in (INTERRUPTED, INTEGRITY):
            raise
        return False  # silence, or a complaint: enter() finds out whether the line still holds
    return ended and file.tell() == entry["bytes"]
