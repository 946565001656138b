"""Home exercises that train the glutes: one table for clip and host."""

# Code, name, preset target in percent of the MVIC, where that comes from. A preset is the mean activation of gluteus
# medius in a group; it spreads widely between people, so the clinician sets the target.
DRILLS = (
    (1, "side_lying_abduction", 81, "DiStefano et al. 2009, J Orthop Sports Phys Ther 39:532"),
    (2, "clamshell", 40, "DiStefano et al. 2009"),
    (3, "lateral_band_walk", 52, "stance leg; Youdas et al. 2013"),
    (4, "single_leg_squat", 64, "DiStefano et al. 2009"),
    (5, "step_up", 61, "lateral; MacAskill et al. 2014"),
    (6, "hip_hitch", 40, "Moore et al. 2020: over 40"),
    (7, "lunge", 48, "DiStefano et al. 2009"),
)
DRILL_NAMES = {row[0]: row[1] for row in DRILLS}
PRESET_PCT = {row[0]: row[2] for row in DRILLS}
