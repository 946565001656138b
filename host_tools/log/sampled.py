"""A sampled signal on the grid of its sample interval: gaps are NaN and masked, never zeros."""

from dataclasses import dataclass

import numpy as np

GAP_PERIODS = 1.5  # so long after the sample before, a sample begins a new stretch
MOST_ROWS = 30_000_000  # 8 h at 1000 Hz, 40 h at 208: beyond, times are damaged, and each gap is one row


@dataclass(frozen=True)
class Sampled:
    """`time_ms`, `values`, `mask`: (rows,), a row for each sample interval from the first sample to the last.

    Where `mask` is False no sample is there, for none was made or it is lost: the value is NaN, the time that of the
    grid. A sample whose value is not known is NaN as well, with `mask` True. `period_ms`: mean within stretches, NaN
    of fewer than two samples.
    """

    time_ms: np.ndarray
    values: np.ndarray
    mask: np.ndarray
    period_ms: float

    def taken(self):
        """Return (time_ms, values) of the samples alone, (N,) each."""
        return self.time_ms[self.mask], self.values[self.mask]

    def spread(self, values):
        """Return `values` of the samples, (N,), on the grid: (rows,), NaN where no sample is."""
        grid = np.full(len(self.mask), np.nan)
        grid[self.mask] = values
        return grid

    def gaps(self):
        """Return [(from_ms, duration_ms)] of the gaps, from the end of a stretch to the start of the next."""
        places = np.flatnonzero(self.mask)
        ends = np.flatnonzero(np.diff(places) > 1)
        starts_ms = self.time_ms[places[ends]] + self.period_ms
        return list(zip(starts_ms.tolist(), (self.time_ms[places[ends + 1]] - starts_ms).tolist(), strict=True))


def on_grid(time_ms, values):
    """Return the Sampled of `values` (N,), taken at `time_ms` (N,), which rises."""
    step_ms = np.diff(time_ms)
    if not (step_ms > 0).any():
        return Sampled(time_ms, values, np.ones(len(time_ms), dtype=bool), np.nan)
    whole = step_ms < GAP_PERIODS * np.median(step_ms[step_ms > 0])
    period_ms = float(step_ms[whole].mean())
    places = _places(time_ms, whole, period_ms)
    rows = np.arange(places[-1] + 1)
    mask = np.zeros(len(rows), dtype=bool)
    mask[places] = True
    grid = np.full(len(rows), np.nan)
    grid[places] = values
    return Sampled(np.interp(rows, places, time_ms), grid, mask, period_ms)


def _places(time_ms, whole, period_ms):
    """Return each sample's place: one after the other within a stretch, by the clock from stretch to stretch."""
    starts = np.concatenate(([0], np.flatnonzero(~whole) + 1))
    lengths = np.diff(starts, append=len(time_ms))
    known = (time_ms[-1] - time_ms[0]) / period_ms < MOST_ROWS
    firsts, free = [], 0  # the first place that is free
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        by_clock = round((time_ms[start] - time_ms[0]) / period_ms) if known else 0
        firsts.append(max(by_clock, free + 1) if start else 0)  # a gap is one place or more
        free = firsts[-1] + length
    return np.arange(len(time_ms)) + np.repeat(np.array(firsts) - starts, lengths)
