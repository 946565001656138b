"""What the steps around a cue did: those of the same side before it and after it."""

import numpy as np

RESPONSE_STEPS = 6  # same-side steps before and after a cue
_LEAST_KNOWN = 4  # of these must be valid
_WITHIN_S = 15.0


def steps_around(line):
    """Return (C, 12): drop in deg of the six same-side steps up to each cue and of the six after; NaN: none, invalid.

    The step under way when the motor starts counts among the six before. Steps further off than 15 s are no answer.
    """
    around = np.full((len(line.cue_s), 2 * RESPONSE_STEPS), np.nan)
    drops = np.where(line.ok, line.step["peak_drop_deg"], np.nan)
    for number, (cue_s, side) in enumerate(zip(line.cue_s, line.cue_side, strict=True)):
        same = np.flatnonzero(line.side == side)
        middle = np.searchsorted(line.t_s[same], cue_s, side="right")
        before, after = same[:middle][-RESPONSE_STEPS:], same[middle:][:RESPONSE_STEPS]
        around[number, RESPONSE_STEPS - len(before) : RESPONSE_STEPS] = _near(line, drops, before, cue_s)
        around[number, RESPONSE_STEPS : RESPONSE_STEPS + len(after)] = _near(line, drops, after, cue_s)
    return around


def _near(line, drops, order, cue_s):
    return np.where(np.abs(line.t_s[order] - cue_s) < _WITHIN_S, drops[order], np.nan)


def changes_deg(around):
    """Return (C,): median of the six steps after less that of the six before; NaN where under 4 of either are known."""
    before, after = around[:, :RESPONSE_STEPS], around[:, RESPONSE_STEPS:]
    return np.array([_level(b) - _level(a) for a, b in zip(before, after, strict=True)]).reshape(len(around))


def _level(drops):
    known = drops[np.isfinite(drops)]
    return np.median(known) if len(known) >= _LEAST_KNOWN else np.nan
