"""First section of the report: what was worn and recorded, and what was lost."""

import numpy as np

from hipcue.contract.signals import SIDES
from host_tools.log import emg
from host_tools.report import facts, wording
from host_tools.report.events import event_list
from host_tools.report.markup import UNKNOWN, duration, section, table, text, unknown_or
from host_tools.report.quality import electrode_table, step_table

_RUNS_ON_PAPER = 7
_FRONT_ENDS = {
    "raw": ("raw EMG", "activation, onset and frequency"),
    "envelope": ("envelope", "activation alone: this sensor gives no onset"),
}


def recorded_section(runs):
    """Return the section on what was recorded and lost in all `runs`."""
    several = len(runs) > 1
    return section(
        "What was worn, and what was lost",
        "<p>%s</p>" % (_verdicts(runs) if several else _verdict(runs[0].session)),
        "".join('<p class="warning">%s</p>' % (wording.SWAPPED % text(run.label)) for run in runs if run.line.swapped),
        _fact_list(runs),
        _run_table(runs) if several else "",
        '<div class="pair">\n%s\n%s\n</div>' % (electrode_table(runs), step_table(runs)),
        event_list(runs),
    )


def _verdict(session):
    words = wording.VERDICTS.get(session.verdict, "The state of the log is unknown.")
    reason = session.seal["reason"] if session.seal else None
    ended = "It ended because: %s." % text(wording.ENDED.get(reason, reason)) if reason else "How it ended is unknown."
    return "<strong>%s</strong> %s%s" % (words, ended, _problems(session, ""))


def _verdicts(runs):
    whole = sum(run.session.verdict == "whole" for run in runs)
    words = "<strong>%d of %d logs are whole.</strong>" % (whole, len(runs))
    for run in runs:
        if run.session.verdict != "whole":
            words += "<br>%s: %s" % (text(run.label), wording.VERDICTS.get(run.session.verdict, "state unknown"))
        words += _problems(run.session, text(run.label) + ": ")
    return words


def _problems(session, prefix):
    return "".join("<br>%s%s" % (prefix, text(problem)) for problem in session.problems)


def _fact_list(runs):
    rows = [
        ("Worn and recorded", _total_duration([run.line.end_s for run in runs]), _blocks(runs)),
        ("Running", _total_duration([run.line.running_s for run in runs]), "from step to step, without pauses"),
        ("Steps", *_steps(runs)),
        ("Valid steps", _valid_share([run.line for run in runs]), "no quality code, side known"),
        ("Motion samples lost", *_lost(runs)),
        ("EMG samples lost", *_emg_lost(runs)),
        ("Glute signal", *_glute(runs)),
        ("Battery", *_battery(runs)),
    ]
    items = ["<div><dt>%s</dt><dd>%s<small>%s</small></dd></div>" % row for row in rows]
    return '<dl class="facts">\n%s\n</dl>' % "\n".join(items)


def _total_duration(seconds):
    known = [each for each in seconds if each is not None]
    return duration(sum(known)) if known else UNKNOWN


def _blocks(runs):
    expected = sum(run.session.blocks_expected for run in runs)
    if not expected:
        return "no block was read"
    read = "%d of %d log blocks read" % (sum(run.session.blocks_read for run in runs), expected)
    return read + (", %d runs" % len(runs) if len(runs) > 1 else "")


def _steps(runs):
    if not any(run.session.blocks_read for run in runs):
        return UNKNOWN, "no block was read"
    sides = np.concatenate([run.line.side for run in runs])
    counts = [int((sides == side).sum()) for side, _ in SIDES]
    unsure = len(sides) - sum(counts)
    words = "%d left, %d right" % tuple(counts)
    words += ", %d of unsure side" % unsure if unsure else ""
    summed = sum(facts.summed_steps(run.session) for run in runs)
    words += "; %d more as summaries, which are in no figure" % summed if summed else ""
    return "%d" % len(sides), words


def _valid_share(lines):
    ok = np.concatenate([line.ok for line in lines])
    return "%.1f %%" % (np.floor(1000 * ok.mean()) / 10) if len(ok) else UNKNOWN  # 100 % only when all are


def _lost(runs):
    read = [run.session for run in runs if run.session.blocks_read]
    if not read:
        return UNKNOWN, "no block was read"
    found = [facts.lost_samples(session) for session in read]
    samples, gaps = (sum(each) for each in zip(*found, strict=True))
    rates_hz = {session.config.get("imu_rate_hz") for session in read}
    words = "%d %s" % (gaps, "gap" if gaps == 1 else "gaps")
    if samples and len(rates_hz) == 1 and None not in rates_hz:
        rate_hz = rates_hz.pop()
        words += ", about %.1f s at %g Hz" % (samples / rate_hz, rate_hz)
    silent = [each for session in read for each in facts.silent_s(session)]
    if silent:
        words += "; sensor silent for %.1f s" % sum(silent)
    if any(_silent_at_end(session) for session in read):
        words += "; silent at the end"
    return "%d" % samples, words + (" (in the blocks read)" if any(session.blocks_bad for session in read) else "")


def _silent_at_end(session):
    failed = sum(facts.times(session, name) for name in ("sensor_silent", "sensor_stale"))
    return failed > facts.times(session, "sensor_back")


def _emg_lost(runs):
    lost = [facts.emg_samples_lost(run.session) for run in runs]
    known = [each for each in lost if each is not None]
    if not known:
        envelopes = all(run.session.front_end == "envelope" for run in runs)
        return UNKNOWN, "an envelope sensor does not count them" if envelopes else "nothing counted them"
    missing = len(lost) - len(known)
    note = "in %d minutes counted" % sum(len(run.session.muscles.get("lost", ())) for run in runs)
    return "%d" % sum(known), note + ("; unknown in %d of %d runs" % (missing, len(lost)) if missing else "")


def _glute(runs):
    if not any(run.session.blocks_read for run in runs):
        return UNKNOWN, "no block was read"
    if not any((run.line.emg_quality[name] != emg.NOT_MEASURED).any() for run in runs for _, name in SIDES):
        return "none", "no value in the log"
    kinds = dict.fromkeys(run.session.front_end for run in runs)
    names, notes = zip(*(_FRONT_ENDS.get(kind, (UNKNOWN, "an unknown front end")) for kind in kinds), strict=True)
    return " and ".join(names), "; ".join(notes)


def _battery(runs):
    levels = [level for run in runs if (level := facts.battery_mv(run.session)) is not None]
    if not levels:
        return UNKNOWN, "no block gives it"
    first, last, least = levels[0][0], levels[-1][1], min(level[2] for level in levels)
    return "%.2f V" % (last / 1000), "at the end; %.2f V at the start, %.2f V at least" % (first / 1000, least / 1000)


def _run_table(runs):
    header = ("run", "worn", "running", "steps", "valid", "motion lost", "EMG lost", "electrodes ok, left", "right",
              "log")  # fmt: skip
    rows = []
    for run in runs:
        line, session = run.line, run.session
        good = [_share(facts.electrode_counts(line, name)["ok"], len(line.side)) for _, name in SIDES]
        rows.append((
            text(run.label), _short(line.end_s), _short(line.running_s), "%d" % len(line.side), _valid_share([line]),
            "%d" % facts.lost_samples(session)[0], unknown_or(facts.emg_samples_lost(session), "%d"), *good,
            text(session.verdict),
        ))  # fmt: skip
    return table("", header, rows, kind="numbers runs", on_paper=-_RUNS_ON_PAPER)


def _short(seconds):
    return UNKNOWN if seconds is None else "%d min" % round(seconds / 60)


def _share(count, of):
    return "%.0f %%" % np.floor(100 * count / of) if of else UNKNOWN
