"""A clip that slips or sits upside down, and what a rest tells."""

import numpy
import pytest
from scipy.spatial.transform import Rotation
from ulab import numpy as np

from hipcue.core.posture import Posture, remounted
from hipcue.core.rest import Rest

UP = (0.1, 0.0, 0.995)


def turned(degrees, axis=(1.0, 0.0, 0.0)):
    up = numpy.array(UP) / numpy.linalg.norm(UP)
    return tuple(Rotation.from_rotvec(numpy.radians(degrees) * numpy.array(axis)).apply(up).tolist())


def walked(posture, directions):
    """Return (step, steps it reaches back) where a slip is noticed, or None."""
    for number, up in enumerate(directions):
        back = posture.step(up, number % 2)
        if back:
            return number, back
    return None


@pytest.mark.parametrize("axis", [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0)])
def test_a_slip_of_10_degrees_is_noticed_within_6_steps(axis):
    posture = Posture(turned(0))
    found = walked(posture, [turned(0)] * 40 + [turned(10, axis)] * 10)
    assert found and 40 <= found[0] < 46 and posture.slipped and not posture.upside_down
    assert posture.turned_deg == pytest.approx(10, abs=0.1)
    assert found[0] - found[1] < 40  # all steps since the slip are named


def test_swaying_by_4_degrees_and_a_slow_change_are_no_slip():
    """Left and right steps 8 deg apart cancel in the stride; 0.1 deg per stride, up to 20 deg, is followed."""
    posture = Posture(turned(0))
    sway = [turned(4 * (-1) ** number + 0.05 * number, (0.0, 1.0, 0.0)) for number in range(400)]
    assert walked(posture, sway) is None


def test_upside_down_is_told_from_slipped():
    posture = Posture(turned(0))
    assert walked(posture, [turned(180)] * 10)
    assert posture.upside_down and not posture.slipped
    posture = Posture(turned(0))
    assert walked(posture, [turned(60)] * 10)
    assert posture.slipped and not posture.upside_down


def test_a_stand_forgets_the_slip():
    posture = Posture(turned(0))
    assert walked(posture, [turned(0)] * 40 + [turned(10)] * 10)
    posture.stand(turned(10))
    assert not posture.slipped and walked(posture, [turned(10)] * 100) is None


def test_remounted_is_the_least_rotation():
    """By SciPy: the rotation from the old to the new up about their cross product."""
    mount = tuple(map(tuple, Rotation.from_rotvec((0.1, -0.2, 0.3)).as_matrix().tolist()))
    slip = Rotation.from_rotvec(numpy.cross(mount[2], (0.3, 1.0, 0.2)) * 0.3)
    expected = slip.apply(numpy.array(mount))
    assert numpy.array(remounted(mount, tuple(expected[2].tolist()))) == pytest.approx(expected, abs=1e-9)


def test_more_than_a_slip_is_not_remounted():
    mount = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    assert remounted(mount, (0.0, 0.0, -1.0)) is None


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
        assert (rest.stand() is not None) == (0.4 * number >= 5.0)
    assert rest.bias() == pytest.approx((0.004, 0.0, 0.0), abs=2e-4)
    assert rest.stand() == pytest.approx((0.0, 0.0, 1.0), abs=1e-3)


def test_a_movement_ends_the_rest():
    rest = Rest()
    for _ in range(13):
        rest.look(window(), 0.4)
    rest.look(window(noise=0.2), 0.4)
    assert rest.bias() is None and rest.stand() is None
