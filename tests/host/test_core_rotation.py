"""Rotations of the core held to scipy.spatial.transform.Rotation and to classical coning (Goodman & Robinson 1958)."""

import numpy
import pytest
from scipy.spatial.transform import Rotation
from ulab import numpy as np

from hipcue.core import filters, rotation

RATE_HZ = 208.0
CONING_HZ = 1.4  # the stride frequency of running
SINGLE = 6e-8  # half a step of float32 at 1
SECTION = filters.integrator(1 / RATE_HZ, 1)


def rows(array):
    """An (n, 3) NumPy array as rows of ulab, (3, n)."""
    return np.array(numpy.asarray(array).T.tolist())


def plain(array):
    return numpy.asarray(array).T


def coning(half_angle_deg, cycles):
    """Return (body rates (n, 3) in rad/s, Rotation) of an axis that goes round a cone; exact, by its definition."""
    beta, omega = numpy.radians(half_angle_deg), 2 * numpy.pi * CONING_HZ
    angle = omega * numpy.arange(round(cycles / CONING_HZ * RATE_HZ) + 1) / RATE_HZ
    sine, cosine = numpy.sin(angle), numpy.cos(angle)
    attitude = Rotation.from_rotvec(beta * numpy.column_stack((cosine, sine, numpy.zeros_like(angle))))
    about_axis = numpy.full_like(angle, -(1 - numpy.cos(beta)))
    return omega * numpy.column_stack((-numpy.sin(beta) * sine, numpy.sin(beta) * cosine, about_axis)), attitude


def error_deg(half_angle_deg, cycles):
    rate, attitude = coning(half_angle_deg, cycles)
    theta = plain(rotation.rotation_vectors(rows(rate), SECTION))
    return numpy.degrees(numpy.abs(theta - (attitude[1].inv() * attitude).as_rotvec())[1:].max())


def test_rotation_vectors_follow_coning_over_a_step():
    """Half a cycle, about one step, of a cone wider than a running pelvis draws."""
    assert error_deg(2, 0.5) < 0.002
    assert error_deg(4, 0.5) < 0.015


def test_rotation_vectors_leave_an_error_of_third_order():
    """Bortz's first correction takes out the second order: half the cone leaves an eighth, not a quarter."""
    assert error_deg(8, 1) / error_deg(4, 1) == pytest.approx(8, rel=0.1)


def test_rotation_vectors_start_at_zero_and_know_a_steady_turn():
    steady = rows(numpy.full((75, 3), (0.3, -0.2, 1.0)))
    theta = plain(rotation.rotation_vectors(steady, SECTION))
    assert theta[1] == pytest.approx(0, abs=1e-9)
    assert theta[-1] == pytest.approx(numpy.array((0.3, -0.2, 1.0)) * 73 / RATE_HZ, abs=2e-6)


def some_vectors(count, size):
    return size * numpy.random.default_rng(5).uniform(-1, 1, (count, 3))


@pytest.mark.parametrize("size, error", [(0.05, 3e-7), (0.25, 2e-4)])
def test_turned_axis(size, error):
    """0.01 deg is 1.7e-4 rad: what Rotations states for 0.25 rad; small turns are exact to single precision."""
    theta = some_vectors(300, size / numpy.sqrt(3))
    axis = numpy.array((0.1, 0.98, -0.17)) / numpy.linalg.norm((0.1, 0.98, -0.17))
    found = rotation.Rotations(rows(theta)).turned(rotation.Axis(tuple(axis.tolist())))
    assert plain(found) == pytest.approx(Rotation.from_rotvec(theta).apply(axis), abs=error)


def test_turned_sum():
    theta, x = some_vectors(60, 0.2 / numpy.sqrt(3)), some_vectors(60, 30.0)[::-1]
    found = rotation.Rotations(rows(theta)).turned_sum(rows(x))
    exact = Rotation.from_rotvec(theta).apply(x).sum(axis=0)
    assert numpy.asarray(found) == pytest.approx(exact, abs=60 * 30 * 1e-5)


@pytest.mark.parametrize("size", [1e-9, 1e-4, 0.4, 3.0])
def test_after(size):
    turns = Rotation.random(20, random_state=1)
    for turn, vector in zip(turns, some_vectors(20, size), strict=True):
        result = rotation.after(np.array(turn.as_matrix().tolist()), tuple(vector.tolist()))
        expected = (turn * Rotation.from_rotvec(vector)).as_matrix()
        assert numpy.asarray(result) == pytest.approx(expected, abs=10 * SINGLE)


def test_straightened_mends_what_rounding_spoils():
    """Newton's iteration squares the error: 1e-3 becomes about 1e-6."""
    turn = Rotation.from_rotvec((0.3, 0.2, -0.5)).as_matrix()
    spoilt = turn * (1 + 1e-3 * numpy.arange(9).reshape(3, 3) / 9)
    result = numpy.asarray(rotation.straightened(np.array(spoilt.tolist())))
    assert result @ result.T == pytest.approx(numpy.eye(3), abs=3e-6)
    assert numpy.linalg.det(result) == pytest.approx(1, abs=3e-6)


def test_an_hour_of_turns_stays_a_rotation():
    """10,000 steps of 0.2 rad, straightened each fourth: single precision does not add up."""
    attitude = rotation.level()
    for number, vector in enumerate(some_vectors(10000, 0.2).tolist()):
        attitude = rotation.after(attitude, vector)
        if number % 4 == 0:
            attitude = rotation.straightened(attitude)
    matrix = numpy.asarray(attitude)
    assert matrix @ matrix.T == pytest.approx(numpy.eye(3), abs=2e-6)


def test_vectors():
    assert rotation.cross((1, 2, 3), (4, 5, 6)) == (-3, 6, -3)
    assert rotation.dot((1, 2, 3), (4, 5, 6)) == 32
    assert rotation.unit((0.0, 3.0, 4.0)) == pytest.approx((0, 0.6, 0.8))
    assert numpy.asarray(rotation.normalised(np.array((0.0, 3.0, 4.0)))) == pytest.approx((0, 0.6, 0.8))
    with pytest.raises(ValueError, match="null vector"):
        rotation.unit((0.0, 0.0, 0.0))
