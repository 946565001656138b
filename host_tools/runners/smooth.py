"""Smooth passages between values: twice differentiable, so that a clip on them feels no jolt."""

import numpy as np


def ramp(t_s, start_s, over_s):
    """Return 0 before `start_s`, 1 from `start_s + over_s` on, a fifth-order passage between."""
    part = np.clip((t_s - start_s) / over_s, 0.0, 1.0)
    return part**3 * (10.0 - 15.0 * part + 6.0 * part**2)


def plateau(t_s, start_s, end_s, over_s):
    """Return a curve that rises from `start_s` and falls from `end_s`, each within `over_s`."""
    return ramp(t_s, start_s, over_s) - ramp(t_s, end_s, over_s)


def hold(t_s, leave_s, arrive_s, values):
    """Return values held in turn: from `leave_s[k]` to `arrive_s[k]` it passes from values[k-1] to values[k].

    `leave_s`, `arrive_s`, `values` have shape (K,), the times rising and not overlapping;
    before the first passage the curve is 0.
    """
    before = np.concatenate(([0.0], values[:-1]))
    index = np.clip(np.searchsorted(leave_s, t_s, side="right") - 1, 0, len(values) - 1)
    share = ramp(t_s, leave_s[index], arrive_s[index] - leave_s[index])
    return before[index] + (values - before)[index] * share
