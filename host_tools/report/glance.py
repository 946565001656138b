"""One glance: each side against the runner's own baseline, and the sides against each other."""

from hipcue.contract.signals import SIDES
from host_tools.report import facts, wording
from host_tools.report.markup import UNKNOWN, change, section, side_word, signed, text, unknown_or
from host_tools.report.panels import first_baseline_deg, reference_words
from host_tools.report.steps_chart import steps_chart

_ROWS = (("Drop (deg)", "peak_drop_deg", 1), ("Glute (%)", "own_pct", 0), ("Onset (ms)", "onset_ms", 0))


def glance_section(runs, panels):
    """Return the section with the course of the drop, of the glutes' activation and of their onset."""
    heading = "At a glance"
    latest = next((run for run in reversed(runs) if run.line.valid(1).any() or run.line.valid(2).any()), None)
    if latest is None:
        return section(heading, "<p>No valid step was recorded, so the drop is unknown.</p>")
    values = {side: _values(runs, latest, side) for side, _ in SIDES}
    cards = [_side_card(values[side], name, runs, latest) for side, name in SIDES]
    cards.append(_symmetry_card(values, runs, latest))
    return section(
        heading,
        '<p class="lead">%s</p>'
        % "<br>".join(_lead(values[side], name, _first_late(runs, latest, side)) for side, name in SIDES),
        '<div class="cards">\n%s\n</div>' % "\n".join(cards),
        '<p class="note">Medians of valid steps. The drop is how far the hip of the swinging leg hangs below that of '
        "the standing leg. Own baseline: what the clip measured in %s. Changes are taken before rounding. %s %s</p>"
        % (_baseline_words(runs), wording.ERROR, _glute_words(runs, panels)),
        steps_chart(runs, panels),
    )


def _values(runs, latest, side):
    """Return {column: (own baseline, median of the latest run, of its last third)}; None is unknown."""
    baselines = {"peak_drop_deg": first_baseline_deg(runs, side)} | _glute_baselines(runs, latest, side)
    return {
        column: (
            baseline,
            facts.whole_run(latest.line, side, column)[0],
            facts.by_third(latest.line, side, column)[2][0],
        )
        for column, baseline in baselines.items()
    }


def _glute_baselines(runs, latest, side):
    """Return the activation and onset of the first run that has them and the latest run's kind of reference."""
    name = dict(SIDES)[side]
    reference = latest.line.references.get(name, ("",))[0]
    for run in runs:
        pct = facts.glute_baseline_pct(run.session, run.line, side)
        if pct is not None and run.line.references[name][0] == reference:
            return {"own_pct": pct, "onset_ms": facts.onset_baseline_ms(run.session, run.line, side)}
    return {"own_pct": None, "onset_ms": None}


def _first_late(runs, latest, side):
    """Return the drop of `side` in the last third of the first of several runs that has it; None without such a run."""
    found = (facts.by_third(run.line, side, "peak_drop_deg")[2][0] for run in runs if run is not latest)
    return next((late for late in found if late is not None), None)


def _lead(values, name, first_late):
    baseline, _, late = values["peak_drop_deg"]
    if baseline is None or late is None:
        words = "the change against the own baseline is unknown"
    elif first_late is None:
        words = "%s (own baseline %.1f, last third %.1f deg)" % (_moved(late - baseline), baseline, late)
    else:
        words = "the drop is %s the own baseline (%.1f; last third of the latest run %.1f, of the first %.1f deg)" % (
            _away(late - baseline), baseline, late, first_late,
        )  # fmt: skip
    return "%s %s." % (side_word(name, " stance:"), words)


def _moved(change_deg):
    if wording.within_error(change_deg):
        return "no change beyond the error"
    return "the drop %s by %.1f deg" % ("rose" if change_deg > 0 else "fell", abs(change_deg))


def _away(change_deg):
    if wording.within_error(change_deg):
        return "within the error of"
    return "%.1f deg %s" % (abs(change_deg), "above" if change_deg > 0 else "below")


def _heads(runs, latest):
    own, whole, late = "own baseline", "whole run", "last third"
    if len(runs) > 1:
        whole, late = "latest run<small>%s</small>" % text(latest.label), "its last third"
    return "<thead><tr><td></td>%s</tr></thead>" % "".join(
        '<th scope="col">%s</th>' % each for each in (own, whole, late)
    )


def _side_card(values, name, runs, latest):
    rows = []
    for words, column, digits in _ROWS:
        baseline, *others = values[column]
        cells = ["<td>%s</td>" % unknown_or(baseline, "%%.%df" % digits)]
        cells += [_against(value, baseline, column, digits) for value in others]
        rows.append('<tr><th scope="row">%s</th>%s</tr>' % (words, "".join(cells)))
    return _card(side_word(name), name, runs, latest, rows)


def _against(value, baseline, column, digits):
    """Return a cell: the value, with its change against the baseline below it."""
    if value is None:
        return "<td>%s</td>" % UNKNOWN
    below = "change unknown"
    if baseline is not None:
        moved = value - baseline
        below = change(moved, unit="") if column == "peak_drop_deg" else signed(moved, digits)
    return "<td><b>%.*f</b><small>%s</small></td>" % (digits, value, below)


def _symmetry_card(values, runs, latest):
    comparable = _same_reference(latest.line)
    rows = []
    for words, column, digits in _ROWS:
        cells = []
        for left, right in zip(values[1][column], values[2][column], strict=True):
            if left is None or right is None or (column == "own_pct" and not comparable):
                cells.append("<td>%s</td>" % UNKNOWN)
            elif column == "peak_drop_deg":
                cells.append("<td>%s</td>" % change(left - right, unit=""))
            else:
                cells.append("<td>%s</td>" % signed(left - right, digits))
        rows.append('<tr><th scope="row">%s</th>%s</tr>' % (words, "".join(cells)))
    return _card("Left less right", "both", runs, latest, rows)


def _same_reference(line):
    names = [line.references[name][0] for _, name in SIDES if name in line.references]
    return len(names) == 2 and names[0] == names[1]


def _card(heading, kind, runs, latest, rows):
    return '<div class="card %s-card">\n<h3>%s</h3>\n<table class="numbers">%s<tbody>%s</tbody></table>\n</div>' % (
        kind, heading, _heads(runs, latest), "".join(rows),
    )  # fmt: skip


def _baseline_words(runs):
    baseline_s = {run.session.config.get("baseline_s") for run in runs} - {None}
    first = "the first %g s of running" % baseline_s.pop() if len(baseline_s) == 1 else "the first minutes of running"
    return first + (" of the first run that has one" if len(runs) > 1 else "")


def _glute_words(runs, panels):
    columns = {panel.column for panel in panels}
    if "own_pct" not in columns:
        return "No glute activation is known."
    words = "Glute: activation in own stance, %s." % text(reference_words(runs))
    return words if "onset_ms" in columns else words + " No onset is known."
