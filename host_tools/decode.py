"""Decoding a log: bytes in, Session out. Pure; nothing that is whole is lost to what is not."""

import json

import numpy as np

from hipcue.contract import record
from host_tools import records
from host_tools.blocks import clip_of, find, payload_of
from host_tools.records import known
from host_tools.session import DAMAGED, Session
from host_tools.verdict import gaps, judge, read_seal

CUE_REASONS = {code: name for code, name, _ in record.CUE_REASONS}
EVENT_NAMES = {code: name for code, name, _ in record.EVENTS}


def decode(data, expected_bytes=None):
    """Return the Session in the bytes of a log; `expected_bytes` is the length that the clip stated, if known."""
    found = find(data)
    blocks = found.blocks
    session = Session(log_bytes=len(data), seal=read_seal(blocks))
    session.verdict, session.problems, session.blocks_expected = judge(found, session.seal, len(data), expected_bytes)
    session.gaps = gaps(blocks, session.blocks_expected)
    session.blocks_read = len(blocks)
    session.blocks_bad = session.blocks_expected - session.blocks_read
    if len(blocks):
        session.clip, session.number = clip_of(blocks[0]), int(blocks[0]["session"])
    _read_head(session, blocks)
    _read_records(session, blocks)
    session.battery_time_ms = blocks["time_ms"].astype(np.float64)
    session.battery_mv = np.where(blocks["battery_mv"] > 0, blocks["battery_mv"], np.nan)
    return session


def _read_head(session, blocks):
    """Read schema, configuration, calibration and firmware from the payloads of the schema blocks."""
    text = b"".join(payload_of(block) for block in blocks[blocks["kind"] == record.KIND_SCHEMA])
    try:
        head = json.loads(text)
    except (ValueError, RecursionError):
        head = None
    if not isinstance(head, dict):
        head = {}
        session.verdict = DAMAGED
        session.problems.append(
            "The schema at the log's start is lost; the records are read by the contract of this program."
        )
    session.schema = head.get("schema") or record.schema()
    about = _dict(head, "about")
    session.config = _dict(about, "config")
    session.calibration = _dict(about, "calibration")
    session.firmware = _dict(about, "firmware")


def _dict(facts, name):
    value = facts.get(name)
    return value if isinstance(value, dict) else {}


def _read_records(session, blocks):
    """Read the records by the log's own schema; none when that lacks what this program reads, or is no schema."""
    try:
        _fill(session, blocks, session.schema)
    except (ValueError, LookupError, TypeError) as error:
        session.verdict = DAMAGED
        session.problems.append("The log's schema is not one that this program can read by (%s)." % error)
        _fill(session, blocks[:0], record.schema())


def _fill(session, blocks, schema):
    by_type = records.layouts(record.schema()) | records.layouts(schema)
    tables, times_ms, problems = records.gather(blocks, by_type)
    if problems:
        session.verdict = DAMAGED
        session.problems += problems
    session.steps = _steps(tables[record.STEP], times_ms[record.STEP])
    session.cues = _cues(tables[record.CUE], times_ms[record.CUE])
    session.events = _events(tables[record.EVENT], times_ms[record.EVENT])
    session.trace = _trace(tables[record.TRACE], times_ms[record.TRACE])
    clocks = tables[record.CLOCK]
    moments = times_ms[record.CLOCK] + clocks["offset_ms"]
    session.clocks = [(float(moment), int(unix)) for moment, unix in zip(moments, clocks["unix_ms"], strict=True)]


def _steps(table, block_ms):
    steps = {
        "time_ms": block_ms + table["offset_ms"],
        "side": table["side"].copy(),
        "quality": table["quality"].copy(),
        "peak_drop_deg": known(table, "peak_drop_cdeg", per_unit=100),
        "peak_drop_causal_deg": known(table, "peak_drop_causal_cdeg", per_unit=100),
        "excursion_deg": known(table, "excursion_cdeg", per_unit=100),
        "contact_ms": known(table, "contact_2ms", per_unit=0.5),
        "glute_left_mv": known(table, "glute_left_dmv", per_unit=10),
        "glute_right_mv": known(table, "glute_right_dmv", per_unit=10),
    }
    return _in_time(steps)


def _cues(table, block_ms):
    reasons = np.array([CUE_REASONS.get(code, "reason_%d" % code) for code in range(256)], dtype=object)
    cues = {
        "time_ms": block_ms + table["offset_ms"],
        "side": table["side"].copy(),
        "buzz_side": table["buzz_side"].copy(),
        "reason": reasons[table["reason"]],
        "value_deg": known(table, "value_cdeg", per_unit=100),
        "threshold_deg": known(table, "threshold_cdeg", per_unit=100),
        "latency_ms": known(table, "latency_ms"),
        "duration_ms": known(table, "duration_ms"),
    }
    return _in_time(cues)


def _events(table, block_ms):
    moments = block_ms + table["offset_ms"]
    rows = zip(moments.tolist(), table["code"].tolist(), table["value"].tolist(), strict=True)
    return [
        {"time_ms": moment, "name": EVENT_NAMES.get(code, "event_%d" % code), "value": value}
        for moment, code, value in sorted(rows, key=lambda row: row[0])
    ]


def _trace(table, block_ms):
    """Return (time_ms, obliquity_deg), both (samples,), in time order."""
    start_us = block_ms * 1000.0 + table["offset_us"]
    obliquity = known(table, "obliquity_cdeg", per_unit=100)
    sample = np.arange(obliquity.shape[1] if obliquity.ndim == 2 else 0)
    time_ms = (start_us[:, None] + sample * table["period_us"][:, None].astype(np.float64)) / 1000.0
    time_ms, obliquity = time_ms.ravel(), obliquity.ravel()
    order = np.argsort(time_ms, kind="stable")
    return time_ms[order], obliquity[order]


def _in_time(columns):
    if not (np.diff(columns["time_ms"]) < 0).any():
        return columns
    order = np.argsort(columns["time_ms"], kind="stable")
    return {name: values[order] for name, values in columns.items()}
