"""Runs side by side as a still picture: from the first to the last third of each."""

import numpy as np

from hipcue.contract.signals import SIDES
from host_tools.report import facts, wording
from host_tools.report.svg import BAND, COLOURS, DASHES, INK, Frame, drawing, element, label, marker

_WIDTH, _HEIGHT, _TOP, _BOTTOM, _LEFT, _GAP = 720, 158, 22, 46, 34, 40
_MOST_LABELS = 9
_SLOT = (0.22, 0.78)  # where in a run's place its first and its last third stand


def runs_figure(runs, panels):
    """Return the SVG: a panel for the drop of each side, one for activation where it is known; a slot a run."""
    panels = [panel for panel in panels if panel.column != "onset_ms"]
    width = (_WIDTH - _LEFT + _GAP) / len(panels) - _GAP
    parts = []
    for order, panel in enumerate(panels):
        limits = _limits(panel, runs)
        left = _LEFT + order * (width + _GAP)
        frame = Frame(left, _TOP, width - 6, _HEIGHT - _TOP - _BOTTOM, (0.0, float(len(runs))), limits)
        parts.append(_panel(frame, panel, runs))
    return drawing("runs", _WIDTH, _HEIGHT, "First and last third of each run", _words(runs), *parts)


def _limits(panel, runs):
    values = [
        value for run in runs for side in panel.sides for value in _ends(run, side, panel.column) if value is not None
    ]
    if panel.baseline is not None:
        values += [panel.baseline - wording.LEAST_CHANGE_DEG, panel.baseline + wording.LEAST_CHANGE_DEG]
    if not values:
        return panel.low, panel.high
    margin = 0.08 * (max(values) - min(values)) + 0.2
    return min(0.0, min(values) - margin), max(values) + margin


def _ends(run, side, column):
    first, _, last = facts.by_third(run.line, side, column)
    return first[0], last[0]


def _panel(frame, panel, runs):
    parts = []
    if panel.baseline is not None:
        least = wording.LEAST_CHANGE_DEG
        parts.append(frame.box(*frame.x_range, panel.baseline - least, panel.baseline + least, fill=BAND))
    parts.append(frame.y_axis())
    if panel.baseline is not None:
        parts.append(frame.across(panel.baseline, stroke=INK, stroke_width=1))
    parts.append(label(_title(panel), frame.left, frame.top - 9, fill=INK, font_weight=650))
    every = -(-len(runs) // _MOST_LABELS)
    for order, run in enumerate(runs):
        if order % every == 0:
            x, y = frame.x(order + 0.5), frame.top + frame.height + 12
            parts.append(label(run.label, x, y, "end", transform="rotate(-35 %.1f %.1f)" % (x, y), font_size=10.5))
        parts += [_slope(frame, order, run, side, panel.column) for side in panel.sides]
    return "".join(parts)


def _title(panel):
    if panel.column == "peak_drop_deg":
        return "Drop, %s stance (deg)" % dict(SIDES)[panel.sides[0]]
    return "Glute in own stance (%)"


def _slope(frame, order, run, side, column):
    first, last = _ends(run, side, column)
    places = [
        (frame.x(order + at), frame.y(value) if value is not None else np.nan)
        for at, value in zip(_SLOT, (first, last), strict=True)
    ]
    parts = []
    if None not in (first, last):
        (x1, y1), (x2, y2) = places
        look = {"stroke": COLOURS[side], "stroke_width": 1.6, "stroke_dasharray": DASHES[side]}
        parts.append(element("line", x1=x1, y1=y1, x2=x2, y2=y2, **look))
    parts += [marker(side, x, y, size) for (x, y), size in zip(places, (2.0, 3.6), strict=True) if np.isfinite(y)]
    return "".join(parts)


def _words(runs):
    said = []
    for run in runs:
        ends = [(name, _ends(run, side, "peak_drop_deg")) for side, name in SIDES]
        told = ["%s %s to %s deg" % (name, *map(_said, pair)) for name, pair in ends]
        said.append("%s: %s." % (run.label, ", ".join(told)))
    return " ".join(said)


def _said(value):
    return "unknown" if value is None else "%.1f" % value
