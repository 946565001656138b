"""Made-up EMG nearer to a running body's: what running adds to a clean signal, for which no bar is set.

Muscles near by burst in the other side's stance, impacts shake electrodes and cables, and the electrodes' voltage
sways with the stride. How much of each a runner has is not known: the cases go from little to more than can be used.
"""

from dataclasses import replace

import emg_run
import numpy as np

from host_tools.runners import emg

IMPACT_HZ, IMPACT_DECAY_S = 15.0, 0.035  # a cable that swings out after a contact
OTHER_LEG = 0.5  # of an impact, on the other side's electrodes
HARMONICS = (1.0, 0.5, 0.25)  # of the stride, in the sway

# Name, burst in the other stance (share of the own one's rise), impact and sway (amplitude, uV).
CASES = (
    ("clean", 0.0, 0.0, 0.0),
    ("burst of 25 % in the other stance", 0.25, 0.0, 0.0),
    ("burst of 50 % in the other stance", 0.5, 0.0, 0.0),
    ("impacts of 0.2 mV", 0.0, 200.0, 0.0),
    ("impacts of 0.4 mV", 0.0, 400.0, 0.0),
    ("sway of 0.1 mV", 0.0, 0.0, 100.0),
    ("sway of 0.2 mV", 0.0, 0.0, 200.0),
    ("25 %, 0.2 mV and 0.1 mV together", 0.25, 200.0, 100.0),
)


def made(seed, duration_s, other_burst=0.0, impact_uv=0.0, sway_uv=0.0):
    """Return (signal in uV, (N, 2), Truth) of one runner."""
    random, count = np.random.default_rng(seed), int(duration_s * emg.RATE_HZ)
    steps = emg.make_steps(random, duration_s)
    level = emg.activation(steps, count)
    if other_burst:
        exchanged = replace(steps, left=~steps.left, onset_ms=np.zeros(len(steps.contact)))
        quiet_uv = level.min()
        level = np.maximum(level, quiet_uv + other_burst * (emg.activation(exchanged, count) - quiet_uv))
    signal = emg.emg_uv(random, level)
    return signal + impacts(steps, count, impact_uv) + sway(steps, count, sway_uv), steps


def impacts(steps, count, amplitude_uv):
    """Return (count, 2) uV: a decaying oscillation from every contact on, on both sides."""
    t_s = np.arange(int(6 * IMPACT_DECAY_S * emg.RATE_HZ)) / emg.RATE_HZ
    one = amplitude_uv * np.exp(-t_s / IMPACT_DECAY_S) * np.sin(2 * np.pi * IMPACT_HZ * t_s)
    found = np.zeros((count + len(one), 2))
    for contact, side in zip(steps.contact, emg_run.own(steps), strict=True):
        found[contact : contact + len(one), side] += one
        found[contact : contact + len(one), 1 - side] += OTHER_LEG * one
    return found[:count]


def sway(steps, count, amplitude_uv):
    """Return (count, 2) uV: the stride and its harmonics, the sides in antiphase."""
    stride = np.interp(np.arange(count), steps.contact, np.arange(len(steps.contact)) / 2)
    phases = 2 * np.pi * (stride[:, None] + np.array([0.0, 0.5]))
    return amplitude_uv * sum(share * np.sin((k + 1) * phases + k) for k, share in enumerate(HARMONICS))


def lines():
    """Yield a line a case: of own stances, how many are given, how many with an onset, and what of it is off."""
    clean_uv = None
    for name, *what in CASES:
        signal, steps = made(31, 120.0, *what)
        found, own = emg_run.run(signal, steps), emg_run.own(steps)
        read_uv, error_ms = found.values("activation_uv", own), found.values("onset_ms", own) - steps.onset_ms
        clean_uv = read_uv if clean_uv is None else clean_uv
        change = read_uv / clean_uv - 1.0
        yield "%-33s %3.0f %% given, activation %+3.0f %%; onset in %3.0f %%, bias %+4.0f, SD %2.0f" % (
            name, 100 * np.isfinite(read_uv).mean(), 100 * np.nanmean(change), 100 * np.isfinite(error_ms).mean(),
            np.nanmean(error_ms), np.nanstd(error_ms),
        )  # fmt: skip
