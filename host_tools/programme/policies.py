"""The policies of cueing that `hipcue sim --programme` compares, as settings of the clip."""

SESSIONS = 10  # eight with feedback, two of retention
MINUTES = 30.0
TARGET_DEG = 6.0
_COMMON = {"cue_absolute_deg": TARGET_DEG, "retention_sessions": 2, "cue_mode": 1}
# policy: settings of the clip
POLICIES = {
    "none": _COMMON | {"cue_mode": 0},
    # All feedback in eight sessions: the last of a programme's sessions has none, here the first of two of retention.
    "continuous": _COMMON | {"programme_sessions": 9, "fade_from_session": 9},
    # Faded over the last four of eight sessions (Willy et al. 2012).
    "faded": _COMMON | {"programme_sessions": 8, "fade_from_session": 5},
    # The same, and the target is tightened as the runner improves.
    "adaptive": _COMMON | {"programme_sessions": 8, "fade_from_session": 5, "cue_tighten_deg": 0.25},
}
COMPARED = ("continuous", "faded")  # by the runners' dependence on feedback
