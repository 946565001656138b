"""Sampled tables as formats want them that know only a rate: on the decoder's grid, rounded as all tables are."""

from typing import NamedTuple

from host_tools.export.tables import SAMPLED, TABLES, columns_of
from host_tools.log.sampled import Sampled


class Samples(NamedTuple):
    """A sampled table: its columns but the time, their values on the grid (rows,), NaN where not known."""

    name: str
    columns: tuple  # Column
    grid: Sampled
    values: dict  # column: (rows,)

    @property
    def rows(self):
        """Places from the first sample to the last, those of lost samples included."""
        return len(self.grid.mask)

    @property
    def period_s(self):
        """The sample interval."""
        return self.grid.period_ms / 1000

    @property
    def start_s(self):
        """When the first sample was taken, on the clip's clock."""
        return self.grid.time_ms[0] / 1000


def sampled(session):
    """Return [Samples] of the sampled tables that `session` holds with two samples or more."""
    return [_samples(name, session) for name, grid in SAMPLED.items() if len(grid(session).taken()[0]) > 1]


def holds_raw_emg(samples):
    """Return whether a table among `samples` is of an electrode's voltage."""
    return any(column.unit == "uV" for table in samples for column in table.columns)


def _samples(name, session):
    grid = SAMPLED[name](session)
    values = {column: grid.spread(taken) for column, taken in columns_of(name, session).items()}
    return Samples(name, tuple(column for column in TABLES[name] if column.name != "t_s"), grid, values)
