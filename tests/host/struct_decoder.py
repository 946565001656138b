"""The decoder as one would write it first: one struct.unpack a record. What host_tools.decode is held against."""

import math
import struct
from binascii import crc32

import numpy as np

from hipcue.contract import record

UNKNOWN = {"B": 255, "h": -32768, "H": 65535}
KNOWN_ALWAYS = {"offset_ms", "side", "buzz_side", "quality", "quality_side", "reason", "code"}
SCALES = (("_cdeg", 100.0), ("_dmv", 10.0), ("_2ms", 0.5))


def decode(data):
    """Return {record name: {field: (n,) float64, NaN where not known}} of a whole log; `time_ms` for the offset."""
    tables = {name: [] for name, _ in record.RECORDS.values()}
    for start in range(0, len(data), record.BLOCK_BYTES):
        block = data[start : start + record.BLOCK_BYTES]
        magic, _, kind, _, _, _, time_ms, _, _, used = struct.unpack_from(record.HEADER_FORMAT, block)
        (crc,) = struct.unpack_from("<I", block, record.CRC_OFFSET)
        if magic != record.MAGIC or crc32(block[: record.CRC_OFFSET]) != crc:
            raise ValueError("the log is not whole")
        if kind == record.KIND_DATA:
            _read_records(block[record.HEADER_BYTES : record.HEADER_BYTES + used], time_ms, tables)
    return {name: _columns(rows) for name, rows in tables.items()}


def _read_records(payload, time_ms, tables):
    at = 0
    while at < len(payload):
        name, fields = record.RECORDS[payload[at]]
        _, *values = struct.unpack_from(record.FORMATS[payload[at]], payload, at)
        row = {}
        for (field, code, *_), value in zip(fields, values, strict=False):
            row[field] = _value(field, code, value)
        if "offset_ms" in row:
            row["time_ms"] = time_ms + row.pop("offset_ms")
        tables[name].append(row)
        at += record.SIZES[payload[at]]


def _value(field, code, value):
    if field in KNOWN_ALWAYS:
        return value
    if value == UNKNOWN.get(code):
        return math.nan
    for ending, per_unit in SCALES:
        if field.endswith(ending):
            return value / per_unit
    return value


def _columns(rows):
    return {field: np.array([row[field] for row in rows], dtype=np.float64) for field in rows[0]} if rows else {}
