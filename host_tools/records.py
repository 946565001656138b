"""From blocks to arrays: every record of a type at once, by the schema that stands in the log."""

import re

import numpy as np

from hipcue.contract import record
from hipcue.contract.signals import UNKNOWN_I16, UNKNOWN_U8, UNKNOWN_U16

UNKNOWN = {"b": None, "B": UNKNOWN_U8, "h": UNKNOWN_I16, "H": UNKNOWN_U16}


def layouts(schema):
    """Return {type: NumPy record type} of a log's `schema` (as contract.record.schema() gives it)."""
    return {kind: _layout(code, [name for name, *_ in fields]) for kind, _, code, fields in schema}


def _layout(code, names):
    parts = re.findall(r"(\d*)([a-zA-Z])", code)
    fields = [("type", "u1")]
    for name, (count, letter) in zip(names, parts[1:], strict=True):
        kind = np.dtype("<" + letter)
        fields.append((name, kind, int(count)) if count else (name, kind))
    return np.dtype(fields)


def gather(blocks, by_type):
    """Return ({type: record array}, {type: time_ms of each record's block}, problems).

    `by_type` is what layouts() returned. A type that the schema does not name
    ends its block: what follows cannot be parted. An empty table is there for
    every type.
    """
    stream = bytearray()
    positions = {kind: [] for kind in by_type}
    times_ms = {kind: [] for kind in by_type}
    problems = []
    sizes = {kind: layout.itemsize for kind, layout in by_type.items()}
    for block in blocks:
        if block.kind != record.KIND_DATA:
            continue
        base = len(stream)
        stream += block.payload
        at, end = 0, len(block.payload)
        while at < end:
            kind = block.payload[at]
            size = sizes.get(kind)
            if size is None or at + size > end:
                problems.append(
                    "Block %d holds a record of unknown type %d; its rest is left out." % (block.sequence, kind)
                )
                break
            positions[kind].append(base + at)
            times_ms[kind].append(block.time_ms)
            at += size
    flat = np.frombuffer(bytes(stream), dtype=np.uint8)
    tables = {kind: _take(flat, positions[kind], layout) for kind, layout in by_type.items()}
    return tables, {kind: np.array(times, dtype=np.float64) for kind, times in times_ms.items()}, problems


def _take(flat, positions, layout):
    if not positions:
        return np.zeros(0, dtype=layout)
    rows = flat[np.asarray(positions)[:, None] + np.arange(layout.itemsize)]
    return np.ascontiguousarray(rows).view(layout)[:, 0]


def known(table, name, per_unit=1):
    """Return the field `name` as float64 in units of `per_unit` steps, NaN where the log says that it is not known."""
    column = table[name]
    values = column.astype(np.float64)
    unknown = UNKNOWN.get(column.dtype.base.char)
    if unknown is not None:
        values[column == unknown] = np.nan
    return values / per_unit
