"""A clip that slips or sits upside down, and what a rest tells."""

import numpy
import pytest
from scipy.spatial.transform import Rotation
from ulab import numpy as np

from hipcue.core.posture import Posture, remounted
from hipcue.core.rest import Rest
from hipcue.core.step import SLIPPED, UPSIDE_DOWN

UNBIASED = (0.0, 0.0, 0.0)
UP = (0.1, 0.0, 0.995)


def turned(degrees, axis=(1.0, 0.0, 0.0)):
    up = numpy.array(UP) / numpy.linalg.norm(UP)
    return tuple(Rotation.from_rotvec(numpy.radians(degrees) * numpy.array(axis)).apply(up).tolist())


def walked(posture, directions):
    """Return the step at which a slip is noticed, or None; steps are 70 samples long."""
    for number, up in enumerate(directions):
        if posture.step(up, number % 2, 70 * number):
            return number
    return None


@pytest.mark.parametrize("axis", [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0)])
def test_a_slip_of_10_degrees_is_noticed_within_6_steps(axis):
    posture = Posture(turned(0))
    found = walked(posture, [turned(0)] * 40 + [turned(10, axis)] * 10)
    assert 40 <= found < 46 and posture.code == SLIPPED
    assert posture.turned_deg == pytest.approx(10, abs=0.1)
    assert posture.sound == 38 * 70  # the last stride before the slip, within which it may have begun


def test_a_stride_within_which_a_slip_begins_is_not_sound():
    """4 deg on its mean: not enough for a slip, too much for what it was before."""
    posture = Posture(turned(0))
    assert walked(posture, [turned(0)] * 40 + [turned(3), turned(5)] + [turned(10)] * 10)
    assert posture.sound == 38 * 70


def test_a_slip_is_noticed_once_and_stays():
    posture = Posture(turned(0))
    assert walked(posture, [turned(0)] * 40 + [turned(10)] * 10)
    posture.restart()
    assert walked(posture, [turned(10)] * 10 + [turned(30)] * 40 + [turned(0)] * 40) is None
    assert posture.code == SLIPPED


def test_a_slip_during_a_pause_leaves_no_stride_after_it_sound():
    posture = Posture(turned(0))
    assert walked(posture, [turned(0)] * 40) is None
    posture.restart()
    assert walked(posture, [turned(10)] * 10) is not None
    assert posture.sound == 38 * 70


def test_swaying_by_4_degrees_and_a_slow_change_are_no_slip():
    """Left and right steps 8 deg apart cancel in the stride; 0.1 deg per stride, up to 20 deg, is followed."""
    posture = Posture(turned(0))
    sway = [turned(4 * (-1) ** number + 0.05 * number, (0.0, 1.0, 0.0)) for number in range(400)]
    assert walked(posture, sway) is None


def test_a_clip_that_creeps_by_1_degree_per_stride_has_slipped():
    posture = Posture(turned(0))
    found = walked(posture, [turned(0)] * 60 + [turned(0.5 * number) for number in range(60)])
    assert found and posture.code == SLIPPED


def test_odd_strides_are_no_slip():
    """A stumble of one stride, again and again: what lies between is as it was."""
    posture = Posture(turned(0))
    assert walked(posture, [turned(0)] * 40 + 10 * (2 * [turned(12)] + 2 * [turned(0)])) is None
    assert posture.code == 0


def test_steps_of_one_leg_alone_are_no_stride():
    """A runner who sways by 8 deg either way, and contacts missed so that the same leg is seen five times."""
    posture = Posture(turned(0))
    assert walked(posture, [turned(8 * (-1) ** number) for number in range(40)]) is None
    assert not any(posture.step(turned(-8), 1, 0) for _ in range(5))
    posture.restart()
    assert not any(posture.step(turned(8), 0, 0) for _ in range(5))


def test_a_runner_who_leans_is_held_against_himself():
    """15 deg from the calibrating stand are running posture; a slip of 10 deg from there is one of 10 deg."""
    posture = Posture(turned(0))
    assert walked(posture, [turned(15)] * 40 + [turned(25)] * 10)
    assert posture.turned_deg == pytest.approx(10, abs=0.1)


def test_a_clip_never_calibrated_may_slip_and_cannot_be_upside_down():
    posture = Posture(None)
    assert walked(posture, [turned(170)] * 40) is None
    assert walked(posture, [turned(10)] * 10)
    assert posture.code == SLIPPED


def test_upside_down_is_told_from_slipped():
    posture = Posture(turned(0))
    assert walked(posture, [turned(180)] * 10) is not None
    assert posture.code == UPSIDE_DOWN
    posture = Posture(turned(0))
    assert walked(posture, [turned(60)] * 10) is not None
    assert posture.code == SLIPPED


def test_a_stand_forgets_the_slip():
    posture = Posture(turned(0))
    assert walked(posture, [turned(0)] * 40 + [turned(10)] * 10)
    posture.stand(turned(10))
    assert posture.code == 0 and walked(posture, [turned(10)] * 100) is None


def test_remounted_is_the_least_rotation():
    """By SciPy: the rotation from the old to the new up about their cross product."""
    mount = tuple(map(tuple, Rotation.from_rotvec((0.1, -0.2, 0.3)).as_matrix().tolist()))
    slip = Rotation.from_rotvec(numpy.cross(mount[2], (0.3, 1.0, 0.2)) * 0.3)
    expected = slip.apply(numpy.array(mount))
    new, turned_deg = remounted(mount, tuple(expected[2].tolist()))
    assert numpy.array(new) == pytest.approx(expected, abs=1e-9)
    assert turned_deg == pytest.approx(numpy.degrees(slip.magnitude()))


def test_more_than_a_slip_is_not_remounted():
    mount = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    assert remounted(mount, (0.0, 0.0, -1.0)) == (None, pytest.approx(180))


def window(rate_rads=0.0, noise=0.001):
    """0.8 s of standing: gyroscope and specific force, (6, n), SI, with a constant rate about x."""
    values = numpy.random.default_rng(3).normal(0, noise, (6, 166))
    values[0] += rate_rads
    values[5] += 9.81
    return np.array(values.tolist())


def test_a_rest_tells_the_bias_after_2_s_and_up_after_5():
    rest = Rest()
    for number in range(1, 14):
        rest.look(window(0.004), 0.4)
        assert (rest.bias() is not None) == (0.4 * number >= 2.0 - 1e-9)
        assert (rest.stand(UNBIASED) is not None) == (0.4 * number >= 5.0)
    assert rest.bias() == pytest.approx((0.004, 0.0, 0.0), abs=2e-4)
    assert rest.stand(UNBIASED) == pytest.approx((0.0, 0.0, 1.0), abs=1e-3)


def test_the_accelerometers_bias_is_no_part_of_a_stand():
    rest = Rest()
    for _ in range(13):
        rest.look(window(), 0.4)
    # 1 m/s2 forwards: atan(1 / 9.81) = 5.82 deg.
    assert rest.stand((1.0, 0.0, 0.0)) == pytest.approx((-0.1014, 0.0, 0.9948), abs=5e-4)


def test_the_sway_of_a_stand_after_a_run_tells_up_but_no_bias():
    """1.5 deg/s rms of turning and 0.2 m/s2: as still as a calibrating stand must be, not as a rest."""
    rest = Rest()
    for _ in range(13):
        values = numpy.array(window(noise=0.026).tolist())
        values[3:] = 9.81 * numpy.array([[0.0], [0.0], [1.0]]) + 7.5 * (values[3:] - values[3:].mean(axis=1)[:, None])
        rest.look(np.array(values.tolist()), 0.4)
    assert rest.bias() is None
    assert rest.stand(UNBIASED) == pytest.approx((0.0, 0.0, 1.0), abs=5e-3)


@pytest.mark.parametrize(
    "channel, amplitude, stands",
    [(1, 0.04, True), (1, 0.08, False), (5, 0.3, True), (5, 0.6, False)],
    ids=["swaying", "turning", "breathing", "shaking"],
)
def test_a_movement_ends_the_rest(channel, amplitude, stands):
    """1.6 deg/s rms of turning or 0.2 m/s2 of shaking in one axis end a rest, twice that a stand as well.

    What comes after is counted from its own start.
    """
    rest, moving = Rest(), numpy.asarray(window()).copy()
    moving[channel] += amplitude * numpy.sin(numpy.arange(166) / 10)
    for _ in range(13):
        rest.look(window(), 0.4)
    rest.look(np.array(moving.tolist()), 0.4)
    assert rest.bias() is None and (rest.stand(UNBIASED) is not None) == stands
    for number in range(1, 14):
        rest.look(window(0.004), 0.4)
        assert (rest.bias() is not None) == (0.4 * number >= 2.0 - 1e-9)
        assert (rest.stand(UNBIASED) is not None) == (stands or 0.4 * number >= 5.0)
    assert rest.bias() == pytest.approx((0.004, 0.0, 0.0), abs=2e-4)
