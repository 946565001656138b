"""make bench-pull: what the download makes of its line, beside `mpremote fs cp`, and how long a week takes to decode.

Run from the root: python tests/bench/bench_pull.py. Exit code 1 when a figure misses its bar.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from run_log import run_log, write_flash

from host_tools.clip.transport import Clip
from host_tools.log.decode import decode
from host_tools.output import Output
from host_tools.pull.command import list_sessions
from host_tools.pull.fetch import fetch
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_rest_scene

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "host"))
import struct_decoder

NAME = "00000001.hcl"
BITS_PER_BYTE = 10
STEPS = ((115200, 6000), (921600, 16000))  # baud, steps of the session: 120 and 320 KB
RUNS, RUN_STEPS = 7, 71000 // 7  # a week: an hour each
REPEATS = 5
LEAST_SHARE_PCT, LEAST_TIMES, MOST_DECODE_S, LEAST_DECODE_TIMES = 90.0, 3.0, 1.0, 50.0


def download(baud, steps):
    """Return (bytes, s of the transfer alone, s of `hipcue pull`, s of `mpremote fs cp`) on a line of `baud`.

    The transfer alone: from the call to the verified hash, as `hipcue pull`
    does for each session; the commands from their start to their end.
    """
    with tempfile.TemporaryDirectory(prefix="hipcue-") as name:
        folder = Path(name)
        log = run_log(steps)
        write_rest_scene(folder / "scene", halts_s=[0.0])
        with Twin(scene=folder / "scene", flash=write_flash(folder, {NAME: log}), baud=baud) as twin:
            # First, while the application runs, as a clinic finds it.
            pull_s = _command(["host_tools.cli", "pull", "--port", twin.port, "--out", str(folder / "pulled")])
            transfer_s = _transfer(twin, folder / "transferred")
            copy = ["mpremote", "connect", twin.port, "resume", "fs", "cp", ":/log/" + NAME, str(folder / "copied")]
            copy_s = _command(copy)
        for path in (folder / "transferred", folder / "copied", *folder.glob("pulled/*/*.hcl")):
            assert path.read_bytes() == log, path
        return len(log), transfer_s, pull_s, copy_s


def _transfer(twin, path):
    with Clip(twin.port) as clip:
        clip.enter()
        (entry,) = list_sessions(clip)
        start_s = time.perf_counter()
        fetch(clip, entry, path, Output(as_json=True))
        return time.perf_counter() - start_s


def _command(words):
    start_s = time.perf_counter()
    subprocess.run([sys.executable, "-m", *words], check=True, stdout=subprocess.DEVNULL, timeout=600)
    return time.perf_counter() - start_s


def decoding():
    """Return (steps, s to decode a week, s of the struct loop for it): processor time, the least of some repeats."""
    logs = [run_log(RUN_STEPS, session=k + 1, seed=k + 1) for k in range(RUNS)]
    decode_s, loop_s = [], []
    for _ in range(REPEATS):
        loop_s.append(_processor_s(struct_decoder.decode, logs))
        decode_s += [_processor_s(decode, logs) for _ in range(REPEATS)]
    return RUNS * RUN_STEPS, min(decode_s), min(loop_s)


def _processor_s(function, logs):
    start_s = time.process_time()
    for log in logs:
        function(log)
    return time.process_time() - start_s


def main():
    """Print the figures; return the exit code."""
    bars = []
    for baud, steps in STEPS:
        size, transfer_s, pull_s, copy_s = download(baud, steps)
        share_pct, times = 100 * size * BITS_PER_BYTE / baud / transfer_s, copy_s / pull_s
        print("%6d baud, %d bytes" % (baud, size))
        what = transfer_s, share_pct, LEAST_SHARE_PCT
        print("  transfer           %5.1f s, %.1f %% of the line rate (bar %.0f)" % what)
        print("  hipcue pull        %5.1f s, from its start to its end" % pull_s)
        print("  mpremote fs cp     %5.1f s, %.1f times as long (bar %.0f)" % (copy_s, times, LEAST_TIMES))
        bars += [share_pct >= LEAST_SHARE_PCT, times >= LEAST_TIMES]
    steps, decode_s, loop_s = decoding()
    print("a week of %d steps, %d sessions" % (steps, RUNS))
    print("  decode             %5.3f s (bar %.0f)" % (decode_s, MOST_DECODE_S))
    times = loop_s / decode_s
    print("  struct loop        %5.3f s, %.0f times as long (bar %.0f)" % (loop_s, times, LEAST_DECODE_TIMES))
    bars += [decode_s <= MOST_DECODE_S, times >= LEAST_DECODE_TIMES]
    return 0 if all(bars) else 1


if __name__ == "__main__":
    sys.exit(main())
