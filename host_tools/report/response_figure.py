"""The steps around a cue as a still picture: what the same side's drop did before it and after it."""

import numpy as np

from hipcue.contract.signals import SIDES
from host_tools.log.responses import RESPONSE_STEPS
from host_tools.report import facts
from host_tools.report.svg import COLOURS, DASHES, INK, SOFT, Frame, drawing, element, label, line, marker

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 360, 180, 36, 22, 40
_ASIDE = {1: -0.09, 2: 0.09}  # of a step: keeps the sides' bars apart
_LEAST_CUES = 3  # that a point rests on


def response_figure(cues):
    """Return the SVG of the drop around the cues (C): `side` (C,) and `around` (C, 12), as cues gathers them."""
    spreads = {side: _spreads(cues["around"][cues["side"] == side]) for side, _ in SIDES}
    values = [value for each in spreads.values() for row in each for value in row if np.isfinite(value)]
    low, high = (min(0.0, *values), max(values) + 0.5) if values else (0.0, 10.0)
    frame = Frame(
        _LEFT, _TOP, _WIDTH - _LEFT - 8, _HEIGHT - _TOP - _BOTTOM, (0.5, 2 * RESPONSE_STEPS + 0.5), (low, high)
    )
    middle = frame.x(RESPONSE_STEPS + 0.5)
    parts = [frame.y_axis(), label("Drop around a cue (deg)", _LEFT, _TOP - 10, fill=INK, font_weight=650)]
    parts.append(element("line", x1=middle, x2=middle, y1=frame.top, y2=frame.top + frame.height, stroke=INK))
    parts.append(label("cue", middle + 4, frame.top + 9, fill=INK))
    parts += [_side(frame, side, spreads[side]) for side, _ in SIDES]
    parts += [_step_number(frame, order) for order in range(2 * RESPONSE_STEPS)]
    parts.append(label("steps of the same side, from the cue", frame.left + frame.width / 2, _HEIGHT - 6, "middle"))
    return drawing("response", _WIDTH, _HEIGHT, "Drop around a cue, by side", _words(spreads), *parts)


def _spreads(around):
    """Return [(median, lower quartile, upper quartile)] per step over the cues; NaN where too few are known."""
    rows = []
    for column in around.T:
        *found, count = facts.spread(column[np.isfinite(column)])
        rows.append(tuple(found) if count >= _LEAST_CUES else (np.nan,) * 3)
    return rows


def _side(frame, side, spreads):
    places = [(frame.x(order + 1 + _ASIDE[side]), row) for order, row in enumerate(spreads)]
    parts = [line([(x, frame.y(row[0])) for x, row in places], stroke=COLOURS[side], stroke_width=1.6,
                  stroke_dasharray=DASHES[side])]  # fmt: skip
    for x, (middle, low, high) in places:
        if np.isfinite(middle):
            parts.append(element("line", x1=x, x2=x, y1=frame.y(low), y2=frame.y(high), stroke=COLOURS[side]))
            parts.append(marker(side, x, frame.y(middle), 3))
    return "".join(parts)


def _step_number(frame, order):
    number = order - RESPONSE_STEPS + (order >= RESPONSE_STEPS)
    words = "%+d" % number if number > 0 else "\N{MINUS SIGN}%d" % -number
    return label(words, frame.x(order + 1), frame.top + frame.height + 15, "middle", fill=SOFT, font_size=10.5)


def _words(spreads):
    said = []
    for side, name in SIDES:
        before, after = spreads[side][RESPONSE_STEPS - 1][0], spreads[side][-1][0]
        told = ["unknown" if np.isnan(value) else "%.1f deg" % value for value in (before, after)]
        said.append("%s: %s in the step before the cue, %s six steps later." % (name.capitalize(), *told))
    return " ".join(said)
