"""The same blocks through the core on CPython, and how the emulated MCU's results differ from that."""

import struct
from dataclasses import dataclass
from zlib import crc32

import cut  # noqa: F401 - installs ulab's names on CPython
import numpy as np
from on_mcu import rows
from on_mcu.rows import BLOCK_FRAMES

from hipcue.contract.signals import FRAME_BYTES
from hipcue.core.pelvis import Pelvis
from hipcue.core.pelvis_state import Params

VALUES = ("peak_drop_causal_deg", "peak_drop_deg", "excursion_deg")
NEAR_SAMPLES = 5.0


@dataclass
class Step:
    """A step's results; values in degrees, NaN where not known."""

    contact: float  # in samples
    side: int
    quality: int
    values: tuple

    def logged(self):
        """Return (side, quality, values in 0.01 deg, or None): what a log holds of it."""
        return self.side, self.quality, tuple(None if np.isnan(v) else round(100 * v) for v in self.values)


def on_cpython(params, frames):
    """Return the packed rows of the core on CPython; `params` and `frames` as in cut.Cut."""
    core = Pelvis(Params(*params))
    packed = bytearray()
    for start in range(0, len(frames), BLOCK_FRAMES * FRAME_BYTES):
        block = frames[start : start + BLOCK_FRAMES * FRAME_BYTES]
        _, settled = core.push(block, len(block) // FRAME_BYTES)
        _pack(packed, settled)
    _pack(packed, core.finish())
    return bytes(packed)


def steps(packed):
    """Return the list of Step in packed rows."""
    found = []
    for first, early, side, quality, *values in struct.iter_unpack(rows.FORMAT, packed):
        found.append(Step(first - early, side, quality, tuple(values)))
    return found


def checksum(found):
    """Return the CRC-32 of what a log holds of the steps."""
    return crc32(repr([step.logged() for step in found]).encode())


def differences(ours, theirs):
    """Return facts on how two lists of Step differ; steps belong together by their contacts."""
    pairs = []
    for step in ours:
        nearest = min(theirs, key=lambda other: abs(other.contact - step.contact), default=None)
        if nearest is not None and abs(nearest.contact - step.contact) < NEAR_SAMPLES:
            pairs.append((step, nearest))
    off = [[abs(a - b) for a, b in zip(one.values, other.values, strict=True)] for one, other in pairs]
    known = [value for row in off for value in row if not np.isnan(value)]
    return {
        "steps": len(ours),
        "reference_steps": len(theirs),
        "unmatched": len(ours) + len(theirs) - 2 * len(pairs),
        "differing": sum(one.logged() != other.logged() for one, other in pairs),
        "most_deg": max(known, default=0.0),
        "side_or_quality": sum(one.logged()[:2] != other.logged()[:2] for one, other in pairs),
        "most_contact_samples": max((abs(one.contact - other.contact) for one, other in pairs), default=0.0),
        "checksum": checksum(ours),
        "reference_checksum": checksum(theirs),
    }


def _pack(packed, settled):
    for step in settled:
        packed.extend(bytes(rows.BYTES))
        rows.pack_into(packed, len(packed) - rows.BYTES, step)
