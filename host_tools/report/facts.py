"""What the report says in numbers: losses, quality, drop by third, thresholds, response to cues. None is unknown."""

import numpy as np

from hipcue.contract.record import QUALITY
from host_tools.report.timeline import SIDES

RESPONSE_STEPS = 6  # same-side steps before and after a cue
PAUSE_S = 5.0  # so long without a step is a pause
_LEAST_KNOWN = 4  # of these must be valid
_RESPONSE_WITHIN_S = 15.0


def quality_counts(line):
    """Return [(name, meaning, steps)] of the quality codes that occur, the most frequent first."""
    rows = []
    known_bits = 0
    for bit, name, meaning in QUALITY:
        known_bits |= bit
        rows.append((name, meaning, int(np.count_nonzero(line.quality & bit))))
    unknown = int(np.count_nonzero(line.quality & ~known_bits))
    rows.append(("unnamed", "codes that this program does not know", unknown))
    return sorted((row for row in rows if row[2]), key=lambda row: -row[2])


def lost_samples(session):
    """Return (samples known lost, gaps) from the log's events and seal."""
    lost = [event["value"] for event in session.events if event["name"] == "samples_lost"]
    total = max(sum(lost), (session.seal or {}).get("samples_lost", 0))
    return total, len(lost)


def silent_s(session):
    """Return [seconds] for each time that the sensor stopped answering and came back."""
    return [event["value"] / 1000.0 for event in session.events if event["name"] == "sensor_back"]


def events_named(session, *names):
    """Return the events of these names, in the log's order."""
    return [event for event in session.events if event["name"] in names]


def battery_mv(session):
    """Return (first, last, least) battery voltage in mV, or None when no block knew it."""
    known = session.battery_mv[np.isfinite(session.battery_mv)]
    return (float(known[0]), float(known[-1]), float(known.min())) if len(known) else None


def thresholds_deg(session, line):
    """Return {side: (threshold, from when in s)} as the cue rule had them; a side without one is left out."""
    absolute = session.config.get("cue_absolute_deg", 0.0)
    if absolute:
        return {side: (absolute, 0.0) for side, _ in SIDES}
    margin = session.config.get("cue_margin_deg")
    names = {"baseline_set": 1, "baseline_set_right": 2}
    if margin is None:
        return {}
    return {
        names[event["name"]]: (event["value"] / 100.0 + margin, line.seconds(event["time_ms"]))
        for event in events_named(session, *names)
    }


def third_edges_s(line):
    """Return the four times that part the run, from first to last valid step, into thirds; None without steps."""
    valid_s = line.t_s[line.ok]
    return np.linspace(valid_s[0], valid_s[-1], 4) if len(valid_s) > 1 else None


def by_third(line, side, column):
    """Return [(median, lower quartile, upper quartile, steps)] of `column` over valid steps of `side` per third.

    A third without a known value gives (None, None, None, 0).
    """
    edges = third_edges_s(line)
    if edges is None:
        return [(None, None, None, 0)] * 3
    values = line.step[column]
    usable = line.ok & (line.side == side) & np.isfinite(values)
    part = np.clip(np.searchsorted(edges, line.t_s, side="right") - 1, 0, 2)
    return [_spread(values[usable & (part == third)]) for third in range(3)]


def _spread(values):
    if not len(values):
        return None, None, None, 0
    low, middle, high = np.percentile(values, (25, 50, 75))
    return float(middle), float(low), float(high), len(values)


def rolling_median(t_s, values, window, gap_s=PAUSE_S):
    """Return (t_s, median) of `values` (K,) over `window` values around each; NaN breaks the line at gaps."""
    times, medians = [], []
    breaks = np.flatnonzero(np.diff(t_s) > gap_s) + 1
    for stretch_s, stretch in zip(np.split(t_s, breaks), np.split(values, breaks), strict=True):
        if len(stretch) < window:
            continue
        times += [np.lib.stride_tricks.sliding_window_view(stretch_s, window)[:, window // 2], [np.nan]]
        medians += [np.median(np.lib.stride_tricks.sliding_window_view(stretch, window), axis=1), [np.nan]]
    return (np.concatenate(times), np.concatenate(medians)) if times else (np.zeros(0), np.zeros(0))


def responses_deg(line):
    """Return (C,): median drop of the next 6 same-side steps less that of the 6 up to the cue; NaN where unknown.

    The step under way when the motor starts counts to neither.
    """
    changes = np.full(len(line.cue_s), np.nan)
    for number, (cue_s, side) in enumerate(zip(line.cue_s, line.cue_side, strict=True)):
        same = np.flatnonzero(line.side == side)
        after = same[line.t_s[same] > cue_s][:RESPONSE_STEPS]
        before = same[line.t_s[same] <= cue_s][-RESPONSE_STEPS:]
        levels = [_level(line, order, cue_s) for order in (before, after)]
        if None not in levels:
            changes[number] = levels[1] - levels[0]
    return changes


def _level(line, order, cue_s):
    usable = line.ok[order] & (np.abs(line.t_s[order] - cue_s) < _RESPONSE_WITHIN_S)
    drops = line.step["peak_drop_deg"][order][usable]
    drops = drops[np.isfinite(drops)]
    return float(np.median(drops)) if len(drops) >= _LEAST_KNOWN else None


def spans_without_running_s(line, least_s=PAUSE_S):
    """Return [(from, to)] in s where no steps were recorded for `least_s` or longer, ends included."""
    if line.end_s is None:
        return []
    marks = np.concatenate(([0.0], line.t_s, [line.end_s]))
    return [(float(a), float(b)) for a, b in zip(marks[:-1], marks[1:], strict=True) if b - a >= least_s]
