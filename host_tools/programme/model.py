"""How a made-up runner answers cues: the parameters, each with its source or marked as assumed.

The runner's pelvis drops by a habit on the left, and steps scatter around it.
A cue tells of an error; what is learnt of it has a fast and a slow part, as in
motor adaptation (Smith, Ghazizadeh & Shadmehr 2006, PLoS Biol 4:e179): both
move by a share of the error with each cue and are partly forgotten with each
step of that side, the fast one soon, the slow one hardly. Between sessions the
fast part is gone and some of the slow one. While feedback is dense the runner
leans on it and learns less that lasts (the guidance hypothesis: Salmoni,
Schmidt & Walter 1984, Psychol Bull 95:355; Winstein & Schmidt 1990, J Exp
Psychol Learn 16:677); by how much in running is not known. Now and then a
correction goes too far.
"""

# name, value, unit, source
PARAMETERS = (
    ("habit_deg", 7.5, "deg", "assumed; healthy runners 5 (SD 2), injured ones 2 to 3 more (Bramah et al. 2018)"),
    ("other_side_deg", 4.5, "deg", "assumed"),
    ("fatigue_deg", 0.8, "deg per 30 min", "assumed"),
    ("step_sd_deg", 1.0, "deg", "assumed: scatter of the runner's own steps"),
    ("sensor_sd_deg", 1.0, "deg", "assumed, so that both together make the 1.4 deg of the rule's design"),
    ("cadence_per_min", 170.0, "steps/min", "the demo's"),
    ("delay_steps", 2, "same-side steps", "assumed: from the buzz to the first corrected step"),
    ("fast_gain", 0.21, "of the error", "Smith et al. 2006, per trial"),
    ("fast_kept", 0.92, "per step", "assumed: Smith et al. 2006 give 0.59 per trial, which is longer"),
    ("slow_gain", 0.02, "of the error", "Smith et al. 2006, per trial"),
    ("slow_kept", 0.99998, "per step", "assumed: what runners learn has been held for months (Willy et al. 2012)"),
    ("kept_overnight", 0.9, "of the slow part", "assumed"),
    ("guidance", 0.6, "of the slow gain", "assumed: what dense feedback takes from it"),
    ("dense_per_min", 8.0, "cues/min", "assumed: feedback as dense as this takes all of that"),
    ("too_far_share", 0.1, "of cues", "assumed: answered by twice the correction"),
)


def parameters():
    """Return {name: value}."""
    return {name: value for name, value, _, _ in PARAMETERS}
