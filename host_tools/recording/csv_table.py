"""Reading a CSV file of named number columns, with one clear sentence for what is wrong."""

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
    table = _read(path, header, body, [header.index(name) for name in numbers], float)
    columns = {name: table[:, k] for k, name in enumerate(numbers)}
    for name in numbers:
        _require_finite(path, name, columns[name])
    for name in texts:
        columns[name] = _read(path, header, body, [header.index(name)], str)[:, 0]
    return columns


def read_header(path):
    """Return the names of the columns of the CSV file `path`; HipCueError as read_columns."""
    return _open(path)[0]


def missing(path):
    """Return the error that a recording folder has no file `path`."""
    return HipCueError("%s is missing from the recording folder; put it there, or name another folder." % path)


def _open(path):
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise missing(path) from None
    except UnicodeDecodeError:
        raise HipCueError("%s is not a text file; save it as CSV in UTF-8." % path) from None
    lines = text.splitlines()
    if len(lines) < 3:
        raise HipCueError("%s holds fewer than two rows of data." % path)
    return [name.strip() for name in lines[0].split(",")], lines[1:]


def _read(path, header, body, columns, kind):
    try:
        return np.loadtxt(body, delimiter=",", usecols=columns, ndmin=2, dtype=kind, comments=None)
    except ValueError as error:
        # NumPy's sentence names neither the line nor the column by which a person would know it: find both.
        row, cause = _first_fault(header, body, columns, kind)
        raise HipCueError("%s, line %d: %s; correct the file." % (path, row, cause or error)) from None


def _first_fault(header, body, columns, kind):
    """Return (line number, what is wrong there, None where this finds nothing)."""
    for number, line in enumerate(body, start=2):
        cells = line.split(",")
        for column in columns:
            if column >= len(cells):
                return number, "%d cells, where the first row names %d columns" % (len(cells), len(header))
            try:
                kind(cells[column])
            except ValueError:
                return number, "%s is %r, not a number" % (header[column], cells[column].strip())
    return len(body) + 1, None


def _require_finite(path, name, values):
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise HipCueError(
            "%s, line %d: %s is %s, not a number; correct the file." % (path, bad[0] + 2, name, values[bad[0]])
        )
