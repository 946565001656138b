"""What the steps around a cue did: those of the same side before it and after it."""

import numpy as np

from hipcue.contract.cues import OUTCOME_CODES

# A cue was due, and none is planned there; like one that came, it counts for the refractory steps.
PLANNED = [OUTCOME_CODES[name] for name in ("faded", "warm_up", "retention")]
RESPONSE_STEPS = 6  # same-side steps before and after a cue
_LEAST_KNOWN = 4  # of these must be valid
_WITHIN_S = 15.0


def steps_around(line):
    """Return (C, 12): drop in deg around each cue of `line`, as steps_around_moments()."""
    return steps_around_moments(line, line.cue_s, line.cue_side)


def steps_around_moments(line, moments_s, sides):
    """Return (M, 12): drop in deg of six same-side steps up to each moment and of six after; NaN: none, invalid.

    The step under way at the moment, when the motor starts, counts among the six before. Steps further off than 15 s
    are no answer.
    """
    around = np.full((len(moments_s), 2 * RESPONSE_STEPS), np.nan)
    drops = np.where(line.ok, line.step["peak_drop_deg"], np.nan)
    for number, (moment_s, side) in enumerate(zip(moments_s, sides, strict=True)):
        same = np.flatnonzero(line.side == side)
        middle = np.searchsorted(line.t_s[same], moment_s, side="right")
        before, after = same[:middle][-RESPONSE_STEPS:], same[middle:][:RESPONSE_STEPS]
        around[number, RESPONSE_STEPS - len(before) : RESPONSE_STEPS] = _near(line, drops, before, moment_s)
        around[number, RESPONSE_STEPS : RESPONSE_STEPS + len(after)] = _near(line, drops, after, moment_s)
    return around


def planned_silence(session, line):
    """Return (side (M,), change in deg (M,)) of the moments at which a cue was due where none is planned.

    Like those with a cue, but for the buzz: what the same steps do without feedback.
    """
    outcomes = np.asarray(session.steps.get("outcome", np.zeros(len(line.side))), dtype=np.int64)
    silent = np.isin(outcomes, PLANNED)
    sides = line.side[silent]
    return sides, changes_deg(steps_around_moments(line, line.t_s[silent], sides))


def _near(line, drops, order, moment_s):
    return np.where(np.abs(line.t_s[order] - moment_s) < _WITHIN_S, drops[order], np.nan)


def changes_deg(around):
    """Return (C,): median of the six steps after less that of the six before; NaN where under 4 of either are known."""
    before, after = around[:, :RESPONSE_STEPS], around[:, RESPONSE_STEPS:]
    return np.array([_level(b) - _level(a) for a, b in zip(before, after, strict=True)]).reshape(len(around))


def _level(drops):
    known = drops[np.isfinite(drops)]
    return np.median(known) if len(known) >= _LEAST_KNOWN else np.nan
