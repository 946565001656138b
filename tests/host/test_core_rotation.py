"""Rotations of the core held to scipy.spatial.transform.Rotation and to classical coning (Goodman & Robinson 1958)."""

import numpy
import pytest
from scipy.spatial.transform import Rotation
from ulab import numpy as np

from hipcue.core import rotation
from hipcue.core.filters import integrator

MOMENT_HZ = 104.0
CONING_HZ = 1.4  # the stride frequency of running
SINGLE = 6e-8  # half a step of float32 at 1
MOST_RAD = 0.25  # that a pelvis turns within a step


def array(values):
    return np.array(numpy.asarray(values).tolist())


def rows(vectors):
    """An (n, 3) NumPy array as a dense ulab array (3, n)."""
    return array(numpy.asarray(vectors).T)


def plain(rows):
    return numpy.asarray(rows).T


def coning(half_angle_deg, cycles, pool=1):
    """Return (body rates (n, 3) in rad/s, Rotation (n,)) of an axis that goes round a cone; exact, by its definition.

    Rates are means over `pool` samples; the attitudes are those of the means' middles.
    """
    beta, omega = numpy.radians(half_angle_deg), 2 * numpy.pi * CONING_HZ
    count = round(cycles / CONING_HZ * MOMENT_HZ) + 2  # one before the first, which the formula needs
    sample = omega * numpy.arange(count * pool) / (pool * MOMENT_HZ)
    about_axis = numpy.full_like(sample, -(1 - numpy.cos(beta)))
    rates = omega * numpy.column_stack(
        (-numpy.sin(beta) * numpy.sin(sample), numpy.sin(beta) * numpy.cos(sample), about_axis)
    )
    angle = sample.reshape(count, pool).mean(axis=1)
    attitude = Rotation.from_rotvec(beta * numpy.column_stack((numpy.cos(angle), numpy.sin(angle), 0 * angle)))
    return rates.reshape(count, pool, 3).mean(axis=1), attitude


def rotation_vectors(rate, pool=1):
    sections = integrator(1 / MOMENT_HZ, pool), integrator(0.5 / MOMENT_HZ, pool)
    return plain(rotation.rotation_vectors(rows(rate), *sections))


def error_deg(half_angle_deg, cycles, pool=1):
    rate, attitude = coning(half_angle_deg, cycles, pool)
    expected = (attitude[1].inv() * attitude[1:]).as_rotvec()
    return numpy.degrees(numpy.abs(rotation_vectors(rate, pool)[1:] - expected).max())


@pytest.mark.parametrize("pool", [1, 2])
def test_rotation_vectors_follow_coning_over_a_step(pool):
    """Half a cycle, about one step, of a cone wider than a running pelvis draws."""
    assert error_deg(2, 0.5, pool) < 0.002
    assert error_deg(4, 0.5, pool) < 0.015


def test_rotation_vectors_close_the_cone():
    """After a full cycle the attitude is the first again; the rates alone sum up to -2 pi (1 - cos beta) about z."""
    rate, attitude = coning(4, 1)
    uncorrected_deg = numpy.degrees(rate[1:-1, 2].sum() / MOMENT_HZ)
    left_deg = (rotation_vectors(rate)[-1] - (attitude[1].inv() * attitude[-1]).as_rotvec())[2] * 180 / numpy.pi
    assert uncorrected_deg == pytest.approx(-360 * (1 - numpy.cos(numpy.radians(4))), rel=0.01)
    assert abs(left_deg) < 0.01 * abs(uncorrected_deg)


def test_rotation_vectors_leave_an_error_of_third_order():
    """Bortz's first correction takes out the second order: half the cone leaves an eighth, not a quarter."""
    assert error_deg(8, 1) / error_deg(4, 1) == pytest.approx(8, rel=0.1)


def test_rotation_vectors_start_at_the_second_moment_and_know_a_steady_turn():
    theta = rotation_vectors(numpy.full((40, 3), (0.3, -0.2, 1.0)))
    assert theta[1] == pytest.approx(0, abs=1e-9)
    assert theta[-1] == pytest.approx(numpy.array((0.3, -0.2, 1.0)) * 38 / MOMENT_HZ, abs=1e-6)


def some_vectors(count, size):
    """Vectors (count, 3) of lengths up to `size`."""
    random = numpy.random.default_rng(5)
    directions = random.standard_normal((count, 3))
    directions /= numpy.linalg.norm(directions, axis=1)[:, None]
    return size * random.uniform(0, 1, (count, 1)) * directions


def cut_off(theta):
    """The first term that second order leaves out, for vectors of length 1: theta^4 / 24 of the cosine.

    That of the sine, theta^5 / 120, and of the versine's theta^2 share, theta^4 / 24 along theta alone, are less.
    """
    return (theta**2).sum(axis=-1) ** 2 / 24 + 20 * SINGLE


def test_an_axis_turned():
    theta = some_vectors(400, MOST_RAD)
    axis = (-0.36, 0.48, 0.8)
    turned = plain(rotation.Rotations(rows(theta)).turned(rotation.Axis(axis)))
    off = numpy.linalg.norm(turned - Rotation.from_rotvec(theta).apply(axis), axis=1)
    assert (off < cut_off(theta)).all()
    assert numpy.degrees(off.max()) < 0.01  # what the class states


def test_the_sum_of_turned_rows():
    """Of single columns, so that no error hides in the sum; then that a sum is the sum of its columns."""
    theta = some_vectors(60, MOST_RAD)
    force = some_vectors(60, 40.0)[::-1]
    expected = Rotation.from_rotvec(theta).apply(force)
    for i in range(len(theta)):
        found = rotation.Rotations(rows(theta[i : i + 1])).turned_sum(rows(force[i : i + 1]))
        off = numpy.linalg.norm(numpy.asarray(found) - expected[i])
        assert off < numpy.linalg.norm(force[i]) * cut_off(theta[i]), i
    found = numpy.asarray(rotation.Rotations(rows(theta)).turned_sum(rows(force)))
    bound = (numpy.linalg.norm(force, axis=1) * cut_off(theta)).sum()
    assert numpy.linalg.norm(found - expected.sum(axis=0)) < bound


def test_gravity_turned_back_by_the_motion_adds_up():
    """A body that rocks by 8 deg while it is held still otherwise: every turned reading is the same vector."""
    t = numpy.arange(40) / MOMENT_HZ
    theta = numpy.radians(8) * numpy.column_stack(
        (numpy.sin(9 * t), 0.4 * numpy.sin(18 * t + 1), 0.7 * numpy.cos(9 * t))
    )
    up = numpy.array((0.2, -0.1, 0.97)) * 9.81
    readings = Rotation.from_rotvec(theta).inv().apply(up)
    found = rotation.Rotations(rows(theta)).turned_sum(rows(readings))
    bound = numpy.linalg.norm(up) * cut_off(theta).sum()
    assert numpy.linalg.norm(numpy.asarray(found) - 40 * up) < bound


@pytest.mark.parametrize("size", [1e-9, 1e-4, 2e-3, 0.4, 3.0])
def test_after(size):
    turns = Rotation.random(20, random_state=1)
    for turn, vector in zip(turns, some_vectors(20, size), strict=True):
        found = rotation.after(array(turn.as_matrix()), tuple(vector.tolist()))
        # Four products and sums of singles up to 1.
        assert numpy.asarray(found) == pytest.approx((turn * Rotation.from_rotvec(vector)).as_matrix(), abs=16 * SINGLE)


def test_straightened_mends_a_matrix():
    """A step of Newton's iteration squares what is wrong: of 1e-3 no more than 1.5 times 4e-6 is left."""
    straight = Rotation.from_rotvec((0.3, 0.2, -0.5)).as_matrix()
    spoilt = straight * (1 + 1e-3 * numpy.add.outer(range(3), range(3)) / 4)
    assert numpy.abs(spoilt @ spoilt.T - numpy.eye(3)).max() > 1e-3
    mended = numpy.asarray(rotation.straightened(array(spoilt)))
    assert mended @ mended.T == pytest.approx(numpy.eye(3), abs=6e-6)
    assert mended == pytest.approx(straight, abs=1e-3)
    again = numpy.asarray(rotation.straightened(array(mended)))
    assert again @ again.T == pytest.approx(numpy.eye(3), abs=16 * SINGLE)


def test_an_hour_of_turns_stays_a_rotation():
    """10,000 steps, straightened every fourth as the core does, beside SciPy's product in double precision.

    A turn of a matrix of singles rounds by some 1e-7; after n turns that has walked to 1e-7 sqrt(n).
    """
    attitude, exact = rotation.level(), Rotation.identity()
    vectors = some_vectors(10000, 0.1)
    for number, vector in enumerate(vectors):
        attitude = rotation.after(attitude, tuple(vector.tolist()))
        if number % 4 == 0:
            attitude = rotation.straightened(attitude)
        exact = exact * Rotation.from_rotvec(numpy.float32(vector).astype(float))
    attitude = numpy.asarray(attitude).astype(float)
    assert attitude @ attitude.T == pytest.approx(numpy.eye(3), abs=1e-6)
    assert numpy.linalg.norm(attitude - exact.as_matrix()) < 3e-7 * numpy.sqrt(len(vectors))


def test_level_is_no_turn():
    assert numpy.asarray(rotation.level()).tolist() == numpy.eye(3).tolist()


def test_vectors():
    assert rotation.cross((1, 2, 3), (4, 5, 6)) == (-3, 6, -3)
    assert rotation.dot((1, 2, 3), (4, 5, 6)) == 32
    assert rotation.scaled((1, -2, 3), 0.5) == (0.5, -1.0, 1.5)
    assert rotation.unit((0.0, 3.0, 4.0)) == pytest.approx((0, 0.6, 0.8))
    assert numpy.asarray(rotation.normalised(array((0.0, -3.0, 4.0)))) == pytest.approx((0, -0.6, 0.8))
    with pytest.raises(ValueError, match="null vector"):
        rotation.unit((0.0, 0.0, 0.0))
