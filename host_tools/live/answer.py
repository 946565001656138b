"""A running clip's answer in the units of people: what `hipcue live` prints as JSON and draws."""

import base64
import binascii
import struct

from hipcue.contract import cues, emg, live, record
from hipcue.contract.signals import SIDE_UNKNOWN, SIDES, UNKNOWN_I16, UNKNOWN_U8, UNKNOWN_U16

STAYS = ("hipcue", "clip", "recording", "sensor_silent", "steps", "now_ms")
_STATES = dict(live.STATES)
_STANCE_SIDES = {SIDE_UNKNOWN: "unsure", **dict(SIDES)}
_UNKNOWN = {"B": UNKNOWN_U8, "H": UNKNOWN_U16, "h": UNKNOWN_I16}
_CAN_BE_UNKNOWN = ("_cdeg", "_pct", "age_ms", "cadence")


def plain(said):
    """Return what a clip `said` (Clip.ask_app) as plain values, None where not known; ValueError if it cannot.

    Drops and thresholds in degrees, activations in uV and in percent of
    `glute_reference`: the run's own beginning (`baseline`), in a drill the `mvic`.
    """
    try:
        values = struct.unpack(live.FORMAT, base64.b64decode(said["live"], validate=True))
    except (KeyError, TypeError, binascii.Error, struct.error):
        raise ValueError("the answer has no figures, or others than this command knows") from None
    fields = {
        name: None if value == _UNKNOWN[code] and name.endswith(_CAN_BE_UNKNOWN) else value
        for (name, code, _, _), value in zip(live.FIELDS, values, strict=True)
    }
    state = _STATES.get(fields["state"], "unknown")
    return {
        **{name: said.get(name) for name in STAYS},
        "state": state,
        "misplaced": bool(fields["misplaced"]),
        "cadence_per_min": fields["cadence"],
        "last_step": {
            "age_ms": fields["age_ms"],
            "side": _STANCE_SIDES[fields["side"]],
            "quality": None if fields["age_ms"] is None else names(record.QUALITY, fields["quality"]),
        },
        "glute_reference": "mvic" if state == "drill" else "baseline",
        **{side: _side(fields, side) for _, side in SIDES},
        "withheld": fields["withheld"],
        "withheld_reason": cues.OUTCOME_NAMES[fields["reason"]] if fields["withheld"] else None,
        "programme": _programme(fields),
        "repetitions": fields["repetitions"] if state == "drill" else None,
    }


def names(table, bits):
    """Return the names of a table's codes in `bits`; ["ok"] when there is none."""
    return [name for bit, name, _ in table if bits & bit] or ["ok"]


def _side(fields, side):
    def of(name):
        return fields[name % side]

    uv, quality = _amplitude(of("glute_%s"), live.FRONT_ENDS[fields["front_end"]])
    drop_cdeg, threshold_cdeg = of("drop_%s_cdeg"), of("threshold_%s_cdeg")
    return {
        "drop_deg": None if drop_cdeg is None else drop_cdeg / 100,
        "threshold_deg": None if threshold_cdeg is None else threshold_cdeg / 100,
        "quality": names(record.QUALITY, of("quality_%s")),
        "glute_uv": uv,
        "glute_pct": of("glute_%s_pct"),
        "glute_quality": quality,
        "cues": of("cues_%s"),
    }


def _amplitude(field, front_end):
    """Return (uV or None, names of the EMG quality codes or None where nothing was measured) of a packed amplitude."""
    if field >= emg.NO_AMPLITUDE:
        return None, names(emg.EMG_QUALITY, field & 0xFF) if field & 0xFF else None
    quality = ["low_contrast"] if field & emg.LOW_CONTRAST_FLAG else ["ok"]
    return (field & ~emg.LOW_CONTRAST_FLAG) * emg.FRONT_ENDS_UV[front_end], quality


def _programme(fields):
    """Return how far the programme is, or None when none is set."""
    if not fields["sessions"]:
        return None
    return {
        "session": fields["session"],
        "sessions": fields["sessions"],
        "share_pct": fields["share_pct"],
        "feedback": bool(fields["feeding"]),
    }
