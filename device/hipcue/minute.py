"""A minute of steps as one record, for when the flash is nearly full."""

from hipcue.contract.signals import MINUTE_MS, SIDE_LEFT, SIDE_RIGHT, SIDE_UNKNOWN, UNKNOWN_I16, UNKNOWN_U16

MOST_STEPS = 255


class Minute:
    """Steps and cues since its first step.

    `begun_ms`, `last_ms`: initial contact of that step, None before it, and of the last one.
    """

    def __init__(self):
        self.begun_ms = None
        self.last_ms = 0
        self._steps = {SIDE_UNKNOWN: 0, SIDE_LEFT: 0, SIDE_RIGHT: 0}
        self._drops_deg = {SIDE_LEFT: [], SIDE_RIGHT: []}
        self._excursions_deg = {SIDE_LEFT: [], SIDE_RIGHT: []}
        self._cues = 0

    def is_over(self, contact_ms):
        """Return whether a step at `contact_ms` belongs into the next one."""
        return self.begun_ms is not None and contact_ms - self.begun_ms >= MINUTE_MS

    def step(self, step):
        """Count a settled step; into the means goes what a step of quality 0 knows."""
        if self.begun_ms is None:
            self.begun_ms = step.contact_at_ms
        self.last_ms = step.contact_at_ms
        self._steps[step.side] += 1
        if step.quality == 0 and step.side in self._drops_deg:
            self._drops_deg[step.side].append(step.peak_drop_deg)
            self._excursions_deg[step.side].append(step.excursion_deg)

    def cue(self):
        """Count a cue."""
        self._cues += 1

    def fields(self):
        """Return the fields of its record after the offset."""
        steps, drops, excursions = self._steps, self._drops_deg, self._excursions_deg
        counts = (
            steps[SIDE_LEFT], steps[SIDE_RIGHT], steps[SIDE_UNKNOWN],
            len(drops[SIDE_LEFT]), len(drops[SIDE_RIGHT]), self._cues,
        )  # fmt: skip
        means = (drops[SIDE_LEFT], drops[SIDE_RIGHT], excursions[SIDE_LEFT], excursions[SIDE_RIGHT])
        return (
            (min(UNKNOWN_U16 - 1, self.last_ms - self.begun_ms),)
            + tuple(min(MOST_STEPS, count) for count in counts)
            + tuple(_mean_cdeg(values) for values in means)
        )


def _mean_cdeg(values_deg):
    known = [value for value in values_deg if value is not None]
    return round(100.0 * sum(known) / len(known)) if known else UNKNOWN_I16
