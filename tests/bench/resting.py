"""Recordings of a wearer who sits, stands or drives: no step in them, but movement that must not be taken for one."""

import numpy as np
from scipy import signal

from hipcue.contract.signals import GRAVITY_MPS2
from host_tools.recording.folder import Recording
from host_tools.runners.scenario import BOWS, STILL_S

RATE_HZ = 208.0
BOWS_S = (BOWS.start_s, BOWS.end_s)


def sitting(duration_s, seed, sway=1.0):
    """Return a recording of small slow movements, `sway` deg, and a shift of weight or a turn now and then."""
    random = np.random.default_rng(seed)
    count = int(duration_s * RATE_HZ)
    roll, pitch = (sway * _slow(random, count, 0.4) for _ in range(2))
    roll += _shifts(random, count, every_s=40.0, size_deg=6.0)
    pitch += _shifts(random, count, every_s=60.0, size_deg=15.0)
    return _recording("sitting", random, roll, pitch, 0.05 * random.standard_normal((count, 3)))


def driving(duration_s, seed):
    """Return a recording of a car: 0.5 to 25 Hz of a rough road, potholes, braking and bends."""
    random = np.random.default_rng(seed)
    count = int(duration_s * RATE_HZ)
    band = signal.butter(2, (0.5, 25.0), "bandpass", fs=RATE_HZ, output="sos")
    road = signal.sosfilt(band, random.standard_normal((count, 3)), axis=0)
    road *= np.array((0.3, 0.3, 0.8)) / road.std(axis=0)
    for at in random.integers(0, count - 60, int(duration_s / 15.0)):  # potholes: up to 1 g for 60 ms
        road[at : at + 12, 2] += GRAVITY_MPS2 * random.uniform(0.3, 1.0) * np.hanning(12)
    road[:, 0] += 2.5 * _slow(random, count, 0.05)
    road[:, 1] += 2.5 * _slow(random, count, 0.05)
    yaw_rate = 0.2 * _slow(random, count, 0.05)
    roll, pitch = (1.5 * _slow(random, count, 0.7) for _ in range(2))
    return _recording("driving", random, roll, pitch, road, yaw_rate)


def _slow(random, count, hz):
    """Return noise below `hz` with a standard deviation of 1."""
    low = signal.butter(2, hz, fs=RATE_HZ, output="sos")
    made = signal.sosfilt(low, random.standard_normal(count))
    return made / made.std()


def _shifts(random, count, every_s, size_deg):
    """Return an angle that changes to another within half a second, now and then."""
    changes = np.zeros(count)
    at = random.integers(int(25 * RATE_HZ), count, int(count / RATE_HZ / every_s))
    changes[at] = size_deg * random.standard_normal(len(at))
    width = int(0.5 * RATE_HZ)
    angle = np.convolve(np.cumsum(changes), np.hanning(width) / np.hanning(width).sum(), mode="same")
    return angle - signal.sosfilt(signal.butter(1, 0.005, fs=RATE_HZ, output="sos"), angle)


def _recording(name, random, roll_deg, pitch_deg, force_mps2, yaw_rate_rads=0.0):
    """Return what a clip senses that is worn level, after a stand and bows."""
    count = len(roll_deg)
    t_s = np.arange(count) / RATE_HZ
    still, bowing = t_s < STILL_S[1], (t_s >= BOWS_S[0]) & (t_s < BOWS_S[1])
    quiet = still | bowing
    roll, pitch = (np.radians(np.where(quiet, 0.0, angle)) for angle in (roll_deg, pitch_deg))
    bow = np.radians(40.0) * 0.5 * (1 - np.cos(2 * np.pi * (t_s - BOWS_S[0]) * BOWS.count / (BOWS_S[1] - BOWS_S[0])))
    pitch = pitch + np.where(bowing, bow, 0.0)
    gravity = GRAVITY_MPS2 * np.stack(
        (-np.sin(pitch), np.cos(pitch) * np.sin(roll), np.cos(pitch) * np.cos(roll)), axis=1
    )
    accel = gravity + np.where(quiet[:, None], 0.02 * random.standard_normal((count, 3)), force_mps2)
    gyro = np.stack(
        (np.gradient(roll) * RATE_HZ, np.gradient(pitch) * RATE_HZ, np.where(quiet, 0.0, yaw_rate_rads) + 0.0 * t_s),
        axis=1,
    )
    gyro += 0.002 * random.standard_normal((count, 3))
    return Recording(
        name=name, imu_rate_hz=RATE_HZ, t_s=t_s, imu=np.hstack((accel, gyro)), meta={"name": name},
        still_s=STILL_S, bows_s=BOWS_S,
    )  # fmt: skip
