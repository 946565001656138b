"""The thresholds of a session: those that its log tells of, else what its settings and baselines make them."""

import numpy as np

from hipcue.contract.cues import GLUTE, LEAST_MARGIN_DEG
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT

_THRESHOLDS = {SIDE_LEFT: "threshold", SIDE_RIGHT: "threshold_right"}
_BASELINES = {SIDE_LEFT: "baseline_set", SIDE_RIGHT: "baseline_set_right"}


def baselines_deg(session):
    """Return {side: (drop in degrees, from when in ms)}: the runner's own in this run, as the clip measured it."""
    return {side: levels[-1] for side, levels in _told(session, _BASELINES).items()}


def thresholds_deg(session):
    """Return {side: [(threshold in degrees, from when in ms), ...]} as the cue rule had them.

    A side without one is left out; from -inf: from the start.
    """
    told = _told(session, _THRESHOLDS)
    if told:
        return told
    if session.config.get("cue_mode") == GLUTE:
        return {}
    tightened_deg = next(iter(session.programme.get("tightened_deg", ())), 0.0)
    absolute_deg = session.config.get("cue_absolute_deg", 0.0)
    if absolute_deg:
        return {side: [(absolute_deg - tightened_deg, float("-inf"))] for side in _THRESHOLDS}
    margin_deg = session.config.get("cue_margin_deg")
    if margin_deg is None:
        return {}
    margin_deg = max(LEAST_MARGIN_DEG, margin_deg - tightened_deg)
    return {side: [(level + margin_deg, from_ms)] for side, (level, from_ms) in baselines_deg(session).items()}


def thresholds_at(session, time_ms, side):
    """Return the threshold in degrees at each of the times for each of the sides (M,); NaN where none was known."""
    found = np.full(len(time_ms), np.nan)
    for own, levels in thresholds_deg(session).items():
        for degrees, from_ms in levels:
            found[(side == own) & (time_ms >= from_ms)] = degrees
    return found


def _told(session, names):
    """Return {side: [(degrees, ms), ...]} of the events of these `names` by side; a side without is left out."""
    found = {
        side: [(event["value"] / 100.0, event["time_ms"]) for event in session.events if event["name"] == name]
        for side, name in names.items()
    }
    return {side: levels for side, levels in found.items() if levels}
