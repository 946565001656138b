"""What a session is exported as, whatever the format: one table of columns, with unit, meaning and where values lie."""

import math
from typing import NamedTuple

import numpy as np

from hipcue.contract import record
from hipcue.contract.cues import OUTCOME_NAMES, OUTCOMES
from hipcue.contract.emg import EMG_QUALITY, GLUTE_STATES, RAW_SHIFT
from hipcue.contract.signals import SIDE_LETTERS, SIDES
from host_tools.log import emg
from host_tools.log.session import EMG_MARKS

EVENT_MEANINGS = {name: meaning for _, name, meaning in record.EVENTS}


class Column(NamedTuple):
    """A column of numbers with so many `decimals`, or of text where that is None; its values of a session.

    `step`: Session -> what its values are whole multiples of, where that is not their last decimal.
    """

    name: str
    unit: str
    meaning: str
    decimals: int | None
    values: object  # Session -> one a row: a number, NaN where not known; or text, empty where not known
    step: object = None


def _of(part, name, per_unit=1):
    return lambda session: getattr(session, part)[name] / per_unit


def _texts(part, name, text=str):
    """Return what gives a text for each value of a column of the session."""
    return lambda session: [text(value) for value in getattr(session, part)[name].tolist()]


def _event(value):
    return lambda session: [value(event) for event in session.events]


def _front_end(session):
    return [session.front_end] * len(session.steps["side"])


def _cue_reasons(session):
    return ["%s+glute_%s" % pair for pair in zip(session.cues["reason"], session.cues["glute"], strict=True)]


def _emg_step_uv(session):
    return session.lsb_uv * (1 << RAW_SHIFT)


def _emg_pct(side):
    def values(session):
        _, reference_uv = emg.references(session).get(side, ("", math.nan))
        return 100.0 * session.steps["emg_%s_uv" % side] / reference_uv

    return values


def _emg_reference(side):
    def values(session):
        name, _ = emg.references(session).get(side, ("", math.nan))
        return ["" if math.isnan(uv) else name for uv in session.steps["emg_%s_uv" % side].tolist()]

    return values


def _step_emg(side):
    """Return the columns of the steps that are of a side's glute."""
    return (
        Column(
            "emg_gmed_%s_uv" % side, "uV",
            "activation of the %s gluteus medius over the whole stance, as emg_front_end says" % side, 1,
            _of("steps", "emg_%s_uv" % side),
        ),
        Column("emg_gmed_%s_pct" % side, "%", "the same in percent of its reference", 1, _emg_pct(side)),
        Column(
            "emg_gmed_%s_reference" % side, "",
            "mvic: the newest maximal contraction; baseline: this run's first minutes", None, _emg_reference(side),
        ),
        Column(
            "emg_gmed_%s_onset_ms" % side, "ms",
            "in a %s stance: beginning of its burst against initial contact; raw only" % side, 0,
            _of("steps", "emg_%s_onset_ms" % side),
        ),
        Column(
            "emg_gmed_%s_quality" % side, "", "ok, or EMG quality codes joined by +; empty: not measured", None,
            _texts("steps", "emg_%s_quality" % side, emg.quality_name),
        ),
    )  # fmt: skip


def _minute_emg(side):
    """Return the columns of the minutes that are of a side's glute."""
    return tuple(
        Column("emg_gmed_%s_%s" % (side, name), unit, meaning, 1, _of("muscles", field % side))
        for name, field, unit, meaning in (
            (
                "peak_uv", "peak_%s_uv", "uV",
                "largest activation (over 24 ms) in each own stance, mean over the minute; of single steps not kept",
            ),
            (
                "pre_uv", "pre_%s_uv", "uV",
                "activation in the 100 ms before own contacts, mean over the minute; of single steps not kept",
            ),
            (
                "median_hz", "median_%s_hz", "Hz",
                "median frequency within 20 to 400 Hz in own stances; each minute counts 4/5 of the one after it",
            ),
        )
    )


def quality_name(bits):
    """Return `ok` or the names of the quality codes in `bits`, joined by +."""
    names = [name for bit, name, _ in record.QUALITY if bits & bit]
    unnamed = bits & ~sum(bit for bit, _, _ in record.QUALITY)
    return "+".join(names + (["code_%d" % unnamed] if unnamed else [])) or "ok"


def outcome_name(code):
    """Return the name of a step's outcome."""
    return OUTCOME_NAMES[code] if code < len(OUTCOME_NAMES) else "outcome_%d" % code


def side_letter(code):
    """Return L, R or nothing for the side `code` of a record."""
    return SIDE_LETTERS[code] if code < len(SIDE_LETTERS) else ""


# table: columns, in the order of the files. The first is the time on the clip's clock.
TABLES = {
    "steps": (
        Column(
            "t_s", "s", "initial contact, on the clip's clock (of a simulated run: the recording's)", 3,
            _of("steps", "time_ms", per_unit=1000),
        ),
        Column("stance_side", "", "L or R; empty: not sure", None, _texts("steps", "side", side_letter)),
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
        Column("quality", "", "ok, or quality codes joined by +", None, _texts("steps", "quality", quality_name)),
        Column(
            "outcome", "", "what the cue rule made of it: under, cued, or why a cue was withheld", None,
            _texts("steps", "outcome", outcome_name),
        ),
        Column(
            "emg_front_end", "", "raw: RMS of the band-passed EMG at the electrodes; envelope: mean at the ADC pin",
            None, _front_end,
        ),
        *_step_emg("left"),
        *_step_emg("right"),
    ),
    "cues": (
        Column("t_s", "s", "motor on", 3, _of("cues", "time_ms", per_unit=1000)),
        Column("side", "", "stance side of the drop, L or R", None, _texts("cues", "side", side_letter)),
        Column(
            "reason", "", "what gave the cue, and what the stance side's glute did: cue_reasons and glute_states", None,
            _cue_reasons,
        ),
        Column("value", "deg", "causal peak drop of the step that gave the cue", 2, _of("cues", "value_deg")),
        Column("threshold", "deg", "threshold it was held against", 2, _of("cues", "threshold_deg")),
        Column("latency_ms", "ms", "peak of the offending drop to motor on", 0, _of("cues", "latency_ms")),
        Column(
            "glute_pct", "%",
            "activation of the stance side's glute over the last steps, of its baseline in this run", 0,
            _of("cues", "glute_pct"),
        ),
        Column("buzz_side", "", "side of the motor, L or R", None, _texts("cues", "buzz_side", side_letter)),
        Column("duration_ms", "ms", "time that the motor was on", 0, _of("cues", "duration_ms")),
    ),
    # Every step over its threshold: what the cue rule made of it, by what, and what came after.
    "ledger": (
        Column(
            "t_s", "s", "initial contact of a step over the threshold; of a cue whose step is lost: motor on", 3,
            _of("ledger", "time_ms", per_unit=1000),
        ),
        Column("side", "", "stance side, L or R; empty: not sure", None, _texts("ledger", "side", side_letter)),
        Column("outcome", "", "cued, or why a cue was withheld", None, _texts("ledger", "outcome", outcome_name)),
        Column("reason", "", "what it was held against: cue_reasons", None, _texts("ledger", "reason")),
        Column("value", "deg", "causal peak drop, of the step", 2, _of("ledger", "value_deg")),
        Column("threshold", "deg", "threshold it was held against", 2, _of("ledger", "threshold_deg")),
        Column(
            "glute", "", "of a cue: what the stance side's glute did: glute_states", None, _texts("ledger", "glute"),
        ),
        Column("glute_pct", "%", "its activation, of its baseline in this run", 0, _of("ledger", "glute_pct")),
        Column("rule", "", "over of the steps looked at, hysteresis, refractory steps", None, _texts("ledger", "rule")),
        Column(
            "programme_version", "",
            "of all settings by which a cue comes or not, as `hipcue configure` shows it; empty: they are lost", None,
            _texts("ledger", "version"),
        ),
        Column(
            "programme_session", "", "of the programme, from 1; empty: none was set", 0,
            _of("ledger", "programme_session"),
        ),
        Column(
            "latency_ms", "ms", "peak of the drop to motor on; of a late cue: to where that would have been", 0,
            _of("ledger", "latency_ms"),
        ),
        Column("duration_ms", "ms", "of a cue: time that the motor was on", 0, _of("ledger", "duration_ms")),
        Column(
            "drop_before_deg", "deg", "median settled drop of six steps of the side up to this one, 4 of them valid",
            2, _of("ledger", "before_deg"),
        ),
        Column("drop_after_deg", "deg", "the same of the next six steps of the side", 2, _of("ledger", "after_deg")),
    ),
    "muscles": (
        Column("t_s", "s", "end of the minute", 3, _of("muscles", "time_ms", per_unit=1000)),
        *_minute_emg("left"),
        *_minute_emg("right"),
        Column(
            "emg_lost", "samples",
            "EMG samples lost in it; up to 4 in a row are filled in and mark no step, but are counted here", 0,
            _of("muscles", "lost"),
        ),
    ),
    "reps": (
        Column("t_s", "s", "end of the repetition", 3, _of("repetitions", "time_ms", per_unit=1000)),
        Column("exercise", "", "exercise of the drill mode", None, _texts("repetitions", "exercise")),
        Column("side", "", "glute, L or R", None, _texts("repetitions", "side", side_letter)),
        Column("peak_mvic_pct", "%", "largest activation, of the MVIC", 0, _of("repetitions", "peak_pct")),
        Column("target_mvic_pct", "%", "target, of the MVIC", 0, _of("repetitions", "target_pct")),
        Column("hold_ms", "ms", "time at the target or above", 0, _of("repetitions", "hold_ms")),
        Column("duration_ms", "ms", "from its beginning to its end", 0, _of("repetitions", "duration_ms")),
    ),
    "programme": (
        Column("t_s", "s", "when", 3, _of("programme", "time_ms", per_unit=1000)),
        Column("session", "", "of the programme, from 1", 0, _of("programme", "session")),
        Column("share_planned", "", "of running time that is to have feedback", 2, _of("programme", "share")),
        Column("running_s", "s", "running so far in which a cue could have come", 0, _of("programme", "running_s")),
        Column("feedback_s", "s", "of it with feedback", 0, _of("programme", "fed_s")),
        Column("cues", "", "given in it so far", 0, _of("programme", "cues")),
        Column("tightened_deg", "deg", "what the threshold has come down by", 2, _of("programme", "tightened_deg")),
    ),
    "minutes": (
        Column(
            "t_s", "s", "initial contact of the minute's first step; only minutes whose steps found no room on flash",
            3, _of("summaries", "time_ms", per_unit=1000),
        ),
        Column(
            "length_s", "s", "from there to the last step's initial contact", 3,
            _of("summaries", "length_ms", per_unit=1000),
        ),
        Column("steps_left", "", "steps of left stance", 0, _of("summaries", "steps_left")),
        Column("steps_right", "", "steps of right stance", 0, _of("summaries", "steps_right")),
        Column("steps_unsure", "", "steps whose stance side is not known", 0, _of("summaries", "steps_unsure")),
        Column("valid_left", "", "left steps of quality ok: those of the means", 0, _of("summaries", "valid_left")),
        Column("valid_right", "", "right steps of quality ok: those of the means", 0, _of("summaries", "valid_right")),
        Column("cues", "", "cues given", 0, _of("summaries", "cues")),
        *(
            Column(
                "%s_%s_deg" % (name, side), "deg", "mean settled %s, %s" % (name.replace("_", " "), side), 2,
                _of("summaries", "%s_%s_deg" % (name, side)),
            )
            for name in ("peak_drop", "excursion")
            for _, side in SIDES
        ),
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
    "emg": (
        Column("t_s", "s", "when; two seconds of each minute of running", 6, _of("emg", "time_ms", per_unit=1000)),
        *(
            Column(
                "emg_%s_uv" % side, "uV",
                "raw EMG of the %s gluteus medius, unfiltered, against the voltage when the two seconds began; "
                "empty: lost; +-12605: this far or further" % side, 2, _of("emg", "%s_uv" % side), _emg_step_uv,
            )
            for _, side in SIDES
        ),
        Column(
            "emg_marks", "", "sum of %s" % ", ".join("%d: %s" % (bit, what) for bit, _, what in EMG_MARKS), 0,
            _of("emg", "marks"),
        ),
    ),
    "obliquity": (
        Column("t_s", "s", "when", 6, lambda session: session.trace.taken()[0] / 1000),
        Column(
            "obliquity_deg", "deg", "pelvic obliquity, settled; positive: the left side is up", 2,
            lambda session: session.trace.taken()[1],
        ),
    ),
}  # fmt: skip

# Sampled at a constant rate, unlike the others: their rows are the samples that are there; table: Session -> Sampled.
SAMPLED = {"obliquity": lambda session: session.trace, "emg": lambda session: session.emg_grid()}
# Written even when they hold no row.
ALWAYS = ("steps", "cues", "events")


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
    """Return {table: columns_of()} of the tables that hold something in `session`, and of those in ALWAYS."""
    made = {name: columns_of(name, session) for name in TABLES}
    return {name: columns for name, columns in made.items() if name in ALWAYS or len(columns["t_s"])}


def codes():
    """Return {kind of code: {name: meaning}} of every code that stands in a column of text."""
    return {
        "quality_codes": {"ok": "no code set", **_meanings(record.QUALITY)},
        "outcomes": _meanings(OUTCOMES),
        "emg_quality_codes": {"ok": "no code set", **_meanings(EMG_QUALITY)},
        "cue_reasons": _meanings(record.CUE_REASONS),
        "glute_states": {"glute_" + name: meaning for name, meaning in _meanings(GLUTE_STATES).items()},
    }


def dictionary():
    """Return the data dictionary: the columns of every table, and what the codes in them mean."""
    columns = {
        name + ".csv": [{"column": row.name, "unit": row.unit, "meaning": row.meaning} for row in rows]
        for name, rows in TABLES.items()
    }
    return {"files": columns, **codes()}


def _meanings(rows):
    return {name: meaning for _, name, meaning in rows}
