"""What the log tells of the muscles once a minute: means over own stances, median frequencies, samples lost."""

from hipcue.contract.signals import MINUTE_MS, SIDE_LEFT, SIDE_RIGHT


class MuscleMinute:
    """Hears every step of a session. `muscles`: as muscles.make gives them."""

    def __init__(self, muscles, recorder):
        self._muscles = muscles
        self._recorder = recorder
        self._due_ms = 0
        self._clear()

    def begin(self, now_ms):
        """A session begins: what was lost before it is not of it."""
        self._due_ms = now_ms + MINUTE_MS
        self._muscles.newly_lost()

    def hear(self, step):
        """Take the Reading of the glute in its own stance."""
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

    def means_uv(self, side):
        """Return (peak, pre-activation) of a side, uV, each None when not known."""
        peak, peaks, pre, pres = self._sums[side]
        return peak / peaks if peaks else None, pre / pres if pres else None

    def _clear(self):
        self._sums = {SIDE_LEFT: [0.0, 0, 0.0, 0], SIDE_RIGHT: [0.0, 0, 0.0, 0]}
