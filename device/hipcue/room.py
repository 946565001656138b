"""What gives way when the flash fills up, in this order, each said in the log before it happens.

With less than an hour's room the trace stops; then sessions go that a host has pulled and verified, the oldest
first; never another. With the last 48 KB step records give way to one record a minute, which lasts for hours more.
"""

from hipcue.contract import record
from hipcue.store import folder

EVENT = record.EVENT_CODES
LOW_BYTES = 225000  # an hour of running: 170 steps a minute of 22 bytes
SUMMARIES_BYTES = 48 * 1024


class Room:
    """For one session: `low`: no trace any more; `summaries`: no steps any more."""

    def __init__(self):
        self.low = False
        self.summaries = False

    def check(self, session, now_ms, trace):
        """Look at the room of `session` after a write; remove at most one session; `trace`: whether there is one."""
        if session.room_bytes < LOW_BYTES:
            self._run_low(session, now_ms, trace)
            removed = folder.remove_oldest_verified(keep=session.number)
            if removed:
                number, size = removed
                session.room_bytes += size
                session.add_event(now_ms, EVENT["session_removed"], number)
        if session.room_bytes < SUMMARIES_BYTES and not self.summaries:
            self.summaries = True
            session.add_event(now_ms, EVENT["summaries_begun"], session.room_bytes)

    def _run_low(self, session, now_ms, trace):
        if self.low:
            return
        self.low = True
        session.add_event(now_ms, EVENT["flash_low"], session.room_bytes)
        if trace:
            session.add_event(now_ms, EVENT["trace_stopped"], session.room_bytes)
