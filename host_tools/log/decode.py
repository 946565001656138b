"""Decoding a log: bytes in, Session out. Pure; nothing that is whole is lost to what is not."""

import json

import numpy as np

from hipcue.contract import record, runner
from hipcue.contract.drills import DRILL_NAMES
from hipcue.contract.emg import GLUTE_STATES, LSB_UV, RAW_SHIFT
from hipcue.contract.signals import SIDES
from host_tools.log import contracts, emg, records
from host_tools.log.blocks import clip_of, find, payload_of
from host_tools.log.records import known
from host_tools.log.sampled import on_grid
from host_tools.log.session import DAMAGED, DOWNLOAD_INTERRUPTED, Session
from host_tools.log.verdict import gaps, judge, read_seal


def _by_code(names, other):
    """Return an array (256,) of names for all codes of a byte; `other` is what one without a name is called."""
    return np.array([names.get(code, other % code) for code in range(256)], dtype=object)


CUE_REASONS = _by_code({code: name for code, name, _ in record.CUE_REASONS}, "reason_%d")
GLUTE_NAMES = _by_code({code: name for code, name, _ in GLUTE_STATES}, "state_%d")
EXERCISES = _by_code(DRILL_NAMES, "exercise_%d")
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
        session.contract = int(blocks["version"].max())
    _read_head(session, blocks)
    _read_records(session, blocks)
    session.battery_time_ms = blocks["time_ms"].astype(np.float64)
    session.battery_mv = np.where(blocks["battery_mv"] > 0, blocks["battery_mv"], np.nan)
    return session


def _read_head(session, blocks):
    """Read schema, configuration, calibration and firmware from the payloads of the schema blocks."""
    parts = blocks[blocks["kind"] == record.KIND_SCHEMA]
    try:
        head = json.loads(b"".join(payload_of(part) for part in parts))
    except (ValueError, RecursionError):
        head = None
    if parts["sequence"].tolist() != list(range(len(parts))):
        head = None  # what is left of a text may still be JSON, of something else
    if not isinstance(head, dict):
        head = {}
        if session.verdict != DOWNLOAD_INTERRUPTED:  # which may have come before the schema's end
            session.verdict = DAMAGED
        session.problems.append(
            "The schema at the log's start is lost; the records are read as the contract in their blocks says."
        )
    version = int(blocks[0]["version"]) if len(blocks) else record.CONTRACT_VERSION
    session.schema = head.get("schema") or contracts.schema(version)
    about = _dict(head, "about")
    session.runner = _pseudonym(about.get("runner"))
    session.config = _dict(about, "config")
    session.calibration = _dict(about, "calibration")
    session.mvic_uv = _dict(about, "mvic_uv")
    session.front_end = _dict(about, "front_end").get("kind") or "envelope"  # contract 1 knew no other
    lsb_uv = _dict(about, "front_end").get("lsb_uv")
    session.lsb_uv = lsb_uv if isinstance(lsb_uv, float) and lsb_uv > 0 else LSB_UV
    session.firmware = _dict(about, "firmware")
    session.clock = _dict(about, "clock")


def _pseudonym(value):
    """Return what a log says of its runner, None for no pseudonym: it is to name a folder."""
    try:
        return runner.check(value)
    except ValueError:
        return None


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
    session.steps = _steps(tables[record.STEP], times_ms[record.STEP], session.front_end)
    session.cues = _cues(tables[record.CUE], times_ms[record.CUE])
    session.summaries = _summaries(tables[record.SUMMARY], times_ms[record.SUMMARY])
    session.events = _events(tables[record.EVENT], times_ms[record.EVENT])
    session.muscles = _muscles(tables[record.MUSCLE], times_ms[record.MUSCLE], session.front_end)
    session.programme = _programme(tables[record.PROGRAMME], times_ms[record.PROGRAMME])
    session.repetitions = _repetitions(tables[record.REPETITION], times_ms[record.REPETITION])
    session.trace = _trace(tables[record.TRACE], times_ms[record.TRACE])
    session.emg = _emg(tables[record.EMG], times_ms[record.EMG], session.lsb_uv)
    clocks = tables[record.CLOCK]
    moments = times_ms[record.CLOCK] + clocks["offset_ms"]
    session.clocks = [(float(moment), int(unix)) for moment, unix in zip(moments, clocks["unix_ms"], strict=True)]


def _steps(table, block_ms, front_end):
    side, quality, outcome = _packed(table)
    steps = {
        "time_ms": block_ms + table["offset_ms"],
        "side": side,
        "quality": quality,
        "outcome": outcome,
        "peak_drop_deg": known(table, "peak_drop_cdeg", per_unit=100),
        "peak_drop_causal_deg": known(table, "peak_drop_causal_cdeg", per_unit=100),
        "excursion_deg": known(table, "excursion_cdeg", per_unit=100),
        "contact_ms": known(table, "contact_2ms", per_unit=0.5),
        **emg.step_columns(table, side, front_end),
    }
    return _in_time(steps)


def _packed(table):
    """Return (side, quality, outcome) of step records; contract 1 had fields for the first two, and no outcomes."""
    if "side" in table.dtype.names:
        return table["side"].copy(), table["quality"].copy(), np.zeros(len(table), dtype=np.uint8)
    packed = table["quality_side"].astype(np.uint16)
    outcome = packed >> record.OUTCOME_SHIFT & record.OUTCOME_MASK
    return (packed >> record.SIDE_SHIFT).astype(np.uint8), packed & record.QUALITY_MASK, outcome.astype(np.uint8)


def _cues(table, block_ms):
    cues = {
        "time_ms": block_ms + table["offset_ms"],
        "side": table["side"].copy(),
        "buzz_side": table["buzz_side"].copy(),
        "reason": CUE_REASONS[table["reason"]],
        "value_deg": known(table, "value_cdeg", per_unit=100),
        "threshold_deg": known(table, "threshold_cdeg", per_unit=100),
        "latency_ms": known(table, "latency_ms"),
        "duration_ms": known(table, "duration_ms"),
        **_glute(table),
    }
    return _in_time(cues)


def _summaries(table, block_ms):
    minutes = {"time_ms": block_ms + table["offset_ms"], "length_ms": known(table, "length_ms")}
    for name in ("steps_left", "steps_right", "steps_unsure", "valid_left", "valid_right", "cues"):
        minutes[name] = table[name].astype(np.int64)
    for name in ("peak_drop_left", "peak_drop_right", "excursion_left", "excursion_right"):
        minutes[name + "_deg"] = known(table, name + "_cdeg", per_unit=100)
    return _in_time(minutes)


def _glute(table):
    """Return the columns on the stance side's glute of cue records, which contract 1 had not."""
    if "glute" not in table.dtype.names:
        return {"glute": np.full(len(table), "unknown", dtype=object), "glute_pct": np.full(len(table), np.nan)}
    return {"glute": GLUTE_NAMES[table["glute"]], "glute_pct": known(table, "glute_pct")}


def _muscles(table, block_ms, front_end):
    columns = {"time_ms": block_ms + table["offset_ms"]}
    for _, side in SIDES:
        for name in ("peak", "pre"):
            columns["%s_%s_uv" % (name, side)], _ = emg.amplitudes_uv(table, "%s_%s" % (name, side), front_end)
        columns["median_%s_hz" % side] = known(table, "median_%s_dhz" % side, per_unit=10)
    columns["lost"] = table["lost"].copy()
    return _in_time(columns)


def _programme(table, block_ms):
    return _in_time({
        "time_ms": block_ms + table["offset_ms"],
        "session": table["session"].copy(),
        "share": known(table, "share_pct", per_unit=100),
        "running_s": known(table, "running_s"),
        "fed_s": known(table, "fed_s"),
        "cues": known(table, "cues"),
        "tightened_deg": known(table, "tightened_cdeg", per_unit=100),
    })  # fmt: skip


def _repetitions(table, block_ms):
    return _in_time({
        "time_ms": block_ms + table["offset_ms"],
        "exercise": EXERCISES[table["exercise"]],
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
    """Return the obliquity in degrees as a Sampled."""
    start_us = block_ms * 1000.0 + table["offset_us"]
    obliquity = known(table, "obliquity_cdeg", per_unit=100)
    sample = np.arange(obliquity.shape[1] if obliquity.ndim == 2 else 0)
    time_ms = (start_us[:, None] + sample * table["period_us"][:, None].astype(np.float64)) / 1000.0
    time_ms, obliquity = time_ms.ravel(), obliquity.ravel()
    order = np.argsort(time_ms, kind="stable")
    return on_grid(time_ms[order], obliquity[order])


def _emg(table, block_ms, lsb_uv):
    """Return the samples of raw EMG in time order."""
    frames = known(table, "frames_8lsb", per_unit=1 / (lsb_uv * (1 << RAW_SHIFT)))
    frames = frames.reshape(len(table), frames.shape[1] // 2 if frames.ndim == 2 else 0, 2)
    sample = np.arange(frames.shape[1])
    start_us = block_ms * 1000.0 + table["offset_us"]
    blanked, lead_off = (table[name].astype(np.int64)[:, None] for name in ("blanked", "lead_off"))
    motor = (sample >= (blanked & 0xFF)) & (sample < blanked >> 8)
    marks = motor | lead_off << 1
    return _in_time({
        "time_ms": (start_us[:, None] + sample * table["period_ns"][:, None] / 1000.0).ravel() / 1000.0,
        "left_uv": frames[:, :, 0].ravel(),
        "right_uv": frames[:, :, 1].ravel(),
        "marks": marks.ravel(),
    })  # fmt: skip


def _in_time(columns):
    if not (np.diff(columns["time_ms"]) < 0).any():
        return columns
    order = np.argsort(columns["time_ms"], kind="stable")
    return {name: values[order] for name, values in columns.items()}
