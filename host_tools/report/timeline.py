"""Steps and times as the report needs them: every column there, times from the start of the recording."""

from dataclasses import dataclass

import numpy as np

from hipcue.contract.record import QUALITY_BITS
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT, SIDES
from host_tools.log import emg, wall_time

_LONGEST_STEP_S = 1.5  # longer between two contacts: not the next step of the same run

_FLOATS = ("time_ms", "peak_drop_deg", "peak_drop_causal_deg", "excursion_deg")
_CUE_FLOATS = ("time_ms", "value_deg", "threshold_deg", "latency_ms", "duration_ms", "glute_pct")


@dataclass(frozen=True)
class Timeline:
    """One session on a clock of seconds from its first block; arrays over steps (K,) or cues (C,).

    Events that waited for the session, such as a low battery, stand before its start.
    """

    start_ms: float
    end_s: float | None  # None: nothing was recorded
    start: wall_time.WallTime | None  # None: no host had set the clip's clock
    t_s: np.ndarray
    side: np.ndarray
    quality: np.ndarray
    step: dict  # float columns of the step records, and `own_pct`, `other_pct`, `onset_ms` as muscle_columns() gives
    emg_quality: dict  # left, right: EMG quality bits (K,), NOT_MEASURED where nothing was
    references: dict  # side's name: (name of the reference, uV), as host_tools.log.emg.references() gives
    swapped: bool  # each glute's electrodes were in the other one's plug: no activation is anybody's
    cue_s: np.ndarray
    cue_side: np.ndarray
    cue: dict  # float columns of the cue records
    cue_glute: np.ndarray  # state of the stance side's glute, by name

    @property
    def start_unix_ms(self):
        """Wall time of the start, UTC in ms since 1970; None: unknown."""
        return self.start.unix_ms if self.start else None

    @property
    def ok(self):
        """Steps without any quality code and of a known side (K,) bool."""
        return (self.quality == 0) & (self.side != 0)

    @property
    def drops(self):
        """For responses: (t_s, side, drop in degrees, NaN where the step is not valid), each (K,)."""
        return self.t_s, self.side, np.where(self.ok, self.step["peak_drop_deg"], np.nan)

    @property
    def running_s(self):
        """Time from running step to running step, summed; None when there is not one pair."""
        running = (self.quality & QUALITY_BITS["not_running"]) == 0
        between_s = np.diff(self.t_s)
        counted = running[1:] & running[:-1] & (between_s < _LONGEST_STEP_S)
        return float(between_s[counted].sum()) if counted.any() else None

    @property
    def own_quality(self):
        """EMG quality bits of the stance side's glute (K,); NOT_MEASURED where the side is unsure."""
        left, right = self.emg_quality["left"], self.emg_quality["right"]
        return np.select([self.side == SIDE_LEFT, self.side == SIDE_RIGHT], [left, right], emg.NOT_MEASURED)

    def seconds(self, time_ms):
        """Return the clip's monotonic `time_ms` as seconds from the start of the recording."""
        return (time_ms - self.start_ms) / 1000.0

    def valid(self, side, column="peak_drop_deg"):
        """Return which steps are valid ones of `side`, their `column` known (K,) bool."""
        return self.ok & (self.side == side) & np.isfinite(self.step[column])


def timeline(session):
    """Return the Timeline of `session`, empty columns standing in for those that it lacks."""
    step = _floats(session.steps, _FLOATS)
    cue = _floats(session.cues, _CUE_FLOATS)
    start_ms, end_ms = _span_ms(session, step, cue)
    count, cues = len(step["time_ms"]), len(cue["time_ms"])
    side = _whole_numbers(session.steps, "side", count)
    swapped = any(event["name"] == "electrodes_swapped" for event in session.events)
    references = emg.references(session)
    return Timeline(
        start_ms=start_ms,
        end_s=None if end_ms is None else (end_ms - start_ms) / 1000.0,
        start=wall_time.at(session, start_ms, session.contacts),
        t_s=(step["time_ms"] - start_ms) / 1000.0,
        side=side,
        quality=_whole_numbers(session.steps, "quality", count),
        step=step | muscle_columns(session, side, references, swapped),
        emg_quality={
            name: _whole_numbers(session.steps, "emg_%s_quality" % name, count, emg.NOT_MEASURED) for _, name in SIDES
        },
        references=references,
        swapped=swapped,
        cue_s=(cue["time_ms"] - start_ms) / 1000.0,
        cue_side=_whole_numbers(session.cues, "side", cues),
        cue=cue,
        cue_glute=np.asarray(session.cues.get("glute", ["unknown"] * cues), dtype=object),
    )


def _span_ms(session, step, cue):
    """Return (start, end) of the recording on the clip's clock; end None when nothing was recorded."""
    event_ms = [event["time_ms"] for event in session.events]
    repetition_ms = session.repetitions.get("time_ms", ())
    every_ms = np.concatenate((session.battery_time_ms, step["time_ms"], cue["time_ms"], repetition_ms, event_ms))
    opened_ms = np.concatenate((session.battery_time_ms[:1], step["time_ms"], cue["time_ms"], repetition_ms))
    if not len(every_ms):
        return 0.0, None
    return float((opened_ms if len(opened_ms) else every_ms).min()), float(every_ms.max())


def muscle_columns(session, side, references, swapped):
    """Return the glute of the stance side and the other one's over steps (K,), NaN where not known.

    `own_pct`, `other_pct`: activation in percent of that side's own reference; `onset_ms`: of the stance side's glute
    against initial contact. When the electrodes were `swapped` none of it is known.
    """
    pct, onset_ms = {}, {}
    for code, name in SIDES:
        uv = _column(session.steps, "emg_%s_uv" % name, len(side))
        pct[code] = 100.0 * uv / references[name][1] if name in references and not swapped else np.full(len(uv), np.nan)
        onset = _column(session.steps, "emg_%s_onset_ms" % name, len(side))
        onset_ms[code] = np.full(len(uv), np.nan) if swapped else onset
    left, right = side == SIDE_LEFT, side == SIDE_RIGHT
    return {
        "own_pct": np.select([left, right], [pct[SIDE_LEFT], pct[SIDE_RIGHT]], np.nan),
        "other_pct": np.select([left, right], [pct[SIDE_RIGHT], pct[SIDE_LEFT]], np.nan),
        "onset_ms": np.select([left, right], [onset_ms[SIDE_LEFT], onset_ms[SIDE_RIGHT]], np.nan),
    }


def _floats(columns, names):
    count = len(columns.get("time_ms", ()))
    return {name: _column(columns, name, count) for name in names}


def _column(columns, name, count):
    return np.asarray(columns.get(name, np.full(count, np.nan)), dtype=np.float64)


def _whole_numbers(columns, name, count, missing=0):
    return np.asarray(columns.get(name, np.full(count, missing)), dtype=np.int64)
