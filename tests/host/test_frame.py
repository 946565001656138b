"""Frames of a download: the rules of RFC 1662, and no byte that a console acts on."""

import struct
from binascii import crc32

from hypothesis import given, settings
from hypothesis import strategies as st

from hipcue.contract import frame


def test_frame_by_hand():
    """RFC 1662, section 4.2: 7E goes as 7D 5E, 7D as 7D 5D; C3 and C4 likewise, 03 and 04 as these two."""
    data = b"\x7e\x7d\x03A\xc3\xc4"
    crc = struct.pack("<I", crc32(b"\x00\x04\x00\x00" + data))
    assert not set(crc) & set(b"\x03\x04\x7d\x7e\xc3\xc4")
    stuffed = b"\x00\xc4\x00\x00\x7d\x5e\x7d\x5d\xc3A\x7d\xe3\x7d\xe4" + crc + b"\x7e"
    assert frame.pack(0x400, data) == stuffed
    assert frame.unpack(stuffed[:-1]) == (0x400, data)


SPECIAL = st.lists(st.sampled_from(b"\x03\x04\x7d\x7e\xc3\xc4\x23\xe3")).map(bytes)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.binary(max_size=1500) | SPECIAL)
def test_round_trip_without_console_bytes(offset, data):
    sent = frame.pack(offset, data)
    assert sent.endswith(frame.FLAG) and not set(sent[:-1]) & {0x03, 0x04, 0x7E}
    assert frame.unpack(sent[:-1]) == (offset, data)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(min_size=1, max_size=200), st.integers(0, 10**6), st.integers(1, 255))
def test_a_spoilt_byte_is_found(data, at, mask):
    stuffed = bytearray(frame.pack(512, data)[:-1])
    stuffed[at % len(stuffed)] ^= mask
    assert frame.unpack(bytes(stuffed)) is None


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=60))
def test_noise_raises_nothing(noise):
    assert frame.unpack(noise) is None
