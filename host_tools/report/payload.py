"""The steps as the page's script reads them: a few numbers a run, and one packed array a column."""

import base64
import json

import numpy as np

from hipcue.contract.emg import EMG_QUALITY
from hipcue.contract.signals import SIDES
from host_tools.report import facts, wording
from host_tools.report.steps_figure import AXIS_STEPS_S, BINS_S, FEEDBACK_PX, LEAST_IN_BIN, MOST_BINS
from host_tools.report.svg import BAND, COLOURS, GRID, INK, PAUSE, SOFT

UNKNOWN = -32768  # in an int16 column
# Column: what a unit of the packed number is. 0.01 deg is what the log holds; the percentages are ours.
_UNITS = {"peak_drop_deg": 0.01, "excursion_deg": 0.01, "own_pct": 0.1, "other_pct": 0.1, "onset_ms": 2.0}


def payload(runs, panels):
    """Return the JSON text, safe within a script element, of `panels` over the valid steps of all `runs`.

    Steps with a quality code are in no plot and are not sent.
    """
    runs = [run for run in runs if len(run.line.t_s)]
    chosen = [np.flatnonzero(run.line.ok) for run in runs]
    first = np.concatenate(([0], np.cumsum([len(order) for order in chosen])))
    columns = {
        "t_ms": _packed(runs, chosen, lambda line: np.round(1000 * line.t_s), "<u4"),
        "side": _packed(runs, chosen, lambda line: line.side, "u1"),
        "own_quality": _packed(runs, chosen, lambda line: line.own_quality, "<i2"),
    }
    for name, unit in _UNITS.items():
        columns[name] = _packed(runs, chosen, lambda line, name=name, unit=unit: _units(line.step[name], unit), "<i2")
    page = {
        "runs": [_run(run, int(at)) for run, at in zip(runs, first[:-1], strict=True)],
        "count": int(first[-1]),
        "columns": columns,
        "units": _UNITS,
        "unknown": UNKNOWN,
        "panels": [vars(panel) for panel in panels],
        "emg_quality": [[bit, name.replace("_", " ")] for bit, name, _ in EMG_QUALITY],
        "feedback_px": FEEDBACK_PX,
        "least_change_deg": wording.LEAST_CHANGE_DEG,
        "bins_s": BINS_S,
        "most_bins": MOST_BINS,
        "least_in_bin": LEAST_IN_BIN,
        "axis_steps_s": AXIS_STEPS_S,
        "colours": {"1": COLOURS[1], "2": COLOURS[2], "ink": INK, "soft": SOFT, "grid": GRID, "pause": PAUSE,
                    "band": BAND},
    }  # fmt: skip
    return json.dumps(page, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _packed(runs, chosen, values, kind):
    parts = [values(run.line)[order].astype(kind) for run, order in zip(runs, chosen, strict=True)]
    return base64.b64encode(np.concatenate(parts).tobytes()).decode("ascii")


def _units(values, unit):
    """Return `values` in whole units; NaN and what an int16 cannot hold are UNKNOWN and the nearest that it can."""
    whole = np.clip(np.round(values / unit), UNKNOWN + 1, 32767)
    return np.where(np.isnan(whole), UNKNOWN, whole)


def _run(run, first):
    line = run.line
    edges = facts.third_edges_s(line)
    cues = zip(line.cue_s.tolist(), line.cue_side.tolist(), line.cue_glute.tolist(), strict=True)
    return {
        "label": run.label,
        "from": round(run.from_s, 3),
        "end": round(run.plotted_s, 3),
        "first": first,
        "pauses": [[round(a, 2), round(b, 2)] for a, b in facts.spans_without_running_s(run.session, line)],
        "unknown": [[round(a, 2), round(b, 2)] for a, b in facts.unknown_spans_s(run.session, line)],
        "feedback": [[round(a, 2), round(b, 2)] for a, b in facts.feedback_spans_s(run.session, line)],
        "thirds": [] if edges is None else [round(float(edge), 2) for edge in edges[1:3]],
        "thresholds": {str(side): [[round(level, 3), round(from_s, 2)] for level, from_s in levels]
                       for side, levels in facts.thresholds_deg(run.session, line).items()},
        "references": {str(side): wording.REFERENCES[line.references[name][0]] for side, name in SIDES
                       if name in line.references},
        "cues": [[round(at_s, 2), side, glute] for at_s, side, glute in cues],
    }  # fmt: skip
