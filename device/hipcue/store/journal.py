"""What keeps finished records through a loss of power until the session's file takes them.

A littlefs file that grows erases a sector at each commit, for the part of a sector that was written before. ESP-IDF's
non-volatile storage appends to its pages and erases one for about seven entries of the journal. Each entry holds the
records since the one before, in the next of SLOTS places: that library promises the old or the new value after a cut,
but where both lie on one page a cut before the new one's index may cost both, and the old one of a slot is not needed
any more. An entry is superseded by the session's file, whose blocks and key tell: nothing is erased for that.
"""

import os

from hipcue.contract import tail

SLOTS = 10
MOST_BYTES = 1536
TRIED_BYTES = 8
ENODEV = 19


class Journal:
    """`open_nvs()` returns an esp32.NVS; where it or a write fails, `write` says so and the file must take it."""

    def __init__(self, open_nvs):
        try:
            self._nvs = open_nvs()
        except OSError:
            self._nvs = _Nothing()
        self._buffer = bytearray(MOST_BYTES)
        self._view = memoryview(self._buffer)
        self._check = bytearray(MOST_BYTES)
        self._key = None  # of the session that the slots are used for
        self._slot = 0
        self._held = False
        self._ends = [0] * SLOTS  # sequence behind the last block that is in each

    def tails(self):
        """Return the Tails that are kept, of whatever sessions, in the order of their records."""
        found = []
        for slot in range(SLOTS):
            entry = tail.read_entry(self._check[: self._read(str(slot))])
            if entry:
                found.append(entry)
        return sorted(found, key=tail.order)

    def hold(self):
        """Leave what is kept as it is, for the next start: `write` takes nothing any more."""
        self._held = True

    def write(self, log, now_ms):
        """Keep what waits in `log` and is not kept yet; return whether it is: all of it, and as it reads back."""
        if self._held:
            return False
        if log.key != self._key:
            self._key = log.key
            self._ends = [0] * SLOTS
        if self._ends[self._slot] > log.sequence:
            return False
        self._buffer[: len(tail.MAGIC)] = tail.MAGIC
        end, whole = tail.put(self._view[: -tail.CRC_BYTES], len(tail.MAGIC), log, None, now_ms)
        if not whole or not self._put(str(self._slot), tail.end_entry(self._view, end)):
            return False
        self._ends[self._slot] = log.sequence + log.waiting()
        self._slot = (self._slot + 1) % SLOTS
        log.note_kept()
        return True

    def works(self):
        """Try it; return whether it holds what is written."""
        self._buffer[:TRIED_BYTES] = os.urandom(TRIED_BYTES)
        return self._put("tried", TRIED_BYTES)

    def _put(self, name, count):
        """Write `count` bytes of the buffer; return whether they read back."""
        try:
            self._nvs.set_blob(name, self._view[:count])
            self._nvs.commit()
        except OSError:
            return False
        return self._read(name) == count and self._check[:count] == self._view[:count]

    def _read(self, name):
        """Read a value into the buffer for it; return its length, 0 where there is nothing to be read."""
        try:
            return self._nvs.get_blob(name, self._check)
        except OSError:
            return 0


class _Nothing:
    """Stands for storage that could not be opened."""

    def set_blob(self, name, value):
        raise OSError(ENODEV)

    get_blob = set_blob
