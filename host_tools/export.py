"""A session as CSV: one row a step, units in the names, an empty cell for what is not known."""

import csv
import json
import math
from pathlib import Path

import numpy as np

from hipcue.contract import record
from hipcue.contract.emg import EMG_QUALITY
from hipcue.contract.signals import SIDE_LETTERS
from host_tools import emg

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
        ("emg_front_end", "", "raw: RMS of the band-passed EMG at the electrodes; envelope: mean at the ADC pin"),
        ("emg_gmed_left_uv", "uV", "activation of the left gluteus medius over stance, as the front end gives it"),
        ("emg_gmed_left_pct", "%", "the same in percent of its reference"),
        ("emg_gmed_left_reference", "", "mvic: the newest maximal contraction; baseline: this run's first minutes"),
        ("emg_gmed_left_onset_ms", "ms", "in a left stance: beginning of its burst against initial contact; raw only"),
        ("emg_gmed_left_quality", "", "ok, or EMG quality codes joined by +; empty: not measured"),
        ("emg_gmed_right_uv", "uV", "activation of the right gluteus medius over stance, as the front end gives it"),
        ("emg_gmed_right_pct", "%", "the same in percent of its reference"),
        ("emg_gmed_right_reference", "", "as on the left"),
        ("emg_gmed_right_onset_ms", "ms", "in a right stance: as on the left"),
        ("emg_gmed_right_quality", "", "as on the left"),
    ),
    "cues.csv": (
        ("t_s", "s", "motor on"),
        ("side", "", "stance side of the drop, L or R"),
        ("reason", "", "rule that gave the cue, and what the stance side's glute did"),
        ("value", "deg", "causal peak drop of the step that gave the cue"),
        ("threshold", "deg", "threshold it was held against"),
        ("latency_ms", "ms", "peak of the offending drop to motor on"),
        ("glute_pct", "%", "activation of the stance side's glute over the last steps, of its baseline in this run"),
    ),
    "muscles.csv": (
        ("t_s", "s", "end of the minute"),
        *(
            (form % side, unit, meaning)
            for side in emg.SIDES
            for form, unit, meaning in (
                ("emg_gmed_%s_peak_uv", "uV", "mean over own stances of the largest activation within"),
                ("emg_gmed_%s_pre_uv", "uV", "mean over own stances of the activation in the 100 ms before contact"),
                ("emg_gmed_%s_median_hz", "Hz", "median frequency over the last minutes"),
            )
        ),
        ("emg_lost", "samples", "EMG samples lost in it"),
    ),
    "reps.csv": (
        ("t_s", "s", "end of the repetition"),
        ("exercise", "", "exercise of the drill mode"),
        ("side", "", "glute, L or R"),
        ("peak_mvic_pct", "%", "largest activation, of the MVIC"),
        ("target_mvic_pct", "%", "target, of the MVIC"),
        ("hold_ms", "ms", "time at the target or above"),
        ("duration_ms", "ms", "from its beginning to its end"),
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
    """Write the tables that hold something, steps, cues and events always, and columns.json; return the paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "steps.csv": _step_rows(session),
        "cues.csv": _cue_rows(session.cues),
        "events.csv": _event_rows(session),
    }
    if len(session.muscles["time_ms"]):
        tables["muscles.csv"] = _muscle_rows(session.muscles)
    if len(session.repetitions["time_ms"]):
        tables["reps.csv"] = _repetition_rows(session.repetitions)
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
    return {
        "files": columns,
        "quality_codes": {"ok": "no code set", **QUALITY_MEANINGS},
        "emg_quality_codes": {"ok": "no code set", **{name: meaning for _, name, meaning in EMG_QUALITY}},
    }


def quality_name(bits):
    """Return `ok` or the names of the quality codes in `bits`, joined by +."""
    names = [name for bit, name, _ in record.QUALITY if bits & bit]
    unnamed = bits & ~sum(bit for bit, _, _ in record.QUALITY)
    return "+".join(names + (["code_%d" % unnamed] if unnamed else [])) or "ok"


def number(value, decimals):
    """Return `value` with `decimals`, or nothing where it is not known."""
    return "" if math.isnan(value) else "%.*f" % (decimals, value)


def _step_rows(session):
    steps, references = session.steps, emg.references(session)
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
            session.front_end,
            *(cell for side in emg.SIDES for cell in _emg_cells(step, side, references.get(side))),
        )


def _emg_cells(step, side, reference):
    """Return a side's cells of a step; `reference`: (name, uV) or None."""
    uv = step["emg_%s_uv" % side]
    name, reference_uv = reference or ("", math.nan)
    return (
        number(uv, 1),
        number(100.0 * uv / reference_uv, 1),
        "" if math.isnan(uv) else name,
        number(step["emg_%s_onset_ms" % side], 0),
        emg.quality_name(step["emg_%s_quality" % side]),
    )


def _cue_rows(cues):
    for k in range(len(cues["time_ms"])):
        yield (
            number(cues["time_ms"][k] / 1000, 3),
            _side(cues["side"][k]),
            cue_reason(cues["reason"][k], cues["glute"][k]),
            number(cues["value_deg"][k], 2),
            number(cues["threshold_deg"][k], 2),
            number(cues["latency_ms"][k], 0),
            number(cues["glute_pct"][k], 0),
        )


def cue_reason(rule, glute):
    """Return the reason of a cue: its rule, and the state of the stance side's glute."""
    return "%s+glute_%s" % (rule, glute)


def _muscle_rows(muscles):
    for k in range(len(muscles["time_ms"])):
        cells = [
            number(muscles[form % side][k], 1)
            for side in emg.SIDES
            for form in ("peak_%s_uv", "pre_%s_uv", "median_%s_hz")
        ]
        yield number(muscles["time_ms"][k] / 1000, 3), *cells, int(muscles["lost"][k])


def _repetition_rows(repetitions):
    for k in range(len(repetitions["time_ms"])):
        yield (
            number(repetitions["time_ms"][k] / 1000, 3),
            repetitions["exercise"][k],
            _side(repetitions["side"][k]),
            *(number(repetitions[name][k], 0) for name in ("peak_pct", "target_pct", "hold_ms", "duration_ms")),
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
