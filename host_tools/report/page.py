"""The page, section by section: recorded and lost first, then drop, glutes, cues, and how to read it all."""

import math
from datetime import UTC, datetime, timedelta
from importlib.resources import files

from host_tools import wall_time
from host_tools.report import wording
from host_tools.report.cues import cue_section, ledger_section
from host_tools.report.facts import by_third, thresholds_deg
from host_tools.report.figures import drop_figure, glute_figure, window_steps
from host_tools.report.markup import change, figure, section, table, text, unknown_or
from host_tools.report.recorded import recorded_section
from host_tools.report.timeline import SIDES, timeline


def page(session, title=None):
    """Return the whole page as text; `title` names the runner or the recording."""
    line = timeline(session)
    origin = wording.origin(session.firmware)
    heading = _HEADING + (": " + text(title) if title else "")
    parts = [
        "<h1>%s</h1>" % heading,
        '<p class="meta">%s</p>' % _meta(session, line),
        '<p class="aid">%s</p>' % wording.AID,
        '<p class="warning">%s</p>' % origin if origin else "",
        recorded_section(session, line),
        drop_section(session, line),
        glute_section(line),
        cue_section(line),
        limits_section(),
        ledger_section(line),
        "<footer>%s</footer>" % _footer(session),
    ]
    return _TEMPLATE % {
        "title": heading,
        "style": files(__package__).joinpath("style.css").read_text(encoding="utf-8"),
        "body": "\n".join(part for part in parts if part),
    }


MINUTE_MS = 60000
_HEADING = "Pelvic drop in running"

_TEMPLATE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>%(title)s</title>
<style>
%(style)s</style>
</head>
<body>
<main>
%(body)s
</main>
</body>
</html>
"""


def _meta(session, line):
    when = "date unknown: no host had set the clip's clock"
    begun = wall_time.at(session, line.start_ms, session.contacts)
    if begun:
        start = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=begun.unix_ms)
        when = start.strftime("%d %B %Y, %H:%M UTC")
        if begun.uncertainty_ms is not None and begun.uncertainty_ms >= MINUTE_MS:
            when += ", within %d minutes" % math.ceil(begun.uncertainty_ms / MINUTE_MS)
    if not session.clip:
        return "Session and clip %s &middot; %s" % (unknown_or(None, ""), when)
    return "Session %d of clip %s &middot; %s" % (session.number, text(session.clip), when)


def _footer(session):
    facts = ["%s %s" % (text(name), text(_version(value))) for name, value in sorted(session.firmware.items())]
    return "Log: %d bytes. Firmware: %s." % (session.log_bytes, ", ".join(facts) or "unknown")


def _version(value):
    return ".".join(str(part) for part in value) if isinstance(value, list) else value


def drop_section(session, line):
    """Return the section on the drop per step and side."""
    heading = "Pelvic drop per step"
    if not any(line.valid(side).any() for side, _ in SIDES):
        return section(heading, "<p>No valid step was recorded, so the drop is unknown.</p>")
    thresholds = thresholds_deg(session, line)
    rows = [
        _third_row(name, by_third(line, side, column), label)
        for side, name in SIDES
        for column, label in (("peak_drop_deg", "peak drop"), ("excursion_deg", "excursion"))
    ]
    return section(
        heading,
        '<p class="lead">%s</p>' % _lead(line),
        "<p>The drop is how far the hip of the swinging leg hangs below that of the standing leg; positive means that "
        "it hangs. Left stance means that the left foot is on the ground.</p>",
        figure(
            drop_figure(line, thresholds),
            "How to read it: each dot is the peak drop of one valid step. The line is the median of %d steps of that "
            "side. The dashed line is the drop above which a cue may come (%s); a black triangle is a cue. The clip "
            "judges a step by what it knows at once, which can differ a little from its dot. Grey bands: no steps. "
            "Dotted lines part the run into thirds." % (window_steps(line), _threshold_source(session)),
        ),
        table(
            "Median, with the middle half of the steps and their number below it. Excursion: peak drop less the drop "
            "at foot contact.",
            ("", "first third", "second third", "last third", "last less first"),
            rows,
        ),
        '<p class="note">%s</p>' % wording.ERROR,
    )


def _lead(line):
    said = []
    for side, name in SIDES:
        thirds = by_third(line, side, "peak_drop_deg")
        first, last = thirds[0][0], thirds[2][0]
        if first is None or last is None:
            words = "the change over the run is unknown"
        elif wording.within_error(last - first):
            words = "no change beyond the error (%.1f to %.1f deg)" % (first, last)
        else:
            rose = "rose" if last > first else "fell"
            words = "the median drop %s by %.1f deg (%.1f to %.1f deg)" % (rose, abs(last - first), first, last)
        said.append('<span class="%s">%s stance:</span> %s.' % (name, name.capitalize(), words))
    return "<br>".join(said)


def _threshold_source(session):
    absolute, margin = session.config.get("cue_absolute_deg"), session.config.get("cue_margin_deg")
    if absolute:
        return "set to %.1f deg" % absolute
    if margin is None:
        return "unknown"
    baseline_s = session.config.get("baseline_s")
    first = "the first minutes" if baseline_s is None else "the first %g s" % baseline_s
    return "this runner's own drop in %s of running, plus %.1f deg" % (first, margin)


def _third_row(name, thirds, label):
    cells = ['<span class="%s">%s stance</span>, %s' % (name, name.capitalize(), label)]
    for middle, low, high, count in thirds:
        cells.append(
            "%.1f deg<small>%.1f to %.1f; %d steps</small>" % (middle, low, high, count)
            if count
            else unknown_or(None, "")
        )
    return [*cells, change_cell(thirds[0][0], thirds[2][0])]


def change_cell(first, last):
    """Return a change in degrees, greyed and said to be so when it is within the error."""
    if first is None or last is None:
        return unknown_or(None, "")
    words = change(last - first)
    return words + "<small>within the error</small>" if wording.within_error(last - first) else words


def glute_section(line):
    """Return the section on the glute envelopes."""
    heading = "Glute activity per step"
    rows = []
    for side, name in SIDES:
        thirds = by_third(line, side, "emg_%s_uv" % name)
        cells = [_envelope_cell(third, thirds[0][0]) for third in thirds]
        rows.append(['<span class="%s">%s glute</span>, %s stance' % (name, name.capitalize(), name), *cells])
        if not any(third[3] for third in thirds):
            rows[-1][1:] = [unknown_or(None, "")] * 3
    if not any("uV" in cell for row in rows for cell in row):
        return section(heading, "<p>No glute signal was recorded, so the activity is unknown.</p>")
    return section(
        heading,
        figure(
            glute_figure(line),
            "How to read it: each dot is the mean envelope of that side's gluteus medius over one stance of the same "
            "side, in microvolts at the clip's input; the line is the median of %d steps. Compare a side with itself "
            "only." % window_steps(line),
        ),
        table(
            "Median, with the percentage of that side's own first third below it.",
            ("", "first third", "second third", "last third"),
            rows,
        ),
        '<p class="note">No error is known for this signal, so no change is marked. Surface EMG does not show '
        "weakness; a fall over a run is common in healthy runners.</p>",
    )


def _envelope_cell(third, first):
    middle, _, _, count = third
    if not count:
        return unknown_or(None, "")
    share = "%.0f %% of first third" % (100 * middle / first) if first else "first third unknown"
    return "%.0f uV<small>%s; %d steps</small>" % (middle, share, count)


def limits_section():
    """Return what the report can and cannot say."""
    items = "\n".join("<li>%s</li>" % limit for limit in wording.LIMITS)
    return section("What this report cannot show", "<p>%s</p>" % wording.ERROR, "<ul>\n%s\n</ul>" % items)
