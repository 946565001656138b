"""The page by sections: for the runner, worn and lost, one glance, thirds, cues, drills, and what it all can show."""

import base64
import math
from hashlib import sha256
from importlib.resources import files

from hipcue.contract.signals import MINUTE_MS
from host_tools.report import wording
from host_tools.report.card import card_section
from host_tools.report.cues import cue_section
from host_tools.report.glance import glance_section
from host_tools.report.markup import text
from host_tools.report.panels import panels_of
from host_tools.report.programme import programme_section
from host_tools.report.recorded import recorded_section
from host_tools.report.runner import runner_section
from host_tools.report.runs import date, runs_of
from host_tools.report.steps_chart import script
from host_tools.report.thirds import thirds_section
from host_tools.report.training import training_section

_MOST_NAMED = 12
_HEADING = "Pelvic drop and glutes in running"

# No source at all is allowed but the page's own style and script, named by their hashes.
_POLICY = "default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'"

_TEMPLATE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="%(policy)s">
<title>%(title)s</title>
<style>%(style)s</style>
</head>
<body>
<main%(kind)s>
%(body)s
</main>
<script>%(script)s</script>
</body>
</html>
"""


def page(sessions, title=None):
    """Return the whole page on `sessions` of one runner as text; `title` names the runner or the recording."""
    runs = runs_of(sessions)
    panels = panels_of(runs)
    heading = _HEADING + (": " + text(title) if title else "")
    origins = dict.fromkeys(wording.origin(run.session.firmware) for run in runs)
    sheets = (
        [
            "<h1>%s</h1>" % heading,
            '<p class="meta">%s</p>' % _meta(runs),
            '<p class="aid">%s</p>' % wording.AID,
            *('<p class="warning">%s</p>' % origin for origin in origins if origin),
            runner_section(runs),
            recorded_section(runs),
            glance_section(runs, panels),
        ],
        [
            thirds_section(runs, panels),
            cue_section(runs),
            programme_section(runs),
            training_section(runs),
            card_section(),
            "<footer>%s</footer>" % _footer(runs),
        ],
    )
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    return _TEMPLATE % {
        "title": heading,
        "style": style,
        "kind": ' class="several"' if len(runs) > 1 else "",
        "script": script(),
        "policy": _POLICY % (_hash(style), _hash(script())),
        "body": "\n".join('<div class="sheet">\n%s\n</div>' % "\n".join(filter(None, parts)) for parts in sheets),
    }


def _hash(words):
    return "'sha256-%s'" % base64.b64encode(sha256(words.encode("utf-8")).digest()).decode("ascii")


def _meta(runs):
    clips = sorted({run.session.clip for run in runs if run.session.clip})
    if not clips:
        return "Session and clip unknown &middot; %s" % _when(runs)
    word = "Session" if len(runs) == 1 else "Sessions"
    return "%s %s &middot; %s" % (word, "; ".join(_numbers(runs, clip) for clip in clips), _when(runs))


def _numbers(runs, clip):
    numbers = [run.session.number for run in runs if run.session.clip == clip]
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        named = "%d to %d" % (numbers[0], numbers[-1])
    else:
        named = ", ".join(map(str, numbers[:_MOST_NAMED])) + (" and more" if len(numbers) > _MOST_NAMED else "")
    return "%s of clip %s" % (named, text(clip))


def _when(runs):
    known = [when for run in runs if (when := _start(run.line.start))]
    words = " to ".join(dict.fromkeys(known[:1] + known[-1:]))
    if len(known) == len(runs):
        return words
    some = words + "; %d of %d runs: " % (len(runs) - len(known), len(runs)) if known else ""
    return some + "date unknown: no host had set the clip's clock"


def _start(start):
    if start is None:
        return None
    words = date(start.unix_ms, "%d %B %Y, %H:%M UTC")
    if start.uncertainty_ms is not None and start.uncertainty_ms >= MINUTE_MS:
        words += ", within %d minutes" % math.ceil(start.uncertainty_ms / MINUTE_MS)
    return words


def _footer(runs):
    latest = runs[-1].session
    facts = ["%s %s" % (text(name), text(_version(value))) for name, value in sorted(latest.firmware.items())]
    size = sum(run.session.log_bytes for run in runs)
    return "Log: %d bytes. Firmware: %s." % (size, ", ".join(facts) or "unknown")


def _version(value):
    return ".".join(str(part) for part in value) if isinstance(value, list) else value
