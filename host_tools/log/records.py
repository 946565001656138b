"""From blocks to arrays: every record of a type at once, by the schema that stands in the log."""

import functools
import re

import numpy as np

from hipcue.contract import record
from hipcue.contract.signals import UNKNOWN_I16, UNKNOWN_U8, UNKNOWN_U16

BLOCK_SHIFT = record.BLOCK_BYTES.bit_length() - 1
_FIELD_CODE = r"(\d{0,3})([bBhHiIqQ])"
_RECORD_CODE = "<B(%s)*" % _FIELD_CODE

UNKNOWN = {"b": None, "B": UNKNOWN_U8, "h": UNKNOWN_I16, "H": UNKNOWN_U16}


def layouts(schema):
    """Return {type: NumPy record type} of a log's `schema` (see contract.record.schema); ValueError if it is none."""
    try:
        return {_type(kind): _layout(code, _names(fields)) for kind, _, code, fields in schema}
    except TypeError:
        raise ValueError("the schema is no list of record types") from None


def _names(fields):
    """Return the names of the fields; contract 1 gave a list of name and unit for each."""
    return tuple(fields.split()) if isinstance(fields, str) else tuple(name for name, *_ in fields)


def _type(kind):
    if isinstance(kind, bool) or not isinstance(kind, int) or not 0 <= kind <= 255:
        raise ValueError("a record type must be a byte, not %r" % (kind,))
    return kind


@functools.lru_cache(maxsize=64)
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

    `blocks`: (n,) of host_tools.log.blocks.BLOCK; `by_type` is what layouts()
    returned. A type that the schema does not name ends its block: what follows
    cannot be parted. An empty table is there for every type.
    """
    sizes = np.full(256, record.BLOCK_BYTES)  # of a type that is none: more than any block has left
    for kind, layout in by_type.items():
        sizes[kind] = layout.itemsize
    stream = np.ascontiguousarray(blocks).view(np.uint8)
    positions, strange = _positions(stream, blocks, sizes)
    kinds = stream.take(positions)
    opened_ms = blocks["time_ms"].astype(np.float64)
    tables, times_ms = {}, {}
    for kind, layout in by_type.items():
        own = positions[kinds == kind]
        tables[kind] = _take(stream, own, layout)
        times_ms[kind] = opened_ms.take(own >> BLOCK_SHIFT)
    problems = [
        "Block %d holds a record of unknown type %d; its rest is left out."
        % (blocks["sequence"][at // record.BLOCK_BYTES], stream[at])
        for at in strange.tolist()
    ]
    return tables, times_ms, problems


def _positions(stream, blocks, sizes):
    """Return where records begin in `stream`, the bytes of `blocks`, and where one begins that cannot be parted.

    All blocks are walked at once: the k-th record of each, then the next. A
    block that has come to its last record, or to one that is none, stays there.
    """
    data = np.flatnonzero((blocks["kind"] == record.KIND_DATA) & (blocks["used"] > 0))
    at = data * record.BLOCK_BYTES + record.HEADER_BYTES
    end = at + np.minimum(blocks["used"].take(data), record.PAYLOAD_BYTES)
    walked = [at]
    while True:
        following = at + sizes.take(stream.take(at))
        more = following < end
        if not more.any():
            break
        at = np.where(more, following, at)
        walked.append(at)
    strange = following > end
    places = np.array(walked).T  # (blocks, records), where a block stays its last place again and again
    new = np.diff(places, axis=1, prepend=0) > 0
    new[strange, np.argmax(places == at[:, None], axis=1)[strange]] = False
    return places[new], at[strange]


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
