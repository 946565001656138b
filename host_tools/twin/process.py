"""The clip without hardware: a process whose serial line is a pseudo-terminal."""

import os
import pty
import re
import subprocess
import tempfile
import tty
from pathlib import Path

from host_tools.errors import NO_CLIP, HipCueError
from host_tools.places import CHECKOUT

HEAP = "8M"  # the models live on the same heap as the firmware
POWER_CUT_EXIT_CODE = 75
STOP_S = 5.0


def find_binary():
    """Return the twin's binary: $MICROPYTHON, or what `make twin` built; HipCueError 10 if there is none."""
    named = os.environ.get("MICROPYTHON")
    if named:
        if not os.access(named, os.X_OK) or os.path.isdir(named):
            raise HipCueError("MICROPYTHON names %s, which is no program; correct or unset it." % named, NO_CLIP)
        if not _is_twin(named):
            raise HipCueError(
                "MICROPYTHON names %s, which is no HipCue twin; unset it and run `make twin`." % named, NO_CLIP
            )
        return Path(named)
    folders = ["twin", "twin-ulab"]
    if os.environ.get("USER_C_MODULES"):
        folders.reverse()
    for folder in folders:
        binary = CHECKOUT / "build" / folder / "micropython"
        if os.access(binary, os.X_OK):
            return binary
    if not (CHECKOUT / "boards" / "TWIN").is_dir():
        raise HipCueError(
            "This installation of hipcue holds no twin; run it in a checkout of HipCue after `make twin`, or let "
            "MICROPYTHON name the twin built there.",
            NO_CLIP,
        )
    raise HipCueError("The twin is not built; run `make twin` first.", NO_CLIP)


def _is_twin(program):
    """Return whether `program` is a MicroPython with the twin frozen in."""
    command = [program, "-c", "import twin; print(twin.__name__)"]
    quiet = {"stdin": subprocess.DEVNULL, "capture_output": True, "timeout": STOP_S, "env": _environment()}
    try:
        answer = subprocess.run(command, **quiet)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.stdout == b"twin\n"


def _environment():
    """Return an environment in which only frozen modules are found: not the user's, nor the current folder's."""
    return {**os.environ, "MICROPYPATH": ".frozen"}


class Twin:
    """A running twin; a context manager that switches it off at its end.

    Attributes: `port`, the name of its serial port; `far`, the descriptor behind
    that; `flash`, the file of its flash; `process`, a Popen.
    """

    def __init__(self, scene=None, flash=None, realtime=False, baud=None):
        """Switch a clip on.

        scene: scene file (see host_tools/twin/scene.py), None: lying level and
        still; flash: file that keeps the flash, None: one that goes with the
        twin; realtime: idle time passes on the wall clock too; baud: bits per
        second of the serial line, None: as fast as it goes.
        """
        binary = find_binary()
        self._folder = tempfile.TemporaryDirectory(prefix="hipcue-twin-")
        self._errors = tempfile.TemporaryFile()
        self._line = None
        self.flash = Path(flash or Path(self._folder.name, "flash.bin"))
        command = [str(binary), "-X", "heapsize=" + HEAP, "-m", "twin", str(self.flash.resolve())]
        if scene is not None:
            command += ["--scene", str(Path(scene).resolve(strict=True))]
        if realtime:
            command.append("--realtime")
        near, self.far = pty.openpty()  # held open, so that a client that leaves does not hang up
        tty.setraw(self.far)
        self.port = os.ttyname(self.far)
        self.process = subprocess.Popen(
            command, stdin=near, stdout=near, stderr=self._errors, cwd=self._folder.name, env=_environment()
        )
        os.close(near)
        if baud:
            from host_tools.twin.slow_line import SlowLine

            self._line = SlowLine(self.far, baud)
            self.port = self._line.port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def complaint(self):
        """Return the last line that the twin wrote to its error output: why it ended, if it should not have."""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "")

    def check(self):
        """Raise HipCueError, or OSError as its file of the flash met it, when the twin has ended but by a power cut."""
        code = self.process.poll()
        if code in (None, 0, POWER_CUT_EXIT_CODE):
            return
        if code < 0:
            raise HipCueError("Something has ended the twin (signal %d); start it again." % -code, NO_CLIP)
        refused = re.fullmatch(r"OSError: (\d+)", self.complaint())
        if refused:
            number = int(refused[1])
            raise OSError(number, os.strerror(number), str(self.flash))
        raise HipCueError("The twin ended with code %d: %s" % (code, self.complaint()), NO_CLIP)

    def close(self):
        """Switch the clip off."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self._line:
            self._line.close()
        if self.far is not None:
            os.close(self.far)
            self.far = None
        self._errors.close()
        self._folder.cleanup()
