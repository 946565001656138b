"""The ledger: every step over its threshold, cued or withheld for one reason, and what the next steps did.

A row is a step whose outcome is not `under` (contract.cues). A cue whose step is not in the log, its block being
lost, is a row of its own.
"""

import numpy as np

from hipcue.contract import config
from hipcue.contract.cues import GLUTE, OUTCOME_CODES
from host_tools.log.responses import levels_deg, steps_around
from host_tools.log.thresholds import thresholds_at

# A cue was due, and none is planned there; like one that came, it counts for the refractory steps.
PLANNED = [OUTCOME_CODES[name] for name in ("faded", "warm_up", "retention")]
_CUED, _LATE = OUTCOME_CODES["cued"], OUTCOME_CODES["late"]
_LONGEST_MS = 2000.0  # from the contact of a step to the motor that it gave


def ledger(session):
    """Return {column: (M,)}, in time order; NaN or nothing where not known.

    `time_ms`: initial contact, or motor on for a cue without its step; `side`; `outcome` (code); `reason`;
    `value_deg`, `threshold_deg` that it was held against; of a cue `glute` (what the stance side's did; glute_unknown:
    it rests on the drop alone) and `glute_pct`, of its baseline in this run; `rule`; `version` of the settings;
    `programme_session`; `latency_ms` from the peak to the motor, or to where that of a late cue would have been;
    `duration_ms` that it was on; `before_deg`, `after_deg`: median drop of the six same-side steps up to this one and
    of the six after it.
    """
    steps = session.steps
    count = len(steps.get("time_ms", ()))
    outcomes = np.asarray(steps.get("outcome", np.zeros(count)), dtype=np.int64)
    cues = _cues(session)
    given = _steps_of_cues(steps, outcomes, cues)
    stepless = np.flatnonzero(given < 0)
    rows = np.flatnonzero(outcomes)
    cue_of = np.full(count, -1)
    cue_of[given[given >= 0]] = np.flatnonzero(given >= 0)
    cue = np.concatenate((cue_of[rows], stepless)).astype(int)
    time_ms = np.concatenate((np.asarray(steps.get("time_ms", ()), dtype=float)[rows], cues["time_ms"][stepless]))
    side = np.concatenate((np.asarray(steps.get("side", ()), dtype=int)[rows], cues["side"][stepless])).astype(int)
    causal_deg = np.asarray(steps.get("peak_drop_causal_deg", np.full(count, np.nan)), dtype=float)[rows]
    if session.config.get("cue_mode") == GLUTE:
        causal_deg = np.full(len(rows), np.nan)  # not what was held against anything
    columns = {
        "time_ms": time_ms,
        "side": side,
        "outcome": np.concatenate((outcomes[rows], np.full(len(stepless), _CUED))).astype(int),
        "reason": _of_cue(cues["reason"], cue, _reason(session)),
        "value_deg": _of_cue(cues["value_deg"], cue, np.concatenate((causal_deg, np.full(len(stepless), np.nan)))),
        "threshold_deg": _of_cue(cues["threshold_deg"], cue, thresholds_at(session, time_ms, side)),
        "glute": _of_cue(cues["glute"], cue, ""),
        "glute_pct": _of_cue(cues["glute_pct"], cue, np.nan),
        "rule": np.full(len(cue), rule_words(session.config), dtype=object),
        "version": np.full(len(cue), version_word(session), dtype=object),
        "programme_session": _programme_session(session, time_ms),
        "latency_ms": _of_cue(cues["latency_ms"], cue, np.append(_late_ms(session, outcomes)[rows], stepless * np.nan)),
        "duration_ms": _of_cue(cues["duration_ms"], cue, np.nan),
    }
    levels = levels_deg(steps_around(valid_drops(session), time_ms / 1000.0, side))
    columns["before_deg"], columns["after_deg"] = levels.T
    order = np.argsort(time_ms, kind="stable")
    return {name: values[order] for name, values in columns.items()}


def rule_words(settings):
    """Return the rule of a log's `settings` in words, or nothing where they are lost."""
    if not settings:
        return ""
    known = config.defaults() | settings
    return "%d of %d steps; hysteresis %g deg; refractory %d steps" % tuple(
        known["cue_" + name] for name in ("over_steps", "window_steps", "hysteresis_deg", "refractory_steps")
    )


def version_word(session):
    """Return the version of the settings as the clip told it, else as they make it: four hexadecimal digits."""
    told = [event["value"] for event in session.events if event["name"] == "settings"]
    if not told and not session.config:
        return ""
    return "%04x" % (told[-1] if told else config.version(config.defaults() | session.config))


def valid_drops(session):
    """Return (t_s, side, drop in degrees or NaN where the step is not valid) of the steps, for responses."""
    steps = session.steps
    time_ms, side = np.asarray(steps.get("time_ms", ()), dtype=float), np.asarray(steps.get("side", ()), dtype=int)
    if not len(time_ms):
        return time_ms, side, time_ms
    return time_ms / 1000.0, side, np.where((steps["quality"] == 0) & (side != 0), steps["peak_drop_deg"], np.nan)


def _cues(session):
    count = len(session.cues.get("time_ms", ()))
    numbers = {
        name: np.asarray(session.cues.get(name, np.full(count, np.nan)), dtype=float)
        for name in ("time_ms", "side", "value_deg", "threshold_deg", "latency_ms", "duration_ms", "glute_pct")
    }
    glute = ["glute_" + state for state in session.cues.get("glute", ["unknown"] * count)]
    return numbers | {
        "reason": np.asarray(session.cues.get("reason", [""] * count), dtype=object),
        "glute": np.asarray(glute, dtype=object),
    }


def _steps_of_cues(steps, outcomes, cues):
    """Return (C,): number of the step that gave each cue, the last cued one of its side before it; -1 without one."""
    cued = np.flatnonzero(outcomes == _CUED)
    found = np.full(len(cues["time_ms"]), -1)
    for number, (time_ms, side) in enumerate(zip(cues["time_ms"], cues["side"], strict=True)):
        near = [k for k in _shortly_before(steps, cued, time_ms) if steps["side"][k] == side]
        found[number] = near[-1] if near else -1
    return found


def _late_ms(session, outcomes):
    """Return (K,): where a step's cue would have come too late, from its peak to where it would have come; else NaN."""
    found, late = np.full(len(outcomes), np.nan), np.flatnonzero(outcomes == _LATE)
    for event in session.events:
        if event["name"] == "late_cue":  # one for each of the steps, in their order, several at a time after a stall
            near = [k for k in _shortly_before(session.steps, late, event["time_ms"]) if np.isnan(found[k])]
            found[near[:1]] = event["value"]
    return found


def _shortly_before(steps, numbers, time_ms):
    return [k for k in numbers if 0 <= time_ms - steps["time_ms"][k] < _LONGEST_MS]


def _of_cue(values, cue, other):
    """Return for each row the value of its `cue` (-1: none), else `other`."""
    made = np.where(cue >= 0, np.append(values, [None if values.dtype == object else np.nan])[cue], other)
    return made if values.dtype == object else made.astype(float)


def _reason(session):
    """Return what these settings hold a step against: contract.record.CUE_REASONS."""
    if not session.config:
        return ""
    if session.config.get("cue_mode") == GLUTE:
        return "glute_quiet"
    return "drop_over_absolute" if session.config.get("cue_absolute_deg") else "drop_over_baseline"


def _programme_session(session, time_ms):
    """Return the programme's session at each time, NaN without a programme."""
    numbers = np.asarray(session.programme.get("session", ()), dtype=float)
    if not session.config.get("programme_sessions") or not len(numbers):
        return np.full(len(time_ms), np.nan)
    at = np.searchsorted(np.asarray(session.programme["time_ms"]), time_ms, side="right") - 1
    return numbers[np.maximum(at, 0)]
