"""What the report may say and must say: claims, limits, and when a change is too small to mean anything."""

# On a body a clip's drop is expected to be wrong by 1 to 2 degrees until it is
# compared with motion capture; a change below the upper end is not one.
LEAST_CHANGE_DEG = 2.0

AID = (
    "HipCue is a training aid. It does not diagnose, prevent or treat anything. "
    "What the numbers mean for this runner is for the clinician to judge."
)

SIMULATED = (
    "<strong>Simulated data.</strong> This log comes from the twin, a clip without hardware that replays a "
    "recording. It shows that the arithmetic works; it says nothing about accuracy on a body."
)

BOARD_UNKNOWN = (
    "<strong>Origin unknown.</strong> What the log says about its clip is lost: these data may come from a person or "
    "from a simulation."
)

SWAPPED = (
    "<strong>Electrodes swapped</strong> (%s): each glute's electrodes were in the other one's plug. "
    "The glute's numbers of that run are left out."
)

ERROR = (
    "On a body, expect the drop to be wrong by 1 to 2 degrees until this clip has been compared with motion capture. "
    "Changes of less than %g degrees are greyed: they are within that error." % LEAST_CHANGE_DEG
)

# What a percentage of a glute is of, by the reference's name in the log.
REFERENCES = {"mvic": "MVIC", "baseline": "the run's baseline"}

# The validation card: figure, what it can show, what it cannot.
CARD = (
    (
        "Peak drop",
        "A change in this runner of %g degrees or more, worn and calibrated alike." % LEAST_CHANGE_DEG,
        "On a body, expect it to be wrong by 1 to 2 degrees until this clip has been compared with motion capture. "
        "Camber, bends and a shifted clip add to it; a steady camber cannot be told from a drop.",
    ),
    (
        "Excursion",
        "The same movement, free of such offsets.",
        "Small for many runners; its own error on a body is not known.",
    ),
    (
        "Left and right",
        "Which leg stands, where the clip was sure.",
        "Some asymmetry is normal. A runner unlike most needs the left-foot check.",
    ),
    (
        "Own baseline",
        "Where this runner began.",
        "The first minutes of a run are a reference for this runner and no norm.",
    ),
    (
        "Glute activation",
        "How one muscle works over a run, against its own named reference.",
        "Surface EMG does not show weakness. Skin, sweat and electrodes change it; it falls in healthy runners too as "
        "a run goes on. Never compare people; no smallest real change is known.",
    ),
    (
        "Glute onset",
        "Whether the muscle starts before or after foot contact.",
        "Its error on a body is not known. A late onset is no sign of any injury. An envelope sensor gives none.",
    ),
    (
        "Cues",
        "When the clip buzzed, how fast, and what the next steps did.",
        "A buzz comes after the step that caused it: there is no correction within the same stance. High drops tend "
        "to be followed by lower ones even without a cue.",
    ),
    (
        "Not measured",
        "",
        "The clip is a single sensor on the pelvis: it cannot measure femoral rotation, step width or cross-over. "
        "Contact time is an estimate and is not shown.",
    ),
)

RESPONSE = (
    "A cue is given when drops are high, and high values tend to be followed by lower ones even without a cue: a fall "
    "here does not by itself show that the cue worked."
)

# For the runner, without jargon.
RUNNER = (
    "Seen from behind. Thick: your usual step; dashed: your limit. A step is good when the other hip sinks no further. "
    "The clip can be wrong by 1 to 2 degrees."
)
# What a runner is asked: by the settings cue_swing_side and cue_away.
INSTRUCTIONS = {
    (0, 0): "tighten the buttock there when that foot lands, and grow tall over it.",
    (0, 1): "draw that hip in, away from the buzz, when that foot lands.",
    (1, 0): "lift that hip, towards the buzz, while the other foot is on the ground.",
    (1, 1): "move away from the buzz: press down through the other leg and grow tall on it.",
}
NO_BUZZ = "The clip only measures and does not buzz: run as you usually do."
SETTINGS_LOST = "What the clip was set to is lost: ask whoever gave it to you."
# By whether the drop has become less (-1), has not changed beyond the error (0), or has become more (1).
AGAINST_FIRST_RUN = {
    -1: "Better than in your first run.",
    0: "About as in your first run: no change that is sure.",
    1: "The other hip sinks further than in your first run.",
}
TO_THE_END = {
    -1: "It got better towards the end.",
    0: "It stayed about the same to the end.",
    1: "The other hip sank further towards the end.",
}

MVIC = "Electrodes, skin and effort change it: only a steady course over several dates is a trend."

VERDICTS = {
    "whole": "The log is whole: every block is there and the clip sealed it.",
    "recording interrupted": "The recording was interrupted: the clip did not end it in an orderly way. "
    "What was written before is shown.",
    "download interrupted": "The download was interrupted: the clip may hold more than is shown. Pull the log again.",
    "damaged": "The log is damaged: some of it could not be read. What is whole is shown.",
}

# Why a recording ended, by the seal's reason, where that name alone would not be understood.
ENDED = {
    "stopped by the host": "a computer stopped it",
    "stopped by the button": "the button was held",
    "idle": "no running step came for five minutes",
    "recovered after an interruption": "power or the firmware failed; the next start closed it",
    "device error": "the firmware met a fault",
}


def within_error(change_deg):
    """Tell whether a change of drop is too small to mean anything."""
    return abs(change_deg) < LEAST_CHANGE_DEG


def origin(firmware):
    """Return what must be said about where the data come from, by the board in a log's `firmware` entry."""
    board = str(firmware.get("board", ""))
    if not board:
        return BOARD_UNKNOWN
    return SIMULATED if "twin" in board.lower() else ""
