"""`hipcue twin`: a clip without hardware, at the end of a pseudo-terminal."""

import tempfile
from pathlib import Path

import numpy as np

from host_tools.errors import HipCueError
from host_tools.twin import Twin

REST_RATE_HZ = 208.0  # lying still, without a recording
SECTOR_BYTES = 4096
LITTLEFS = b"littlefs"  # in the superblock, which has two sectors


def run(args, output):
    """Start a twin, print its port and serve until it ends or is interrupted."""
    _check_flash(args.flash)
    with tempfile.TemporaryDirectory(prefix="hipcue-") as work:
        scene = _scene(args.scene_from, args.board, Path(work))
        with Twin(scene=scene, flash=args.flash, realtime=args.realtime) as twin:
            output.say(twin.port)
            output.say("A clip without hardware. Try: mpremote connect %s resume fs ls" % twin.port)
            output.say("Ctrl-C switches it off.")
            if output.as_json:
                output.result({"port": twin.port, "pid": twin.process.pid})
            try:
                exit_status = twin.process.wait()
            except KeyboardInterrupt:
                return {"port": twin.port, "ended": "switched off"}
            twin.check()
            return {"port": twin.port, "ended": "power cut" if exit_status else "closed"}


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


def _scene(folder, board, work):
    from host_tools.recording import load
    from host_tools.scene import write_recording_scene, write_scene

    path = work / "scene"
    if folder:
        write_recording_scene(path, load(folder), board=board)
    else:
        write_scene(path, np.zeros((0, 6)), REST_RATE_HZ, board=board)
    return path
