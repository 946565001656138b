"""Pushes a file of raw frames through the core and prints its steps; the same source on CPython and MicroPython.

Arguments: a JSON file {"frames": path, "block": n, "lost_before": n, "params": {...}}. Prints one JSON list for each
settled step.
"""

import json
import sys

if sys.implementation.name == "cpython":
    from host_tools import ulab

    ulab.install()

from hipcue.contract.signals import FRAME_BYTES
from hipcue.core.pelvis import Pelvis
from hipcue.core.pelvis_state import Params

FIELDS = (
    "first early side quality parity peak period contact_samples "
    "peak_drop_causal_deg peak_drop_deg excursion_deg stance_end"
).split()


def main(path):
    with open(path) as file:
        job = json.load(file)
    core = Pelvis(Params(**job["params"]))
    if job["lost_before"]:
        core.lost(job["lost_before"])
    block = job["block"]
    buffer = bytearray(block * FRAME_BYTES)
    settled = []
    with open(job["frames"], "rb") as file:
        while True:
            count = file.readinto(buffer) // FRAME_BYTES
            if not count:
                break
            settled.extend(core.push(buffer, count)[1])
    settled.extend(core.finish())
    for step in settled:
        print(json.dumps([getattr(step, name) for name in FIELDS]))


main(sys.argv[1])
