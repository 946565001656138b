"""`hipcue export`: one table of columns (tables.py), one writer for each format, each by the library made for it."""

from typing import NamedTuple


class Format(NamedTuple):
    """A module of this package whose write(session, folder, output) returns the paths, and the library it needs.

    `together`: sessions share one folder.
    """

    module: str
    library: str | None
    together: bool = False


# What `--format` takes. The modules are imported when they are asked for.
FORMATS = {
    "csv": Format("csv_files", None),
    "parquet": Format("parquet", "pyarrow"),
    "edf": Format("edf", "edfio"),
    "bids": Format("bids", None, together=True),
    "fit": Format("fit", "fit-tool"),
}
