"""Section of the report on the cues: how many and when, how fast, and what the next steps did."""

import numpy as np

from host_tools.report import facts, wording
from host_tools.report.figures import cue_figure
from host_tools.report.markup import change, clock, figure, section, table, unknown_or
from host_tools.report.timeline import SIDES

_MOST_ROWS = 60
_NEXT = "next %d steps" % facts.RESPONSE_STEPS


def cue_section(line):
    """Return the section on the cues."""
    heading = "Cues"
    if not len(line.cue_s):
        reason = "No cue was given." if line.end_s is not None else "Nothing was recorded: cues are unknown."
        return section(heading, "<p>%s</p>" % reason)
    changes = facts.responses_deg(line)
    return section(
        heading,
        figure(
            cue_figure(line),
            "How to read it: the height of a bar is the number of buzzes in that minute for drops in left stance "
            "(above the line) and right stance (below it).",
        ),
        table(
            "Latency: from the peak of the drop to motor on. Next %d steps: median drop of the next %d steps of the "
            "same side less that of the %d up to the cue; median over cues, with the middle half below it."
            % ((facts.RESPONSE_STEPS,) * 3),
            (
                "",
                "cues",
                "latency, median",
                "latency, longest",
                "over the threshold",
                "next %d steps" % facts.RESPONSE_STEPS,
            ),
            [_side_row(line, changes, side, name) for side, name in SIDES],
        ),
        '<p class="note">%s</p>' % wording.RESPONSE,
    )


def _side_row(line, changes, side, name):
    own = line.cue_side == side
    label = '<span class="%s">%s</span>' % (name, name.capitalize())
    if not own.any():
        return label, "0", "&ndash;", "&ndash;", "&ndash;", "&ndash;"
    latency = line.cue["latency_ms"][own]
    over = (line.cue["value_deg"] - line.cue["threshold_deg"])[own]
    return (
        label,
        "%d" % own.sum(),
        unknown_or(_over_known(np.median, latency), "%.0f ms"),
        unknown_or(_over_known(np.max, latency), "%.0f ms"),
        unknown_or(_over_known(np.median, over), "%.1f deg"),
        _response_cell(changes[own]),
    )


def _over_known(measure, values):
    known = values[np.isfinite(values)]
    return float(measure(known)) if len(known) else None


def _response_cell(changes):
    known = changes[np.isfinite(changes)]
    if not len(known):
        return unknown_or(None, "")
    low, middle, high = np.percentile(known, (25, 50, 75))
    note = "%+.1f to %+.1f deg" % (low, high)
    if len(known) < len(changes):
        note += "; %d of %d cues" % (len(known), len(changes))
    if wording.within_error(middle):
        note += "<br>within the error"
    return "%s<small>%s</small>" % (change(middle), note)


def ledger_section(line):
    """Return the section that lists the cues one by one, or nothing when there are none."""
    if not len(line.cue_s):
        return ""
    changes = facts.responses_deg(line)
    rows = []
    for order in range(min(len(line.cue_s), _MOST_ROWS)):
        rows.append(
            (
                clock(line.cue_s[order]),
                dict(SIDES).get(int(line.cue_side[order]), unknown_or(None, "")),
                unknown_or(line.cue["value_deg"][order], "%.1f"),
                unknown_or(line.cue["threshold_deg"][order], "%.1f"),
                unknown_or(line.cue["latency_ms"][order], "%.0f"),
                unknown_or(line.cue["duration_ms"][order], "%.0f"),
                change(changes[order], unit=""),
            )
        )
    caption = "Every buzz, in minutes and seconds from the start of the recording."
    if len(line.cue_s) > _MOST_ROWS:
        caption += " The first %d of %d; the others stand in cues.csv (hipcue export)." % (_MOST_ROWS, len(line.cue_s))
    header = (
        "at",
        "side",
        "drop (deg)",
        "threshold (deg)",
        "latency (ms)",
        "buzz (ms)",
        "next %d steps (deg)" % facts.RESPONSE_STEPS,
    )
    return section("Cue ledger", table(caption, header, rows, kind="ledger"))
