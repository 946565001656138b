"""A session as CSV: one row a step, units in the names, an empty cell for what is not known."""

import csv
import json
import math
from pathlib import Path

import numpy as np

from hipcue.contract import record
from hipcue.contract.signals import SIDE_LETTERS

# file: ((column, unit, meaning), ...)
DICTIONARY = {
    "steps.csv": (
        ("t_s", "s", "initial contact, on the clip's clock (of a simulated run: the recording's)"),
        ("stance_side", "", "L or R; empty: not sure"),
        ("peak_drop_deg", "deg", "largest drop of the swing side within stance, against level, settled"),
        ("excursion_deg", "deg", "peak drop less the drop at initial contact, settled"),
        ("peak_drop_causal_deg", "deg", "peak drop as the cue knew it, at the end of the step"),
        ("contact_ms", "ms", "contact time, an estimate"),
        ("quality", "", "ok, or quality codes joined by +"),
        ("emg_gmed_left_mv", "mV", "mean envelope of the left gluteus medius over stance, at the ADC pin"),
        ("emg_gmed_right_mv", "mV", "mean envelope of the right gluteus medius over stance, at the ADC pin"),
    ),
    "cues.csv": (
        ("t_s", "s", "motor on"),
        ("side", "", "stance side of the drop, L or R"),
        ("reason", "", "rule that gave the cue"),
        ("value", "deg", "causal peak drop of the step that gave the cue"),
        ("threshold", "deg", "threshold it was held against"),
        ("latency_ms", "ms", "peak of the offending drop to motor on"),
    ),
    "minutes.csv": (
        ("t_s", "s", "initial contact of the minute's first step; only minutes whose steps found no room on flash"),
        ("length_s", "s", "from there to the last step's initial contact"),
        ("steps_left", "", "steps of left stance"),
        ("steps_right", "", "steps of right stance"),
        ("steps_unsure", "", "steps whose stance side is not known"),
        ("valid_left", "", "left steps of quality ok: those of the means"),
        ("valid_right", "", "right steps of quality ok: those of the means"),
        ("cues", "", "cues given"),
        ("peak_drop_left_deg", "deg", "mean settled peak drop, left"),
        ("peak_drop_right_deg", "deg", "mean settled peak drop, right"),
        ("excursion_left_deg", "deg", "mean settled excursion, left"),
        ("excursion_right_deg", "deg", "mean settled excursion, right"),
    ),
    "events.csv": (
        ("t_s", "s", "when"),
        ("event", "", "name of the event"),
        ("value", "", "as `meaning` says"),
        ("meaning", "", "meaning of the value"),
    ),
    "obliquity.csv": (
        ("t_s", "s", "when"),
        ("obliquity_deg", "deg", "pelvic obliquity, settled; positive: the left side is up"),
    ),
}

QUALITY_MEANINGS = {name: meaning for _, name, meaning in record.QUALITY}
EVENT_MEANINGS = {name: meaning for _, name, meaning in record.EVENTS}


def write_csv(session, folder):
    """Write steps.csv, cues.csv, events.csv, columns.json, and minutes.csv and obliquity.csv if there is something for
    them; return the paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "steps.csv": _step_rows(session.steps),
        "cues.csv": _cue_rows(session.cues),
        "events.csv": _event_rows(session),
    }
    if len(session.summaries.get("time_ms", ())):
        tables["minutes.csv"] = _minute_rows(session.summaries)
    if len(session.trace[0]):
        tables["obliquity.csv"] = _trace_rows(session.trace)
    for name, rows in tables.items():
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([column for column, _, _ in DICTIONARY[name]])
            writer.writerows(rows)
    (folder / "columns.json").write_text(json.dumps(dictionary(), indent=1) + "\n", encoding="utf-8")
    return [folder / name for name in tables] + [folder / "columns.json"]


def dictionary():
    """Return the data dictionary: the columns of every file, and the quality codes."""
    columns = {
        file: [{"column": name, "unit": unit, "meaning": meaning} for name, unit, meaning in rows]
        for file, rows in DICTIONARY.items()
    }
    return {"files": columns, "quality_codes": {"ok": "no code set", **QUALITY_MEANINGS}}


def quality_name(bits):
    """Return `ok` or the names of the quality codes in `bits`, joined by +."""
    names = [name for bit, name, _ in record.QUALITY if bits & bit]
    unnamed = bits & ~sum(bit for bit, _, _ in record.QUALITY)
    return "+".join(names + (["code_%d" % unnamed] if unnamed else [])) or "ok"


def number(value, decimals):
    """Return `value` with `decimals`, or nothing where it is not known."""
    return "" if math.isnan(value) else "%.*f" % (decimals, value)


def _step_rows(steps):
    names = {bits: quality_name(bits) for bits in np.unique(steps["quality"]).tolist()}
    for row in zip(*(steps[name].tolist() for name in steps), strict=True):
        step = dict(zip(steps, row, strict=True))
        yield (
            number(step["time_ms"] / 1000, 3),
            _side(step["side"]),
            number(step["peak_drop_deg"], 2),
            number(step["excursion_deg"], 2),
            number(step["peak_drop_causal_deg"], 2),
            number(step["contact_ms"], 0),
            names[step["quality"]],
            number(step["glute_left_mv"], 1),
            number(step["glute_right_mv"], 1),
        )


def _cue_rows(cues):
    for k in range(len(cues["time_ms"])):
        yield (
            number(cues["time_ms"][k] / 1000, 3),
            _side(cues["side"][k]),
            cues["reason"][k],
            number(cues["value_deg"][k], 2),
            number(cues["threshold_deg"][k], 2),
            number(cues["latency_ms"][k], 0),
        )


def _minute_rows(summaries):
    for row in zip(*(summaries[name].tolist() for name in summaries), strict=True):
        begun_ms, length_ms, *counts_and_means = row
        counts, means = counts_and_means[:6], counts_and_means[6:]
        yield (
            number(begun_ms / 1000, 3),
            number(length_ms / 1000, 3),
            *counts,
            *(number(mean, 2) for mean in means),
        )


def _event_rows(session):
    for event in session.events:
        yield (
            number(event["time_ms"] / 1000, 3),
            event["name"],
            event["value"],
            EVENT_MEANINGS.get(event["name"], ""),
        )


def _trace_rows(trace):
    for time_ms, obliquity_deg in zip(*(values.tolist() for values in trace), strict=True):
        yield number(time_ms / 1000, 6), number(obliquity_deg, 2)


def _side(code):
    return SIDE_LETTERS[code] if code < len(SIDE_LETTERS) else ""
