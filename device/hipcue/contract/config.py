"""The configuration: one table, loaded and checked alike on clip and host."""

import json
from binascii import crc32

from hipcue.contract.signals import IMU_RATES_HZ

# name, default, least, most, unit, meaning
TABLE = (
    ("imu_rate_hz", 208, 104, 208, "Hz", "nominal output rate of the motion sensor: 104 or 208"),
    ("cue_mode", 2, 0, 3, "", "0: measure only; 1: a drop; 2: a drop, its glute named; 3: a quiet glute alone"),
    ("cue_absolute_deg", 0.0, 0.0, 20.0, "deg", "fixed drop threshold; 0: personal baseline plus margin"),
    ("cue_margin_deg", 2.0, 0.5, 10.0, "deg", "margin over the personal baseline"),
    ("cue_hysteresis_deg", 1.0, 0.0, 5.0, "deg", "once cued, a side is over down to this much below its threshold"),
    ("cue_window_steps", 6, 1, 12, "steps", "same-side steps looked at"),
    ("cue_over_steps", 4, 1, 12, "steps", "steps of these over the threshold that give a cue"),
    ("cue_refractory_steps", 8, 0, 60, "steps", "steps after a cue without another"),
    ("cue_pattern", 0, 0, 1, "", "0: a longer buzz for a larger error; 1: all alike"),
    ("cue_success", 0, 0, 1, "", "1: a light buzz when a side that was cued is under its threshold again"),
    ("cue_swing_side", 0, 0, 1, "", "0: buzz on the stance side; 1: on the swing side"),
    ("cue_away", 0, 0, 1, "", "what the runner is asked: 0: move towards the buzz; 1: away; the clip does the same"),
    ("cue_tighten_deg", 0.0, 0.0, 1.0, "deg", "what the threshold comes down by after a session with few steps over"),
    ("programme_sessions", 0, 0, 40, "sessions", "sessions with feedback; 0: no programme, feedback always"),
    ("fade_from_session", 5, 1, 40, "", "first session with less feedback; the last one has none"),
    ("fade_block_s", 30, 10, 300, "s", "length of the parts of a run with and without feedback"),
    ("retention_sessions", 2, 0, 10, "sessions", "sessions without cues after the programme"),
    ("warm_up_s", 0, 0, 1800, "s", "running time at the start of a session without cues"),
    ("dose_cues_per_minute", 20, 1, 60, "", "cues in any minute of running, at the most"),
    ("dose_minutes", 45, 1, 240, "min", "running with feedback in a session, after which no cue comes"),
    ("glute_quiet_pct", 85, 20, 100, "%", "a glute below this share of its baseline, less its usual tiring, is quiet"),
    ("baseline_s", 180, 30, 900, "s", "running time at the start of a session that makes the baseline"),
    ("buzz_least_ms", 80, 30, 500, "ms", "buzz for an error of 0 deg"),
    ("buzz_per_deg_ms", 50, 0, 300, "ms/deg", "longer buzz for each degree over the threshold"),
    ("buzz_most_ms", 300, 30, 1000, "ms", "longest buzz"),
    ("buzz_strength_pct", 80, 10, 100, "%", "motor duty cycle"),
    ("commit_period_s", 10, 1, 60, "s", "longest time a finished record waits before a loss of power leaves it"),
    ("turn_limit_dps", 8.0, 2.0, 60.0, "deg/s", "mean yaw rate of a stride above which the absolute drop is not given"),
    ("battery_low_mv", 3500, 3000, 4200, "mV", "battery voltage below which a warning is logged and felt"),
    ("mains_hz", 50, 50, 60, "Hz", "frequency of the mains, 50 or 60: its share of the EMG is watched"),
    (
        "drill_exercise", 1, 1, 7, "",
        "1: side-lying abduction, 2: clamshell, 3: lateral band walk, 4: single-leg squat, 5: step-up, 6: hip hitch, "
        "7: lunge",
    ),
    ("drill_target_pct", 0, 0, 150, "%", "target of a repetition, of the MVIC; 0: the exercise's preset"),
    ("drill_hold_s", 2.0, 0.0, 30.0, "s", "time at the target that a repetition is held for"),
    ("drill_at_start", 0, 0, 1, "", "1: start in the drill mode; a long press of the button leaves it"),
    ("trace", 0, 0, 1, "", "1: also log every obliquity and 2 s of raw EMG a minute (460 and 155 bytes per second)"),
)  # fmt: skip

NAMES = tuple(row[0] for row in TABLE)

# What makes a programme: when one of these is changed, it begins anew.
PROGRAMME = (
    "cue_mode", "cue_absolute_deg", "cue_margin_deg", "cue_tighten_deg", "programme_sessions", "fade_from_session",
    "retention_sessions",
)  # fmt: skip

# What makes the rule, the programme and its buzzes, by which a cue came or did not.
_FEEDBACK = NAMES[NAMES.index("cue_mode") : NAMES.index("buzz_strength_pct") + 1]


def version(values):
    """Return a number of 16 bits for the settings by which a cue comes or not, the same for the same on clip and host.

    Of `values` by name, in thousandths: single precision and JSON bring back each number to the nearest of these.
    """
    text = ",".join(["%s=%d" % (name, round(1000 * values[name])) for name in _FEEDBACK])
    return crc32(text.encode()) & 0xFFFF


def defaults():
    """Return a new dict of every name and its default."""
    return {row[0]: row[1] for row in TABLE}


def check(name, value):
    """Return `value` as the table's type; ValueError says what is wrong and what is allowed."""
    row = next((row for row in TABLE if row[0] == name), None)
    if row is None:
        raise ValueError("there is no setting named %s" % name)
    _, default, least, most, unit, _ = row
    kind = type(default)
    kind_name = "a whole number" if kind is int else "a number"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("%s must be %s, not %r" % (name, kind_name, value))
    if not least <= value <= most:  # before the type: what is infinite, or huge, has no whole number or float
        raise ValueError("%s must be from %s to %s%s, not %s" % (name, least, most, unit and " " + unit, value))
    if kind(value) != value:
        raise ValueError("%s must be %s, not %r" % (name, kind_name, value))
    if name == "imu_rate_hz" and value not in IMU_RATES_HZ:
        raise ValueError("imu_rate_hz must be 104 or 208 Hz, not %s" % value)
    if name == "mains_hz" and value not in (50, 60):
        raise ValueError("mains_hz must be 50 or 60 Hz, not %s" % value)
    return kind(value)


def validate(changes):
    """Return defaults overlaid with `changes` (dict); ValueError on the first bad one."""
    values = defaults()
    for name in changes:
        values[name] = check(name, changes[name])
    if values["cue_over_steps"] > values["cue_window_steps"]:
        raise ValueError("cue_over_steps must not exceed cue_window_steps")
    if values["programme_sessions"] and values["fade_from_session"] > values["programme_sessions"]:
        raise ValueError("fade_from_session must not exceed programme_sessions")
    if values["buzz_least_ms"] > values["buzz_most_ms"]:
        raise ValueError("buzz_least_ms must not exceed buzz_most_ms")
    return values


def load(text):
    """Return the full configuration from JSON `text`, an object of names and values."""
    try:
        changes = json.loads(text)
    except ValueError:
        raise ValueError("the configuration is not JSON") from None
    if not isinstance(changes, dict):
        raise ValueError("the configuration is not a JSON object")
    return validate(changes)
