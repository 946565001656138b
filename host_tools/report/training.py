"""Section of the report on the home exercises done and on the strength of the glutes by date."""

import numpy as np

from hipcue.contract.signals import SIDES
from host_tools.report import facts, wording
from host_tools.report.markup import UNKNOWN, section, side_word, table, text, unknown_or
from host_tools.report.runs import date

_ON_PAPER = 4


def training_section(runs):
    """Return the section on drills and MVIC."""
    return section("Drills and MVIC", '<div class="pair wide-left">\n%s\n%s\n</div>' % (_drills(runs), _mvics(runs)))


def _drills(runs):
    rows = [row for run in runs for row in _drill_rows(run)]
    if not rows:
        return "<p>No drill was recorded.</p>"
    header = ["day, exercise", "target"]
    for _, name in SIDES:
        header += [side_word(name, " reached"), "peak"]
    caption = (
        "Repetitions counted from the glute's activation, percent of the MVIC. Reached: at the target for as long as "
        "the clip was set to ask for. Peak: median over repetitions."
    )
    return table(caption, header, rows, on_paper=-_ON_PAPER)


def _drill_rows(run):
    """Return a row for each exercise and target of a run."""
    reps = run.session.repetitions
    if not len(reps.get("time_ms", ())):
        return []
    targets = np.where(np.isfinite(reps["target_pct"]), reps["target_pct"], -1.0)  # so that unknown ones are alike
    rows = []
    for exercise, target in dict.fromkeys(zip(reps["exercise"].tolist(), targets.tolist(), strict=True)):
        alike = (reps["exercise"] == exercise) & (targets == target)
        cells = [cell for side, _ in SIDES for cell in _side_cells(run, alike & (reps["side"] == side))]
        what = "%s, %s" % (text(run.label), text(exercise.replace("_", " ")))
        rows.append((what, unknown_or(None if target < 0 else target, "%.0f %%"), *cells))
    return rows


def _side_cells(run, own):
    if not own.any():
        return "&ndash;", "&ndash;"
    peaks = run.session.repetitions["peak_pct"][own]
    middle = facts.spread(peaks[np.isfinite(peaks)])[0]
    return _reached(run, own), unknown_or(middle, "%.0f %%")


def _reached(run, own):
    reps = run.session.repetitions
    hold_s = run.session.config.get("drill_hold_s")
    asked = reps["peak_pct"][own], reps["target_pct"][own], reps["hold_ms"][own]
    if hold_s is None or not np.isfinite(asked).all():
        return "%s of %d" % (UNKNOWN, own.sum())
    peak, target, held = asked
    return "%d of %d" % (((peak >= target) & (held >= 1000 * hold_s)).sum(), own.sum())


def _mvics(runs):
    rows = [row for side, name in SIDES for row in _mvic_rows(runs, side, name)]
    if not rows:
        return "<p>No MVIC is in the logs; without one no drill can be done.</p>"
    caption = "MVIC by date, percent of that side's first one. " + wording.MVIC
    return table(caption, ("side, date", "amplitude", "of the first"), rows, on_paper=-_ON_PAPER)


def _mvic_rows(runs, side, name):
    """Return a row for each MVIC of a side that any log tells of, once, in the order in which they were measured."""
    told = [(unix_ms, uv, run.session.front_end) for run in runs for unix_ms, uv in run.session.mvic_uv.get(name) or []]
    found = list(dict.fromkeys(told))
    if all(unix_ms is not None for unix_ms, _, _ in found):
        found.sort()  # each clip of a runner knows but its own
    rows = []
    for unix_ms, uv, front_end in found:
        alike = front_end == found[0][2] and found[0][1]
        share = "%.0f %%" % (100 * uv / found[0][1]) if alike else UNKNOWN
        when = date(unix_ms, "%d %b %Y") or '<span class="unknown">date unknown</span>'
        rows.append((side_word(name, ", " + when), "%.0f &micro;V" % uv, share))
    return rows
