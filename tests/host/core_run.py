"""A recording through the core alone: quantised as the sensor does, calibrated and pushed as the clip does."""

import numpy
from ulab import numpy as np

from hipcue.contract.signals import FRAME_BYTES
from hipcue.core import mount
from hipcue.core.pelvis import Pelvis
from hipcue.core.pelvis_state import Params
from host_tools.runners.scenario import DropGrowth, Scenario, Stretch, easy_run

# LSM6DSOX at 16 g and 2000 dps: 0.488 mg and 70 mdps (datasheet, table 2).
ACCEL_SCALE_MPS2 = 0.488e-3 * 9.80665
GYRO_SCALE_RADS = numpy.radians(0.070).item()
FRAMES_PER_MEAN = 8
BLOCK = 16

# As the demo, cut to a minute: stand, bows, walk, run; the left drop grows by 4 deg in mid-run.
MINUTE = Scenario(
    name="minute",
    duration_s=60.0,
    stretches=(Stretch("walk", 19.0, 26.0, 112.0, 1.4), easy_run(26.0, 60.0)),
    drop_growths=(DropGrowth("L", 42.0, 4.0, 4.0),),
)
RUNS_S = 29.0  # running and past its first steps


def raw_frames(recording):
    """Return the recording as the sensor's int16 frames gx gy gz ax ay az, shape (N, 6)."""
    scaled = numpy.hstack((recording.imu[:, 3:] / GYRO_SCALE_RADS, recording.imu[:, :3] / ACCEL_SCALE_MPS2))
    return numpy.clip(numpy.rint(scaled), -32768, 32767).astype("<i2")


def calibrated(recording, frames, **changes):
    """Return Params from the recording's stand and bows, measured as the console does."""
    stood = mount.stand(*means(recording, frames, recording.still_s))
    accel, gyro = means(recording, frames, recording.bows_s)
    calibration, _ = mount.bows(accel, gyro, stood, FRAMES_PER_MEAN / recording.imu_rate_hz)
    return Params(recording.imu_rate_hz, ACCEL_SCALE_MPS2, GYRO_SCALE_RADS, **calibration, **changes)


def means(recording, frames, span_s, frames_per_mean=FRAMES_PER_MEAN):
    """Return (accel, gyro) of a segment, SI, ulab arrays (3, n): means over `frames_per_mean` samples."""
    first = int(span_s[0] * recording.imu_rate_hz)
    count = int((span_s[1] - span_s[0]) * recording.imu_rate_hz) // frames_per_mean
    segment = frames[first : first + count * frames_per_mean].astype(float)
    rows = segment.reshape(count, frames_per_mean, 6).mean(axis=1).T
    return np.array((rows[3:] * ACCEL_SCALE_MPS2).tolist()), np.array((rows[:3] * GYRO_SCALE_RADS).tolist())


def push(core, frames, block=BLOCK):
    """Push `frames` in blocks; return (decided, settled) steps, the rest not finished."""
    data = frames.tobytes()
    decided, settled = [], []
    for start in range(0, len(frames), block):
        count = min(block, len(frames) - start)
        new = core.push(data[start * FRAME_BYTES : (start + count) * FRAME_BYTES], count)
        decided += new[0]
        settled += new[1]
    return decided, settled


def run(params, frames, block=BLOCK):
    """Return the settled steps of a whole run."""
    core = Pelvis(params)
    return push(core, frames, block)[1] + core.finish()


def contact_s(step, rate_hz):
    """Return the time of a step's initial contact."""
    return (step.first - step.early) / rate_hz


def running(steps, recording, from_s=RUNS_S, until_s=59.0):
    """Return the steps of MINUTE, or of a time in it, that are running, their contacts between two times."""
    return [step for step in steps if from_s < contact_s(step, recording.imu_rate_hz) < until_s]


def matched(steps, recording, within_s=0.03):
    """Return (step, dict of its truth) for each step, by the nearest true contact, which must be near."""
    truth = recording.truth_steps
    pairs = []
    for step in steps:
        time_s = contact_s(step, recording.imu_rate_hz)
        nearest = int(numpy.argmin(numpy.abs(truth["t_ic_s"] - time_s)))
        assert abs(truth["t_ic_s"][nearest] - time_s) < within_s, time_s
        pairs.append((step, {name: truth[name][nearest] for name in truth}))
    return pairs
