"""A stretch of a recording as the core gets it: raw frames and what calibration found."""

from dataclasses import dataclass

import numpy as np
from on_mcu.rows import BLOCK_FRAMES

import host_tools.ulab
from host_tools.errors import HipCueError
from host_tools.recording.checks import TRIM_STEP, nominal_rate_hz

host_tools.ulab.install()
from ulab import numpy as ulab_numpy  # noqa: E402

from hipcue.contract.signals import FRAME_BYTES  # noqa: E402 - after the install
from hipcue.core import mount  # noqa: E402

# LSM6DSOX datasheet DS12814, mechanical characteristics: 16 g and 2000 dps ranges.
ACCEL_MPS2 = 0.488e-3 * 9.80665
GYRO_RADS = float(np.radians(0.070))

WARM_UP_S = 15.0  # until all windows are full; not counted
COUNTED_S = 60.0


@dataclass
class Cut:
    """`frames`: int16 gx gy gz ax ay az, little-endian, whole blocks; `params`: the arguments of the core's Params."""

    name: str
    frames: bytes
    params: list
    warm_up_blocks: int
    counted_s: float
    starts_s: float  # of what is counted

    @property
    def count(self):
        """Frames in the cut."""
        return len(self.frames) // FRAME_BYTES


def cut(recording, middle_s=None):
    """Return the Cut of `recording` around `middle_s`, or from where running has begun."""
    rate_hz = trimmed_rate_hz(recording.imu_rate_hz)
    frames = raw_frames(recording.imu)
    starts_s = middle_s - COUNTED_S / 2 if middle_s is not None else (recording.run_starts_s or 0.0) + WARM_UP_S
    first = int((starts_s - WARM_UP_S) * recording.imu_rate_hz)
    warm_up_blocks = int(WARM_UP_S * rate_hz / BLOCK_FRAMES)
    blocks = warm_up_blocks + int(COUNTED_S * rate_hz / BLOCK_FRAMES)
    taken = frames[first : first + blocks * BLOCK_FRAMES]
    if first < 0 or len(taken) < blocks * BLOCK_FRAMES:
        raise HipCueError(
            "The recording %s is too short: the bench needs %d s of running." % (recording.name, WARM_UP_S + COUNTED_S)
        )
    counted_s = (blocks - warm_up_blocks) * BLOCK_FRAMES / rate_hz
    return Cut(
        recording.name, taken.tobytes(), calibrated(recording, frames, rate_hz), warm_up_blocks, counted_s, starts_s
    )


def trimmed_rate_hz(true_rate_hz):
    """Return the rate as the sensor's driver reads it: the nominal one and whole steps of trim."""
    nominal_hz = nominal_rate_hz(true_rate_hz)
    return nominal_hz * (1 + TRIM_STEP * round((true_rate_hz / nominal_hz - 1) / TRIM_STEP))


def raw_frames(imu):
    """Return (N, 6) int16 gx gy gz ax ay az in LSB of (N, 6) ax ay az m/s2, gx gy gz rad/s."""
    lsb = np.hstack([imu[:, 3:] / GYRO_RADS, imu[:, :3] / ACCEL_MPS2])
    return np.clip(np.round(lsb), -32768, 32767).astype("<i2")


def calibrated(recording, frames, rate_hz):
    """Return the arguments of Params as the recording's stand and bows give them, in the clip's single precision."""
    if recording.still_s is None or recording.bows_s is None:
        raise HipCueError("The recording %s names no still_s and bows_s to calibrate with." % recording.name)
    accel, gyro = _between(recording, frames, recording.still_s)
    stood = mount.stand(accel, gyro)
    accel, gyro = _between(recording, frames, recording.bows_s)
    calibration, _ = mount.bows(accel, gyro, stood, 1.0 / rate_hz)
    facts = ("mount", "gyro_bias_rads", "accel_bias_mps2", "gravity_mps2")
    return _single([rate_hz, ACCEL_MPS2, GYRO_RADS] + [calibration[fact] for fact in facts])


def _between(recording, frames, segment):
    """Return (accel, gyro), ulab arrays of shape (3, n) in SI, of a segment in s."""
    first, stop = (int(each * recording.imu_rate_hz) for each in segment)
    part = frames[first:stop].T.astype(float)
    return ulab_numpy.array(part[3:] * ACCEL_MPS2), ulab_numpy.array(part[:3] * GYRO_RADS)


def _single(value):
    if isinstance(value, (list, tuple)):
        return [_single(each) for each in value]
    return float(np.float32(value))
