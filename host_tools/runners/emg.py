"""Made-up surface EMG of both gluteus medius muscles with known truth, and what spoils it.

Gaussian noise with the spectrum of a surface EMG times an activation that is
known at every sample. Every function that draws takes a numpy Generator: the
same seed gives the same signal.
"""

from dataclasses import dataclass, replace

import numpy as np

from host_tools.runners.scenario import gait_weight, running_weight

RATE_HZ = 1000.0
LEFT, RIGHT = 0, 1

# Spectrum P(f) ~ fh^4 f^2 / ((f^2 + fl^2) (f^2 + fh^2)^2) (Shwedyk, Balasubramanian & Scott 1977, IEEE Trans Biomed
# Eng 24:417; Stulen & De Luca 1981, IEEE Trans Biomed Eng 28:515), within what a 1000 SPS front end passes.
LOW_HZ, HIGH_HZ = 60.0, 120.0
BAND_HZ = (20.0, 400.0)

_WALK_SHARE = 0.45  # of the running burst, as of the envelopes (glutes.py)


@dataclass(frozen=True)
class Gait:
    """How the muscles fire, over one step each; times in s against the contact."""

    steps_per_min: float = 170.0
    step_sd_share: float = 0.02
    stance_share: float = 0.6  # of a step
    onset_s: float = -0.06
    onset_sd_s: float = 0.015
    rise_s: float = 0.02
    full_until_share: float = 0.3  # of a step: then the burst fades
    fade_s: float = 0.06
    contrast_db: float = 12.0
    quiet_uv: float = 20.0


@dataclass(frozen=True)
class Truth:
    """The steps: arrays of shape (K,), left and right in turn; samples are whole."""

    contact: np.ndarray
    stance_end: np.ndarray
    left: np.ndarray  # bool
    onset_ms: np.ndarray  # of the stance side, against contact

    def at_rate(self, rate_hz):
        """Return the same steps in samples at another rate than RATE_HZ."""
        scale = rate_hz / RATE_HZ
        return replace(
            self,
            contact=np.round(self.contact * scale).astype(int),
            stance_end=np.round(self.stance_end * scale).astype(int),
        )


def spectrum(frequency_hz, low_hz=LOW_HZ, high_hz=HIGH_HZ):
    """Return the power density, any unit, at `frequency_hz` (array)."""
    f2 = np.square(frequency_hz)
    inside = (frequency_hz >= BAND_HZ[0]) & (frequency_hz <= BAND_HZ[1])
    return np.where(inside, high_hz**4 * f2 / ((f2 + low_hz**2) * (f2 + high_hz**2) ** 2), 0.0)


def median_frequency_hz(low_hz=LOW_HZ, high_hz=HIGH_HZ):
    """Return the frequency that halves the power of `spectrum`."""
    f = np.arange(*BAND_HZ, 0.01)
    total = np.cumsum(spectrum(f, low_hz, high_hz))
    return float(f[np.searchsorted(total, total[-1] / 2)])


def noise(random, count, low_hz=LOW_HZ, high_hz=HIGH_HZ):
    """Return `count` samples at RATE_HZ of Gaussian noise with `spectrum` and a root mean square of 1."""
    f = np.fft.rfftfreq(count, 1.0 / RATE_HZ)
    shaped = np.fft.irfft(np.fft.rfft(random.standard_normal(count)) * np.sqrt(spectrum(f, low_hz, high_hz)), count)
    return shaped / shaped.std()


def make_steps(random, duration_s, gait=None, start_s=1.0):
    """Return the Truth of a run of `duration_s` at the gait's cadence."""
    gait = gait or Gait()
    mean_s = 60.0 / gait.steps_per_min
    count = int((duration_s - start_s - 1.0) / mean_s)
    step_s = mean_s * (1.0 + gait.step_sd_share * random.standard_normal(count))
    contact = np.round((start_s + np.concatenate(([0.0], np.cumsum(step_s[:-1])))) * RATE_HZ).astype(int)
    onset_s = gait.onset_s + gait.onset_sd_s * np.clip(random.standard_normal(count), -2.5, 2.5)
    return Truth(
        contact=contact,
        stance_end=contact + np.round(gait.stance_share * step_s * RATE_HZ).astype(int),
        left=np.arange(count) % 2 == 0,
        onset_ms=1000.0 * onset_s,
    )


def activation(steps, count, gait=None, share=None):
    """Return the RMS in uV of left and right, shape (count, 2), at every sample.

    `share` (K,): height of each step's burst against the gait's; default 1.
    """
    gait = gait or Gait()
    share = np.ones(len(steps.contact)) if share is None else share
    height = 10.0 ** (gait.contrast_db / 20.0) - 1.0
    level = np.ones((count, 2))
    for order, contact in enumerate(steps.contact):
        rise = contact + steps.onset_ms[order] * RATE_HZ / 1000.0
        fade = contact + gait.full_until_share / gait.stance_share * (steps.stance_end[order] - contact)
        t = np.arange(max(0, int(rise)), min(count, int(fade + gait.fade_s * RATE_HZ) + 1))
        up = np.clip((t - rise) / max(1.0, gait.rise_s * RATE_HZ), 0.0, 1.0)
        down = np.clip(1.0 - (t - fade) / max(1.0, gait.fade_s * RATE_HZ), 0.0, 1.0)
        channel = LEFT if steps.left[order] else RIGHT
        level[t, channel] = np.maximum(level[t, channel], 1.0 + share[order] * height * np.minimum(up, down))
    return gait.quiet_uv * level


def emg_uv(random, level_uv, low_hz=LOW_HZ, high_hz=HIGH_HZ):
    """Return the raw EMG in uV, shape (N, 2), whose RMS at every sample is `level_uv` (N, 2)."""
    return level_uv * np.stack([noise(random, len(level_uv), low_hz, high_hz) for _ in (LEFT, RIGHT)], axis=1)


def motion_emg_uv(motion, duration_s, gait=None):
    """Return the raw EMG in uV, shape (N, 2), of a Motion's own steps: what emg.csv holds of a scenario.

    The bursts follow `motion.steps` with their heights, faded glutes included,
    over the gait's quiet level; standing is quiet.
    """
    gait, steps, count = gait or Gait(), motion.steps, int(duration_s * RATE_HZ)
    random = np.random.default_rng((motion.runner.seed, 3))
    t_s = steps.contact_s
    weight = running_weight(motion.scenario, t_s) + _WALK_SHARE * gait_weight(motion.scenario, "walk", t_s)
    inside = (t_s > 0.0) & (t_s < duration_s) & (weight > 0.0)
    onset_s = gait.onset_s + gait.onset_sd_s * np.clip(random.standard_normal(len(t_s)), -2.5, 2.5)
    step_s = np.diff(t_s, append=2 * t_s[-1] - t_s[-2])
    contact = np.round(t_s * RATE_HZ).astype(int)
    truth = Truth(
        contact=contact[inside],
        stance_end=(contact + np.round(gait.stance_share * step_s * RATE_HZ).astype(int))[inside],
        left=steps.left[inside],
        onset_ms=1000.0 * onset_s[inside],
    )
    return emg_uv(random, activation(truth, count, gait, (steps.burst_share * weight)[inside]))


# What spoils it: each returns what is to be added to one channel, in uV, shape (count,).


def mains_uv(count, rms_uv, mains_hz=50.0, phase_rad=0.3):
    """A steady tone of the mains."""
    return np.sqrt(2.0) * rms_uv * np.sin(2.0 * np.pi * mains_hz * np.arange(count) / RATE_HZ + phase_rad)


def movement_uv(random, count, rms_uv, band_hz=(3.0, 15.0)):
    """Movement artefact: noise below 20 Hz."""
    f = np.fft.rfftfreq(count, 1.0 / RATE_HZ)
    shaped = np.fft.irfft(
        np.fft.rfft(random.standard_normal(count)) * ((f >= band_hz[0]) & (f <= band_hz[1])), count
    )
    return rms_uv * shaped / shaped.std()


def motor_uv(count, on, amplitude_uv=30000.0, frequency_hz=180.0):
    """A motor's noise: a tone with its third harmonic while `on` (bool, shape (count,))."""
    angle = 2.0 * np.pi * frequency_hz * np.arange(count) / RATE_HZ
    return amplitude_uv * on * (np.sin(angle) + 0.3 * np.sin(3.0 * angle + 0.5))


def to_lsb(signal_uv, scale_uv, full_scale):
    """Return uV as the converter's int32 LSB, held at its range."""
    return np.clip(np.round(signal_uv / scale_uv), -full_scale - 1, full_scale).astype("<i4")
