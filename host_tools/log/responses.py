"""What the steps around a moment did, such as a cue or one withheld: those of the same side before it and after it."""

import numpy as np

RESPONSE_STEPS = 6  # same-side steps before and after
_LEAST_KNOWN = 4  # of these must be valid
_WITHIN_S = 15.0


def steps_around(steps, moments_s, sides):
    """Return (M, 12): drop in deg of six same-side steps up to each moment and of six after; NaN: none, invalid.

    `steps`: (t_s, side, drop in deg, NaN for a step that is not valid), each (K,). The step under way at a moment,
    such as that of a motor's start, counts among the six before. Steps further off than 15 s are no answer.
    """
    t_s, step_side, drops = steps
    around = np.full((len(moments_s), 2 * RESPONSE_STEPS), np.nan)
    for number, (moment_s, side) in enumerate(zip(moments_s, sides, strict=True)):
        same = np.flatnonzero(step_side == side)
        middle = np.searchsorted(t_s[same], moment_s, side="right")
        before, after = same[:middle][-RESPONSE_STEPS:], same[middle:][:RESPONSE_STEPS]
        near = [np.where(np.abs(t_s[order] - moment_s) < _WITHIN_S, drops[order], np.nan) for order in (before, after)]
        around[number, RESPONSE_STEPS - len(before) : RESPONSE_STEPS] = near[0]
        around[number, RESPONSE_STEPS : RESPONSE_STEPS + len(after)] = near[1]
    return around


def levels_deg(around):
    """Return (M, 2): median of the six steps before and of the six after; NaN where under 4 of them are known."""
    halves = around[:, :RESPONSE_STEPS], around[:, RESPONSE_STEPS:]
    return np.array([[_level(drops) for drops in half] for half in halves]).T.reshape(len(around), 2)


def changes_deg(around):
    """Return (M,): median of the six steps after less that of the six before; NaN where either is not known."""
    before, after = levels_deg(around).T
    return after - before


def _level(drops):
    known = drops[np.isfinite(drops)]
    return np.median(known) if len(known) >= _LEAST_KNOWN else np.nan
