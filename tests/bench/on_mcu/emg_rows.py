"""A channel's reading of a step in 20 bytes, packed alike on the emulated MCU and on CPython."""

import struct

# Activation, peak and pre-activation in uV, onset in ms (NaN: not known), quality.
FORMAT = "<ffffI"
BYTES = struct.calcsize(FORMAT)
_UNKNOWN = float("nan")


def values(reading):
    """Return the fields of FORMAT."""
    found = [reading.activation_uv, reading.peak_uv, reading.pre_activation_uv, reading.onset_ms]
    return [_UNKNOWN if value is None else value for value in found] + [reading.quality]
