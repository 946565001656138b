"""`hipcue pull`: the clip's sessions, copied and verified; nothing on the clip is changed."""

import base64
import binascii
from binascii import crc32
from pathlib import Path

from host_tools import contacts, logs
from host_tools.decode import decode
from host_tools.errors import INTEGRITY, HipCueError
from host_tools.transport import connected

TRIES = 3


def run(args, output):
    """Pull every session of the clip into `args.out`/<clip identity>/ and say what is there and what is not."""
    with connected(args.port) as (clip, hello):
        folder = Path(args.out) / hello["clip"]
        rows = pull_all(clip, folder, output)
        contacts.append(folder, hello["contacts"])
    _tell(rows, folder, output)
    exit_code = max((row["exit_code"] for row in rows), default=0)
    return {"clip": hello["clip"], "folder": str(folder), "sessions": rows, "exit_code": exit_code}


def pull_all(clip, folder, output):
    """Pull each session that `folder` lacks; return one dict a session."""
    listed = clip.exec_json("from hipcue import console; console.sessions()", timeout_s=60.0)["sessions"]
    folder.mkdir(parents=True, exist_ok=True)
    return [_pull_session(clip, entry, folder, output) for entry in listed]


def _pull_session(clip, entry, folder, output):
    path = folder / entry["name"]
    namesake = path.with_name("%s-%08x%s" % (path.stem, entry["crc32"], path.suffix))
    here = next((old for old in (path, namesake) if _is_here(old, entry)), None)
    came = 0
    if here is None:
        part = path.with_name(path.name + ".part")
        came = fetch(clip, entry, part, output)
        here = path if _may_replace(path, part) else namesake
        part.replace(here)
    session = decode(here.read_bytes(), expected_bytes=entry["bytes"])
    return logs.describe(session) | {
        "path": str(here),
        "bytes_on_clip": entry["bytes"],
        "bytes_came": came,
        "exit_code": logs.exit_code(session),
    }


def _is_here(path, entry):
    if not path.exists() or path.stat().st_size != entry["bytes"]:
        return False
    return crc32(path.read_bytes()) == entry["crc32"]


def _may_replace(path, part):
    """Return whether `part` may take the place of `path`: nothing is there, or the start of the same log."""
    return not path.exists() or part.read_bytes().startswith(path.read_bytes())


def fetch(clip, entry, part, output):
    """Stream the session `entry` into the file `part`, from where an earlier try ended; return the bytes that came.

    Only verified chunks are written. HipCueError 21 when the whole file's
    CRC-32 is not the clip's.
    """
    start = part.stat().st_size if part.exists() else 0
    if start > entry["bytes"]:
        part.unlink()
        start = 0
    with part.open("ab") as file, output.progress(entry["bytes"], "B", entry["name"]) as bar:
        bar.update(start)
        for _ in range(TRIES):
            end = _stream(clip, entry["name"], file, bar)
            if end is not None:
                break
        else:
            raise HipCueError(
                "%s does not come through the line unspoilt; try another cable." % entry["name"], INTEGRITY
            )
    if end != (part.stat().st_size, crc32(part.read_bytes())):
        part.unlink()
        raise HipCueError("%s is not what the clip sent; pull it again." % entry["name"], INTEGRITY)
    return part.stat().st_size - start


def _stream(clip, name, file, bar):
    """Append verified chunks to `file`; return (bytes, crc32) of the clip's end line, or None after a spoilt chunk."""
    lines = clip.lines("from hipcue import console; console.send(%r, %d)" % (name, file.tell()), timeout_s=30.0)
    for line in lines:
        if line.startswith(b"end "):
            end = _end(line)
            for _ in lines:
                pass
            return end
        chunk = _chunk(line, file.tell())
        if chunk is None:
            _drain(clip, lines)
            return None
        file.write(chunk)
        bar.update(len(chunk))
    return None


def _chunk(line, offset):
    """Return the bytes of the line `<offset> <length> <crc32 hex> <base64>`, or None when they are not right."""
    try:
        at, length, crc, text = line.split(b" ")
        chunk = base64.b64decode(text, validate=True)
        right = int(at) == offset and int(length) == len(chunk) and int(crc, 16) == crc32(chunk)
    except (ValueError, binascii.Error):
        return None
    return chunk if right else None


def _end(line):
    try:
        _, size, crc = line.split(b" ")
        return int(size), int(crc, 16)
    except ValueError:
        return None


def _drain(clip, lines):
    clip.interrupt()
    try:
        for _ in lines:
            pass
    except HipCueError as error:
        if error.exit_code != INTEGRITY:  # INTEGRITY is the KeyboardInterrupt that was just sent
            raise


def _tell(rows, folder, output):
    if not rows:
        output.say("The clip holds no session.")
    for row in rows:
        came = "%d bytes came" % row["bytes_came"] if row["bytes_came"] else "already here"
        missing = ", %d of %d blocks missing" % (row["blocks_bad"], row["blocks_expected"]) if row["blocks_bad"] else ""
        output.say(
            "Session %d: %d bytes on the clip, %s; %s%s; %d steps, %d cues. %s"
            % (
                row["session"],
                row["bytes_on_clip"],
                came,
                row["verdict"],
                missing,
                row["steps"],
                row["cues"],
                row["path"],
            )
        )
        for problem in row["problems"]:
            output.say("  " + problem)
    output.say("Folder: %s" % folder)
