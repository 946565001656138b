"""The layout of what a session's file does not hold yet, and how the pieces of it come together."""

import struct
from binascii import crc32
from types import SimpleNamespace

import pytest

from hipcue.contract import tail

FIRST, SECOND, THIRD = b"\1" * 17, b"\2" * 17, b"\3" * 17


def of(sequence, *blocks):
    return SimpleNamespace(sequence=sequence, blocks=blocks)


@pytest.mark.parametrize(
    ("tails", "expected"),
    [
        ([], []),
        ([of(5, (1000, 0, FIRST))], [(1000, FIRST)]),
        # A block goes on in the next one, and another begins.
        (
            [of(5, (1000, 0, FIRST)), of(5, (1000, 17, SECOND), (2000, 0, THIRD))],
            [(1000, FIRST + SECOND), (2000, THIRD)],
        ),
        # The file has taken the first block since.
        ([of(4, (500, 0, FIRST), (1000, 0, SECOND)), of(5, (1000, 17, THIRD))], [(1000, SECOND + THIRD)]),
        ([of(3, (500, 0, FIRST))], []),
        # A reset came between the entry of the journal and what the memory was to hold instead.
        ([of(5, (1000, 0, FIRST + SECOND)), of(5, (1000, 0, FIRST + SECOND))], [(1000, FIRST + SECOND)]),
        ([of(5, (1000, 0, FIRST + SECOND)), of(5, (1000, 17, SECOND + THIRD))], [(1000, FIRST + SECOND + THIRD)]),
        # Steps that have not settled lie behind a block that is kept already.
        ([of(5, (1000, 0, FIRST)), of(5, (1000, 17, b""), (2000, 0, THIRD))], [(1000, FIRST), (2000, THIRD)]),
        # What is behind something missing is not taken: a whole block, or the beginning of one.
        ([of(6, (2000, 0, FIRST))], []),
        ([of(5, (1000, 0, FIRST)), of(5, (1000, 34, THIRD), (2000, 0, THIRD))], [(1000, FIRST)]),
    ],
)
def test_pieces_come_together(tails, expected):
    """Behind the block of sequence 4, which is in the file."""
    assert tail.joined(tails, 5) == expected


ENTRY = b"HIJ1" + struct.pack("<IIQHBB", 0xA1B2C3D4, 7, 123456789012, 3987, 1, 2)
ENTRY += struct.pack("<QHH", 123456780000, 17, 17) + FIRST + struct.pack("<QHH", 123456785000, 0, 34) + SECOND + THIRD
ENTRY += struct.pack("<I", crc32(ENTRY))


def test_an_entry_of_the_journal():
    found = tail.read_entry(ENTRY + b"\xff" * 20)  # as it lies in entries of 32 bytes
    assert (found.key, found.sequence, found.kept_ms, found.battery_mv, found.flags) == (
        0xA1B2C3D4, 7, 123456789012, 3987, 1
    )  # fmt: skip
    assert found.blocks == [(123456780000, 17, FIRST), (123456785000, 0, SECOND + THIRD)]


@pytest.mark.parametrize(
    ("start", "payload", "taken"), [(458, FIRST, True), (459, FIRST, False), (0, bytes(476), False)]
)
def test_a_block_holds_475_bytes(start, payload, taken):
    entry = b"HIJ1" + struct.pack("<IIQHBB", 1, 7, 0, 0, 0, 1) + struct.pack("<QHH", 0, start, len(payload)) + payload
    assert (tail.read_entry(entry + struct.pack("<I", crc32(entry))) is not None) == taken


def test_no_bit_of_it_may_turn():
    for bit in range(8 * len(ENTRY)):
        hurt = bytearray(ENTRY)
        hurt[bit // 8] ^= 1 << bit % 8
        assert tail.read_entry(hurt) is None, bit
    assert [tail.read_entry(ENTRY[:length]) for length in range(len(ENTRY))] == [None] * len(ENTRY)
