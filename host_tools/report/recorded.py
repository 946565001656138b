"""First section of the report: what was recorded, and what was lost."""

import numpy as np

from host_tools.report import facts, wording
from host_tools.report.markup import clock, duration, section, table, text, unknown_or
from host_tools.report.timeline import SIDES

_SHOWN_EVENTS = {
    "samples_lost": ("Samples lost", "%d samples"),
    "sensor_silent": ("Motion sensor stopped answering", "error %d"),
    "sensor_back": ("Motion sensor answered again", "after %d ms"),
    "sensor_wrong": ("Unknown motion sensor, not used", "identity %d"),
    "battery_low": ("Battery low", "%d mV"),
    "flash_low": ("Memory nearly full", "%d bytes free"),
    "flash_stall": ("Writing to memory took long", "%d ms"),
    "late_cue": ("Cue not given, as it would have come late", "%d ms after the peak"),
    "recovered": ("Recording interrupted here", "%d records saved from the clip's reset memory"),
    "session_removed": ("Session removed to make room, pulled and verified before", "session %d"),
    "trace_stopped": ("Memory nearly full: no more trace", "%d bytes free"),
    "summaries_begun": ("Memory nearly full: later steps only as summaries of a minute", "%d bytes free"),
    "flash_full": ("Memory full: later steps are missing", "%d bytes free"),
    "records_dropped": ("Records that could not be written", "%d"),
    "error": ("Fault in the clip", "code %d"),
    "uncalibrated": ("No calibration: absolute drop not given", ""),
    "slipped": ("The clip moved on the body", "%d tenths of a degree"),
    "upside_down": ("The clip was worn upside down", ""),
    "stood": ("A quiet stand told anew how the clip sits", "%d tenths of a degree"),
    "sides_corrected": ("Steps first given to the wrong side", "%d steps"),
}
_MOST_EVENTS = 20


def recorded_section(session, line):
    """Return the section on what was recorded and lost."""
    return section(
        "What was recorded, and what was lost",
        "<p>%s%s</p>" % (_verdict(session), _problems(session)),
        _fact_list(session, line),
        _quality_table(line),
        _event_table(session, line),
    )


def _verdict(session):
    words = wording.VERDICTS.get(session.verdict, "The state of the log is unknown.")
    ended = " It ended because: %s." % text(session.seal["reason"]) if session.seal else " How it ended is unknown."
    return "<strong>%s</strong>%s" % (words, ended)


def _problems(session):
    return "".join("<br>%s" % text(problem) for problem in session.problems)


def _fact_list(session, line):
    rows = [
        ("Recorded", duration(line.end_s), _blocks(session)),
        ("Running", duration(line.running_s), "from step to step, without pauses"),
        ("Steps", *_steps(session, line)),
        ("Valid steps", _valid_share(line), "no quality code, side known"),
        ("Motion samples lost", *_lost(session)),
        ("Sensor silent", *_silent(session)),
        ("Battery", *_battery(session)),
        ("Glute signal", *_glute(session, line)),
    ]
    items = ["<div><dt>%s</dt><dd>%s<small>%s</small></dd></div>" % row for row in rows]
    return '<dl class="facts">\n%s\n</dl>' % "\n".join(items)


def _blocks(session):
    if not session.blocks_expected:
        return "no block was read"
    return "%d of %d log blocks read" % (session.blocks_read, session.blocks_expected)


def _steps(session, line):
    if not session.blocks_read:
        return unknown_or(None, ""), "no block was read"
    counts = [int((line.side == side).sum()) for side, _ in SIDES]
    unsure = len(line.side) - sum(counts)
    sides = "%d left, %d right" % tuple(counts)
    return "%d" % len(line.side), sides + (", %d of unsure side" % unsure if unsure else "")


def _valid_share(line):
    if not len(line.ok):
        return unknown_or(None, "")
    return "%.1f %%" % (np.floor(1000 * line.ok.mean()) / 10)  # 100 % only when all are


def _lost(session):
    if not session.blocks_read:
        return unknown_or(None, ""), "no block was read"
    samples, gaps = facts.lost_samples(session)
    rate_hz = session.config.get("imu_rate_hz")
    worth = "about %.1f s at %g Hz" % (samples / rate_hz, rate_hz) if rate_hz else "the rate is unknown"
    known = "%d %s" % (gaps, "gap" if gaps == 1 else "gaps") + (", " + worth if samples else "")
    return "%d" % samples, known + (" (in the blocks read)" if session.blocks_bad else "")


def _silent(session):
    if not session.blocks_read:
        return unknown_or(None, ""), "no block was read"
    spells = facts.silent_s(session)
    open_end = len(facts.events_named(session, "sensor_silent")) > len(spells)
    note = "%d %s" % (len(spells), "time" if len(spells) == 1 else "times")
    return "%.1f s" % sum(spells), note + ("; it was silent at the end" if open_end else "")


def _battery(session):
    levels = facts.battery_mv(session)
    if levels is None:
        return unknown_or(None, ""), "no block gives it"
    first, last, least = levels
    return "%.2f V" % (last / 1000), "at the end; %.2f V at the start, %.2f V at least" % (first / 1000, least / 1000)


def _glute(session, line):
    if not session.blocks_read:
        return unknown_or(None, ""), "no block was read"
    shares = []
    for side, name in SIDES:
        own = line.ok & (line.side == side)
        known = np.isfinite(line.step["emg_%s_uv" % name][own])
        shares.append("%s %.0f %%" % (name, 100 * known.mean()) if len(known) else "%s unknown" % name)
    present = any(np.isfinite(line.step["emg_%s_uv" % name]).any() for _, name in SIDES)
    return "recorded" if present else "none", ", ".join(
        shares
    ) + " of valid steps" if present else "no value in the log"


def _quality_table(line):
    counts = facts.quality_counts(line)
    if not counts:
        return ""
    rows = [
        (text(name.replace("_", " ")), text(meaning), "%d" % count, "%.1f %%" % (100 * count / len(line.quality)))
        for name, meaning, count in counts
    ]
    caption = "Why steps were left out. A step may carry several codes; its drop enters no figure and no table below."
    return table(caption, ("code", "meaning", "steps", "of all steps"), rows, kind="words")


def _event_table(session, line):
    events = facts.events_named(session, *_SHOWN_EVENTS)
    if not events:
        return ""
    rows = []
    for event in events[:_MOST_EVENTS]:
        words, form = _SHOWN_EVENTS[event["name"]]
        value = form % event["value"] if "%" in form else ""
        rows.append((clock(line.seconds(event["time_ms"])), words, value))
    more = len(events) - len(rows)
    caption = "What happened to the recording, in minutes and seconds from its start."
    if more:
        caption += " %d more are in the log." % more
    return table(caption, ("at", "what", "how much"), rows, kind="words")
