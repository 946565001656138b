"""From blocks to arrays: every record of a type at once, by the schema that stands in the log."""

import re

import numpy as np

from hipcue.contract import record
from hipcue.contract.signals import UNKNOWN_I16, UNKNOWN_U8, UNKNOWN_U16

_RECORD, _STRANGE = 1, 2
_FIELD_CODE = r"(\d{0,3})([bBhHiIqQ])"
_RECORD_CODE = "<B(%s)*" % _FIELD_CODE

UNKNOWN = {"b": None, "B": UNKNOWN_U8, "h": UNKNOWN_I16, "H": UNKNOWN_U16}


def layouts(schema):
    """Return {type: NumPy record type} of a log's `schema` (see contract.record.schema); ValueError if it is none."""
    try:
        return {_type(kind): _layout(code, [name for name, *_ in fields]) for kind, _, code, fields in schema}
    except TypeError:
        raise ValueError("the schema is no list of record types") from None


def _type(kind):
    if isinstance(kind, bool) or not isinstance(kind, int) or not 0 <= kind <= 255:
        raise ValueError("a record type must be a byte, not %r" % (kind,))
    return kind


def _layout(code, names):
    if not re.fullmatch(_RECORD_CODE, code):
        raise ValueError("%r is not how a record is packed" % (code,))
    parts = re.findall(_FIELD_CODE, code)
    fields = [("type", "u1")]
    for name, (count, letter) in zip(names, parts[1:], strict=True):
        kind = np.dtype("<" + letter)
        fields.append((name, kind, int(count)) if count else (name, kind))
    return np.dtype(fields)


def gather(blocks, by_type):
    """Return ({type: record array}, {type: time_ms of each record's block}, problems).

    `blocks`: (n,) of host_tools.blocks.BLOCK; `by_type` is what layouts()
    returned. A type that the schema does not name ends its block: what follows
    cannot be parted. An empty table is there for every type.
    """
    sizes = np.zeros(256, dtype=np.int64)
    for kind, layout in by_type.items():
        sizes[kind] = layout.itemsize
    stream = np.ascontiguousarray(blocks).view(np.uint8)
    positions, strange = _positions(stream, blocks, sizes)
    kinds = stream[positions]
    tables, times_ms = {}, {}
    for kind, layout in by_type.items():
        own = positions[kinds == kind]
        tables[kind] = _take(stream, own, layout)
        times_ms[kind] = blocks["time_ms"][own // record.BLOCK_BYTES].astype(np.float64)
    problems = [
        "Block %d holds a record of unknown type %d; its rest is left out."
        % (blocks["sequence"][at // record.BLOCK_BYTES], stream[at])
        for at in strange.tolist()
    ]
    return tables, times_ms, problems


def _positions(stream, blocks, sizes):
    """Return where records begin in `stream`, the bytes of `blocks`, and where one begins that cannot be parted.

    All blocks are walked at once: the k-th record of each, then the next.
    """
    data = np.flatnonzero(blocks["kind"] == record.KIND_DATA)
    at = data * record.BLOCK_BYTES + record.HEADER_BYTES
    end = at + np.minimum(blocks["used"][data], record.PAYLOAD_BYTES)
    at, end = at[at < end], end[at < end]
    begins = np.zeros(len(stream), dtype=np.uint8)
    while len(at):
        size = sizes[stream[at]]
        right = (size > 0) & (at + size <= end)
        begins[at] = np.where(right, _RECORD, _STRANGE)
        at = at + size
        more = right & (at < end)
        at, end = at[more], end[more]
    return np.flatnonzero(begins == _RECORD), np.flatnonzero(begins == _STRANGE)


def _take(stream, positions, layout):
    """Return the records at `positions`, wherever in `stream` they lie."""
    if not len(positions):
        return np.zeros(0, dtype=layout)
    bare = np.dtype("V%d" % layout.itemsize)  # copied whole, where fields would be copied one by one
    anywhere = np.ndarray(len(stream) - layout.itemsize + 1, dtype=bare, buffer=stream, strides=(1,))
    return anywhere[positions].view(layout)


def known(table, name, per_unit=1):
    """Return the field `name` as float64 in units of `per_unit` steps, NaN where the log says that it is not known."""
    column = table[name]
    values = column / np.float64(per_unit)
    unknown = UNKNOWN.get(column.dtype.base.char)
    if unknown is not None:
        missing = column == unknown
        if missing.any():
            values[missing] = np.nan
    return values
