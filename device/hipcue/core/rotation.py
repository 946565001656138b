"""Rotations: rows of rotation vectors in ulab, single vectors and quaternions in plain floats.

"Rows" are an array of shape (3, n): x, y, z of n moments. A "vector" is a
tuple of three floats, a "quaternion" a tuple (w, x, y, z) of length 1; it
turns vectors of the moving frame into the carried one.
"""

import math

from ulab import numpy as np

from hipcue.core.filters import integrals

IDENTITY = (1.0, 0.0, 0.0, 0.0)


def cross(a, b):
    """Return a x b for vectors, or for the three rows of two arrays."""
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


def turned(quaternion, a):
    """Return vector `a` of the moving frame in the carried frame."""
    w, x, y, z = quaternion
    ax, ay, az = a
    # v + w t + q x t with t = 2 q x v: half the products of two quaternion multiplications.
    tx, ty, tz = 2.0 * (y * az - z * ay), 2.0 * (z * ax - x * az), 2.0 * (x * ay - y * ax)
    return (ax + w * tx + y * tz - z * ty, ay + w * ty + z * tx - x * tz, az + w * tz + x * ty - y * tx)


def turned_back(quaternion, a):
    """Return vector `a` of the carried frame in the moving frame."""
    w, x, y, z = quaternion
    return turned((-w, x, y, z), a)


def after(quaternion, vector):
    """Return `quaternion` followed, in the moving frame, by the rotation `vector` (rad), at length 1."""
    w, x, y, z = quaternion
    angle = math.sqrt(dot(vector, vector))
    cosine = math.cos(0.5 * angle)
    bx, by, bz = scaled(vector, math.sin(0.5 * angle) / angle if angle > 1e-6 else 0.5)
    new_w = w * cosine - x * bx - y * by - z * bz
    new_x = w * bx + x * cosine + y * bz - z * by
    new_y = w * by - x * bz + y * cosine + z * bx
    new_z = w * bz + x * by - y * bx + z * cosine
    # Single precision would let the length drift.
    to_unit = 1.0 / math.sqrt(new_w * new_w + new_x * new_x + new_y * new_y + new_z * new_z)
    return (new_w * to_unit, new_x * to_unit, new_y * to_unit, new_z * to_unit)


def rotation_vectors(rate, interval_s):
    """Return rows theta(t), rad: the rotation since the first moment, in the first moment's frame.

    `rate`: rows of angular velocity in rad/s, moving frame, dense; changed in
    place. Trapezoid of omega + 1/2 theta x omega, the first correction of the
    Bortz equation (Bortz 1971, IEEE Trans. AES-7:61); the next term,
    1/12 theta x (theta x omega), changes nothing above 0.001 deg over one step
    of running.
    """
    correction = cross(integrals(rate, 0.5 * interval_s), rate)
    for row, added in zip(rate, correction):
        row += added
    return integrals(rate, interval_s)


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
        theta = self.theta
        return (theta[0, moment], theta[1, moment], theta[2, moment])

    def turned_sum(self, x):
        """Return the vector sum of rows `x`, each turned by its rotation.

        With theta x (theta x x) = theta (theta . x) - theta^2 x all terms of
        Rodrigues' formula are sums of products, which need no row for each.
        """
        theta = self.theta
        along = np.sum(theta * x, axis=0)
        along *= self._versine
        twice = np.dot(theta, along).tolist()
        (_, xy, xz), (yx, _, yz), (zx, zy, _) = np.dot(theta * self._sine, x.transpose()).tolist()
        stays = np.dot(x, self._cosine).tolist()
        return (stays[0] + twice[0] + yz - zy, stays[1] + twice[1] + zx - xz, stays[2] + twice[2] + xy - yx)

    def angles(self, axis, up):
        """Return rows: the rotation about `axis` x `up`, `axis` and `up` (vectors at the first moment), rad."""
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


def height(theta, axis, up):
    """Return up . `axis` turned by the one rotation vector `theta`, as `Rotations.heights` does."""
    tx, ty, tz = theta
    ax, ay, az = axis
    ux, uy, uz = up
    square = tx * tx + ty * ty + tz * tz
    versine = 0.5 - square / 24.0
    across = tx * (ay * uz - az * uy) + ty * (az * ux - ax * uz) + tz * (ax * uy - ay * ux)
    along = (tx * ax + ty * ay + tz * az) * (tx * ux + ty * uy + tz * uz)
    level = ax * ux + ay * uy + az * uz
    return level * (1.0 - square * versine) + across * (1.0 - square / 6.0) + along * versine
