"""Sampled tables on a regular grid, as formats want them that know only a rate: gaps stay gaps."""

from dataclasses import dataclass

import numpy as np

from host_tools.export.tables import SAMPLED, TABLES, present

GAP_PERIODS = 1.5  # so long after the sample before, a sample begins a new stretch


@dataclass(frozen=True)
class Samples:
    """A sampled table: its columns but the time, and where each of its N samples lies on a grid of `rows` places."""

    name: str
    columns: tuple  # Column
    t_s: np.ndarray  # (N,), on the clip's clock
    values: dict  # column: (N,), NaN where not known
    period_s: float  # mean within stretches
    place: np.ndarray  # (N,), rising

    @property
    def rows(self):
        """Places from the first sample to the last, those of lost samples included."""
        return int(self.place[-1]) + 1

    def spread(self, values):
        """Return `values` (N,) on the grid, (rows,), NaN where there is no sample."""
        grid = np.full(self.rows, np.nan)
        grid[self.place] = values
        return grid

    def gaps(self):
        """Return [(from_s, duration_s)] of the gaps, from the end of a stretch to the start of the next."""
        ends = np.flatnonzero(np.diff(self.place) > 1)
        starts_s = self.t_s[ends] + self.period_s
        return list(zip(starts_s.tolist(), (self.t_s[ends + 1] - starts_s).tolist(), strict=True))


def sampled(session):
    """Return [Samples] of the sampled tables that `session` holds with two samples or more."""
    tables = present(session)
    return [_samples(name, tables[name]) for name in SAMPLED if len(tables.get(name, {}).get("t_s", ())) > 1]


def holds_raw_emg(samples):
    """Return whether a table among `samples` is of an electrode's voltage."""
    return any(column.unit == "uV" for table in samples for column in table.columns)


def _samples(name, values):
    t_s = values["t_s"]
    step_s = np.diff(t_s)
    whole = step_s < GAP_PERIODS * np.median(step_s)
    period_s = float(step_s[whole].mean())
    columns = tuple(column for column in TABLES[name] if column.name != "t_s")
    return Samples(
        name, columns, t_s, {column.name: values[column.name] for column in columns}, period_s,
        _places(t_s, whole, period_s),
    )  # fmt: skip


def _places(t_s, whole, period_s):
    """Return each sample's place: one after the other within a stretch, by the clock from stretch to stretch."""
    starts = np.concatenate(([0], np.flatnonzero(~whole) + 1))
    lengths = np.diff(starts, append=len(t_s))
    firsts, free = [], 0  # the first place that is free
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        by_clock = round((t_s[start] - t_s[0]) / period_s)
        firsts.append(max(by_clock, free + 1) if start else 0)  # a gap is one place or more
        free = firsts[-1] + length
    return np.arange(len(t_s)) + np.repeat(np.array(firsts) - starts, lengths)
