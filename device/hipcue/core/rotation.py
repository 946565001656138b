"""Rotations: rows of rotation vectors, single vectors, and a frame that is carried along.

"Rows" are an array of shape (3, n): x, y, z of n moments. A "vector" is a
tuple of three floats.
"""

import math

from ulab import numpy as np

from hipcue.core.filters import integrals

def cross(a, b):
    """Return a x b for vectors."""
    ax, ay, az = a
    bx, by, bz = b
    return (ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)


def dot(a, b):
    """Return the scalar product of two vectors."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def scaled(a, factor):
    """Return vector `a` times `factor`."""
    return (a[0] * factor, a[1] * factor, a[2] * factor)


def unit(a):
    """Return vector `a` at length 1; ValueError for a null vector."""
    length = math.sqrt(dot(a, a))
    if length == 0.0:
        raise ValueError("a null vector has no direction")
    return scaled(a, 1.0 / length)


def level():
    """Return the attitude of no turn: a matrix, shape (3, 3), from a moving frame to a carried one.

    v_carried = dot(attitude, v), v = dot(v_carried, attitude). A matrix, for an
    operation on an array costs the clip as much as six on single floats.
    """
    return np.array(((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))


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


def straightened(attitude):
    """Return `attitude` made orthonormal again: single precision lets it drift by 1e-7 a turn.

    A step of Newton's iteration, A (3 - A^T A) / 2 (Higham 1986, SIAM J. Sci. Stat. Comput. 7:1160).
    """
    straight = np.dot(attitude, np.dot(attitude.transpose(), attitude))
    straight *= -0.5
    straight += attitude * 1.5
    return straight


def normalised(a):
    """Return the array `a`, shape (3,), not null, at length 1."""
    return a * (1.0 / math.sqrt(np.dot(a, a)))


def rotation_vectors(rate, section):
    """Return rows theta(t), rad: the rotation since the second moment, in its frame; of the first it is not exact.

    `rate`: rows of angular velocity in rad/s, moving frame, dense; changed in
    place. `section`: of filters.integrator. Integral of omega + 1/2 theta x
    omega, the first correction of the Bortz equation (Bortz 1971, IEEE Trans.
    AES-7:61); the next term, 1/12 theta x (theta x omega), changes nothing
    above 0.001 deg over one step of running.
    """
    half_x, half_y, half_z = integrals(section, rate * 0.5)
    x, y, z = rate
    turned_x, turned_y, turned_z = half_y * z, half_z * x, half_x * y
    turned_x -= half_z * y
    turned_y -= half_x * z
    turned_z -= half_y * x
    x += turned_x
    y += turned_y
    z += turned_z
    return integrals(section, rate)


class Rotations:
    """Rotation vectors of n moments with what Rodrigues' formula takes of them.

    x turned by theta = x + s theta x x + c theta x (theta x x) with
    s = sin|t|/|t| and c = (1 - cos|t|)/|t|^2, both to second order in |t|:
    exact to 2e-4 of |t| for the 0.4 rad that a pelvis turns within a step, and
    no square root. `theta`: rows, rad.
    """

    def __init__(self, theta):
        self.theta = theta
        square = np.sum(theta * theta, axis=0)
        self._sine = square * (-1.0 / 6.0)
        self._sine += 1.0
        self._versine = square * (-1.0 / 24.0)
        self._versine += 0.5
        square *= self._versine
        square *= -1.0
        square += 1.0
        self._cosine = square

    def at(self, moment):
        """Return the rotation vector of a whole `moment`."""
        return self.theta[:, moment].tolist()

    def turned_sum(self, x):
        """Return the sum of rows `x`, each turned by its rotation, as an array of shape (3,).

        With theta x (theta x x) = theta (theta . x) - theta^2 x all terms of
        Rodrigues' formula are sums of products, which need no row for each.
        """
        theta = self.theta
        along = np.sum(theta * x, axis=0)
        along *= self._versine
        total = np.dot(x, self._cosine)
        total += np.dot(theta, along)
        (_, xy, xz), (yx, _, yz), (zx, zy, _) = np.dot(theta * self._sine, x.transpose()).tolist()
        total += np.array((yz - zy, zx - xz, xy - yx))
        return total

    def angles(self, axis, up):
        """Return rows: the rotation about `axis` x `up`, `axis` and `up` (vectors, at the first moment), rad."""
        return np.dot(np.array((cross(axis, up), axis, up)), self.theta)

    def heights(self, angles, level):
        """Return the array of up . `axis` turned: the sine of its angle over level.

        `angles` as from `angles(axis, up)`, `level` = up . axis.
        """
        across, along, upward = angles
        height = along * upward
        height *= self._versine
        height += across * self._sine
        height += self._cosine * level
        return height


def heights_of(turns, axis, up):
    """Return up . `axis` turned by each of a few single rotation vectors, as `Rotations.heights` does for rows."""
    ax, ay, az = axis
    ux, uy, uz = up
    cx, cy, cz = cross(axis, up)
    flat = ax * ux + ay * uy + az * uz
    found = []
    for x, y, z in turns:
        square = x * x + y * y + z * z
        versine = 0.5 - square / 24.0
        along = (x * ax + y * ay + z * az) * (x * ux + y * uy + z * uz)
        across = x * cx + y * cy + z * cz
        found.append(flat + across + versine * (along - square * flat) - across * square / 6.0)
    return found
