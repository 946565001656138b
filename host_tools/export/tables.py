"""What a session is exported as, whatever the format: one table of columns, with unit, meaning and where values lie."""

from typing import NamedTuple

import numpy as np

from hipcue.contract import record
from hipcue.contract.signals import SIDE_LETTERS

QUALITY_MEANINGS = {name: meaning for _, name, meaning in record.QUALITY}
EVENT_MEANINGS = {name: meaning for _, name, meaning in record.EVENTS}


class Column(NamedTuple):
    """A column of numbers with so many `decimals`, or of text where that is None; its values of a session."""

    name: str
    unit: str
    meaning: str
    decimals: int | None
    values: object  # Session -> one a row: a number, NaN where not known; or text, empty where not known


def _of(part, name, per_unit=1):
    return lambda session: getattr(session, part)[name] / per_unit


def _side(part):
    return lambda session: [side_letter(code) for code in getattr(session, part)["side"].tolist()]


def _quality(session):
    names = {bits: quality_name(bits) for bits in np.unique(session.steps["quality"]).tolist()}
    return [names[bits] for bits in session.steps["quality"].tolist()]


def _event(value):
    return lambda session: [value(event) for event in session.events]


# table: columns, in the order of the files. The first is the time on the clip's clock.
TABLES = {
    "steps": (
        Column(
            "t_s", "s", "initial contact, on the clip's clock (of a simulated run: the recording's)", 3,
            _of("steps", "time_ms", per_unit=1000),
        ),
        Column("stance_side", "", "L or R; empty: not sure", None, _side("steps")),
        Column(
            "peak_drop_deg", "deg", "largest drop of the swing side within stance, against level, settled", 2,
            _of("steps", "peak_drop_deg"),
        ),
        Column(
            "excursion_deg", "deg", "peak drop less the drop at initial contact, settled", 2,
            _of("steps", "excursion_deg"),
        ),
        Column(
            "peak_drop_causal_deg", "deg", "peak drop as the cue knew it, at the end of the step", 2,
            _of("steps", "peak_drop_causal_deg"),
        ),
        Column("contact_ms", "ms", "contact time, an estimate", 0, _of("steps", "contact_ms")),
        Column("quality", "", "ok, or quality codes joined by +", None, _quality),
        Column(
            "emg_gmed_left_mv", "mV", "mean envelope of the left gluteus medius over stance, at the ADC pin", 1,
            _of("steps", "glute_left_mv"),
        ),
        Column(
            "emg_gmed_right_mv", "mV", "mean envelope of the right gluteus medius over stance, at the ADC pin", 1,
            _of("steps", "glute_right_mv"),
        ),
    ),
    "cues": (
        Column("t_s", "s", "motor on", 3, _of("cues", "time_ms", per_unit=1000)),
        Column("side", "", "stance side of the drop, L or R", None, _side("cues")),
        Column("reason", "", "rule that gave the cue", None, lambda session: session.cues["reason"].tolist()),
        Column("value", "deg", "causal peak drop of the step that gave the cue", 2, _of("cues", "value_deg")),
        Column("threshold", "deg", "threshold it was held against", 2, _of("cues", "threshold_deg")),
        Column("latency_ms", "ms", "peak of the offending drop to motor on", 0, _of("cues", "latency_ms")),
    ),
    "events": (
        Column("t_s", "s", "when", 3, _event(lambda event: event["time_ms"] / 1000)),
        Column("event", "", "name of the event", None, _event(lambda event: event["name"])),
        Column("value", "", "as `meaning` says", 0, _event(lambda event: event["value"])),
        Column(
            "meaning", "", "meaning of the value", None,
            _event(lambda event: EVENT_MEANINGS.get(event["name"], "")),
        ),
    ),
    "obliquity": (
        Column("t_s", "s", "when", 6, lambda session: session.trace[0] / 1000),
        Column(
            "obliquity_deg", "deg", "pelvic obliquity, settled; positive: the left side is up", 2,
            lambda session: session.trace[1],
        ),
    ),
}  # fmt: skip

# Sampled at a constant rate, unlike the others; a log need not hold them.
SAMPLED = ("obliquity",)


def columns_of(name, session):
    """Return {column: its values in `session`}: text as a list, numbers as float64 (rows,), NaN where not known.

    Numbers are rounded to the column's decimals, so that every format holds
    what the CSV prints.
    """
    return {
        column.name: list(column.values(session)) if column.decimals is None else _rounded(column, session)
        for column in TABLES[name]
    }


def _rounded(column, session):
    per_unit = 10.0**column.decimals
    return np.rint(np.asarray(column.values(session), dtype=np.float64) * per_unit) / per_unit + 0.0  # no -0.0


def present(session):
    """Return {table: columns_of()} of the tables that `session` holds: a sampled one only with samples in it."""
    made = {name: columns_of(name, session) for name in TABLES}
    return {name: columns for name, columns in made.items() if name not in SAMPLED or len(columns["t_s"])}


def dictionary():
    """Return the data dictionary: the columns of every table, and the quality codes."""
    columns = {
        name + ".csv": [{"column": row.name, "unit": row.unit, "meaning": row.meaning} for row in rows]
        for name, rows in TABLES.items()
    }
    return {"files": columns, "quality_codes": {"ok": "no code set", **QUALITY_MEANINGS}}


def quality_name(bits):
    """Return `ok` or the names of the quality codes in `bits`, joined by +."""
    names = [name for bit, name, _ in record.QUALITY if bits & bit]
    unnamed = bits & ~sum(bit for bit, _, _ in record.QUALITY)
    return "+".join(names + (["code_%d" % unnamed] if unnamed else [])) or "ok"


def side_letter(code):
    """Return L, R or nothing for the side `code` of a record."""
    return SIDE_LETTERS[code] if code < len(SIDE_LETTERS) else ""
