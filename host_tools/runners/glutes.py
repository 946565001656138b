"""What two MyoWare envelopes over the glutes read: a burst around early stance of each side."""

import numpy as np

from host_tools.runners.scenario import gait_weight, running_weight

ENVELOPE_RATE_HZ = 100.0
SUPPLY_V = 3.3

_PEAK_SHARE = 0.15  # of the step after contact: initial loading (Semciw 2016), onset before contact
_WIDTH_SHARE = 0.22  # standard deviation of the burst, of the step
_WALK_HEIGHT = 0.45  # of the running burst
_NOISE_V = 0.02


def envelope_v(motion, duration_s):
    """Return (M, 2) left and right envelopes in volts at ENVELOPE_RATE_HZ, within the supply."""
    runner, steps = motion.runner, motion.steps
    random = np.random.default_rng((runner.seed, 2))
    t_s = np.arange(int(duration_s * ENVELOPE_RATE_HZ)) / ENVELOPE_RATE_HZ
    level = running_weight(motion.scenario, t_s) + _WALK_HEIGHT * gait_weight(motion.scenario, "walk", t_s)
    envelope = runner.rest_envelope_v + _NOISE_V * random.standard_normal((len(t_s), 2))
    for channel, side in enumerate((steps.left, ~steps.left)):
        height = runner.burst_height_v[channel] * level
        envelope[:, channel] += height * _bursts(steps, side, t_s)
    return np.clip(envelope, 0.0, SUPPLY_V)


def _bursts(steps, side, t_s):
    total = np.zeros_like(t_s)
    step_s = np.diff(steps.contact_s, append=2 * steps.contact_s[-1] - steps.contact_s[-2])
    for order in np.flatnonzero(side):
        centre_s = steps.contact_s[order] + _PEAK_SHARE * step_s[order]
        width_s = _WIDTH_SHARE * step_s[order]
        span = slice(*np.searchsorted(t_s, (centre_s - 4 * width_s, centre_s + 4 * width_s)))
        total[span] += steps.burst_share[order] * np.exp(-0.5 * ((t_s[span] - centre_s) / width_s) ** 2)
    return total
