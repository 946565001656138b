"""Section of the report on the cues: how many, with which glute, how fast, and what the next steps did."""

import numpy as np

from hipcue.contract.cues import OUTCOMES
from hipcue.contract.emg import GLUTE_STATES
from hipcue.contract.signals import SIDES
from host_tools.log.ledger import PLANNED, rule_words, version_word
from host_tools.log.responses import RESPONSE_STEPS, changes_deg, steps_around
from host_tools.report import facts, wording
from host_tools.report.markup import (
    UNKNOWN,
    change,
    clock,
    details,
    figure,
    section,
    side_word,
    signed,
    table,
    text,
    unknown_or,
)  # fmt: skip
from host_tools.report.response_figure import response_figure

_MOST_ROWS = 200
_NOT_DUE = ("under", "cued", "too_few")
# As the programme plans it, the dose limits it, or the mode measures only.
_MEANT = ("faded", "warm_up", "retention", "dose_minute", "dose_session", "off")
_REFRACTORY = (
    " Over the threshold soon after a cue, given or left out, while the clip is meant to wait (refractory): %d steps."
)
_NEXT = "next %d steps" % RESPONSE_STEPS
_COLUMNS = (
    "Latency: from the peak of the drop to motor on. Next %d steps: median drop of the next %d steps of the same side "
    "less that of the %d up to the cue; median over cues, with the middle half below it. Quiet: less active than at "
    "the run's beginning by more than running so long explains. Unknown: the cue rested on the drop alone. No buzz: a "
    "cue was due in a part, or a session, that is planned without." % ((RESPONSE_STEPS,) * 3)
)
_AROUND = "Median over cues, middle half as bars."


def cue_section(runs):
    """Return the section on the cues of all `runs`."""
    heading = "Cues, and what the next steps did"
    silent = _silent(runs)
    if not any(len(run.line.cue_s) for run in runs) and not len(silent["side"]):
        recorded = any(run.line.end_s is not None for run in runs)
        reason = "No cue was given." if recorded else "Nothing was recorded: cues are unknown."
        return section(heading, "<p>%s%s</p>" % (reason, _withheld(runs)))
    cues = _gathered(runs)
    rows = [row for side, name in SIDES for row in _side_rows(cues, silent, side, name)]
    header = ("side, glute", "cues", "latency, median", "longest", "over threshold", _NEXT)
    body = table("", header, rows, kind="numbers responses")
    if np.isfinite(cues["around"]).any():
        body = '<div class="pair wide-left">\n%s\n%s\n</div>' % (body, figure(response_figure(cues), _AROUND))
    note = '<p class="note">%s</p>'
    below = note % (wording.RESPONSE + _withheld(runs) + _well(runs) + _rules(runs))
    return section(heading, note % _COLUMNS, body, below, _ledger(runs) if len(cues["side"]) else "")


def _gathered(runs):
    """Return {side, glute, latency_ms, over_deg, around (C, 12), change_deg} of the cues of all runs."""
    around = [_around(run.line) for run in runs]
    lines = [run.line for run in runs]
    return {
        "side": np.concatenate([line.cue_side for line in lines]),
        "glute": np.concatenate([line.cue_glute for line in lines]),
        "latency_ms": np.concatenate([line.cue["latency_ms"] for line in lines]),
        "over_deg": np.concatenate([line.cue["value_deg"] - line.cue["threshold_deg"] for line in lines]),
        "around": np.concatenate(around),
        "change_deg": np.concatenate([changes_deg(each) for each in around]),
    }


def _around(line):
    return steps_around(line.drops, line.cue_s, line.cue_side)


def _silent(runs):
    """Return {side, change_deg} (M,) of the moments at which a cue was due and none planned, of all runs.

    Like those with a cue, but for the buzz: what the same steps do without feedback.
    """
    rows = [run.session.ledger for run in runs]
    silent = [np.isin(each["outcome"], PLANNED) for each in rows]
    return {
        "side": np.concatenate([each["side"][own] for each, own in zip(rows, silent, strict=True)]),
        "change_deg": np.concatenate(
            [(each["after_deg"] - each["before_deg"])[own] for each, own in zip(rows, silent, strict=True)]
        ),
    }


def _well(runs):
    """Return a sentence on how often a side that had been cued came under its threshold again."""
    events = [event for run in runs for event in facts.events_named(run.session, "success")]
    if not events:
        return ""
    counts = ["%s %d" % (name, sum(event["value"] == side for event in events)) for side, name in SIDES]
    return " Under the threshold again after cues: %s." % ", ".join(counts)


def _withheld(runs):
    """Return sentences on the cues that were due and not given: what prevented them, what was meant so."""
    codes = np.concatenate([np.asarray(run.session.steps.get("outcome", ()), dtype=np.int64) for run in runs])
    counts = {name: int((codes == code).sum()) for code, name, _ in OUTCOMES if name not in _NOT_DUE}
    if not codes.any():  # a log from before there were outcomes
        counts = {"late": sum(len(facts.events_named(run.session, "late_cue")) for run in runs)}
    refractory = counts.pop("refractory", 0)
    meant = {name: counts.pop(name) for name in _MEANT if name in counts}
    said = _counted("Due but not given", counts) + _counted("Left out by the programme or the settings", meant)
    return said + (_REFRACTORY % refractory if refractory else "")


def _counted(what, counts):
    """Return a sentence on `what`: how many there were in all and by reason, the most frequent first."""
    found = sorted((pair for pair in counts.items() if pair[1]), key=lambda pair: -pair[1])
    reasons = ", ".join("%s %d" % (name.replace("_", " "), count) for name, count in found)
    return " %s: %d (%s)." % (what, sum(counts.values()), reasons) if found else ""


def _rules(runs):
    """Return a sentence on the rule and the version of the settings, and from which run on when they were changed."""
    told = {}
    for run in runs:
        told.setdefault((rule_words(run.session.config), version_word(run.session)), run.label)
    parts = [
        "%s (settings %s%s)"
        % (rule or "unknown", version or "unknown", ", from %s on" % text(label) if len(told) > 1 else "")
        for (rule, version), label in told.items()
    ]
    return " Rule: %s." % "; then ".join(parts)


def _side_rows(cues, silent, side, name):
    own = cues["side"] == side
    rows = [_row(side_word(name), cues, own)]
    states = [state for _, state, _ in reversed(GLUTE_STATES) if (own & (cues["glute"] == state)).any()]
    if states != ["unknown"]:
        rows += [_row("&ensp;glute %s" % state, cues, own & (cues["glute"] == state)) for state in states]
    changes = silent["change_deg"][silent["side"] == side]
    if len(changes):
        rows.append(("&ensp;no buzz", "%d" % len(changes), *("&ndash;",) * 3, _response_cell(changes)))
    return rows


def _row(words, cues, chosen):
    if not chosen.any():
        return words, "0", "&ndash;", "&ndash;", "&ndash;", "&ndash;"
    latency = cues["latency_ms"][chosen]
    return (
        words,
        "%d" % chosen.sum(),
        unknown_or(_over_known(np.median, latency), "%.0f ms"),
        unknown_or(_over_known(np.max, latency), "%.0f ms"),
        unknown_or(_over_known(np.median, cues["over_deg"][chosen]), "%.1f deg"),
        _response_cell(cues["change_deg"][chosen]),
    )


def _over_known(measure, values):
    known = values[np.isfinite(values)]
    return float(measure(known)) if len(known) else None


def _response_cell(changes):
    middle, low, high, count = facts.spread(changes[np.isfinite(changes)])
    if not count:
        return UNKNOWN
    note = '<span class="keep">%s to %s deg</span>' % (signed(low, 1), signed(high, 1))
    if count < len(changes):
        note += "; %d of %d known" % (count, len(changes))
    if wording.within_error(middle):
        note += '<span class="screen">; within the error</span>'
    return "%s<small>%s</small>" % (change(middle), note)


def _ledger(runs):
    """Return the list of the cues one by one, folded away on the screen."""
    rows = []
    for run in runs:
        line = run.line
        changes = changes_deg(_around(line))
        for order in range(len(line.cue_s)):
            rows.append(_cue_row(run, line, order, changes[order], len(runs) > 1))
    caption = "Minutes and seconds from the start of the recording. Glute: percent of its own beginning in that run."
    if len(rows) > _MOST_ROWS:
        caption += " The first %d of %d; the others stand in ledger.csv (hipcue export)." % (_MOST_ROWS, len(rows))
    header = ["run"] if len(runs) > 1 else []
    header += ["at", "side", "drop (deg)", "threshold (deg)", "glute", "latency (ms)", "buzz (ms)", _NEXT + " (deg)"]
    return details("Every cue (%d)" % len(rows), table(caption, header, rows[:_MOST_ROWS]))


def _cue_row(run, line, order, moved, with_run):
    glute = text(line.cue_glute[order])
    if np.isfinite(line.cue["glute_pct"][order]):
        glute += ", %.0f %%" % line.cue["glute_pct"][order]
    return (
        *((text(run.label),) if with_run else ()),
        clock(line.cue_s[order]),
        dict(SIDES).get(int(line.cue_side[order]), UNKNOWN),
        unknown_or(line.cue["value_deg"][order], "%.1f"),
        unknown_or(line.cue["threshold_deg"][order], "%.1f"),
        glute,
        unknown_or(line.cue["latency_ms"][order], "%.0f"),
        unknown_or(line.cue["duration_ms"][order], "%.0f"),
        change(moved, unit=""),
    )
