"""One session, one file: schema blocks first, records in 512-byte blocks, the seal last."""

import json

from hipcue.contract import record
from hipcue.contract.record import BLOCK_BYTES
from hipcue.store.folder import FOLDER, RESERVE_BYTES, free_bytes, session_name
from hipcue.store.log import Log

ERASE_BYTES = 4096
# Records are written after a step, and the next step may take so long: to wait for it would be over the period.
NEXT_WRITE_MS = 700


class FlashFull(OSError):
    """No room is left for more records; the session can still be sealed."""


class Session(Log):
    """Open for appending from its making to `seal()`.

    `about`: a dict for JSON of what a reader needs beside the schema: config,
    calibration, firmware. `room_bytes`: what can still be written, the reserve apart.
    `writes`: times that it was written to flash.
    """

    def __init__(self, number, clip_id, about, now_ms, folder=FOLDER):
        self.path = folder + "/" + session_name(number)
        self.room_bytes = free_bytes(folder) - RESERVE_BYTES
        self.writes = 1
        text = json.dumps({"schema": record.schema(), "about": about}, separators=(",", ":")).encode()
        self._take_room(len(text) + 2 * BLOCK_BYTES)  # before the file is there: a full flash leaves no empty one
        super().__init__(number, clip_id, open(self.path, "wb"))
        self.write_schema(text, now_ms)
        self._file.flush()

    def due(self, now_ms, period_s):
        """Return whether a record has waited for `period_s` and is neither in the file nor in the journal.

        A little before: nothing may wait for longer, and the next moment to write is a step away.
        """
        oldest_ms = None
        for index in range(self.first_unkept(), self.waiting()):
            if self._begun_ms[index] is None and self._used[index] > self._kept[index]:
                self._begun_ms[index] = now_ms
            if oldest_ms is None:
                oldest_ms = self._begun_ms[index]
        return oldest_ms is not None and oldest_ms <= now_ms - 1000 * period_s + NEXT_WRITE_MS

    def commit(self, count):
        """Write the first `count` waiting blocks and flush them to flash; FlashFull before the reserve is used."""
        self._take_room(count * BLOCK_BYTES)
        self.write(count)
        self._file.flush()
        self.writes += 1

    def _take_room(self, count):
        # littlefs erases in whole sectors: count the sector in progress as taken.
        if self.room_bytes - count < ERASE_BYTES:
            raise FlashFull(28)  # ENOSPC
        self.room_bytes -= count
