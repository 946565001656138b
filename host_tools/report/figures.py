"""The report's figures as inline SVG: same data, same bytes; titles and descriptions for those who cannot see."""

import io
import re

import matplotlib
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from host_tools.report.facts import by_third, rolling_median, spans_without_running_s, third_edges_s
from host_tools.report.markup import text
from host_tools.report.timeline import SIDES

# Okabe & Ito's blue and vermillion: told apart with any colour vision, and dark enough on white.
COLOURS = {1: "#0072B2", 2: "#D55E00"}

_GREY = "#59636e"
_WIDTH_IN = 7.1
_MOST_VECTOR_POINTS = 8000  # beyond, the dots are drawn as a picture within the SVG
_LONG_RUN_S = 5400.0

_STYLE = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same everywhere
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _GREY,
    "axes.labelcolor": "#1c2126",
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "xtick.color": _GREY,
    "ytick.color": _GREY,
    "axes.grid": True,
    "grid.color": "#e6e9ec",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "svg.fonttype": "path",
}


def window_steps(line):
    """Return over how many same-side steps the line runs: 31, more where a run is too long to show that."""
    return max(31, len(line.t_s) // 400 | 1)


def drop_figure(line, thresholds):
    """Return the SVG of the drop of every valid step, a panel a side; thresholds as facts.thresholds_deg() gives."""

    def draw(figure):
        axes = figure.subplots(2, 1, sharex=True, sharey=True)
        for axis, (side, name) in zip(axes, SIDES, strict=True):
            _drop_panel(axis, line, side, name, thresholds.get(side))
        _drop_limits(axes[0], line, thresholds)
        _time_axis(axes, line)

    return _svg("drop", 4.9, draw, *_drop_words(line, thresholds))


def _drop_panel(axis, line, side, name, threshold):
    unit_s = _unit(line)[0]
    valid = line.valid(side)
    _dots(axis, line.t_s[valid] / unit_s, line.step["peak_drop_deg"][valid], COLOURS[side])
    median_s, median = rolling_median(line.t_s[valid], line.step["peak_drop_deg"][valid], window_steps(line))
    axis.plot(median_s / unit_s, median, color="white", linewidth=3.4)
    axis.plot(
        median_s / unit_s, median, color=COLOURS[side], linewidth=1.8, label="median of %d steps" % window_steps(line)
    )
    if threshold:
        level, from_s = threshold
        label = "cue threshold %.1f deg" % level
        axis.plot((from_s / unit_s, line.end_s / unit_s), (level, level), "--", color="black", linewidth=1, label=label)
    cues = line.cue_s[line.cue_side == side]
    if len(cues):
        axis.plot(
            cues / unit_s, np.full(len(cues), 0.97), "v", color="black", markersize=4, linestyle="none",
            transform=axis.get_xaxis_transform(), label="cue (%d)" % len(cues), clip_on=False,
        )  # fmt: skip
    _pauses(axis, line)
    axis.axhline(0, color=_GREY, linewidth=0.8)
    axis.set_title("%s stance" % name.capitalize(), color=COLOURS[side])
    axis.set_ylabel("peak drop (deg)")
    if axis.get_legend_handles_labels()[0]:
        axis.legend(loc="lower right", bbox_to_anchor=(1, 1.0), ncols=3, borderaxespad=0.2, handlelength=1.8)


def _drop_limits(axis, line, thresholds):
    known = line.step["peak_drop_deg"][line.ok]
    known = known[np.isfinite(known)]
    levels = [level for level, _ in thresholds.values()]
    low, high = np.percentile(known, (0.2, 99.8)) if len(known) else (0.0, 5.0)
    axis.set_ylim(min(low, 0.0) - 1.0, max([high, *levels]) + 1.5)


def glute_figure(line):
    """Return the SVG of each glute's envelope in its own stance over the run."""

    def draw(figure):
        axes = figure.subplots(1, 2, sharex=True, sharey=True)
        for axis, (side, name) in zip(axes, SIDES, strict=True):
            _glute_panel(axis, line, side, name)
        axes[0].set_ylabel("mean envelope in own stance (uV)")
        axes[0].set_ylim(0, axes[0].get_ylim()[1] * 1.05)
        _time_axis(axes, line)

    words = "Mean envelope of the %s glute in %s stances: median %s in the first third, %s in the last."
    said = []
    for side, name in SIDES:
        first, last = _ends(line, side, "emg_%s_uv" % name)
        said.append(words % (name, name, _said(first, "%.0f uV"), _said(last, "%.0f uV")))
    return _svg("glute", 2.7, draw, "Glute envelope per step over the run, left and right", " ".join(said))


def _glute_panel(axis, line, side, name):
    unit_s = _unit(line)[0]
    values = line.step["emg_%s_uv" % name]
    known = line.ok & (line.side == side) & np.isfinite(values)
    _dots(axis, line.t_s[known] / unit_s, values[known], COLOURS[side])
    _median_line(axis, line, side, known, values)
    _pauses(axis, line)
    axis.set_title("%s glute" % name.capitalize(), color=COLOURS[side])
    if not known.any():
        axis.text(0.5, 0.5, "unknown", transform=axis.transAxes, ha="center", color=_GREY, style="italic")


def cue_figure(line):
    """Return the SVG of the cues per minute: left upwards, right downwards."""

    def draw(figure):
        axis = figure.subplots()
        minutes = int(np.ceil(max(line.end_s, 60.0) / 60.0))
        most = 1
        for side, name in SIDES:
            count, _ = np.histogram(line.cue_s[line.cue_side == side] / 60.0, bins=np.arange(minutes + 1))
            sign = 1 if side == 1 else -1
            axis.bar(np.arange(minutes) + 0.5, sign * count, width=0.8, color=COLOURS[side])
            axis.text(
                1.01, 0.75 if side == 1 else 0.25, name, color=COLOURS[side], transform=axis.transAxes, va="center"
            )
            most = max(most, count.max())
        axis.axhline(0, color=_GREY, linewidth=0.8)
        axis.set_ylim(-most - 0.5, most + 0.5)
        axis.yaxis.set_major_locator(MaxNLocator(5, integer=True, symmetric=True))
        axis.yaxis.set_major_formatter(lambda value, _: "%d" % abs(value))
        axis.set_xlim(0, minutes)
        axis.set_ylabel("cues per minute")
        axis.set_xlabel("time since the start of the recording (min)")

    counts = {name: int((line.cue_side == side).sum()) for side, name in SIDES}
    title = "Cues per minute, left above and right below the line"
    return _svg("cues", 1.8, draw, title, "%(left)d cues on the left, %(right)d on the right." % counts)


def _dots(axis, x, y, colour):
    crowded = len(x) > _MOST_VECTOR_POINTS
    look = {"alpha": 0.15 if crowded else 0.42, "markersize": 3.4, "markeredgewidth": 0, "linestyle": "none"}
    axis.plot(x, y, ".", color=colour, rasterized=crowded, **look)


def _median_line(axis, line, side, chosen, values):
    window, unit_s = window_steps(line), _unit(line)[0]
    median_s, median = rolling_median(line.t_s[chosen], values[chosen], window)
    axis.plot(median_s / unit_s, median, color="white", linewidth=3.4)  # keeps the line apart from the dots
    label = "median of %d steps" % window
    axis.plot(median_s / unit_s, median, color=COLOURS[side], linewidth=1.8, label=label)


def _pauses(axis, line):
    unit_s = _unit(line)[0]
    for from_s, to_s in spans_without_running_s(line):
        axis.axvspan(from_s / unit_s, to_s / unit_s, color="#eceff1", linewidth=0, zorder=0)


def _time_axis(axes, line):
    unit_s, unit = _unit(line)
    edges = third_edges_s(line)
    for axis in axes:
        for edge in [] if edges is None else edges[1:3]:
            axis.axvline(edge / unit_s, color=_GREY, linewidth=0.7, linestyle=":", zorder=0.5)
    axes[-1].set_xlim(0, max(line.end_s, 1.0) / unit_s)
    for axis in axes:
        if axis.get_subplotspec().is_last_row():
            axis.set_xlabel("time since the start of the recording (%s)" % unit)


def _unit(line):
    """Return the seconds in a unit of the time axis, and its name."""
    return (3600.0, "h") if line.end_s > _LONG_RUN_S else (60.0, "min")


def _drop_words(line, thresholds):
    said = []
    for side, name in SIDES:
        first, last = _ends(line, side, "peak_drop_deg")
        words = "%s stance: median drop %s in the first third, %s in the last" % (
            name.capitalize(), _said(first, "%.1f deg"), _said(last, "%.1f deg"),
        )  # fmt: skip
        if side in thresholds:
            words += ", threshold %.1f deg" % thresholds[side][0]
        said.append(words + ", %d cues." % (line.cue_side == side).sum())
    return "Peak pelvic drop of every valid step over the run, left and right stance", " ".join(said)


def _ends(line, side, column):
    thirds = by_third(line, side, column)
    return thirds[0][0], thirds[2][0]


def _said(value, form):
    return "unknown" if value is None else form % value


def _svg(name, height_in, draw, title, description):
    """Return the SVG that `draw(figure)` makes, its ids marked with `name` so that figures share a page."""
    with matplotlib.rc_context(_STYLE | {"svg.hashsalt": name}):
        figure = Figure(figsize=(_WIDTH_IN, height_in), layout="constrained")
        draw(figure)
        file = io.StringIO()
        FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None, "Creator": None})
    svg = file.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r'\bid="', 'id="%s-' % name, svg)
    svg = re.sub(r'(href="#|url\(#)', r"\g<1>%s-" % name, svg)
    labels = '<title id="%s-title">%s</title><desc id="%s-desc">%s</desc>' % (
        name,
        text(title),
        name,
        text(description),
    )
    opening = '<svg role="img" aria-labelledby="%s-title %s-desc"' % (name, name)
    return re.sub(r"<svg([^>]*)>", lambda match: opening + match[1] + ">" + labels, svg, count=1)
