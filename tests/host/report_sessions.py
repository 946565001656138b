"""Sessions made up for the tests of the report: known medians, thirds and changes; a week of runs; drills."""

import numpy as np

from hipcue.contract import config
from hipcue.contract.emg import EMG_QUALITY
from hipcue.contract.record import QUALITY
from host_tools.log.session import Session

STEP_MS = 350.0
START_MS = 60000.0  # the clip had been on for a minute
DAY_MS = 86_400_000
MONDAY_MS = 1_772_355_600_000  # 2026-03-01 09:00 UTC


def make_steps(count=1200, left_growth_deg=4.0):
    """Steps of a steady runner: left 5 deg, right 4 deg; the left grows in one go at two thirds, its glute fades.

    Glutes in own stances: left 100, then 60 uV, right 90 uV; 20 uV in the other's. Onset 40 ms before contact.
    """
    time_ms = START_MS + 2000.0 + STEP_MS * np.arange(count)
    side = 1 + np.arange(count) % 2
    late = np.arange(count) >= 2 * count // 3
    ripple = 0.5 * np.array((-1.0, 0.0, 1.0))[(np.arange(count) // 2) % 3]
    drop = np.where(side == 1, 5.0 + left_growth_deg * late, 4.0) + ripple
    return {
        "time_ms": time_ms,
        "side": side.astype(np.uint8),
        "quality": np.zeros(count, dtype=np.uint16),
        "peak_drop_deg": drop,
        "peak_drop_causal_deg": drop,
        "excursion_deg": np.full(count, 2.0),
        "contact_ms": np.full(count, 250.0),
        "emg_left_uv": np.where(side == 1, np.where(late, 60.0, 100.0), 20.0),
        "emg_right_uv": np.where(side == 2, 90.0, 20.0),
        "emg_left_quality": np.zeros(count, dtype=np.int64),
        "emg_right_quality": np.zeros(count, dtype=np.int64),
        "emg_left_onset_ms": np.where(side == 1, -40.0, np.nan),
        "emg_right_onset_ms": np.where(side == 2, -40.0, np.nan),
    }


def make_cues(times_s, side=1):
    """Cues at `times_s` from the start, with a quiet glute."""
    count = len(times_s)
    return {
        "time_ms": START_MS + 1000.0 * np.asarray(times_s, dtype=float),
        "side": np.full(count, side),
        "buzz_side": np.full(count, side),
        "reason": np.array(["drop_over_baseline"] * count, dtype=object),
        "value_deg": np.full(count, 9.0),
        "threshold_deg": np.full(count, 7.0),
        "latency_ms": np.linspace(200.0, 300.0, count),
        "duration_ms": np.full(count, 180.0),
        "glute": np.array(["quiet"] * count, dtype=object),
        "glute_pct": np.full(count, 60.0),
    }


def make_muscles(lost=(0, 3)):
    """Records by the minute, with so many samples lost in each."""
    return {"time_ms": START_MS + 60000.0 * (1 + np.arange(len(lost))), "lost": np.array(lost)}


def make_baselines(left_deg=5.0, right_deg=4.0):
    """Events that tell of the runner's own drop after 183 s, and of the glutes' 80 and 90 uV."""
    told = {
        "baseline_set": round(100 * left_deg),
        "baseline_set_right": round(100 * right_deg),
        "glute_baseline": 800,
        "glute_baseline_right": 900,
    }
    return [{"time_ms": START_MS + 183000.0, "name": name, "value": value} for name, value in told.items()]


def make_session(**changes):
    """A whole session with raw EMG; both MVICs are 200 uV."""
    settings = {
        "clip": "024849504355",
        "number": 7,
        "config": config.defaults(),
        "firmware": {"hipcue": "0.1.0", "board": "HipCue ESP32"},
        "front_end": "raw",
        "mvic_uv": {"left": [[MONDAY_MS, 200.0]], "right": [[MONDAY_MS, 200.0]]},
        "verdict": "whole",
        "steps": make_steps(),
        "cues": make_cues([300.0, 310.0, 330.0]),
        "muscles": make_muscles(),
        "events": make_baselines(),
        "seal": {"reason": "stopped by the host", "samples_lost": 0},
        "battery_time_ms": np.array([START_MS, START_MS + 423000.0]),
        "battery_mv": np.array([4010.0, 3950.0]),
        "blocks_expected": 50,
        "blocks_read": 50,
        "log_bytes": 50 * 512,
    }
    return Session(**(settings | changes))


def make_week(count=10150, days=7):
    """A session a day, dated; `count` steps each: 71,050 in all with the default, about 7 h."""
    sessions = []
    for day in range(days):
        steps = make_steps(count)
        noise = np.random.default_rng(day).normal(0.0, 1.4, count)
        steps["peak_drop_deg"] = np.round(steps["peak_drop_deg"] - 0.3 * day + noise, 2)
        for name in ("emg_left_uv", "emg_right_uv"):
            steps[name] = np.round(steps[name] * np.exp(0.2 * noise[::-1]), 1)
        end_s = (steps["time_ms"][-1] - START_MS) / 1000.0
        sessions.append(
            make_session(
                number=day + 1,
                steps=steps,
                cues=make_cues(np.arange(2500.0, end_s, 40.0)),
                clocks=[(START_MS, MONDAY_MS + day * DAY_MS)],
                repetitions=make_drill(day),
            )
        )
    return sessions


def make_drill(day=0):
    """Ten repetitions a side of the clamshell, target 40 %; the last two of each side short of it."""
    count = 20
    peak = np.where(np.arange(count) < 16, 45.0 + day, 35.0)
    return {
        "time_ms": START_MS + 1000.0 * np.arange(count),
        "exercise": np.array(["clamshell"] * count, dtype=object),
        "side": 1 + np.arange(count) % 2,
        "peak_pct": peak,
        "target_pct": np.full(count, 40.0),
        "hold_ms": np.where(peak >= 40.0, 2200.0, 0.0),
        "duration_ms": np.full(count, 3000.0),
    }


def make_programme(session, share, fed_s=300.0, cues=5):
    """What a clip logs of a session in a programme, at its beginning and its end: 400 s in which a cue could come."""
    return {
        "time_ms": START_MS + np.array([0.0, 420000.0]),
        "session": np.array([session, session]),
        "share": np.array([share, share]),
        "running_s": np.array([0.0, 400.0]),
        "fed_s": np.array([0.0, fed_s]),
        "cues": np.array([0.0, cues]),
        "tightened_deg": np.zeros(2),
    }


def make_busy_days(days=9):
    """Short runs in which all has happened: every code, cues of all kinds, a programme, drills, MVICs, a simulation."""
    sessions = make_week(1500, days)
    firmware = {"board": "HipCue twin", "hipcue": "0.1.0", "micropython": [1, 25, 0], "sensor": "LSM6DSOX"}
    for session in sessions:
        session.firmware = firmware
        session.config = config.validate({"programme_sessions": days - 1})
        session.programme = make_programme(session.number, 0.5)
        for order, (bit, *_) in enumerate(QUALITY):
            session.steps["quality"][20 * order : 20 * order + 20] |= bit
        for order, (bit, *_) in enumerate(EMG_QUALITY):
            for side, count in (("left", 20), ("right", 10)):
                session.steps["emg_%s_quality" % side][400 + 20 * order : 400 + 20 * order + count] |= bit
        session.cues = make_cues(np.arange(200.0, 500.0, 9.0))
        session.cues["side"][::2] = 2
        session.cues["glute"][::3] = "active"
        session.cues["glute"][1::3] = "unknown"
        measured = [[MONDAY_MS + day * DAY_MS, 200.0 + day] for day in range(session.number)]
        session.mvic_uv = {"left": measured, "right": [[None, 210.0]]}
    sessions[3].verdict, sessions[3].seal = "recording interrupted", None
    return sessions
