"""Blocks, and a step's results in 24 bytes, packed alike on the emulated MCU and on CPython."""

import struct

BLOCK_FRAMES = 16

# First sample, share of a sample before it, side, quality, causal drop, settled drop, excursion (NaN: not known).
FORMAT = "<ifBHxfff"
BYTES = struct.calcsize(FORMAT)
_UNKNOWN = float("nan")


def pack_into(memory, offset, step):
    """Write the results of a settled step to `memory` at `offset`."""
    values = [step.peak_drop_causal_deg, step.peak_drop_deg, step.excursion_deg]
    values = [_UNKNOWN if value is None else value for value in values]
    struct.pack_into(FORMAT, memory, offset, step.first, step.early, step.side, step.quality, *values)
