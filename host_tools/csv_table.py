"""Reading a CSV file of named number columns, with one clear sentence for what is wrong."""

import re

import numpy as np

from host_tools.errors import HipCueError


def read_columns(path, names, texts=()):
    """Return {name: array (N,)} of the named columns of the CSV file `path`.

    The first row names the columns; their order is free and others are
    ignored. Columns in `texts` are returned as strings, the rest as float64.
    Raises HipCueError for a missing file or column, a cell that is no number
    and a NaN or infinite one.
    """
    header, body = _open(path)
    for name in names:
        if name not in header:
            raise HipCueError("%s has no column %s; found %s." % (path, name, ", ".join(header)))
    numbers = [name for name in names if name not in texts]
    table = _read(path, body, [header.index(name) for name in numbers], float)
    columns = {name: table[:, k] for k, name in enumerate(numbers)}
    for name in numbers:
        _require_finite(path, name, columns[name])
    for name in texts:
        columns[name] = _read(path, body, [header.index(name)], str)[:, 0]
    return columns


def _open(path):
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise HipCueError("%s is missing from the recording folder." % path) from None
    except UnicodeDecodeError:
        raise HipCueError("%s is not a text file." % path) from None
    lines = text.splitlines()
    if len(lines) < 3:
        raise HipCueError("%s holds fewer than two rows of data." % path)
    return [name.strip() for name in lines[0].split(",")], lines[1:]


def _read(path, body, columns, kind):
    try:
        return np.loadtxt(body, delimiter=",", usecols=columns, ndmin=2, dtype=kind, comments=None)
    except ValueError as error:
        # NumPy counts data rows from 0 or 1 depending on the fault; find the row ourselves.
        row = _first_bad_row(body, columns, kind)
        cause = re.sub(r" at row .*", "", str(error)).rstrip(".;")
        raise HipCueError("%s, line %d: %s." % (path, row, cause)) from None


def _first_bad_row(body, columns, kind):
    for number, line in enumerate(body, start=2):
        cells = line.split(",")
        try:
            for column in columns:
                kind(cells[column])
        except (ValueError, IndexError):
            return number
    return len(body) + 1


def _require_finite(path, name, values):
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise HipCueError("%s, line %d: %s is %s, not a number." % (path, bad[0] + 2, name, values[bad[0]]))
