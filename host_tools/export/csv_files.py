"""A session as CSV: one file a table, units in the names, an empty cell for what is not known."""

import csv
import json
import math
from pathlib import Path

from host_tools.export.tables import TABLES, dictionary, present
from host_tools.files import replacing, write_text


def write(session, folder, output):
    """Write one CSV file for each table that `session` holds, and columns.json, into `folder`; return the paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = [_write(folder / (name + ".csv"), name, values, output) for name, values in present(session).items()]
    write_text(folder / "columns.json", json.dumps(dictionary(), indent=1) + "\n")
    return [*written, folder / "columns.json"]


def _write(path, name, values, output):
    rows = zip(*(_cells(column, values[column.name]) for column in TABLES[name]), strict=True)
    with (
        replacing(path) as new,
        new.open("w", newline="", encoding="utf-8") as file,
        output.progress(len(values["t_s"]), "rows", path.name) as bar,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(values)
        for row in rows:
            writer.writerow(row)
            bar.update()
    return path


def _cells(column, values):
    return values if column.decimals is None else (number(value, column.decimals) for value in values.tolist())


def number(value, decimals):
    """Return `value` with `decimals`, or nothing where it is not known."""
    return "" if math.isnan(value) else "%.*f" % (decimals, value)
