"""What the twin's motion sensor reads where nothing moves."""

import struct


def is_at_rest(frames, count):
    """Return whether all frames show 1 g upwards, 2049 LSB of 0.488 mg, but for the datasheet's noise: 3 and 10 LSB."""
    still = (0, 0, 0, 0, 0, 2049)
    for at in range(0, 12 * count, 12):
        levels = struct.unpack_from("<6h", frames, at)
        if any(abs(level - still[k]) > (3 if k < 3 else 10) for k, level in enumerate(levels)):
            return False
    return True
