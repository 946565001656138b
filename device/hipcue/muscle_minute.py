"""What the log tells of the muscles once a minute: means over own stances, median frequencies, samples lost.

Where a trace is kept, two seconds of raw EMG as well, from the first step of a minute on; its records follow one by
one with the steps, since so many at once would fill the log's queue.
"""

from hipcue.contract.signals import MINUTE_MS, SIDE_LEFT, SIDE_RIGHT

SNIPPET_RECORDS = 2  # with a step: a snippet is with the log after 12 s


class MuscleMinute:
    """Hears every step of a session. `muscles`: as muscles.make gives them."""

    def __init__(self, muscles, recorder):
        self._muscles = muscles
        self._recorder = recorder
        self._due_ms = 0
        self._snippet_due = False
        self._clear()

    def begin(self, now_ms):
        """A session begins: what was lost before it is not of it."""
        self._due_ms = now_ms + MINUTE_MS
        self._snippet_due = True
        if self._muscles.snippet:
            self._muscles.snippet.drop()
        self._muscles.newly_lost()

    def hear(self, step, now_ms):
        """Take the Reading of the glute in its own stance."""
        if self._snippet_due:
            self._snippet_due = False
            self._muscles.want_snippet()
        self._log_snippet(now_ms, SNIPPET_RECORDS)
        if not step.side:
            return
        reading = step.glutes[step.side]
        sums = self._sums[step.side]
        for at, value in ((0, reading.peak_uv), (2, reading.pre_activation_uv)):
            if value is not None:
                sums[at] += value
                sums[at + 1] += 1

    def look(self, now_ms):
        """Log the minute if it is over."""
        if now_ms >= self._due_ms and self._recorder.recording:
            self.tell(now_ms)

    def tell(self, now_ms):
        """Log what there is of the minute, and begin the next one."""
        self._due_ms = now_ms + MINUTE_MS
        if self._recorder.recording:
            lost = self._muscles.newly_lost()
            self._recorder.muscles(self, self._muscles.median_frequencies_hz(), lost, now_ms)
        self._clear()
        self._snippet_due = True

    def end(self, now_ms):
        """The session closes: log what there is."""
        while self._log_snippet(now_ms, SNIPPET_RECORDS):
            self._recorder.commit(now_ms)
        self.tell(now_ms)

    def _log_snippet(self, now_ms, most):
        """Log up to `most` records of the snippet; return whether there was one."""
        snippet = self._muscles.snippet
        count = min(most, snippet.waiting()) if snippet else 0
        for _ in range(count):
            self._recorder.emg(snippet, now_ms)
        return count > 0

    def means_uv(self, side):
        """Return (peak, pre-activation) of a side, uV, each None when not known."""
        peak, peaks, pre, pres = self._sums[side]
        return peak / peaks if peaks else None, pre / pres if pres else None

    def _clear(self):
        self._sums = {SIDE_LEFT: [0.0, 0, 0.0, 0], SIDE_RIGHT: [0.0, 0, 0.0, 0]}
