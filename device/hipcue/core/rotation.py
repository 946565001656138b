"""Rotations: rows of rotation vectors, single vectors, and a frame that is carried along.

"Rows" are an array of shape (3, n): x, y, z of n moments. A "vector" is a
tuple of three floats.
"""

import math

import micropython
from ulab import numpy as np

from hipcue.core.filters import integrals


@micropython.native
def cross(a, b):
    """Return a x b for vectors."""
    ax, ay, az = a
    bx, by, bz = b
    return (ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)


@micropython.native
def dot(a, b):
    """Return the scalar product of two vectors."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@micropython.native
def scaled(a, factor):
    """Return vector `a` times `factor`."""
    return (a[0] * factor, a[1] * factor, a[2] * factor)


@micropython.native
def unit(a):
    """Return vector `a` at length 1; ValueError for a null vector."""
    length = math.sqrt(dot(a, a))
    if length == 0.0:
        raise ValueError("a null vector has no direction")
    return scaled(a, 1.0 / length)


def across(a, axis):
    """Return vector `a` less its part along the unit vector `axis`."""
    along = dot(a, axis)
    return tuple([a[i] - along * axis[i] for i in range(3)])


def level():
    """Return the attitude of no turn: a matrix, shape (3, 3), from a moving frame to a carried one.

    v_carried = dot(attitude, v), v = dot(v_carried, attitude). A matrix, for an
    operation on an array costs the clip as much as six on single floats.
    """
    return np.array(((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))


@micropython.native
def after(attitude, vector):
    """Return `attitude` after a further turn by `vector` (rad, moving frame): Rodrigues' formula."""
    x, y, z = vector
    square = x * x + y * y + z * z
    angle = math.sqrt(square)
    turn = np.array(((0.0, -z, y), (z, 0.0, -x), (-y, x, 0.0)))
    twice = np.dot(turn, turn)
    turn *= math.sin(angle) / angle if angle > 1e-6 else 1.0
    twice *= (1.0 - math.cos(angle)) / square if angle > 1e-3 else 0.5
    turn += twice
    turned = np.dot(attitude, turn)
    turned += attitude
    return turned


@micropython.native
def straightened(attitude):
    """Return `attitude` made orthonormal again: single precision lets it drift by 1e-7 a turn.

    A step of Newton's iteration, A (3 - A^T A) / 2 (Higham 1986, SIAM J. Sci. Stat. Comput. 7:1160).
    """
    straight = np.dot(attitude, np.dot(attitude.transpose(), attitude))
    straight *= -0.5
    straight += attitude * 1.5
    return straight


@micropython.native
def normalised(a):
    """Return the array `a`, shape (3,), not null, at length 1."""
    return a * (1.0 / math.sqrt(np.dot(a, a)))


@micropython.native
def rotation_vectors(rate, section, half):
    """Return rows theta(t), rad: the rotation since the second moment, in its frame; of the first it is not exact.

    `rate`: rows of angular velocity in rad/s, moving frame, dense; changed in
    place. `section`: of filters.integrator, `half`: of half an integral.
    Integral of omega + 1/2 theta x omega, the first correction of the Bortz
    equation (Bortz 1971, IEEE Trans. AES-7:61); the next term, 1/12 theta x
    (theta x omega), changes nothing above 0.001 deg over one step of running.
    """
    half_x, half_y, half_z = integrals(half, rate)
    x, y, z = rate
    # In place, an operation on an array costs the clip a third.
    turned_x, turned_y, turned_z = half_y * z, half_z * x, half_x * y
    half_z *= y
    half_x *= z
    half_y *= x
    turned_x -= half_z
    turned_y -= half_x
    turned_z -= half_y
    x += turned_x
    y += turned_y
    z += turned_z
    return integrals(section, rate)


class Rotations:
    """Rotation vectors of n moments with what Rodrigues' formula takes of them.

    x turned by theta = x cos|t| + s theta x x + c theta (theta . x) with
    s = sin|t|/|t| = 1 - t^2/6 and c = (1 - cos|t|)/|t|^2 = 1/2 as far as
    second order: for the 0.25 rad that a pelvis turns within a step, exact to
    0.01 deg, and no square root. `theta`: rows, rad.
    """

    def __init__(self, theta):
        self.theta = theta
        square = np.sum(theta * theta, axis=0)
        sine = square * (-1.0 / 6.0)
        sine += 1.0
        self._sines = theta * sine
        square *= -0.5
        square += 1.0
        self._cosine = square

    @micropython.native
    def turned_sum(self, x):
        """Return the sum of rows `x`, each turned by its rotation, as an array of shape (3,).

        All terms of the formula are sums of products, which need no row for each.
        """
        theta = self.theta
        total = np.dot(theta, np.sum(theta * x, axis=0))
        total *= 0.5
        total += np.dot(x, self._cosine)
        (_, xy, xz), (yx, _, yz), (zx, zy, _) = np.dot(self._sines, x.transpose()).tolist()
        total += np.array((yz - zy, zx - xz, xy - yx))
        return total

    @micropython.native
    def turned(self, axis):
        """Return rows: the `Axis` turned by each rotation."""
        theta = self.theta
        turned = np.dot(axis.crossed, self._sines)
        turned += theta * np.dot(axis.half, theta)
        turned += axis.column * self._cosine
        return turned


class Axis:
    """A unit vector as `Rotations.turned` takes it: itself, half of it, a column, the matrix theta -> theta x axis."""

    def __init__(self, vector):
        x, y, z = vector
        self.vector = np.array(vector)
        self.half = self.vector * 0.5
        self.column = np.array(((x,), (y,), (z,)))
        self.crossed = np.array(((0.0, z, -y), (-z, 0.0, x), (y, -x, 0.0)))
