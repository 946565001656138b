"""Decoding a log: bytes in, Session out. Pure; nothing that is whole is lost to what is not."""

import json

import numpy as np

from hipcue.contract import record
from hipcue.contract.drills import DRILL_NAMES
from hipcue.contract.emg import GLUTE_STATES
from host_tools import contracts, emg, records
from host_tools.blocks import find
from host_tools.records import known
from host_tools.session import DAMAGED, DOWNLOAD_INTERRUPTED, Session
from host_tools.verdict import judge, read_seal

CUE_REASONS = {code: name for code, name, _ in record.CUE_REASONS}
GLUTE_NAMES = {code: name for code, name, _ in GLUTE_STATES}
EVENT_NAMES = {code: name for code, name, _ in record.EVENTS}


def decode(data, expected_bytes=None):
    """Return the Session in the bytes of a log; `expected_bytes` is the length that the clip stated, if known."""
    found = find(data)
    blocks = found.blocks
    session = Session(log_bytes=len(data), seal=read_seal(blocks))
    session.verdict, session.problems, session.blocks_expected = judge(found, session.seal, len(data), expected_bytes)
    session.blocks_read = len(blocks)
    session.blocks_bad = session.blocks_expected - session.blocks_read
    if blocks:
        session.contract = max(block.version for block in blocks)
        session.clip, session.number = blocks[0].clip.hex(), blocks[0].session
    _read_head(session, blocks)
    _read_records(session, blocks)
    session.battery_time_ms = np.array([block.time_ms for block in blocks], dtype=np.float64)
    session.battery_mv = np.array([block.battery_mv or np.nan for block in blocks], dtype=np.float64)
    return session


def _read_head(session, blocks):
    """Read schema, configuration, calibration and firmware from the payloads of the schema blocks."""
    parts = [block for block in blocks if block.kind == record.KIND_SCHEMA]
    try:
        head = json.loads(b"".join(part.payload for part in parts))
    except ValueError:
        head = None
    if [part.sequence for part in parts] != list(range(len(parts))):
        head = None  # what is left of a text may still be JSON, of something else
    if not isinstance(head, dict):
        head = {}
        if session.verdict != DOWNLOAD_INTERRUPTED:  # which may have come before the schema's end
            session.verdict = DAMAGED
        session.problems.append(
            "The schema at the log's start is lost; the records are read as the contract in their blocks says."
        )
    version = blocks[0].version if blocks else record.CONTRACT_VERSION
    session.schema = head.get("schema") or contracts.schema(version)
    about = head.get("about") or {}
    session.config = about.get("config") or {}
    session.calibration = about.get("calibration") or {}
    session.mvic_uv = about.get("mvic_uv") or {}
    session.front_end = (about.get("front_end") or {}).get("kind") or "envelope"  # contract 1 knew no other
    session.firmware = about.get("firmware") or {}


def _read_records(session, blocks):
    by_type = records.layouts(record.schema()) | records.layouts(session.schema)
    tables, times_ms, problems = records.gather(blocks, by_type)
    if problems:
        session.verdict = DAMAGED
        session.problems += problems
    session.steps = _steps(tables[record.STEP], times_ms[record.STEP], session.front_end)
    session.cues = _cues(tables[record.CUE], times_ms[record.CUE])
    session.events = _events(tables[record.EVENT], times_ms[record.EVENT])
    session.muscles = _muscles(tables[record.MUSCLE], times_ms[record.MUSCLE], session.front_end)
    session.repetitions = _repetitions(tables[record.REPETITION], times_ms[record.REPETITION])
    session.trace = _trace(tables[record.TRACE], times_ms[record.TRACE])
    clocks = tables[record.CLOCK]
    moments = times_ms[record.CLOCK] + clocks["offset_ms"]
    session.clocks = [(float(moment), int(unix)) for moment, unix in zip(moments, clocks["unix_ms"], strict=True)]


def _steps(table, block_ms, front_end):
    side, quality = _sides(table)
    steps = {
        "time_ms": block_ms + table["offset_ms"],
        "side": side,
        "quality": quality,
        "peak_drop_deg": known(table, "peak_drop_cdeg", per_unit=100),
        "peak_drop_causal_deg": known(table, "peak_drop_causal_cdeg", per_unit=100),
        "excursion_deg": known(table, "excursion_cdeg", per_unit=100),
        "contact_ms": known(table, "contact_2ms", per_unit=0.5),
        **emg.step_columns(table, side, front_end),
    }
    return _in_time(steps)


def _sides(table):
    """Return (side, quality) of step records; contract 1 had a field for each."""
    if "side" in table.dtype.names:
        return table["side"].copy(), table["quality"].copy()
    both = table["quality_side"]
    return (both >> record.SIDE_SHIFT).astype(np.uint8), both & record.QUALITY_MASK


def _cues(table, block_ms):
    reasons = [CUE_REASONS.get(code, "reason_%d" % code) for code in table["reason"].tolist()]
    cues = {
        "time_ms": block_ms + table["offset_ms"],
        "side": table["side"].copy(),
        "buzz_side": table["buzz_side"].copy(),
        "reason": np.array(reasons, dtype=object),
        "value_deg": known(table, "value_cdeg", per_unit=100),
        "threshold_deg": known(table, "threshold_cdeg", per_unit=100),
        "latency_ms": known(table, "latency_ms"),
        "duration_ms": known(table, "duration_ms"),
        **_glute(table),
    }
    return _in_time(cues)


def _glute(table):
    """Return the columns on the stance side's glute of cue records, which contract 1 had not."""
    if "glute" not in table.dtype.names:
        return {"glute": np.full(len(table), "unknown", dtype=object), "glute_pct": np.full(len(table), np.nan)}
    names = [GLUTE_NAMES.get(code, "state_%d" % code) for code in table["glute"].tolist()]
    return {"glute": np.array(names, dtype=object), "glute_pct": known(table, "glute_pct")}


def _muscles(table, block_ms, front_end):
    columns = {"time_ms": block_ms + table["offset_ms"]}
    for side in emg.SIDES:
        for name in ("peak", "pre"):
            columns["%s_%s_uv" % (name, side)], _ = emg.amplitudes_uv(table, "%s_%s" % (name, side), front_end)
        columns["median_%s_hz" % side] = known(table, "median_%s_dhz" % side, per_unit=10)
    columns["lost"] = table["lost"].copy()
    return _in_time(columns)


def _repetitions(table, block_ms):
    exercises = [DRILL_NAMES.get(code, "exercise_%d" % code) for code in table["exercise"].tolist()]
    return _in_time({
        "time_ms": block_ms + table["offset_ms"],
        "exercise": np.array(exercises, dtype=object),
        "side": table["side"].copy(),
        "peak_pct": known(table, "peak_pct"),
        "target_pct": known(table, "target_pct"),
        "hold_ms": known(table, "hold_ms"),
        "duration_ms": known(table, "duration_ms"),
    })  # fmt: skip


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
    order = np.argsort(columns["time_ms"], kind="stable")
    return {name: values[order] for name, values in columns.items()}
