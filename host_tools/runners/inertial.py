"""What the clip's motion sensor reads, from where the clip is and how it is turned."""

import numpy as np

from hipcue.contract.signals import GRAVITY_MPS2
from host_tools.runners.motion import clip_orientation

_HALF_STEP_S = 0.0005  # of the central differences: within 0.3 % at the ripple's 25 Hz, 2e-5 at 2 Hz


def sample_times(clip, duration_s):
    """Return the sample times (N,) of `clip` within `duration_s`."""
    return np.arange(int(duration_s * clip.rate_hz)) / clip.rate_hz


def true_imu(motion, clip, t_s):
    """Return (N, 6) ax ay az (specific force, m/s2) gx gy gz (rad/s) in the sensor's frame, without errors."""
    before, after = (clip_orientation(motion, clip, t_s + shift) for shift in (-_HALF_STEP_S, _HALF_STEP_S))
    gyro = (before.inv() * after).as_rotvec() / (2 * _HALF_STEP_S)
    positions = [motion.position_m(t_s + shift) for shift in (-_HALF_STEP_S, 0.0, _HALF_STEP_S)]
    force = (positions[0] - 2 * positions[1] + positions[2]) / _HALF_STEP_S**2
    force[:, 2] += GRAVITY_MPS2
    accel = clip_orientation(motion, clip, t_s).apply(force, inverse=True)
    return np.hstack((accel, gyro))


def read_imu(motion, clip, t_s):
    """Return (N, 6) as true_imu(), with the clip's scale errors, biases and noise."""
    random = np.random.default_rng((motion.runner.seed, 6))
    imu = true_imu(motion, clip, t_s)
    noise = random.standard_normal(imu.shape)
    imu[:, :3] = imu[:, :3] * clip.accel_scale + clip.accel_bias_mps2 + clip.accel_noise_mps2 * noise[:, :3]
    imu[:, 3:] = imu[:, 3:] * clip.gyro_scale + np.radians(clip.gyro_bias_dps)
    imu[:, 3:] += np.radians(clip.gyro_noise_dps) * noise[:, 3:]
    return imu
