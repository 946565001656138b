"""Functions that move, find or combine elements."""

from . import _dtypes
from ._dtypes import FLOAT, UINT16
from ._ndarray import ndarray


def flip(array):
    """A reversed copy; of a two-dimensional array all elements, flat (ulab's way, not NumPy's)."""
    values = list(array._values())
    values.reverse()
    return ndarray(*_dtypes.forget_bool(values, (len(values),), array._dtype))


def nonzero(array):
    """A tuple of uint16 arrays, one per axis: where the elements are not zero."""
    values = array._values()
    positions = [i for i in range(len(values)) if values[i]]
    count = (len(positions),)
    if len(array.shape) == 1:
        return (ndarray(_dtypes.wrap(positions, UINT16), count, UINT16),)
    columns = array.shape[1]
    rows = ndarray([position // columns for position in positions], count, UINT16)
    return (rows, ndarray([position % columns for position in positions], count, UINT16))


def dot(a, b):
    """Product of vectors (a float), of a matrix and a vector, or of matrices (float arrays)."""
    if not isinstance(a, ndarray) or not isinstance(b, ndarray):
        raise TypeError("arguments must be ndarrays")
    if a.shape[-1] != b.shape[0]:
        raise ValueError("dimensions do not match")
    rows = [row._values() for row in a] if len(a.shape) == 2 else [a._values()]
    if len(b.shape) == 1:
        products = [[_inner(row, b._values())] for row in rows]
    elif b.shape[0] <= b.shape[1]:
        products = [_weighted(row, [each._values() for each in b]) for row in rows]
    else:
        columns = [column._values() for column in b.T]
        products = [[_inner(row, column) for column in columns] for row in rows]
    values = []
    for product in products:
        values += product
    if len(a.shape) == 1 and len(b.shape) == 1:
        return _dtypes.single(values)[0]
    shape = (a.shape[0], b.shape[1]) if len(a.shape) == 2 and len(b.shape) == 2 else (len(values),)
    return ndarray(_dtypes.single(values), shape, FLOAT)


def _inner(a, b):
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


def _weighted(weights, rows):
    """The sum of `rows`, each times its weight: one row of a matrix product, without picking out columns."""
    first = weights[0] * 1.0
    totals = [first * value for value in rows[0]]
    for k in range(1, len(weights)):
        weight = weights[k]
        row = rows[k]
        totals = [totals[i] + weight * row[i] for i in range(len(totals))]
    return totals
