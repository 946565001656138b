"""The emulated Cortex-M4F: starts it, gives it frames and a job, and returns its answers."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from host_tools.errors import INTEGRITY, HipCueError

QEMU = "qemu-system-arm"
ANSWER = b"bench: "  # as on_mcu/job.py prints it
FRAMES_AT = 0x21000000  # as on_mcu/stream.py reads them
FPU_ON = "loader,addr=0xE000ED88,data=0x00F00000,data-len=4"  # CPACR, Armv7-M Architecture Reference Manual B3.2.20
RAW_REPL, RUN = b"\x01", b"\x04"
MOST_S = 1800

# machine.reset() ends the emulator.
JOB = """
import machine, sys
try:
    from on_mcu import %s as job
    job.run(%r)
except BaseException as error:
    sys.print_exception(error)
machine.reset()
"""


def run(firmware, frames, job, asker="job"):
    """Return the answers of `job` (see on_mcu/<asker>.py) on `frames` (bytes) as a dict."""
    if not shutil.which(QEMU):
        raise HipCueError("%s is missing. Install it: apt-get install qemu-system-arm" % QEMU)
    with tempfile.TemporaryDirectory(prefix="hipcue-bench-") as folder:
        stream = Path(folder, "frames.bin")
        stream.write_bytes(frames)
        try:
            done = subprocess.run(
                command(firmware, stream),
                input=RAW_REPL + (JOB % (asker, job)).encode() + RUN,
                capture_output=True,
                timeout=MOST_S,
            )
        except subprocess.TimeoutExpired:
            raise HipCueError("The emulated MCU did not finish within %d s." % MOST_S, INTEGRITY) from None
    return answers(done.stdout, done.stderr)


def command(firmware, frames):
    """Return the emulator's command line: one instruction takes 1 ns, frames lie in memory, console on stdio."""
    return [
        QEMU, "-machine", "mps2-an386", "-icount", "shift=0",
        "-nographic", "-monitor", "null", "-serial", "stdio", "-semihosting",
        "-device", FPU_ON,
        "-device", "loader,file=%s,addr=%#x,force-raw=on" % (frames, FRAMES_AT),
        "-kernel", str(firmware),
    ]  # fmt: skip


def answers(printed, complaint=b""):
    """Return {name: value} of the answers in what the MCU `printed`; HipCueError if it ended in an error."""
    found = {}
    for line in printed.splitlines():
        _, mark, text = line.partition(ANSWER)
        if mark:
            name, value = json.loads(text)
            found[name] = value
    if not found or b"Traceback" in printed:
        said = (complaint + printed).decode(errors="replace").strip().splitlines()
        raise HipCueError("The emulated MCU failed: %s." % (said[-1] if said else "it said nothing"), INTEGRITY)
    return found
