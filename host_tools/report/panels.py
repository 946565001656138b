"""What the plot over the steps shows, from top to bottom; drawn alike on paper and on the screen."""

from dataclasses import dataclass

import numpy as np

from hipcue.contract.signals import SIDES
from host_tools.report import facts, wording

_INNER_PCT = (0.2, 99.8)  # of the values: what lies beyond is drawn at the edge


@dataclass(frozen=True)
class Panel:
    """One plot of the column `column` (a key of Timeline.step) for `sides`, from `low` to `high`.

    `baseline`: the runner's own, or None; changes up to wording.LEAST_CHANGE_DEG around it are greyed.
    `share`: of the height.
    """

    column: str
    sides: tuple
    title: str
    unit: str
    low: float
    high: float
    share: float
    baseline: float | None = None


def panels_of(runs):
    """Return [Panel]: the drop of each side, then activation and onset of both, as far as they are known at all."""
    limits = _drop_limits(runs)
    found = []
    for side, name in SIDES:
        baseline = first_baseline_deg(runs, side)
        own = "" if baseline is None else ", own baseline %.1f" % baseline
        title = "Drop, %s stance (deg)%s" % (name, own)
        found.append(Panel("peak_drop_deg", (side,), title, "deg", *limits, 1.25, baseline))
    if _known(runs, "own_pct").size:
        high = _inner(_known(runs, "own_pct"))[1]
        title = "Glute in own stance (%s)" % reference_words(runs)
        found.append(Panel("own_pct", (1, 2), title, "%", 0.0, max(20.0, 1.08 * high), 1.0))
    if _known(runs, "onset_ms").size:
        low, high = _inner(_known(runs, "onset_ms"))
        title = "Glute onset (ms after foot contact)"
        found.append(Panel("onset_ms", (1, 2), title, "ms", min(low, 0.0) - 10, max(high, 0.0) + 10, 0.7))
    return found


def first_baseline_deg(runs, side):
    """Return the runner's own drop of `side`: that of the first run that has it, or None."""
    found = (facts.baselines_deg(run.session, run.line).get(side) for run in runs)
    return next((baseline[0] for baseline in found if baseline), None)


def reference_words(runs):
    """Return what the percentages are of, such as `% of MVIC`, for both sides and all runs."""
    by_side = {name: _reference_words(runs, name) for _, name in SIDES}
    told = {words for words in by_side.values() if words}
    if not told:
        return "% of no reference"
    if len(told) == 1:
        return "% of " + told.pop()
    return "%; " + ", ".join("%s: of %s" % (name, words) for name, words in by_side.items() if words)


def _reference_words(runs, name):
    found = dict.fromkeys(run.line.references[name][0] for run in runs if name in run.line.references)
    return " or ".join(wording.REFERENCES[each] for each in found)


def _known(runs, column):
    """Return the known values of `column` over valid steps of all runs."""
    parts = [run.line.step[column][run.line.ok] for run in runs]
    values = np.concatenate(parts) if parts else np.zeros(0)
    return values[np.isfinite(values)]


def _inner(values):
    low, high = np.percentile(values, _INNER_PCT)
    return float(low), float(high)


def _drop_limits(runs):
    known = _known(runs, "peak_drop_deg")
    low, high = _inner(known) if known.size else (0.0, 5.0)
    thresholds = [facts.thresholds_deg(run.session, run.line) for run in runs]
    levels = [level for each in thresholds for rows in each.values() for level, _ in rows]
    baselines = [level for side, _ in SIDES if (level := first_baseline_deg(runs, side)) is not None]
    bands = [level + sign * wording.LEAST_CHANGE_DEG for level in baselines for sign in (-1, 1)]
    return min([low, 0.0, *bands]) - 0.5, max([high, *levels, *bands]) + 0.8
