"""`hipcue recover`: sessions from a raw image of a clip's flash, by their blocks alone, and the journal's records."""

from pathlib import Path

from host_tools.archive import index, logs
from host_tools.archive.runner_folder import folder_of, log_name
from host_tools.errors import INTEGRITY, HipCueError
from host_tools.files import write_bytes
from host_tools.log.decode import decode
from host_tools.recover import journal
from host_tools.recover.flash_image import blocks_in
from host_tools.recover.regroup import sessions_of

CLIP_BYTES = 6


def run(args, output):
    """Write every session found in `args.image` to its runner's folder in `args.out` and say what each is.

    The exit code is that of the worst.
    """
    image = Path(args.image)
    if not image.is_file():
        raise HipCueError("There is no image %s; `esptool read-flash 0 ALL FILE` makes one." % image)
    data = image.read_bytes()
    found = sessions_of(blocks_in(data))
    if not found:
        raise HipCueError("%s holds no whole block of a HipCue log; read the flash again." % image, INTEGRITY)
    tails = journal.tails_in(data)
    whole = [(owner, journal.completed(log, tails)) for owner, made in found.items() for log in made]
    rows = [_write(owner, log, Path(args.out)) for owner, log in whole]
    changed = [sentence for folder in {Path(row["path"]).parent for row in rows} for sentence in index.update(folder)]
    for row in rows:
        output.say("Session %d of clip %s: %s; %d steps. %s" % _facts(row))
        for problem in row["problems"]:
            output.say("  " + problem)
    output.say("Sessions that were erased on the clip may be among them.")
    for sentence in changed:
        output.warn(sentence)
    codes = [row["exit_code"] for row in rows] + [INTEGRITY for _ in changed]
    return {"image": str(image), "sessions": rows, "changed": changed, "exit_code": max(codes)}


def _facts(row):
    return row["session"], row["clip"], row["verdict"], row["steps"], row["path"]


def _write(owner, log, out):
    """Write one log; return its row. A file of that name with other bytes stays, and the next free name is taken."""
    session = decode(log)
    folder = folder_of(out, session)
    folder.mkdir(parents=True, exist_ok=True)
    first = folder / log_name(owner[:CLIP_BYTES].hex(), int.from_bytes(owner[CLIP_BYTES:], "little"))
    path, copy = first, 1
    while path.exists() and path.read_bytes() != log:
        copy += 1
        path = first.with_name("%s-%d%s" % (first.stem, copy, first.suffix))
    if not path.exists():
        write_bytes(path, log)
    return logs.describe(session) | {"path": str(path), "exit_code": logs.exit_code(session)}
