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

ERROR = (
    "On a body, expect the drop to be wrong by 1 to 2 degrees until this clip has been compared with motion capture. "
    "Changes of less than %g degrees are greyed: they are within that error." % LEAST_CHANGE_DEG
)

LIMITS = (
    "The clip is a single sensor on the pelvis: it cannot measure femoral rotation, step width or cross-over.",
    "Road camber, bends and a shifted clip add to the drop. Flagged steps are left out; a steady camber cannot be told "
    "from a drop. The excursion is free of such offsets, but small for many runners.",
    "Some asymmetry between the sides is normal. A threshold from the runner's own first minutes is a reference for "
    "that session and no norm.",
    "Surface EMG does not show weakness. An envelope depends on skin, electrodes and sweat: compare it with the same "
    "side in the same session only, never between sides or people. It falls in healthy runners too as a run goes on.",
    "A buzz comes after the step that caused it: there is no correction within the same stance.",
    "Contact time is an estimate and is not shown.",
)

RESPONSE = (
    "A cue is given when drops are high, and high values tend to be followed by lower ones even without a cue: a fall "
    "here does not by itself show that the cue worked."
)

VERDICTS = {
    "whole": "The log is whole: every block is there and the clip sealed it.",
    "recording interrupted": "The recording was interrupted: the clip did not end it in an orderly way. "
    "What was written before is shown.",
    "download interrupted": "The download was interrupted: the clip may hold more than is shown. Pull the log again.",
    "damaged": "The log is damaged: some of it could not be read. What is whole is shown.",
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
