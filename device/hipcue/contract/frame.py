"""Frames of a download, stuffed so that no byte of them means anything to a console.

    offset  size  field
    0       4     where in the file the data belongs
    4       n     data, at most CHUNK_BYTES; none: the file ends here
    4 + n   4     CRC-32 (IEEE 802.3) of all before it

Numbers are little-endian. Then bytes are stuffed much as in RFC 1662, section
4.2: FLAG ends a frame, and ESCAPE and the byte with bit 5 inverted stand for each
byte of ESCAPED. So that Ctrl-D, which ends the output of the raw REPL, and
Ctrl-C, which interrupts, never appear, C4 stands for the one and C3 for the
other: in a log these two are rare, 03 and 04 are one byte in ten (a drop of
8 degrees is 0x0320), and an escape for each would slow every download.

The clip sends WINDOW_FRAMES frames ahead of the host's ACK bytes, one a frame.
A frame's CRC finds what the line does to it. A file of whole 512-byte blocks
needs a hash as well: each block ends with its own CRC-32, and the CRC-32 of such
blocks together is the same whatever they hold.
"""

import struct
from binascii import crc32

CHUNK_BYTES = 1024
WINDOW_FRAMES = 8

FLAG = b"\x7e"
ESCAPE = b"\x7d"
ACK = b"\x06"
ESCAPED = b"\x7d\x7e\xc3\xc4"  # the escape itself first: it must not be escaped twice
INVERTED_BIT = 0x20
STAND_INS = ((b"\x03", b"\xc3"), (b"\x04", b"\xc4"))  # control byte, what goes in its place

OFFSET_BYTES = 4
CRC_BYTES = 4

_PAIRS = tuple((bytes((byte,)), ESCAPE + bytes((byte ^ INVERTED_BIT,))) for byte in ESCAPED) + STAND_INS


def pack(offset, data):
    """Return the frame of `data` (bytes) at `offset`, its FLAG included."""
    frame = struct.pack("<I", offset) + data
    frame += struct.pack("<I", crc32(frame))
    for byte, pair in _PAIRS:
        frame = frame.replace(byte, pair)
    return frame + FLAG


def unpack(stuffed):
    """Return (offset, data) of the bytes before a FLAG, or None when they are no whole frame."""
    for control, stand_in in STAND_INS:
        stuffed = stuffed.replace(stand_in, control)
    first, *others = stuffed.split(ESCAPE)
    parts = [first]
    for other in others:
        if not other:  # an escape at the end, or before another
            return None
        parts.append(bytes((other[0] ^ INVERTED_BIT,)) + other[1:])
    frame = b"".join(parts)
    if len(frame) < OFFSET_BYTES + CRC_BYTES:
        return None
    (crc,) = struct.unpack("<I", frame[-CRC_BYTES:])
    if crc32(frame[:-CRC_BYTES]) != crc:
        return None
    (offset,) = struct.unpack("<I", frame[:OFFSET_BYTES])
    return offset, frame[OFFSET_BYTES:-CRC_BYTES]
