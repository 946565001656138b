"""What `hipcue live` shows: an answer (answer.plain) as some lines for a terminal, or as one for a pipe."""

from hipcue.contract.signals import MINUTE_MS, SIDES

BAR_COLUMNS = 24
BAR_DEG = 12.0  # a drop that fills the bar
OLD_MS = 3000  # after which a step is not the present one
STATES = {
    "waiting": "waiting for a first step",
    "running": "running",
    "paused": "no steps are coming",
    "drill": "drill",
    "unknown": "doing something that this command does not know",
}


def lines(answer):
    """Return the picture, always of as many lines."""
    return [
        "HipCue %s   clip %s   %s" % (answer["hipcue"], answer["clip"], recording(answer)),
        "%s   cadence %s /min   last step %s" % (state(answer), number(answer["cadence_per_min"], "%d"), step(answer)),
        "",
        "            drop  threshold  %-*s  last step" % (BAR_COLUMNS, "0 to %.0f deg" % BAR_DEG),
        *["%-6s %s" % (side, _side(answer[side])) for _, side in SIDES],
        "",
        "glutes  %s" % ("; ".join("%s %s" % (side, glute(answer, side)) for _, side in SIDES)),
        "cues    left %d, right %d; withheld %s" % (*[answer[side]["cues"] for _, side in SIDES], withheld(answer)),
        programme(answer["programme"]),
    ]


def line(answer):
    """Return the same in one line."""
    drops = ", ".join("%s %s deg" % (side, number(answer[side]["drop_deg"], "%.1f")) for _, side in SIDES)
    glutes = ", ".join("%s %s" % (side, glute(answer, side)) for _, side in SIDES)
    return "%s; %s; cadence %s; drop %s; step %s; glute %s; cues %d left, %d right, withheld %s; %s" % (
        recording(answer), state(answer), number(answer["cadence_per_min"], "%d"), drops, step(answer), glutes,
        *[answer[side]["cues"] for _, side in SIDES], withheld(answer), programme(answer["programme"]),
    )  # fmt: skip


def recording(answer):
    """Say whether a session is open."""
    if answer["sensor_silent"]:
        return "the motion sensor does not answer"
    return "recording, %d steps" % answer["steps"] if answer["recording"] else "not recording"


def state(answer):
    """Say what the clip is doing."""
    if answer["misplaced"]:
        return "the clip has slipped or is upside down: put it right, then stand still for 5 seconds"
    if answer["state"] == "drill":
        return "drill, %d repetitions" % answer["repetitions"]
    return STATES[answer["state"]]


def step(answer):
    """Say of what quality the last step was."""
    last = answer["last_step"]
    if last["age_ms"] is None:
        return "none yet"
    quality = "+".join(last["quality"])
    if last["age_ms"] >= MINUTE_MS:  # about the longest age that the clip tells
        return "%s, over a minute ago" % quality
    return "%s, %.0f s ago" % (quality, last["age_ms"] / 1000) if last["age_ms"] > OLD_MS else quality


def withheld(answer):
    """Say how many cues were due and left out, and why the last one was."""
    if not answer["withheld"]:
        return "none"
    return "%d (last: %s)" % (answer["withheld"], answer["withheld_reason"].replace("_", " "))


def programme(progress):
    """Say how far a programme (answer.plain) is."""
    if progress is None:
        return "no programme: feedback always on"
    session, sessions = progress["session"], progress["sessions"]
    if session > sessions:
        return "session %d, after the %d of the programme: without feedback" % (session, sessions)
    now = "on" if progress["feedback"] else "off"
    return "session %d of %d: feedback planned for %d %%, now %s" % (session, sessions, progress["share_pct"], now)


def glute(answer, side):
    """Say how active a glute is: in percent of what, else as amplitude, and of what quality that is."""
    found = answer[side]
    if found["glute_quality"] is None and found["glute_pct"] is None:
        return "not measured"
    quality = "+".join(found["glute_quality"] or ["ok"])
    if found["glute_pct"] is not None:
        return "%d %% of %s, %s" % (found["glute_pct"], answer["glute_reference"], quality)
    if found["glute_uv"] is not None:
        return "%s, %s" % (amplitude(found["glute_uv"]), quality)
    return quality


def amplitude(uv):
    """Return an activation in its unit: of raw EMG in uV, of an envelope in V."""
    return "%.0f uV" % uv if uv < 10000 else "%.2f V (envelope)" % (uv * 1e-6)


def number(value, form):
    """Return `value` in its form, or a dash when it is not known."""
    return "-" if value is None else form % value


def _side(found):
    drop, threshold = number(found["drop_deg"], "%.1f deg"), number(found["threshold_deg"], "%.1f deg")
    none_yet = found["drop_deg"] is None and found["quality"] == ["ok"]
    return "%9s  %9s  %s  %s" % (drop, threshold, bar(found), "-" if none_yet else "+".join(found["quality"]))


def bar(found):
    """Return a side's drop as a bar with its threshold as a mark in it."""
    filled = _column(found["drop_deg"])
    cells = ["#" if column < filled else "." for column in range(BAR_COLUMNS)]
    if found["threshold_deg"] is not None:
        cells[min(BAR_COLUMNS - 1, _column(found["threshold_deg"]))] = "|"
    return "".join(cells)


def _column(value_deg):
    return 0 if value_deg is None else max(0, min(BAR_COLUMNS, round(BAR_COLUMNS * value_deg / BAR_DEG)))
