"""What the cue rule makes of a step: one table for clip and host. Every step has exactly one outcome."""

# Code (four bits of a step's record), name, meaning.
OUTCOMES = (
    (0, "under", "not over the threshold, or not known and no cue due"),
    (1, "cued", "a cue was given"),
    (2, "too_few", "over, but too few of the last steps were"),
    (3, "refractory", "a cue was due too soon after the one before"),
    (4, "late", "a cue was due, but would have come too late"),
    (5, "unjudged", "a cue was due by the steps before, but this one could not be judged"),
    (6, "side_unsure", "a cue was due by the steps before, but the stance side was not sure"),
    (7, "faded", "a cue was due in a part of the run that the programme leaves without feedback"),
    (8, "warm_up", "a cue was due during the warm-up"),
    (9, "dose_minute", "a cue was due beyond the dose of a minute"),
    (10, "dose_session", "a cue was due beyond the dose of a session"),
    (11, "retention", "a cue was due in a session that is planned without"),
    (12, "off", "a cue was due, but cues are switched off"),
    (13, "motor_busy", "a cue was due while the motors told something more urgent"),
)
OUTCOME_CODES = {row[1]: row[0] for row in OUTCOMES}
OUTCOME_NAMES = tuple(row[1] for row in OUTCOMES)

# Values of the setting `cue_mode`; 1 is a drop alone.
OFF, DROP_AND_GLUTE, GLUTE = 0, 2, 3

LEAST_MARGIN_DEG = 0.5  # over the baseline, however far a programme has tightened the threshold
