"""Running esptool, which is GPL and so a program of its own here, never a module.

Version 5, for its names of commands; what it says is read, so that a failure gives one cause and one mend.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from host_tools.errors import INTEGRITY, INTERRUPTED, NOT_HIPCUE, PORT_BUSY, USAGE, HipCueError

BAUD = 460800  # what all of the usual USB bridges hold; native USB takes no notice
LEAST_VERSION = 5
INSTALL = "pip install 'esptool>=5,<6'"

# What esptool says: (exit code, cause and mend; %s: the port), the first that fits.
COMPLAINTS = (
    (r"MD5 of file does not match|digest mismatch|[Vv]erif\w+ failed", INTEGRITY,
     "What is on the flash is not what was sent to %s; try again, then try another cable."),
    (r"[Ff]ailed to connect|No serial data received|Invalid head of packet", NOT_HIPCUE,
     "No ESP32 answers on %s: hold its BOOT button, press RESET, let go of BOOT, and try again."),
    (r"port is busy|Resource busy|exclusively lock", PORT_BUSY, "Another program uses %s; close it and try again."),
    (r"could not open|doesn't exist|returned no data|device disconnected|Input/output error|[Ss]erial exception|"
     r"Bad file descriptor|[Ll]ost connection|timed? ?out|No response|no response", INTERRUPTED,
     "The connection to %s was lost; plug the clip in and run the same command again."),
)  # fmt: skip


class Esptool:
    """esptool on one port. `label`s name what its progress bars show."""

    def __init__(self, port, output):
        """Find the program; HipCueError 2 when there is none, or one too old."""
        self.port = port
        self._output = output
        self._program = find()

    def identify(self):
        """Return (chip such as `ESP32-S3`, flash in bytes, MAC as hexadecimal); the board stays in its boot loader."""
        said = self._run("flash-id")
        chip = re.search(r"Connected to (ESP\S+)", said)
        size = re.search(r"Detected flash size: (\d+)MB", said)
        mac = re.search(r"MAC:\s+([0-9a-f:]{17})", said)
        if not (chip and size and mac):
            raise HipCueError("esptool does not know the chip on %s; is it an ESP32?" % self.port, NOT_HIPCUE)
        return chip[1], int(size[1]) << 20, mac[1].replace(":", "")

    def read(self, offset, size, path, label):
        """Read flash into the file `path`."""
        self._run("read-flash", hex(offset), hex(size), str(path), label=label)

    def erase(self, offset, size):
        """Erase whole sectors."""
        self._run("erase-region", hex(offset), hex(size))

    def write(self, offset, path, label):
        """Write the file `path` to flash, have it read back by its MD5, and start the board."""
        self._run("write-flash", hex(offset), str(path), label=label, after="hard-reset")

    def restart(self):
        """Start the board's application again."""
        self._run("run")

    def _run(self, *words, label=None, after="no-reset"):
        """Run esptool to its end and return what it said; HipCueError when it fails."""
        command = [self._program, "--port", self.port, "--baud", str(BAUD), "--after", after, *words]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            said = self._follow(process, label)
            code = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if code:
            raise self._complaint(said)
        return said

    def _follow(self, process, label):
        said = []
        if label is None:
            return process.stdout.read().decode(errors="replace")
        with self._output.progress(100, "%", label) as bar:
            for line in process.stdout:
                said.append(line.decode(errors="replace"))
                done = re.search(r"(\d+(?:\.\d+)?)\s*%", said[-1])
                if done:
                    bar.update(float(done[1]) - bar.n)
        return "".join(said)

    def _complaint(self, said):
        for pattern, exit_code, sentence in COMPLAINTS:
            if re.search(pattern, said):
                return HipCueError(sentence % self.port, exit_code)
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        return HipCueError("esptool failed: %s" % (lines[-1] if lines else "it says nothing."), INTEGRITY)


def find():
    """Return the path of esptool, beside this Python or on PATH; HipCueError 2 when there is none of version 5."""
    beside = Path(sys.executable).with_name("esptool")
    program = str(beside) if beside.exists() else shutil.which("esptool")
    if program is None:
        raise HipCueError("The program esptool is missing; install it: %s" % INSTALL, USAGE)
    said = subprocess.run([program, "version"], capture_output=True, text=True).stdout
    version = re.search(r"v?(\d+)\.\d+", said)
    if not version or int(version[1]) < LEAST_VERSION:
        raise HipCueError("esptool is older than version 5; renew it: %s" % INSTALL, USAGE)
    return program
