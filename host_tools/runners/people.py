"""The runner's and the clip's particulars: every figure a scenario does not tell."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Runner:
    """One runner: habits and step-to-step variability (standard deviations)."""

    seed: int = 20250
    drop_offset_deg: float = 0.6  # mean obliquity while running: the left drop is larger by twice this
    bounce: float = 0.88  # vertical motion, share of the table's
    step_time_sd_share: float = 0.021  # of the step; a stride of two steps then varies by 1.5 %
    step_rate_swing_per_min: float = 1.5  # slow wander of the step rate
    drop_sd_deg: float = 0.7
    bounce_sd_share: float = 0.03
    sway_deg: float = 0.05
    rotation_share: float = 1.0  # of the table's pelvic rotation in running; negative: contrary to other runners
    push_mps2: float = 0.0  # further push to the left as the left hip takes the weight; negative: contrary to others
    burst_height_v: tuple[float, float] = (1.55, 1.45)  # left, right glute envelope in running
    burst_sd_share: float = 0.12
    rest_envelope_v: float = 0.12


@dataclass(frozen=True)
class Slip:
    """The clip turns on the body by `turn_deg` (about its own x, y, z) from `start_s` within `over_s`."""

    start_s: float
    over_s: float
    turn_deg: tuple[float, float, float]


@dataclass(frozen=True)
class Clip:
    """How the clip sits and what its sensor adds.

    Biases and scale errors are typical of an LSM6DSOX (datasheet section 4.1: 20 mg,
    1 deg/s, 1 %); noise is its density over 100 Hz.
    """

    mount_deg: tuple[float, float, float] = (3.0, 12.0, 5.0)  # roll, pitch, yaw of the clip on the body
    rate_hz: float = 208 * 1.004
    accel_bias_mps2: tuple[float, float, float] = (0.06, -0.08, 0.05)
    gyro_bias_dps: tuple[float, float, float] = (0.31, -0.24, 0.18)
    accel_scale: tuple[float, float, float] = (1.004, 0.997, 1.003)
    gyro_scale: tuple[float, float, float] = (1.006, 0.995, 1.004)
    accel_noise_mps2: float = 0.012
    gyro_noise_dps: float = 0.05
    slips: tuple[Slip, ...] = ()
    loose_deg: float = 0.0  # rms of its wobble about each axis while running


# Unlike the others: pelvic rotation and sideways push as another's in the other stance; the pelvis drops as usual.
CONTRARY_RUNNER = Runner(rotation_share=-1.0, push_mps2=-4.0)

IDEAL_CLIP = Clip(
    mount_deg=(0.0, 0.0, 0.0),
    accel_bias_mps2=(0.0, 0.0, 0.0),
    gyro_bias_dps=(0.0, 0.0, 0.0),
    accel_scale=(1.0, 1.0, 1.0),
    gyro_scale=(1.0, 1.0, 1.0),
    accel_noise_mps2=0.0,
    gyro_noise_dps=0.0,
)
