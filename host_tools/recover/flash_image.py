"""Log blocks in a raw image of a flash chip, whether or not a file system can be read from it.

littlefs keeps a file as a list of 4 KB sectors (SPEC.md, "CTZ skip-lists"):
sector n begins with ctz(n) + 1 little-endian numbers of sectors before it, the
first of them that of sector n - 1, and none for n = 0; then come the file's
bytes. So most log blocks lie whole within a sector, and every eighth goes on
behind the numbers at the start of another one. Which one that is, in this order:
a sector where the block after the next follows in place; a sector that names
this one as the one before it; any sector. The block's CRC-32 decides.
"""

import struct
from collections import Counter, defaultdict
from dataclasses import dataclass

from hipcue.contract import record
from host_tools.log.blocks import is_whole

SECTOR_BYTES = 4096
POINTER_BYTES = 4
MOST_POINTERS = 16  # of a file of 2 ** 15 sectors
OWNER_BYTES = slice(6, 16)  # clip and session in a block
HEAD_BYTES = 20  # up to and with the sequence number


@dataclass(frozen=True)
class Placed:
    """A whole block and where it begins in the image."""

    position: int
    data: bytes

    @property
    def owner(self):
        """The bytes of clip and session."""
        return self.data[OWNER_BYTES]

    @property
    def sequence(self):
        """The sequence number in its session."""
        return struct.unpack_from("<I", self.data, OWNER_BYTES.stop)[0]

    @property
    def kind(self):
        """The kind, as contract.record has it."""
        return self.data[5]

    @property
    def time_ms(self):
        """When it was opened."""
        return struct.unpack_from("<Q", self.data, HEAD_BYTES)[0]


def blocks_in(image):
    """Return the Placed blocks of `image` (bytes) in the order of their positions."""
    return _Image(image).blocks()


class _Image:
    def __init__(self, data):
        self._data = data
        self._whole = [Placed(at, data[at : at + record.BLOCK_BYTES]) for at in _whole_positions(data)]
        self._last_of = {}  # sector: the last whole block that begins in it
        self._first_in = {}  # sector: the first
        for block in self._whole:
            sector = block.position // SECTOR_BYTES
            self._first_in.setdefault(sector, block)
            self._last_of[sector] = block
        self._led_by = defaultdict(list)  # (owner, sequence) of a sector's first block: sectors
        for sector, block in self._first_in.items():
            self._led_by[block.owner, block.sequence].append(sector)
        self._named_before = defaultdict(list)  # first number in a sector: sectors
        for sector in range(len(data) // SECTOR_BYTES):
            self._named_before[struct.unpack_from("<I", data, sector * SECTOR_BYTES)[0]].append(sector)

    def blocks(self):
        heads = sorted(self._heads().items())
        joined, left, votes = [], [], Counter()
        for position, (owner, sequence) in heads:
            sector = position // SECTOR_BYTES
            found = self._join(position, self._led_by[owner, sequence + 1])
            if found is None:
                left.append(position)
                continue
            joined.append(found[0])
            before = struct.unpack_from("<I", self._data, found[1] * SECTOR_BYTES)[0]
            votes[sector - before] += 1
        for position in left:
            found = self._join(position, self._following(position // SECTOR_BYTES, votes))
            if found is not None:
                joined.append(found[0])
        return sorted(self._whole + joined, key=lambda block: block.position)

    def _heads(self):
        """Return {position: (owner, sequence)} of blocks that begin in a sector and do not end there."""
        whole = {block.position for block in self._whole}
        heads = {}
        for sector, block in self._last_of.items():
            position = block.position + record.BLOCK_BYTES
            rest = self._data[position : (sector + 1) * SECTOR_BYTES]
            if rest and rest[:4] == record.MAGIC[: len(rest)]:
                heads[position] = block.owner, block.sequence + 1
        for position in _magic_positions(self._data):
            head = Placed(position, self._data[position : position + HEAD_BYTES])
            rest = SECTOR_BYTES - position % SECTOR_BYTES
            if position not in whole and rest < record.BLOCK_BYTES and len(head.data) == HEAD_BYTES <= rest:
                heads[position] = head.owner, head.sequence
        return heads

    def _following(self, sector, votes):
        """Return the sectors that may come after `sector`: those that name it, if it is known where numbers start."""
        if not votes:
            return range(len(self._data) // SECTOR_BYTES)
        base = votes.most_common(1)[0][0]
        return self._named_before[sector - base]

    def _join(self, position, sectors):
        """Return (Placed, sector) of the block at `position` that goes on in one of `sectors`, or None."""
        head = self._data[position : (position // SECTOR_BYTES + 1) * SECTOR_BYTES]
        missing = record.BLOCK_BYTES - len(head)
        for sector in sectors:
            start = sector * SECTOR_BYTES
            for pointers in range(1, MOST_POINTERS + 1):
                at = start + pointers * POINTER_BYTES
                block = head + self._data[at : at + missing]
                if is_whole(block):
                    return Placed(position, block), sector
        return None


def _magic_positions(data):
    position = data.find(record.MAGIC)
    while position >= 0:
        yield position
        position = data.find(record.MAGIC, position + 1)


def _whole_positions(data):
    return [at for at in _magic_positions(data) if is_whole(data[at : at + record.BLOCK_BYTES])]
