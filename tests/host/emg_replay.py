"""Pushes a file of raw EMG through the EMG core and prints its readings; the same source on CPython and MicroPython.

Arguments: a JSON file {"frames": path, "block": n, "steps": [contact, stance end, ...], "motor": [start, stop] in
samples, "lead_off": [start, stop], "lost": [start, stop]}. Prints a JSON list for each channel and step, then the
median frequencies.
"""

import json
import sys

if sys.implementation.name == "cpython":
    from host_tools import ulab

    ulab.install()

from hipcue.core.emg import Emg
from hipcue.core.emg_state import Params

FIELDS = "quality activation_uv peak_uv pre_activation_uv onset_ms".split()
FRAME_BYTES = 8


def overlap(span, start, stop):
    """Return offsets (from, to) of `span` within [start, stop), or None."""
    first, last = max(span[0], start), min(span[1], stop)
    return (first - start, last - start) if first < last else None


def main(path):
    with open(path) as file:
        job = json.load(file)
    core, steps, order = Emg(Params()), job["steps"], 0
    buffer = bytearray(job["block"] * FRAME_BYTES)
    lost = index = 0
    with open(job["frames"], "rb") as file:
        while True:
            count = file.readinto(buffer) // FRAME_BYTES
            if not count:
                break
            if overlap(job["lost"], index, index + count):
                lost += count
            else:
                off = 1 if overlap(job["lead_off"], index, index + count) else 0
                core.push(buffer, count, overlap(job["motor"], index, index + count), off, lost)
                lost = 0
            index += count
            while 2 * order < len(steps) and steps[2 * order + 1] <= core.index:
                before = steps[2 * order - 2] if order else None
                for reading in core.read_step(steps[2 * order], steps[2 * order + 1], before):
                    print(json.dumps([getattr(reading, name) for name in FIELDS]))
                order += 1
    print(json.dumps(core.median_frequencies_hz()))


main(sys.argv[1])
