"""A session as Parquet: one file a table, null for what is not known, units and meanings with the columns."""

from pathlib import Path

import numpy as np
import pyarrow
from pyarrow import parquet

from host_tools.export.provenance import canonical, provenance
from host_tools.export.tables import TABLES, present
from host_tools.files import replacing


def write(session, folder, output):
    """Write one Parquet file for each table that `session` holds into `folder`; return the paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    about = {name: value if isinstance(value, str) else canonical(value) for name, value in provenance(session).items()}
    tables = present(session)
    paths = []
    for name in output.each(tables, "tables", "Parquet"):
        paths.append(folder / (name + ".parquet"))
        with replacing(paths[-1]) as new:
            parquet.write_table(_table(TABLES[name], tables[name], about), new)
    return paths


def _table(columns, values, about):
    fields = [
        pyarrow.field(
            column.name,
            pyarrow.string() if column.decimals is None else pyarrow.float64(),
            metadata={"unit": column.unit, "meaning": column.meaning},
        )
        for column in columns
    ]
    arrays = [_array(column, values[column.name]) for column in columns]
    return pyarrow.table(arrays, schema=pyarrow.schema(fields, metadata=about))


def _array(column, values):
    if column.decimals is None:
        return pyarrow.array([text or None for text in values], pyarrow.string())
    return pyarrow.array(values, pyarrow.float64(), mask=np.isnan(values))
