"""For the runner: how many steps were good, whether it gets better, and what to do when it buzzes; without jargon."""

import math

import numpy as np

from hipcue.contract.cues import DROP_AND_GLUTE, GLUTE, OFF
from hipcue.contract.signals import SIDES
from host_tools.log.thresholds import thresholds_at
from host_tools.report import facts, wording
from host_tools.report.markup import section, side_word
from host_tools.report.runner_figure import body_figure, dots_figure

# On paper the section's heading is left out.
_TO_DO = '<span class="on-paper">For the runner: what to do</span><span class="screen">What to do</span>'


def runner_section(runs):
    """Return the section for the runner on the latest of `runs` with a valid step; nothing without one."""
    latest = next((run for run in reversed(runs) if run.line.ok.any()), None)
    if latest is None:
        return ""
    cards = [_side_card(runs, latest, side, name) for side, name in SIDES]
    cards.append(
        '<div class="card"><h3>%s</h3>%s</div>'
        % (_TO_DO, "".join("<p>%s</p>" % each for each in _to_do(latest)))
    )
    return section(
        "For the runner",
        '<div class="cards runner">\n%s\n</div>' % "\n".join(cards),
        '<p class="note">%s</p>' % wording.RUNNER,
    )


def good_share(run, side):
    """Return the share of a run's valid steps of `side` under its limit, as the clip saw them then; None: no limit."""
    line = run.line
    limits = thresholds_at(run.session, line.step["time_ms"], line.side)
    judged = line.valid(side, "peak_drop_causal_deg") & np.isfinite(limits)
    return float((line.step["peak_drop_causal_deg"] <= limits)[judged].mean()) if judged.any() else None


def _side_card(runs, latest, side, name):
    good = _of_ten(good_share(latest, side))
    drop = facts.whole_run(latest.line, side, "peak_drop_deg")[0]
    levels = facts.thresholds_deg(latest.session, latest.line).get(side, [(None, None)])
    return '<div class="card leg %s-card">%s<div><h3>%s</h3>%s<p><strong>%s</strong> %s</p></div></div>' % (
        name, body_figure(side, drop, levels[-1][0]), side_word(name, " leg"),
        "" if good is None else dots_figure(side, good), _good_words(good, len(runs)), _trend(runs, latest, side),
    )  # fmt: skip


def _of_ten(share):
    """Return how many of ten steps a share is; 10 and 0 are all and none."""
    return None if share is None else round(10 * share) if share in (0.0, 1.0) else min(9, max(1, round(10 * share)))


def _good_words(good, runs):
    if good is None:
        return "The clip had no limit for this leg."
    when = "" if runs == 1 else " in the last run"
    return "%s steps were good%s." % ({0: "No", 10: "All"}.get(good, "%d of 10" % good), when)


def _trend(runs, latest, side):
    """Return a sentence on whether it gets better: against the first run, or within the only one."""
    known = [run for run in runs if run.line.valid(side).any()]
    if latest not in known:
        return "No step of this leg could be measured."
    if len(known) > 1:
        first, last = (facts.whole_run(run.line, side, "peak_drop_deg")[0] for run in (known[0], latest))
        return wording.AGAINST_FIRST_RUN[_direction(last - first)]
    first, _, last = (third[0] for third in facts.by_third(latest.line, side, "peak_drop_deg"))
    return "" if first is None or last is None else wording.TO_THE_END[_direction(last - first)]


def _direction(moved_deg):
    """Return 0 for what is within the error, else -1 where the drop has become less, 1 where it has become more."""
    return 0 if wording.within_error(moved_deg) else int(math.copysign(1, moved_deg))


def _to_do(latest):
    settings = latest.session.config
    mode = settings.get("cue_mode")
    if mode is None:
        return [wording.SETTINGS_LOST]
    if mode == OFF:
        return [wording.NO_BUZZ]
    asked = wording.INSTRUCTIONS[settings.get("cue_swing_side", 0), settings.get("cue_away", 0)]
    said = [("Buzz at a hip: %s" if mode != GLUTE else "Two short buzzes at a hip: its buttock was quiet. %s") % asked]
    if mode == DROP_AND_GLUTE:
        said.append("Two short buzzes: the buttock on that side was quiet, too.")
    if settings.get("cue_success"):
        said.append("A light, short one: good again.")
    return said + [_programme(latest.session)]


def _programme(session):
    """Return a sentence on how much the clip buzzes: as the latest session of a programme has it planned."""
    planned, numbers = session.config.get("programme_sessions"), session.programme.get("session", ())
    if not planned or not len(numbers):
        return "No buzz: go on like this."
    share = float(session.programme["share"][-1])
    where = "Session %d" % numbers[-1] + (" of %d" % planned if numbers[-1] <= planned else "")
    if share >= 1.0:
        return "%s: no buzz means go on like this." % where
    if share > 0.0:
        return "%s: the clip is silent in parts, as planned. Do the same there by yourself." % where
    return "%s: the clip is silent, as planned. Do the same by yourself." % where
