"""A recording folder: what the twin replays and what accuracy is scored on.

meta.json            name, imu_rate_hz; optional emg_rate_hz, still_s, bows_s,
                     left_stand_s and hops_s (a stand, then hops on the left foot),
                     run_starts_s, source, licence; of a made-up scenario also config (the clip's
                     settings), faults (of the twin), app_starts_s, spans and mishaps
                     (runners/expected.py)
imu.csv              t_s,ax_mps2,ay_mps2,az_mps2,gx_rads,gy_rads,gz_rads: the sensor's
                     own frame, specific force (+9.81 up at rest)
emg.csv              optional: t_s,left_uv,right_uv, raw
truth_obliquity.csv  optional: t_s,obliquity_deg and, if known, running (0 or 1)
truth_steps.csv      optional: t_ic_s,t_tc_s,stance_side,peak_drop_deg,excursion_deg,t_peak_s
"""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from host_tools.errors import HipCueError
from host_tools.recording import checks
from host_tools.recording.csv_table import missing, read_columns, read_header

IMU_COLUMNS = ("t_s", "ax_mps2", "ay_mps2", "az_mps2", "gx_rads", "gy_rads", "gz_rads")
EMG_COLUMNS = ("t_s", "left_uv", "right_uv")
TRUTH_STEP_COLUMNS = ("t_ic_s", "t_tc_s", "stance_side", "peak_drop_deg", "excursion_deg", "t_peak_s")


@dataclass
class Recording:
    """Signals in SI units on one clock that starts at 0; the IMU in the sensor's own frame."""

    name: str
    imu_rate_hz: float  # true rate
    t_s: np.ndarray  # (N,)
    imu: np.ndarray  # (N, 6): ax ay az m/s2 specific force, gx gy gz rad/s
    meta: dict = field(default_factory=dict)
    still_s: tuple | None = None  # (from, to)
    bows_s: tuple | None = None  # (from, to)
    left_stand_s: tuple | None = None  # (from, to)
    hops_s: tuple | None = None  # (from, to)
    run_starts_s: float | None = None
    emg_rate_hz: float | None = None
    emg: np.ndarray | None = None  # (M, 2): left, right, uV, raw
    envelope_rate_hz: float | None = None
    envelope_v: np.ndarray | None = None  # (M, 2): left, right, V at the ADC pin, where no raw EMG is given
    truth_t_s: np.ndarray | None = None
    truth_obliquity_deg: np.ndarray | None = None
    truth_running: np.ndarray | None = None  # boolean, on truth_t_s
    truth_steps: dict | None = None  # arrays named as TRUTH_STEP_COLUMNS

    @property
    def end_s(self):
        """Time just after the last sample."""
        return len(self.t_s) / self.imu_rate_hz


def load(folder):
    """Read and check the recording in `folder`; HipCueError (exit 2) says what is wrong with it."""
    folder = Path(folder)
    if not folder.is_dir():
        raise HipCueError("There is no recording folder %s; name one that holds meta.json and imu.csv." % folder)
    meta = _meta(folder / "meta.json")
    rate_hz = float(meta["imu_rate_hz"])
    checks.nominal_rate_hz(rate_hz)
    columns = read_columns(folder / "imu.csv", IMU_COLUMNS)
    checks.check_time(folder / "imu.csv", columns["t_s"], rate_hz)
    recording = Recording(
        name=meta["name"],
        meta=meta,
        imu_rate_hz=rate_hz,
        t_s=columns["t_s"],
        imu=np.column_stack([columns[name] for name in IMU_COLUMNS[1:]]),
        run_starts_s=meta.get("run_starts_s"),
    )
    for name in ("still_s", "bows_s", "left_stand_s", "hops_s"):
        setattr(recording, name, _segment(folder, meta, name, recording.end_s))
    _check_units(folder / "imu.csv", recording)
    _load_emg(folder, recording)
    _load_truth(folder, recording)
    return recording


def _meta(path):
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise missing(path) from None
    except ValueError:
        raise HipCueError("%s is not JSON; correct it or write it anew." % path) from None
    if not isinstance(meta, dict):
        raise HipCueError("%s is not a JSON object." % path)
    for name, kind, text in (("name", str, "a text"), ("imu_rate_hz", (int, float), "a number")):
        if name not in meta:
            raise HipCueError("%s has no %s; found %s." % (path, name, ", ".join(meta) or "nothing"))
        if not isinstance(meta[name], kind) or isinstance(meta[name], bool):
            raise HipCueError("%s: %s must be %s, not %r." % (path, name, text, meta[name]))
    for name in ("emg_rate_hz", "run_starts_s"):
        if meta.get(name) is not None and not _is_finite_number(meta[name]):
            raise HipCueError("%s: %s must be a number, not %r." % (path, name, meta[name]))
    if meta.get("emg_rate_hz") is not None and meta["emg_rate_hz"] <= 0:
        raise HipCueError("%s: emg_rate_hz must be above 0, not %r." % (path, meta["emg_rate_hz"]))
    return meta


def _is_finite_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _segment(folder, meta, name, end_s):
    segment = meta.get(name)
    if segment is None:
        return None
    numbers = isinstance(segment, list) and len(segment) == 2 and all(isinstance(x, (int, float)) for x in segment)
    if not numbers or not 0 <= segment[0] < segment[1] <= end_s:
        raise HipCueError(
            "%s: %s must be two times [from, to] within the recording's %.1f s, not %r."
            % (folder / "meta.json", name, end_s, segment)
        )
    return tuple(segment)


def _check_units(path, recording):
    acceleration, rates = recording.imu[:, :3], recording.imu[:, 3:]
    still = None
    if recording.still_s:
        still = (recording.t_s >= recording.still_s[0]) & (recording.t_s < recording.still_s[1])
        checks.check_acceleration(path, np.linalg.norm(acceleration[still].mean(axis=0)))
    checks.check_gyroscope(path, rates, still)


def _load_emg(folder, recording):
    path = folder / "emg.csv"
    stated = recording.meta.get("emg_rate_hz")
    if stated is None and not path.exists():
        return
    if stated is None:
        raise HipCueError("%s has no emg_rate_hz although there is an emg.csv." % (folder / "meta.json"))
    columns = read_columns(path, EMG_COLUMNS)
    checks.check_time(path, columns["t_s"], stated)
    recording.emg_rate_hz = float(stated)
    recording.emg = np.column_stack([columns["left_uv"], columns["right_uv"]])


def _load_truth(folder, recording):
    path = folder / "truth_obliquity.csv"
    if path.exists():
        has_running = "running" in read_header(path)
        columns = read_columns(path, ("t_s", "obliquity_deg") + (("running",) if has_running else ()))
        recording.truth_t_s, recording.truth_obliquity_deg = columns["t_s"], columns["obliquity_deg"]
        recording.truth_running = columns["running"] > 0.5 if has_running else None
    path = folder / "truth_steps.csv"
    if path.exists():
        recording.truth_steps = read_columns(path, TRUTH_STEP_COLUMNS, texts=("stance_side",))
        checks.check_sides(path, recording.truth_steps["stance_side"])
