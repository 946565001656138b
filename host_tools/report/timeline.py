"""Steps and times as the report needs them: every column there, times from the start of the recording."""

from dataclasses import dataclass

import numpy as np

from hipcue.contract.record import QUALITY_BITS
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT

SIDES = ((SIDE_LEFT, "left"), (SIDE_RIGHT, "right"))

_LONGEST_STEP_S = 1.5  # longer between two contacts: not the next step of the same run

_FLOATS = (
    "time_ms",
    "peak_drop_deg",
    "peak_drop_causal_deg",
    "excursion_deg",
    "contact_ms",
    "emg_left_uv",
    "emg_right_uv",
)
_CUE_FLOATS = ("time_ms", "value_deg", "threshold_deg", "latency_ms", "duration_ms")


@dataclass(frozen=True)
class Timeline:
    """One session on a clock of seconds from its first block; arrays over steps (K,) or cues (C,).

    Events that waited for the session, such as a low battery, stand before its start.
    """

    start_ms: float
    end_s: float | None  # None: nothing was recorded
    t_s: np.ndarray
    side: np.ndarray
    quality: np.ndarray
    step: dict  # float columns of the step records
    cue_s: np.ndarray
    cue_side: np.ndarray
    cue: dict  # float columns of the cue records

    @property
    def ok(self):
        """Steps without any quality code and of a known side (K,) bool."""
        return (self.quality == 0) & (self.side != 0)

    @property
    def running_s(self):
        """Time from running step to running step, summed; None when there is not one pair."""
        running = (self.quality & QUALITY_BITS["not_running"]) == 0
        between_s = np.diff(self.t_s)
        counted = running[1:] & running[:-1] & (between_s < _LONGEST_STEP_S)
        return float(between_s[counted].sum()) if counted.any() else None

    def seconds(self, time_ms):
        """Return the clip's monotonic `time_ms` as seconds from the start of the recording."""
        return (time_ms - self.start_ms) / 1000.0

    def valid(self, side):
        """Return which steps are valid ones of `side`, their drop known (K,) bool."""
        return self.ok & (self.side == side) & np.isfinite(self.step["peak_drop_deg"])


def timeline(session):
    """Return the Timeline of `session`, empty columns standing in for those that it lacks."""
    step = _floats(session.steps, _FLOATS)
    cue = _floats(session.cues, _CUE_FLOATS)
    event_ms = [event["time_ms"] for event in session.events]
    every_ms = np.concatenate((session.battery_time_ms, step["time_ms"], cue["time_ms"], event_ms))
    opened_ms = np.concatenate((session.battery_time_ms[:1], step["time_ms"], cue["time_ms"]))
    start_ms = float(opened_ms.min()) if len(opened_ms) else float(every_ms.min()) if len(every_ms) else 0.0
    return Timeline(
        start_ms=start_ms,
        end_s=(float(every_ms.max()) - start_ms) / 1000.0 if len(every_ms) else None,
        t_s=(step["time_ms"] - start_ms) / 1000.0,
        side=_whole_numbers(session.steps, "side", len(step["time_ms"])),
        quality=_whole_numbers(session.steps, "quality", len(step["time_ms"])),
        step=step,
        cue_s=(cue["time_ms"] - start_ms) / 1000.0,
        cue_side=_whole_numbers(session.cues, "side", len(cue["time_ms"])),
        cue=cue,
    )


def _floats(columns, names):
    count = len(columns.get("time_ms", ()))
    return {name: np.asarray(columns.get(name, np.full(count, np.nan)), dtype=np.float64) for name in names}


def _whole_numbers(columns, name, count):
    return np.asarray(columns.get(name, np.zeros(count)), dtype=np.int64)
