"""`hipcue twin`: a clip without hardware, at the end of a pseudo-terminal."""

import contextlib
import fcntl
import tempfile
from pathlib import Path

from host_tools.calibrate.command import BOWS_S, STAND_S
from host_tools.errors import PORT_BUSY, HipCueError
from host_tools.twin.process import Twin, find_binary

SECTOR_BYTES = 4096
NEVER_S = 1e9
BEFORE_BOWS_S, BEFORE_RUN_S = 0.2, 0.5  # of standing
UNTIL_SEALED_S = 310.0  # after the run: the clip waits for 300 s for another step
LITTLEFS = b"littlefs"  # in the superblock, which has two sectors


def run(args, output):
    """Start a twin, print its port and serve until it ends or is interrupted."""
    find_binary()  # before a file is made for it
    _check_flash(args.flash)
    _check_link(args.link)
    with _alone_with(args.flash), tempfile.TemporaryDirectory(prefix="hipcue-") as work:
        scene = _scene(args, output, Path(work))
        with Twin(scene=scene, flash=args.flash, realtime=args.realtime) as twin, _linked(args.link, twin.port) as port:
            try:
                output.say(port)
                output.say("A clip without hardware. Try: mpremote connect %s resume fs ls" % port)
                output.say("Ctrl-C switches it off.")
                if output.as_json:
                    output.result({"port": port, "pid": twin.process.pid})
                exit_status = twin.process.wait()
            except KeyboardInterrupt:
                return {"port": port, "ended": "switched off"}
            twin.check()
            return {"port": port, "ended": "power cut" if exit_status else "closed"}


def _check_flash(name):
    """Refuse a file that is no flash image: the clip would format it."""
    if not name:
        return
    path = Path(name)
    if not path.parent.is_dir():
        raise HipCueError("There is no folder %s for the flash; make it first." % path.parent)
    if not path.exists():
        return
    if not path.is_file():
        raise HipCueError("%s is no file; --flash names one, which need not be there yet." % path)
    with path.open("rb") as file:
        start = file.read(2 * SECTOR_BYTES)
    blank = start.strip(b"\xff") == b""
    if path.stat().st_size % SECTOR_BYTES or not (blank or LITTLEFS in start):
        raise HipCueError("%s is no image of a clip's flash and would be lost; choose another name." % path)


@contextlib.contextmanager
def _alone_with(name):
    """Keep other twins off the flash's file: two would each write over what the other has written."""
    if not name:
        yield
        return
    with open(name, "ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HipCueError("Another twin uses %s; end it, or name another file." % name, PORT_BUSY) from None
        yield


def _check_link(name):
    """Refuse a name that something else has; a link that leads nowhere is that of a twin that was killed."""
    if not name:
        return
    link = Path(name)
    if not link.parent.is_dir():
        raise HipCueError("There is no folder %s for the link; make it first." % link.parent)
    if link.exists():
        raise HipCueError("%s is there already; --link names a new file." % link)


@contextlib.contextmanager
def _linked(name, port):
    """Yield a name of the `port`: a symbolic link `name` that goes at the end, or its own when that is None."""
    if not name:
        yield port
        return
    link = Path(name)
    link.unlink(missing_ok=True)
    link.symlink_to(port)
    try:
        yield str(link)
    finally:
        link.unlink(missing_ok=True)


def _scene(args, output, work):
    from host_tools.recording.folder import load
    from host_tools.twin.scene import write_recording_scene, write_rest_scene

    path = work / "scene"
    if args.scene_from:
        write_recording_scene(path, load(args.scene_from), board=args.board)
    elif args.runner:
        from host_tools.runners import demo

        output.say("Making up the demo runner ...")
        recording = demo()
        write_recording_scene(path, recording, board=args.board, acts=_acts(recording), end_s=NEVER_S)
    else:
        write_rest_scene(path, board=args.board)
    return path


def _acts(recording):
    """Return what the wearer does when a command tells it to: rows of boards/TWIN/twin/acts.py."""
    (stand_s, bows_s), (bow_s, bowed_s) = recording.still_s, recording.bows_s
    run_s = bowed_s + BEFORE_RUN_S
    return [
        _act("console.stand(", stand_s, bows_s - BEFORE_BOWS_S, STAND_S),
        _act("console.bows(", bow_s, bowed_s, BOWS_S),
        _act("console.keep(", run_s, recording.end_s, recording.end_s - run_s + UNTIL_SEALED_S),
    ]


def _act(told, from_s, to_s, lasts_s):
    return {"told": told, "from_s": from_s, "to_s": to_s, "lasts_s": lasts_s}
