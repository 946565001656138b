"""The decoder as one would write it first: one struct.unpack a record. What host_tools.log.decode is held against."""

import math
import struct
from binascii import crc32

import numpy as np

from hipcue.contract import emg, record

UNKNOWN = {"B": 255, "h": -32768, "H": 65535}
KNOWN_ALWAYS = {"offset_ms", "side", "buzz_side", "quality_side", "reason", "code", "glute_left", "glute_right"}
ENVELOPE_UV = emg.FRONT_ENDS_UV["envelope"]
NO_ONSET_MS = emg.NO_ONSET * emg.ONSET_UNIT_MS
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
        if name == "step":
            _finish_step(row)
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


def _finish_step(row):
    """Part what a step's record packs together, as the comments of contract.record and contract.emg say."""
    both = row.pop("quality_side")
    row["side"], row["quality"] = both >> record.SIDE_SHIFT, both & record.QUALITY_MASK
    onset = row.pop("onset_2ms")
    for code, side in ((1, "left"), (2, "right")):
        field = row.pop("glute_" + side)
        if field == emg.NO_AMPLITUDE:
            uv, quality = math.nan, -1
        elif field > emg.NO_AMPLITUDE:
            uv, quality = math.nan, field & 0xFF
        elif field & emg.LOW_CONTRAST_FLAG:
            uv, quality = (field & ~emg.LOW_CONTRAST_FLAG) * ENVELOPE_UV, emg.EMG_QUALITY_BITS["low_contrast"]
        else:
            uv, quality = field * ENVELOPE_UV, 0
        row["emg_%s_uv" % side], row["emg_%s_quality" % side] = uv, quality
        row["emg_%s_onset_ms" % side] = onset if row["side"] == code and onset != NO_ONSET_MS else math.nan


def _columns(rows):
    return {field: np.array([row[field] for row in rows], dtype=np.float64) for field in rows[0]} if rows else {}
