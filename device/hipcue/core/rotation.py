"""Rotations: vectors of sample rows in ulab, single matrices and vectors in plain floats.

"Rows" are three equally long 1-D arrays (x, y, z). A "matrix" is a tuple of
three row tuples, a "vector" a tuple of three floats.
"""

import math

from ulab import numpy as np

from hipcue.core.filters import integral

IDENTITY = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def cross(a, b):
    """Return a x b for rows or vectors."""
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


def turned(matrix, a):
    """Return matrix times vector."""
    return (dot(matrix[0], a), dot(matrix[1], a), dot(matrix[2], a))


def turned_back(matrix, a):
    """Return the transposed matrix times vector: the inverse rotation."""
    x, y, z = matrix
    return (
        x[0] * a[0] + y[0] * a[1] + z[0] * a[2],
        x[1] * a[0] + y[1] * a[1] + z[1] * a[2],
        x[2] * a[0] + y[2] * a[1] + z[2] * a[2],
    )


def after(matrix, vector):
    """Return `matrix` followed, in its own frame, by the rotation `vector` (rad), made orthonormal.

    Rodrigues' formula on the three rows, then Gram-Schmidt: single precision
    would otherwise let lengths and angles drift.
    """
    square = dot(vector, vector)
    angle = math.sqrt(square)
    if angle < 1e-6:
        sine, versine = 1.0, 0.5
    else:
        sine, versine = math.sin(angle) / angle, (1.0 - math.cos(angle)) / square
    rows = []
    for row in matrix:
        # A row r of the matrix becomes r R = R^T r: the rotation by -vector.
        first = cross(row, vector)
        second = cross(first, vector)
        rows.append(tuple([row[i] + sine * first[i] + versine * second[i] for i in range(3)]))
    x = unit(rows[0])
    along = dot(x, rows[1])
    y = unit(tuple([rows[1][i] - along * x[i] for i in range(3)]))
    return (x, y, cross(x, y))


def rotation_vectors(rate, interval_s):
    """Return rows theta(t), rad: the rotation since the first sample, in the first sample's frame.

    `rate` is rows of angular velocity in rad/s in the moving frame. Trapezoid
    of omega + 1/2 theta x omega, the first correction of the Bortz equation
    (Bortz 1971, IEEE Trans. AES-7:61); the next term, 1/12 theta x (theta x
    omega), changes nothing above 0.001 deg over one step of running.
    """
    theta = [integral(rate[i], interval_s) for i in range(3)]
    correction = cross(theta, rate)
    return [integral(rate[i] + 0.5 * correction[i], interval_s) for i in range(3)]


def coefficients(theta):
    """Return rows s, c of Rodrigues' formula x + s theta x x + c theta x (theta x x).

    s = sin|t|/|t| and c = (1 - cos|t|)/|t|^2 to fourth order in |t|: exact to
    1e-6 for the 0.4 rad that a pelvis turns within a step, and no square root.
    """
    square = theta[0] * theta[0] + theta[1] * theta[1] + theta[2] * theta[2]
    return 1.0 - square * (1.0 / 6.0 - square / 120.0), 0.5 - square * (1.0 / 24.0 - square / 720.0)


def turned_rows(theta, s, c, x):
    """Return rows `x` turned by `theta` (s, c from `coefficients`): Rodrigues' formula."""
    first = cross(theta, x)
    second = cross(theta, first)
    return [x[i] + s * first[i] + c * second[i] for i in range(3)]


def rows_in(matrix, rows):
    """Return matrix times every column of `rows`."""
    x, y, z = rows
    return [x * row[0] + y * row[1] + z * row[2] for row in matrix]


def turned_left_axis(theta, s, c):
    """Return rows: the y axis turned by `theta` (Rodrigues' formula written out for (0, 1, 0))."""
    x, y, z = theta
    cy = c * y
    return (cy * x - s * z, 1.0 - c * (x * x + z * z), cy * z + s * x)
