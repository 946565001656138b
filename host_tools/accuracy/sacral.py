"""Initial contacts by the core on a real sacral accelerometer, against a force plate.

The trials (Alcantara et al. 2022, PeerJ 10:e12752, Apache-2.0) have vertical
and anteroposterior acceleration only, 500 Hz, less an offset per trial: they
are resampled to 208 Hz, rescaled so that the mean vertical is 1 g, and given to
the core as a clip that does not turn. Nothing but contact times can be read.
"""

import numpy as np
from scipy.signal import resample_poly

from hipcue.contract.signals import GRAVITY_MPS2
from host_tools.recording.csv_table import read_columns
from host_tools.sim.score import match, statistics

COLUMNS = ("trial", "speed_mps", "slope_deg", "t_s", "vertical_g", "anteroposterior_g", "grf_bw")
RATE_HZ = 500
CORE_RATE_HZ = 208
CONTACT_BW = 0.05  # upward crossing of the force: 35 N for a runner of 70 kg
STANCE_BW = 0.5  # no ringing of the plate in flight comes near this
EDGE_S = 0.5  # at a trial's ends steps are not whole
BLOCK = 16  # samples, as a watermark drains
LSB_G = 1.0 / 2048  # +-16 g


def run(path):
    """Return one dict per trial of the file `path`: trial, contact_ms (statistics), true, missed, extra."""
    columns = read_columns(path, COLUMNS)
    rows = []
    for trial in np.unique(columns["trial"]):
        part = {name: values[columns["trial"] == trial] for name, values in columns.items()}
        rows.append({"trial": _title(part)} | _errors(part))
    return rows


def _title(part):
    return "%d: %.2f m/s, %+g deg" % (part["trial"][0], part["speed_mps"][0], part["slope_deg"][0])


def _errors(part):
    scale = 1.0 / part["vertical_g"].mean()
    force = [resample_poly(part[name] * scale, CORE_RATE_HZ, RATE_HZ) for name in COLUMNS[4:6]]
    found_s = _contacts_s(*force)
    true_s = _rises_s(part["grf_bw"])
    last_s = len(part["t_s"]) / RATE_HZ - EDGE_S
    mine, theirs = match(found_s, true_s)
    counted = (true_s[theirs] > EDGE_S) & (true_s[theirs] < last_s)
    true = int(np.sum((true_s > EDGE_S) & (true_s < last_s)))
    spare = np.setdiff1d(np.arange(len(found_s)), mine)
    return {
        "contact_ms": statistics((found_s[mine] - true_s[theirs])[counted] * 1000),
        "true": true,
        "missed": true - int(counted.sum()),
        "extra": int(np.sum((found_s[spare] > EDGE_S) & (found_s[spare] < last_s))),
    }


def _contacts_s(vertical_g, forward_g):
    """Return the times of contact that the core finds in two series (N,) at CORE_RATE_HZ."""
    from host_tools import ulab

    ulab.install()
    from hipcue.core.pelvis import Pelvis
    from hipcue.core.pelvis_state import Params

    frames = np.zeros((len(vertical_g), 6), "<i2")
    frames[:, 3] = np.clip(forward_g / LSB_G, -32768, 32767)
    frames[:, 5] = np.clip(vertical_g / LSB_G, -32768, 32767)
    pelvis = Pelvis(Params(CORE_RATE_HZ, LSB_G * GRAVITY_MPS2, 1.0))
    steps = []
    for start in range(0, len(frames), BLOCK):
        block = frames[start : start + BLOCK]
        steps += pelvis.push(block.tobytes(), len(block))[0]
    return np.array([step.first - step.early for step in steps]) / CORE_RATE_HZ


def _rises_s(force_bw):
    """Return the times of contact, between samples: the last rise through CONTACT_BW before one through STANCE_BW."""
    rises = _crossings(force_bw, CONTACT_BW)
    loaded = np.searchsorted(rises, _crossings(force_bw, STANCE_BW)) - 1
    return rises[np.unique(loaded[loaded >= 0])] / RATE_HZ


def _crossings(values, level):
    """Return the upward crossings of `level`, in samples."""
    before, after = values[:-1], values[1:]
    index = np.flatnonzero((before < level) & (after >= level))
    return index + (level - before[index]) / (after[index] - before[index])
