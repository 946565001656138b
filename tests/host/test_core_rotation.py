"""Rotations of the core held to scipy.spatial.transform.Rotation and to classical coning (Goodman & Robinson 1958)."""

import numpy
import pytest
from scipy.spatial.transform import Rotation
from ulab import numpy as np

from hipcue.core import rotation

RATE_HZ = 208.0
CONING_HZ = 1.4  # the stride frequency of running
SINGLE = 6e-8  # half a step of float32 at 1


def rows(array):
    """An (n, 3) NumPy array as three ulab arrays."""
    return [np.array(column) for column in numpy.asarray(array).T.tolist()]


def plain(three):
    return numpy.column_stack([numpy.asarray(row) for row in three])


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
    theta = plain(rotation.rotation_vectors(rows(rate), 1 / RATE_HZ))
    return numpy.degrees(numpy.abs(theta - (attitude[0].inv() * attitude).as_rotvec()).max())


def test_rotation_vectors_follow_coning_over_a_step():
    """Half a cycle, about one step, of a cone wider than a running pelvis draws."""
    assert error_deg(2, 0.5) < 0.002
    assert error_deg(4, 0.5) < 0.015


def test_rotation_vectors_close_the_cone():
    """After a full cycle the attitude is the first again; the rates alone sum up to -2 pi (1 - cos beta) about z."""
    rate, _ = coning(4, 1)
    uncorrected_deg = numpy.degrees(numpy.asarray(rotation.integral(rows(rate)[2], 1 / RATE_HZ)))[-1]
    theta_deg = numpy.degrees(plain(rotation.rotation_vectors(rows(rate), 1 / RATE_HZ)))[-1]
    assert uncorrected_deg == pytest.approx(-360 * (1 - numpy.cos(numpy.radians(4))), rel=0.01)
    assert abs(theta_deg[2]) < 0.01 * abs(uncorrected_deg)


def test_rotation_vectors_leave_an_error_of_third_order():
    """Bortz's first correction takes out the second order: half the cone leaves an eighth, not a quarter."""
    assert error_deg(8, 1) / error_deg(4, 1) == pytest.approx(8, rel=0.1)


def test_rotation_vectors_start_at_zero_and_know_a_steady_turn():
    steady = rows(numpy.full((75, 3), (0.3, -0.2, 1.0)))
    theta = plain(rotation.rotation_vectors(steady, 1 / RATE_HZ))
    assert theta[0] == pytest.approx(0, abs=1e-9)
    assert theta[-1] == pytest.approx(numpy.array((0.3, -0.2, 1.0)) * 74 / RATE_HZ, abs=1e-6)


def some_vectors(count, size):
    return size * numpy.random.default_rng(5).uniform(-1, 1, (count, 3))


def test_turned_rows_and_left_axis():
    """Up to 0.4 rad, the bound that coefficients() states with 1e-6."""
    theta = some_vectors(500, 0.4 / numpy.sqrt(3))
    x = some_vectors(500, 30.0)[::-1]
    s, c = rotation.coefficients(rows(theta))
    turn = Rotation.from_rotvec(theta)
    assert plain(rotation.turned_rows(rows(theta), s, c, rows(x))) == pytest.approx(turn.apply(x), abs=30 * 1e-6)
    expected = turn.apply((0.0, 1.0, 0.0))
    assert plain(rotation.turned_left_axis(rows(theta), s, c)) == pytest.approx(expected, abs=1e-6)


def test_coefficients():
    angle = numpy.linspace(0.01, 0.4, 40)
    s, c = rotation.coefficients(rows(numpy.column_stack((angle, 0 * angle, 0 * angle))))
    assert numpy.asarray(s) == pytest.approx(numpy.sin(angle) / angle, abs=1e-6)
    assert numpy.asarray(c) == pytest.approx((1 - numpy.cos(angle)) / angle**2, abs=1e-6)


def as_matrix(turn):
    return tuple(tuple(row) for row in turn.as_matrix().tolist())


@pytest.mark.parametrize("size", [1e-9, 1e-3, 0.4, 3.0])
def test_after(size):
    turns = Rotation.random(20, random_state=1)
    for turn, vector in zip(turns, some_vectors(20, size), strict=True):
        result = rotation.after(as_matrix(turn), tuple(vector.tolist()))
        assert numpy.array(result) == pytest.approx((turn * Rotation.from_rotvec(vector)).as_matrix(), abs=1e-12)


def test_after_keeps_a_rotation_a_rotation():
    """Lengths and angles that rounding has spoilt are mended."""
    spoilt = tuple(tuple(value * (1 + 1e-3 * (i + k)) for k, value in enumerate(row))
                   for i, row in enumerate(as_matrix(Rotation.from_rotvec((0.3, 0.2, -0.5)))))  # fmt: skip
    result = numpy.array(rotation.after(spoilt, (0.01, 0.0, 0.02)))
    assert result @ result.T == pytest.approx(numpy.eye(3), abs=1e-12)
    assert numpy.linalg.det(result) == pytest.approx(1, abs=1e-12)


def test_matrix_on_vector_on_rows_and_back():
    turn = Rotation.from_rotvec((0.3, -1.2, 0.5))
    matrix, vector = as_matrix(turn), (1.5, -2.0, 9.0)
    assert rotation.turned(matrix, vector) == pytest.approx(turn.apply(vector), abs=1e-12)
    assert rotation.turned_back(matrix, vector) == pytest.approx(turn.inv().apply(vector), abs=1e-12)
    x = some_vectors(10, 30.0)
    assert plain(rotation.rows_in(matrix, rows(x))) == pytest.approx(turn.apply(x), abs=30 * 4 * SINGLE)


def test_vectors():
    assert rotation.cross((1, 2, 3), (4, 5, 6)) == (-3, 6, -3)
    assert rotation.dot((1, 2, 3), (4, 5, 6)) == 32
    assert rotation.unit((0.0, 3.0, 4.0)) == pytest.approx((0, 0.6, 0.8))
    with pytest.raises(ValueError, match="null vector"):
        rotation.unit((0.0, 0.0, 0.0))
