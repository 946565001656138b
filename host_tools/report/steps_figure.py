"""The plot over the steps as a still picture: for paper, and where no script runs."""

import numpy as np

from hipcue.contract.signals import SIDES
from host_tools.report import facts, wording
from host_tools.report.svg import (
    BAND,
    COLOURS,
    DASHES,
    GRID,
    INK,
    PAUSE,
    SOFT,
    Frame,
    drawing,
    element,
    label,
    line,
    number,
)  # fmt: skip

WIDTH, LEFT, RIGHT, GAP, TOP, BOTTOM = 720, 42, 8, 23, 34, 34
FEEDBACK_PX = 3  # height of the bar that tells where a programme gave feedback
SHARE_PX = 39  # height of a panel with the share 1
MOST_BINS = 100
BINS_S = (10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0)  # what a point of the line may span
LEAST_IN_BIN = 3
AXIS_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)
LEAST_TICK_PX = 46


def steps_figure(runs, panels):
    """Return the SVG of `panels` (panels.panels_of) over all `runs` that have a step."""
    runs = [run for run in runs if len(run.line.t_s)]
    end_s = runs[-1].from_s + runs[-1].plotted_s
    bin_s = bin_width_s(end_s)
    top, parts = TOP, []
    for panel in panels:
        frame = Frame(LEFT, top, WIDTH - LEFT - RIGHT, SHARE_PX * panel.share, (0.0, end_s), (panel.low, panel.high))
        parts.append(_panel(frame, panel, runs, bin_s))
        top += frame.height + GAP
    height = top - GAP + BOTTOM
    parts.append(_time_axis(frame, runs, height - BOTTOM))
    return drawing(
        "steps", WIDTH, height, "Drop, glute activation and onset over the run, by side", _words(runs), *parts
    )


def bin_width_s(span_s):
    """Return how much time a point of the line spans when `span_s` are shown."""
    return next((width for width in BINS_S if span_s / width <= MOST_BINS), BINS_S[-1])


def binned(t_s, values, bin_s):
    """Return [(s, lower quartile, median, upper quartile)] per `bin_s`; NaN where under 3 steps are."""
    rows = []
    bins = np.floor_divide(t_s, bin_s).astype(np.int64)
    edges = np.searchsorted(bins, np.arange(bins.min(), bins.max() + 2)) if len(bins) else []
    for order, (a, b) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        middle, low, high, count = facts.spread(values[a:b])
        known = (low, middle, high) if count >= LEAST_IN_BIN else (np.nan,) * 3
        rows.append(((bins[0] + order + 0.5) * bin_s, *known))
    return rows


def _panel(frame, panel, runs, bin_s):
    parts = [_ground(frame, panel, runs), frame.y_axis()]
    if panel.baseline is not None:
        parts.append(frame.across(panel.baseline, stroke=INK, stroke_width=1))
    for run in runs:
        for side in panel.sides:
            parts.append(_course(frame, panel, run, side, bin_s))
        if panel.column == "peak_drop_deg":
            parts.append(_threshold(frame, run, panel.sides[0]))
            parts.append(_cues(frame, run, panel.sides[0]))
            parts.append(_feedback(frame, run))
    parts.append(label(panel.title, frame.left, frame.top - 8, fill=INK, font_weight=650))
    parts.append(_key(frame, panel))
    return "".join(parts)


def _ground(frame, panel, runs):
    """Return what lies below all: the runner's own band, grey where no steps are, dotted lines between thirds."""
    parts = []
    for run in runs:
        for a, b in facts.spans_without_running_s(run.session, run.line):
            parts.append(frame.box(run.from_s + a, run.from_s + b, panel.low, panel.high, fill=PAUSE))
    if panel.baseline is not None:
        least = wording.LEAST_CHANGE_DEG
        parts.append(frame.box(*frame.x_range, panel.baseline - least, panel.baseline + least, fill=BAND))
    for run in runs:
        edges = facts.third_edges_s(run.line)
        for edge in [] if edges is None else edges[1:3]:
            parts.append(_upright(frame, run.from_s + edge, stroke=SOFT, stroke_width=0.8, stroke_dasharray="1 3"))
        for span in facts.unknown_spans_s(run.session, run.line):
            parts.append(_ruled(frame, *(run.from_s + edge for edge in span)))
    for before, after in zip(runs[:-1], runs[1:], strict=True):
        middle = (before.from_s + before.plotted_s + after.from_s) / 2
        parts.append(_upright(frame, middle, stroke=SOFT, stroke_width=1))
    return "".join(parts)


def _ruled(frame, from_s, to_s):
    """Return the lines that stand where nothing is known."""
    from_x, to_x = frame.x(from_s), frame.x(to_s)
    marks = ["M%s,%sv%s" % (number(x), number(frame.top), number(frame.height)) for x in np.arange(from_x, to_x, 4.0)]
    return element("path", d="".join(marks), stroke=SOFT, stroke_width=0.8)


def _upright(frame, at_s, **look):
    x = frame.x(at_s)
    return element("line", x1=x, x2=x, y1=frame.top, y2=frame.top + frame.height, **look)


def _course(frame, panel, run, side, bin_s):
    """Return the middle half of the steps as a shade and their median as a line, grey within the error."""
    line_s, chosen = run.line, run.line.valid(side, panel.column)
    rows = binned(line_s.t_s[chosen], line_s.step[panel.column][chosen], bin_s)
    places = [(frame.x(run.from_s + s), *(frame.y(v) for v in values)) for s, *values in rows]
    parts = [_shade(stretch, side) for stretch in _stretches(places)]
    if panel.baseline is None:
        return "".join(parts) + line([(x, y) for x, _, y, _ in places], stroke=COLOURS[side], stroke_width=2,
                                     stroke_dasharray=DASHES[side])  # fmt: skip
    small = [wording.within_error(middle - panel.baseline) for _, _, middle, _ in rows]
    for (a, b), grey in _alike(small):
        points = [(x, y) for x, _, y, _ in places[max(a - 1, 0) : b]]
        look = {"stroke": SOFT, "stroke_width": 1.6} if grey else {"stroke": COLOURS[side], "stroke_width": 3}
        parts.append(line(points, **look))
    return "".join(parts)


def _stretches(places):
    stretch = []
    for place in [*places, (np.nan,) * 4]:
        if np.isfinite(place[1]):
            stretch.append(place)
        elif stretch:
            yield stretch
            stretch = []


def _alike(flags):
    """Return [((from, to), flag)] of the stretches of equal `flags`."""
    edges = [0, *(k for k in range(1, len(flags)) if flags[k] != flags[k - 1]), len(flags)]
    return [((a, b), flags[a]) for a, b in zip(edges[:-1], edges[1:], strict=True) if b > a]


def _shade(stretch, side):
    there = ["%s,%s" % (number(x), number(low)) for x, low, _, _ in stretch]
    back = ["%s,%s" % (number(x), number(high)) for x, _, _, high in reversed(stretch)]
    return element("polygon", points=" ".join(there + back), fill=COLOURS[side], fill_opacity="0.16")


def _threshold(frame, run, side):
    levels = facts.thresholds_deg(run.session, run.line).get(side, [])
    look = {"stroke": INK, "stroke_width": 1, "stroke_dasharray": "4 3"}
    parts = []
    for order, (level, from_s) in enumerate(levels):
        end_s = levels[order + 1][1] if order + 1 < len(levels) else run.plotted_s
        y, x1, x2 = frame.y(level), frame.x(run.from_s + from_s), frame.x(run.from_s + end_s)
        parts.append(element("line", x1=x1, x2=x2, y1=y, y2=y, **look))
    return "".join(parts)


def _cues(frame, run, side):
    marks = []
    for cue_s in run.line.cue_s[run.line.cue_side == side]:
        x, y = frame.x(run.from_s + cue_s), frame.top + 1
        marks.append("M%s,%sh6l-3,6z" % (number(x - 3), number(y)))
    return element("path", d="".join(marks), fill=INK) if marks else ""


def _feedback(frame, run):
    """Return the bar at the bottom that spans the parts with feedback of a programme."""
    y, bars = frame.top + frame.height - FEEDBACK_PX, []
    for a, b in facts.feedback_spans_s(run.session, run.line):
        x = frame.x(run.from_s + a)
        bars.append(element("rect", x=x, y=y, width=frame.x(run.from_s + b) - x, height=FEEDBACK_PX, fill=SOFT))
    return "".join(bars)


def _key(frame, panel):
    """Return which line is whose, at the right end above a panel of both sides."""
    if len(panel.sides) < 2:
        return ""
    parts, x = [], frame.left + frame.width - 118
    for side, name in SIDES:
        y = frame.top - 12
        look = {"stroke": COLOURS[side], "stroke_width": 2, "stroke_dasharray": DASHES[side]}
        parts.append(element("line", x1=x, x2=x + 22, y1=y, y2=y, **look))
        parts.append(label(name, x + 26, y + 4))
        x += 62
    return "".join(parts)


def _time_axis(frame, runs, y):
    """Return the time within each run below the panels, and the runs' names above them when there are several."""
    parts = [element("line", x1=frame.left, x2=frame.left + frame.width, y1=y, y2=y, stroke=GRID)]
    for run in runs:
        from_x, to_x = frame.x(run.from_s), frame.x(run.from_s + run.plotted_s)
        if len(runs) > 1:
            parts.append(label(run.label, from_x + 2, 13, fill=INK))
        for at_s in _round_times(run.plotted_s, to_x - from_x):
            x = frame.x(run.from_s + at_s)
            parts.append(element("line", x1=x, x2=x, y1=y, y2=y + 4, stroke=SOFT))
            parts.append(label("%d" % (at_s // 60), x, y + 15, "middle"))
    middle = frame.left + frame.width / 2
    parts.append(label("minutes from the start of %s" % ("each run" if len(runs) > 1 else "the recording"),
                       middle, y + 30, "middle"))  # fmt: skip
    return "".join(parts)


def _round_times(span_s, width):
    steps = [step for step in AXIS_STEPS_S if step >= 60 and step / span_s * width >= LEAST_TICK_PX]
    return np.arange(0, span_s, steps[0]) if steps else [0]


def _words(runs):
    said = []
    for side, name in SIDES:
        thirds = facts.by_third(runs[-1].line, side, "peak_drop_deg")
        words = "%s stance: median drop %s in the first third, %s in the last" % (
            name.capitalize(), _said(thirds[0][0]), _said(thirds[2][0]),
        )  # fmt: skip
        levels = facts.thresholds_deg(runs[-1].session, runs[-1].line).get(side)
        if levels:
            words += ", threshold %.1f deg" % levels[-1][0]
        said.append(words + ", %d cues." % (runs[-1].line.cue_side == side).sum())
    return ("In the latest run: " if len(runs) > 1 else "") + " ".join(said)


def _said(value):
    return "unknown" if value is None else "%.1f deg" % value
