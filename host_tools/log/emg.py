"""The muscles in a log: amplitudes, onsets and quality as a step's record packs them, and what a percentage is of."""

import numpy as np

from hipcue.contract import emg
from hipcue.contract.signals import SIDES
from host_tools.log.records import known

NOT_MEASURED = -1  # in a quality column: no front end, or none that answered
_V1_UNIT_UV = 100.0  # contract 1 knew envelopes alone, in 0.1 mV
_EVENTS = {"left": "glute_baseline", "right": "glute_baseline_right"}


def unit_uv(front_end):
    """Return the uV in a unit of the records of a `front_end`'s kind; NaN when the log does not name one we know."""
    return emg.FRONT_ENDS_UV.get(front_end, np.nan)


def amplitudes_uv(table, name, front_end):
    """Return (uV, NaN where not known; quality bits, NOT_MEASURED where there was nothing) of an amplitude's field."""
    field = table[name].astype(np.int64)
    none = field >= emg.NO_AMPLITUDE
    low_contrast = ~none & (field & emg.LOW_CONTRAST_FLAG > 0)
    quality = np.where(none, field & 0xFF, low_contrast * emg.EMG_QUALITY_BITS["low_contrast"])
    quality[field == emg.NO_AMPLITUDE] = NOT_MEASURED
    return np.where(none, np.nan, (field & ~emg.LOW_CONTRAST_FLAG) * unit_uv(front_end)), quality


def step_columns(table, stance_side, front_end):
    """Return the columns emg_<side>_uv, _quality and _onset_ms of the step records; `stance_side`: theirs."""
    columns = {}
    for code, side in SIDES:
        if "glute_%s_dmv" % side in table.dtype.names:
            uv = known(table, "glute_%s_dmv" % side) * _V1_UNIT_UV
            quality, onset = np.where(np.isnan(uv), NOT_MEASURED, 0), np.full(len(uv), np.nan)
        else:
            uv, quality = amplitudes_uv(table, "glute_" + side, front_end)
            onset = table["onset_2ms"].astype(np.float64)
            onset[(onset == emg.NO_ONSET) | (stance_side != code)] = np.nan
            onset *= emg.ONSET_UNIT_MS
        columns |= {"emg_%s_uv" % side: uv, "emg_%s_quality" % side: quality, "emg_%s_onset_ms" % side: onset}
    return columns


def references(session):
    """Return {side: (name, uV)}: the newest MVIC, else this run's own beginning; a side without is left out."""
    found = {}
    for _, side in SIDES:
        mvics = session.mvic_uv.get(side) or []
        told = [event["value"] for event in session.events if event["name"] == _EVENTS[side]]
        if mvics:
            found[side] = ("mvic", float(mvics[-1][1]))
        elif told:
            found[side] = ("baseline", told[-1] * unit_uv(session.front_end))
    return found


def quality_name(bits):
    """Return `ok`, the names of the EMG quality codes in `bits` joined by +, or nothing where nothing was measured."""
    if bits == NOT_MEASURED:
        return ""
    return "+".join(name for bit, name, _ in emg.EMG_QUALITY if bits & bit) or "ok"
