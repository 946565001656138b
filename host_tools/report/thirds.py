"""First and last third of each run; runs side by side when there are several."""

from hipcue.contract.signals import SIDES
from host_tools.report import facts, wording
from host_tools.report.markup import UNKNOWN, change, figure, section, side_word, signed, table, text, unknown_or
from host_tools.report.runs_figure import runs_figure

_RUNS_ON_PAPER = 7
_FROM_TO = (
    "From the median of each run's first third (small mark) to that of its last one (large mark). "
    "Grey band: %g deg around the own baseline."
)
_SPREAD = (
    "Median, with the middle half of the steps and their number below it. Excursion: peak drop less the drop at foot "
    "contact."
)
# Row of the table of one run: words, column of the steps, digits, unit.
_ROWS = (
    ("peak drop", "peak_drop_deg", 1, " deg"),
    ("excursion", "excursion_deg", 1, " deg"),
    ("glute", "own_pct", 0, " %"),
    ("onset", "onset_ms", 0, " ms"),
)


def thirds_section(runs, panels):
    """Return the section on the thirds of each of `runs`; nothing without a valid step."""
    runs = [run for run in runs if run.line.ok.any()]
    if not runs:
        return ""
    if len(runs) == 1:
        return section("First and last third", _one_run(runs[0].line, {panel.column for panel in panels}))
    return section(
        "Runs side by side",
        figure(
            runs_figure(runs, panels),
            _FROM_TO % wording.LEAST_CHANGE_DEG,
        ),
        _several(runs),
    )


def _one_run(line, columns):
    rows = []
    for side, name in SIDES:
        for words, column, digits, unit in _ROWS:
            if column in columns or column == "excursion_deg":
                rows.append(
                    _row(side_word(name, ", " + words), facts.by_third(line, side, column), column, digits, unit)
                )
    header = ("", "first third", "second third", "last third", "last less first")
    return table(_SPREAD, header, rows, kind="numbers thirds")


def _row(words, thirds, column, digits, unit):
    cells = [words]
    for middle, low, high, count in thirds:
        cells.append(
            "%.*f%s<small>%.*f to %.*f; %d steps</small>" % (digits, middle, unit, digits, low, digits, high, count)
            if count
            else UNKNOWN
        )
    return [*cells, moved(thirds[0][0], thirds[2][0], column, digits, unit)]


def moved(first, last, column, digits, unit):
    """Return a change of `column`; one of the drop is greyed, and said to be so, when it is within the error."""
    if first is None or last is None:
        return UNKNOWN
    if column not in ("peak_drop_deg", "excursion_deg"):
        return signed(last - first, digits, unit)
    small = "<small>within the error</small>" if wording.within_error(last - first) else ""
    return change(last - first) + small


def _several(runs):
    rows = []
    for run in runs:
        cells = [cell for side, _ in SIDES for cell in _side_cells(run, side)]
        counts = [(run.line.cue_side == side).sum() for side, _ in SIDES]
        rows.append((text(run.label), *cells, "%d, %d" % tuple(counts)))
    header = ["run"]
    for _, name in SIDES:
        header += [side_word(name, " baseline"), "drop", "change", "glute (%)", "onset (ms)"]
    caption = "Medians, first to last third. Baseline: the runner's own drop in that run, as the clip measured it, deg."
    return table(caption, (*header, "cues"), rows, kind="numbers by-side", on_paper=-_RUNS_ON_PAPER)


def _side_cells(run, side):
    first, _, last = facts.by_third(run.line, side, "peak_drop_deg")
    baselines = facts.baselines_deg(run.session, run.line)
    return (
        unknown_or(baselines.get(side, (None,))[0], "%.1f"),
        _pair(run.line, side, "peak_drop_deg", "%.1f"),
        change(None if None in (first[0], last[0]) else last[0] - first[0], unit=""),
        _pair(run.line, side, "own_pct", "%.0f"),
        _pair(run.line, side, "onset_ms", "%.0f"),
    )


def _pair(line, side, column, form):
    first, _, last = facts.by_third(line, side, column)
    if first[0] is None and last[0] is None:
        return UNKNOWN
    return "%s to %s" % (unknown_or(first[0], form), unknown_or(last[0], form))
