"""Mount calibration: known mounts come back; every stand or bow that cannot be used is refused with its sentence."""

import math

import numpy
import pytest
from scipy.spatial.transform import Rotation
from ulab import numpy as np

from hipcue.core import mount

INTERVAL_S = 8 / 208.0
BIAS_RADS = (0.010, -0.006, 0.004)
# roll, pitch, yaw of the clip on the body, deg: level, a usual one, on its side, upside down, facing back.
MOUNTS = ((0, 0, 0), (3, 12, 5), (90, 0, 0), (178, -5, 3), (-4, 8, 175), (10, 60, -100))


def orientation(roll_pitch_yaw):
    """Sensor to body."""
    roll, pitch, yaw = roll_pitch_yaw
    return Rotation.from_euler("ZYX", (yaw, pitch, roll), degrees=True)


def stand_samples(turn, gravity=9.81, accel_noise=0.0, gyro=BIAS_RADS, gyro_noise=0.0, count=150):
    """(accel, gyro) as ulab arrays (3, n), sensor frame, of a body that stands upright."""
    random = numpy.random.default_rng(1)
    accel = turn.inv().apply((0.0, 0.0, gravity))[:, None] + accel_noise * random.standard_normal((3, count))
    rate = numpy.array(gyro)[:, None] + gyro_noise * random.standard_normal((3, count))
    return np.array(accel.tolist()), np.array(rate.tolist())


def bow_samples(turn, count=5, depth_deg=45.0, axis=(0.0, 1.0, 0.0), seconds=2.4, twist_deg=0.0, first=1):
    """(accel, gyro) as ulab arrays (3, n), sensor frame: `count` bows about `axis` of the body, `first` = 1 forwards.

    The clip lies in the axis; of a twist beside the bow gravity knows nothing.
    """
    t = numpy.arange(int(count * seconds / INTERVAL_S)) * INTERVAL_S
    wave = numpy.pi * numpy.sin(2 * numpy.pi * t / seconds) / seconds
    rate = first * math.radians(depth_deg) * numpy.outer(axis, wave)
    rate[2] += math.radians(twist_deg) * numpy.pi * numpy.cos(2 * numpy.pi * t / seconds) / seconds
    lean = first * math.radians(depth_deg) * (1 - numpy.cos(2 * numpy.pi * t / seconds)) / 2
    accel = Rotation.from_rotvec(numpy.outer(lean, axis)).inv().apply((0.0, 0.0, 9.81))
    gyro = turn.inv().apply(rate.T).T + numpy.array(BIAS_RADS)[:, None]
    return np.array(turn.inv().apply(accel).T.tolist()), np.array(gyro.tolist())


def bowed(turn, **changes):
    """Return (mount, facts)."""
    calibration, facts = mount.bows(*bow_samples(turn, **changes), mount.stand(*stand_samples(turn)), INTERVAL_S)
    return calibration["mount"], facts


@pytest.mark.parametrize("angles", MOUNTS)
def test_known_mounts_come_back(angles):
    turn = orientation(angles)
    up, gravity, bias = mount.stand(*stand_samples(turn, accel_noise=0.01, gyro_noise=0.001))
    # Noise of the mean of 150: 0.01 m/s2 / sqrt(150) = 0.0008; four of these.
    assert up == pytest.approx(tuple(turn.inv().apply((0, 0, 1))), abs=4e-4)
    assert gravity == pytest.approx(9.81, abs=3.3e-3) and bias == pytest.approx(BIAS_RADS, abs=3e-4)
    matrix, facts = bowed(turn)
    assert numpy.array(matrix) == pytest.approx(turn.as_matrix(), abs=1e-4)
    assert facts["bows"] == 5 and facts["share_pct"] == pytest.approx(100, abs=0.1)
    # The rate's sine over half a cycle turns by 45 deg; samples under the bow rate are not counted.
    assert 40 < facts["largest_deg"] <= 45.5


@pytest.mark.parametrize("angles", [(0, 0, 0), (3, 12, 5), (-100, 30, 20)])
def test_angles_for_people(angles):
    assert mount.angles_deg(orientation(angles).as_matrix().tolist()) == pytest.approx(angles, abs=1e-9)


def test_the_accelerometers_bias_is_no_part_of_the_mount():
    """0.2 m/s2 forwards would tilt it by 1.2 deg."""
    turn, bias = orientation((3, 12, 5)), numpy.array((0.2, 0.0, 0.0))
    sensor = turn.inv().apply(bias)
    (accel, gyro), (bowing, turning) = stand_samples(turn), bow_samples(turn)
    added = np.array([[value] for value in sensor])
    calibration, _ = mount.bows(bowing + added, turning, mount.stand(accel + added, gyro), INTERVAL_S)
    assert calibration["accel_bias_mps2"] == pytest.approx(tuple(sensor), abs=5e-3)
    assert calibration["gravity_mps2"] == pytest.approx(9.81, abs=5e-3)
    assert numpy.array(calibration["mount"]) == pytest.approx(turn.as_matrix(), abs=5e-4)


def test_left_is_perpendicular_to_up_also_where_the_bows_lean():
    """Bows 10 deg off the horizontal: left is what is horizontal of their axis."""
    lean = math.radians(10)
    matrix, _ = bowed(orientation((3, 12, 5)), axis=(0.0, math.cos(lean), math.sin(lean)))
    assert numpy.array(matrix) == pytest.approx(orientation((3, 12, 5)).as_matrix(), abs=1e-4)


def test_first_bow_gives_the_direction():
    """Who bows backwards first comes out turned by half a turn about up."""
    matrix, _ = bowed(orientation((0, 0, 0)), first=-1)
    assert numpy.array(matrix) == pytest.approx(numpy.diag((-1, -1, 1)), abs=1e-4)


TURNED = "the clip turned during the stand: stand still with the weight on both feet, and try again"
TWISTED = "the bows were not about one axis (%d %%): bow straight forwards, without twisting"


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"gyro_noise": 0.05}, TURNED),
        ({"accel_noise": 0.3}, "the clip shook during the stand: stand still, and try again"),
        ({"gravity": 11.0}, "the sensor reads 11.00 m/s2 at rest, not 9.81: check the sensor with its self-test"),
        ({"gravity": 4.9}, "the sensor reads 4.90 m/s2 at rest, not 9.81: check the sensor with its self-test"),
        ({"gyro": (0, 0.2, 0)}, "the clip turned steadily during the stand: stand on firm ground, and try again"),
    ],
)  # fmt: skip
def test_stands_that_are_refused(changes, sentence):
    with pytest.raises(mount.Refused) as refusal:
        mount.stand(*stand_samples(orientation((3, 12, 5)), **changes))
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"depth_deg": 0.0}, "no bow was seen: bow forwards and come up again, five times, a second or two each"),
        ({"depth_deg": 5.0}, "no bow was seen: bow forwards and come up again, five times, a second or two each"),
        ({"count": 2}, "only 2 bows were seen: bow forwards at least 3 times"),
        # Squares of the amplitudes, 45 and 20 deg: 2025 / 2425 = 83.5 %.
        ({"twist_deg": 20.0}, TWISTED % 83),
        ({"axis": (0, 0.8, 0.6)}, "the bows were sideways to the stand: stand upright, then bow straight forwards"),
    ],
)  # fmt: skip
def test_bows_that_are_refused(changes, sentence):
    with pytest.raises(mount.Refused) as refusal:
        bowed(orientation((3, 12, 5)), **changes)
    assert str(refusal.value) == sentence


def test_limits_lie_where_they_say():
    """Just inside: 4 mg of shake, 1.9 deg/s of sway, 8 deg/s of steady turning, three bows."""
    turn = orientation((3, 12, 5))
    mount.stand(*stand_samples(turn, accel_noise=0.2, gyro_noise=0.03))
    mount.stand(*stand_samples(turn, gyro=(0.14, 0, 0)))
    assert bowed(turn, count=3)[1]["bows"] == 3


def test_a_sideways_bow_is_a_bow_about_another_axis():
    """Sideways bows alone cannot be told from forward ones: the runner then comes out turned by a quarter."""
    matrix, _ = bowed(orientation((0, 0, 0)), axis=(1.0, 0.0, 0.0))
    assert matrix[1] == pytest.approx((1, 0, 0), abs=1e-4)
