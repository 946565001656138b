"""What the report says of one run in numbers: losses, quality, drop by third, thresholds. None is unknown."""

import numpy as np

from hipcue.contract.emg import EMG_QUALITY
from hipcue.contract.record import EVENT_CODES, OFTEN, QUALITY, REPEATED_MASK, REPEATED_SHIFT
from hipcue.contract.signals import SIDES
from host_tools.log import emg, thresholds
from host_tools.log.decode import EVENT_NAMES

PAUSE_S = 5.0  # so long without a step is a pause
AFTER_LAST_S = 2.0  # that a plot goes on after the last step

_GLUTE_EVENTS = {1: "glute_baseline", 2: "glute_baseline_right"}


def quality_counts(line):
    """Return [(name, meaning, steps)] of the quality codes that occur, the most frequent first."""
    rows = [(name, meaning, int(np.count_nonzero(line.quality & bit))) for bit, name, meaning in QUALITY]
    known_bits = sum(bit for bit, *_ in QUALITY)
    unknown = int(np.count_nonzero(line.quality & ~known_bits))
    rows.append(("unnamed", "codes that this program does not know", unknown))
    return sorted((row for row in rows if row[2]), key=lambda row: -row[2])


def electrode_counts(line, name):
    """Return {code's name: steps} of the electrodes on the side `name` over all steps; with `ok` and `not measured`."""
    bits = line.emg_quality[name]
    measured = bits != emg.NOT_MEASURED
    counts = {"ok": int(np.count_nonzero(bits == 0))}
    counts |= {code: int(np.count_nonzero(measured & ((bits & bit) != 0))) for bit, code, _ in EMG_QUALITY}
    counts["not measured"] = int(np.count_nonzero(~measured))
    return counts


def lost_samples(session):
    """Return (samples known lost, gaps) from the log's events and seal."""
    lost = [event["value"] for event in session.events if event["name"] == "samples_lost"]
    total = max(sum(lost), (session.seal or {}).get("samples_lost", 0))
    return total, times(session, "samples_lost")


def repeated(event):
    """Return (name, count) of the faults that an event `repeated` stands for."""
    code = event["value"] >> REPEATED_SHIFT
    return EVENT_NAMES.get(code, "event_%d" % code), event["value"] & REPEATED_MASK


def times(session, name):
    """Return how often the fault `name` came, those that were told together included."""
    count = len(events_named(session, name))
    for event in events_named(session, "repeated"):
        fault, more = repeated(event)
        if fault == name:
            count += more - OFTEN[EVENT_CODES[name]]  # where values add up, one event more holds their sum
    return count


def emg_samples_lost(session):
    """Return the EMG samples that the minutes' records count as lost; None: nothing counted them."""
    lost = session.muscles.get("lost", ())
    return int(np.sum(lost)) if session.front_end == "raw" and len(lost) else None


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


def baselines_deg(session, line):
    """Return {side: (drop in degrees, from when in s)}: the runner's own in this run, as the clip measured it."""
    found = thresholds.baselines_deg(session)
    return {side: (level, line.seconds(from_ms)) for side, (level, from_ms) in found.items()}


def thresholds_deg(session, line):
    """Return {side: [(threshold, from when in s), ...]} as the cue rule had them; a side without one is left out."""
    return {
        side: [(level, line.seconds(max(from_ms, line.start_ms))) for level, from_ms in levels]
        for side, levels in thresholds.thresholds_deg(session).items()
    }


def feedback_spans_s(session, line):
    """Return [(from, to)] in s of the parts of the run that a programme gave feedback in."""
    spans, from_s = [], None
    for event in events_named(session, "feedback_begins", "feedback_ends"):
        if event["name"] == "feedback_begins":
            from_s = line.seconds(event["time_ms"])
        elif from_s is not None:
            spans.append((from_s, line.seconds(event["time_ms"])))
            from_s = None
    if from_s is not None:
        spans.append((from_s, line.end_s))
    end_s = plotted_s(session, line)
    return [(a, min(b, end_s)) for a, b in spans if a < end_s]


def glute_baseline_pct(session, line, side):
    """Return what a glute did in its own stances at the run's beginning, in percent of its reference; None: unknown."""
    reference = line.references.get(dict(SIDES)[side])
    told = events_named(session, _GLUTE_EVENTS[side])
    if line.swapped or reference is None or not told:
        return None
    return 100.0 * told[-1]["value"] * emg.unit_uv(session.front_end) / reference[1]


def onset_baseline_ms(session, line, side):
    """Return a glute's median onset until the clip had its baseline; None: unknown."""
    told = events_named(session, _GLUTE_EVENTS[side])
    if not told:
        return None
    early = line.valid(side, "onset_ms") & (line.t_s <= line.seconds(told[-1]["time_ms"]))
    return spread(line.step["onset_ms"][early])[0]


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
    usable = line.valid(side, column)
    part = np.clip(np.searchsorted(edges, line.t_s, side="right") - 1, 0, 2)
    return [spread(line.step[column][usable & (part == third)]) for third in range(3)]


def whole_run(line, side, column):
    """Return (median, lower quartile, upper quartile, steps) of `column` over all valid steps of `side`."""
    return spread(line.step[column][line.valid(side, column)])


def spread(values):
    """Return (median, lower quartile, upper quartile, count) of known `values`; (None, None, None, 0) without any."""
    if not len(values):
        return None, None, None, 0
    low, middle, high = np.percentile(values, (25, 50, 75))
    return float(middle), float(low), float(high), len(values)


def plotted_s(session, line):
    """Return how much of the recording a plot shows, in s: up to its last step, cue, summed minute or lost block.

    After that the clip only waits, five minutes as a rule, for another step. None: nothing was recorded.
    """
    if line.end_s is None:
        return None
    spans = summary_spans_s(session, line) + unknown_spans_s(session, line)
    last = [*line.t_s[-1:], *line.cue_s[-1:], *(to_s for _, to_s in spans)]
    return min(line.end_s, max(last, default=line.end_s) + AFTER_LAST_S)


def spans_without_running_s(session, line):
    """Return [(from, to)] in s where no step was made for PAUSE_S or longer, up to where the plot ends.

    Minutes that the log holds as summaries alone have steps.
    """
    if line.end_s is None:
        return []
    summed = [np.append(np.arange(a, b, PAUSE_S / 2), b) for a, b in summary_spans_s(session, line)]
    marks = np.sort(np.concatenate(([0.0], line.t_s, *summed, [plotted_s(session, line)])))
    return [(float(a), float(b)) for a, b in zip(marks[:-1], marks[1:], strict=True) if b - a >= PAUSE_S]


def summary_spans_s(session, line):
    """Return [(from, to)] in s of the minutes that the log holds as summaries, without their steps."""
    from_ms = np.asarray(session.summaries.get("time_ms", ()), dtype=np.float64)
    to_ms = from_ms + session.summaries.get("length_ms", ())
    return [(line.seconds(a), line.seconds(b)) for a, b in zip(from_ms, to_ms, strict=True)]


def summed_steps(session):
    """Return how many steps the log holds as summaries alone."""
    counts = [session.summaries.get("steps_" + name, ()) for name in ("left", "right", "unsure")]
    return int(sum(np.sum(count) for count in counts))


def unknown_spans_s(session, line):
    """Return [(from, to)] in s of which nothing is known: blocks of the log are missing."""
    spans = []
    for gap in session.gaps if line.end_s is not None else ():
        from_s = 0.0 if gap["from_ms"] is None else line.seconds(gap["from_ms"])
        to_s = line.end_s if gap["to_ms"] is None else line.seconds(gap["to_ms"])
        spans.append((max(from_s, 0.0), min(to_s, line.end_s)))
    return [(a, b) for a, b in spans if b > a]
