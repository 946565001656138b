"""Blocks found on a chip, put together to sessions again.

littlefs leaves copies of what it has moved, and what was erased stays until
its sector is needed: a block may be there several times, and a session's number
may have been given twice, in which case both stand apart.
"""

from bisect import bisect_left, insort
from collections import defaultdict

from hipcue.contract import record


def sessions_of(blocks):
    """Return {(clip and session as bytes): [bytes of a log]} of the Placed `blocks`; the longest of a number first."""
    by_owner = defaultdict(list)
    for block in blocks:
        by_owner[block.owner].append(block)
    return {owner: [one.log() for one in _groups(own)] for owner, own in sorted(by_owner.items())}


def _groups(blocks):
    """Return the blocks of one number as _Recordings, the longest first."""
    recordings = []
    for run in sorted(_runs(blocks), key=len, reverse=True):
        home = next((one for one in recordings if all(one.may_hold(block) for block in run)), None)
        if home is None:
            home = _Recording()
            recordings.append(home)
        home.add(run)
    return sorted(recordings, key=lambda one: len(one.sequences), reverse=True)


def _runs(blocks):
    """Return lists of blocks that follow one another both on the chip and in their session."""
    runs = []
    for block in sorted(blocks, key=lambda block: block.position):
        last = runs[-1][-1] if runs else None
        follows = last is not None and block.position == last.position + record.BLOCK_BYTES
        if follows and block.sequence == last.sequence + 1:
            runs[-1].append(block)
        else:
            runs.append([block])
    return runs


class _Recording:
    """Blocks of one recording: equal numbers mean equal blocks, nothing comes after a seal, time does not go back."""

    def __init__(self):
        self.sequences = []  # sorted
        self._blocks = {}

    def may_hold(self, block):
        """Return whether `block` can be of this recording."""
        same = self._blocks.get(block.sequence)
        if same is not None:
            return same.data == block.data
        at = bisect_left(self.sequences, block.sequence)
        if at and not _may_follow(self._blocks[self.sequences[at - 1]], block):
            return False
        return at == len(self.sequences) or _may_follow(block, self._blocks[self.sequences[at]])

    def add(self, run):
        """Take in the blocks of `run` that are not here yet."""
        for block in run:
            if block.sequence not in self._blocks:
                insort(self.sequences, block.sequence)
                self._blocks[block.sequence] = block

    def log(self):
        """Return the bytes of the blocks in their order."""
        return b"".join(self._blocks[sequence].data for sequence in self.sequences)


def _may_follow(before, after):
    return before.kind != record.KIND_SEAL and before.time_ms <= after.time_ms
