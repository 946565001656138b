"""make torture-pull: downloads that end anywhere, and what a second try makes of them.

Run from the root: python tests/bench/torture_pull.py. Exit code 1 when a row
falls short of 100 %. One twin goes through it all: what a cut leaves half said
on its line, or in its prompt, is there when the next host comes.

The host dies without a word at each frame; the cable comes off after a random
number of bytes, to the host or to the clip; `hipcue pull` itself is killed at a
random moment on a slow line, which then still holds what it had not read.
"""

import contextlib
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from cut_line import CutLine
from run_log import CLIP, run_log, write_flash

from hipcue.contract.frame import CHUNK_BYTES
from host_tools.archive.runner_folder import PART, log_name
from host_tools.clip.transport import Clip
from host_tools.errors import HipCueError
from host_tools.output import Output
from host_tools.pull.command import pull_all
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_rest_scene

STEPS = 2500
NAME = "00000001.hcl"
HERE = log_name(CLIP.hex(), 1)
RANDOM_CUTS = 200
KILLS = 10
KILL_BAUD = 115200
BYTES_PER_BAUD = 0.1
SEED = 5


@dataclass
class Row:
    """One kind of end: `tries`, those `resumed` to the identical file, and why the others were not."""

    what: str
    tries: int = 0
    resumed: int = 0
    faults: list = field(default_factory=list)

    @property
    def passes(self):
        """Whether the bar of 100 % is met."""
        return self.tries > 0 and self.resumed == self.tries


class Killed(BaseException):
    """The host dies: nothing of it is carried out any more."""


class DyingOutput(Output):
    """Kills the host when more than `until` bytes of a session are on its disk."""

    def __init__(self, until):
        super().__init__(as_json=True)
        self.until = until

    def progress(self, total, unit, label):
        """Return a bar that kills."""
        return contextlib.nullcontext(_DyingBar(self.until))


class _DyingBar:
    def __init__(self, until):
        self._until = until
        self._seen = 0

    def update(self, count):
        self._seen += count
        if self._seen >= self._until:
            raise Killed


class Bench:
    """A twin with the log of a run on its flash; `pull` goes through a line of its own each time."""

    def __init__(self, folder, steps=STEPS):
        self._folder = folder
        self.log = run_log(steps)
        write_rest_scene(folder / "scene", halts_s=[0.0])
        self._twin = Twin(scene=folder / "scene", flash=write_flash(folder, {NAME: self.log}))
        self._count = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._twin.close()

    def slow_twin(self, baud):
        """Return another twin with the same flash, on a line of `baud`."""
        flash = self._folder / "slow.bin"
        flash.write_bytes((self._folder / "flash.bin").read_bytes())
        return Twin(scene=self._folder / "scene", flash=flash, baud=baud)

    def new_folder(self):
        """Return a folder name for a host that has nothing yet."""
        self._count += 1
        return self._folder / ("host%d" % self._count)

    def pull(self, folder, output=None, **ends):
        """Pull through a CutLine of `ends`; return (bytes to the host, bytes to the clip)."""
        line = CutLine(self._twin.far, **ends)
        clip = None
        try:
            clip = Clip(line.port)
            clip.enter()
            pull_all(clip, CLIP.hex(), folder, output or Output(as_json=True))
        except (Killed, HipCueError):
            pass  # what is left of it is what counts
        finally:
            if clip is not None:
                clip.drop()
            line.close()
        return line.host_bytes, line.clip_bytes

    def resume(self, folder, row):
        """Pull again over a line that holds, and judge."""
        self.pull(folder)
        self.judge(folder, row)

    def judge(self, folder, row):
        """Note in `row` whether `folder` has the log, whole and alone."""
        row.tries += 1
        files = {path.name: path.read_bytes() for path in folder.rglob("*.hcl*")}
        if files == {HERE: self.log}:
            row.resumed += 1
        else:
            row.faults.append(", ".join("%s of %d bytes" % (name, len(data)) for name, data in files.items()))


def killed_at_frames(bench, every=1):
    """Return the Row of hosts that die with 0, `every`, 2 `every`, ... frames on disk."""
    row = Row("host killed at every frame" if every == 1 else "host killed at every frame of %d" % every)
    for until in range(0, len(bench.log) + CHUNK_BYTES, every * CHUNK_BYTES):
        folder = bench.new_folder()
        bench.pull(folder, DyingOutput(min(until, len(bench.log))))
        bench.resume(folder, row)
    return row


def cut_at_bytes(bench, tries=RANDOM_CUTS, seed=SEED):
    """Return the Row of cables that come off after a random byte, half of them on the way to the clip."""
    row = Row("cable off at a random byte, either way")
    to_host, to_clip = bench.pull(bench.new_folder())
    chance = random.Random(seed)
    for k in range(tries):
        folder = bench.new_folder()
        if k % 2:
            bench.pull(folder, to_host=chance.randrange(1, to_host))
        else:
            bench.pull(folder, to_clip=chance.randrange(1, to_clip))
        bench.resume(folder, row)
    return row


def killed_at_moments(bench, kills=KILLS, baud=KILL_BAUD, seed=SEED):
    """Return the Row of `hipcue pull` processes killed while they receive on a line of `baud`."""
    row = Row("hipcue pull killed at %d baud" % baud)
    chance = random.Random(seed)
    with bench.slow_twin(baud) as twin:
        for _ in range(kills):
            folder = bench.new_folder()
            command = [sys.executable, "-m", "host_tools.cli", "pull", "--port", twin.port, "--out", str(folder)]
            _kill(command, folder / (HERE + PART), chance.uniform(0, len(bench.log) / (BYTES_PER_BAUD * baud)))
            again = subprocess.run(command, capture_output=True, text=True, timeout=120)
            bench.judge(folder, row)
            if again.returncode:
                row.faults.append(again.stderr.strip())
    return row


def _kill(command, part, delay_s):
    """Start `command` and kill it `delay_s` after the first bytes are in `part`, if it lives so long."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not part.exists():
        time.sleep(0.01)
    time.sleep(delay_s)
    process.kill()
    process.wait()


def rows(frames_every=1, cuts=RANDOM_CUTS, kills=KILLS, baud=KILL_BAUD, steps=STEPS):
    """Return the Rows of the download's torture."""
    with tempfile.TemporaryDirectory(prefix="hipcue-") as folder, Bench(Path(folder), steps) as bench:
        return [killed_at_frames(bench, frames_every), cut_at_bytes(bench, cuts), killed_at_moments(bench, kills, baud)]


def main():
    """Print the table; return the exit code."""
    found = rows()
    for row in found:
        share = 100 * row.resumed / row.tries
        print("%-44s resumed to the identical file %d of %d (%.0f %%)" % (row.what, row.resumed, row.tries, share))
        for fault in row.faults[:5]:
            print("    left: %s" % (fault or "nothing"))
    return 0 if all(row.passes for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
