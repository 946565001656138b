"""What happened to the recordings: the events of the logs that a reader should know of."""

from host_tools.report import facts
from host_tools.report.markup import clock, details, table, text

# Event: words, how its value is given.
_SHOWN = {
    "samples_lost": ("Samples lost", "%d samples"),
    "sensor_silent": ("Motion sensor stopped answering", "error %d"),
    "sensor_back": ("Motion sensor answered again", "after %d ms"),
    "sensor_wrong": ("Unknown motion sensor, not used", "identity %d"),
    "emg_silent": ("Muscle front end stopped answering", "error %d"),
    "emg_stale": ("Muscle front end gave nothing new", "for %d ms"),
    "emg_back": ("Muscle front end answered again", "after %d ms"),
    "emg_wrong": ("Unknown muscle front end, not used", "identity %d"),
    "electrodes_swapped": ("Electrodes in each other's plugs", "found within %d steps"),
    "electrodes_right": ("Electrodes back in their own plugs", "found within %d steps"),
    "battery_low": ("Battery low", "%d mV"),
    "flash_low": ("Memory nearly full", "%d bytes free"),
    "flash_stall": ("Writing to memory took long", "%d ms"),
    "late_cue": ("Cue not given, as it would have come late", "%d ms after the peak"),
    "recovered": ("Recording interrupted here", "%d records saved that its file did not hold yet"),
    "session_removed": ("Session removed to make room, pulled and verified before", "session %d"),
    "trace_stopped": ("Memory nearly full: no more trace", "%d bytes free"),
    "summaries_begun": ("Memory nearly full: later steps only as summaries of a minute", "%d bytes free"),
    "flash_full": ("Memory full: later steps are missing", "%d bytes free"),
    "records_dropped": ("Records that could not be written", "%d"),
    "error": ("Fault in the clip", "code %d"),
    "reset_by_fault": ("Started anew after a fault", "code %d"),
    "reset_for_sensor": ("Started anew for want of the motion sensor", "after %d ms"),
    "sensor_stale": ("Motion sensor gave nothing new", "for %d ms"),
    "bus_freed": ("Motion sensor let go of its wires", "after %d clocks"),
    "flash_fault": ("The memory failed in part", "error %d"),
    "bus_held": ("Motion sensor holds its wires", ""),
    "uncalibrated": ("No calibration: absolute drop not given", ""),
    "slipped": ("The clip moved on the body", "%d tenths of a degree"),
    "upside_down": ("The clip was worn upside down", ""),
    "stood": ("A quiet stand told anew how the clip sits", "%d tenths of a degree"),
    "sides_corrected": ("Steps first given to the wrong side", "%d steps"),
    "mvic_missing": ("No drill: an MVIC is missing", ""),
    "repeated": ("The same again and again, not listed one by one", "%d times: %s"),
}
_MOST = 40


def event_list(runs):
    """Return the events of all `runs`, folded away on the screen; nothing when there is none."""
    rows = []
    for run in runs:
        for event in facts.events_named(run.session, *_SHOWN):
            words, form = _SHOWN[event["name"]]
            at = clock(run.line.seconds(event["time_ms"]))
            value = form % _value(event) if "%" in form else ""
            rows.append((*((text(run.label),) if len(runs) > 1 else ()), at, words, value))
    if not rows:
        return ""
    caption = "Minutes and seconds from the start of the recording."
    if len(rows) > _MOST:
        caption += " The first %d of %d; the others stand in events.csv (hipcue export)." % (_MOST, len(rows))
    header = (*(("run",) if len(runs) > 1 else ()), "at", "what", "how much")
    return details(
        "What happened to the recording (%d)" % len(rows), table(caption, header, rows[:_MOST], kind="words")
    )


def _value(event):
    """Return what is told of an event's value."""
    if event["name"] != "repeated":
        return event["value"]
    fault, count = facts.repeated(event)
    return count, _SHOWN.get(fault, (fault,))[0]
