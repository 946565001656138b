"""Functions that move, find or combine elements."""

from . import _dtypes
from ._dtypes import FLOAT, UINT16
from ._ndarray import _without_bool, ndarray


def flip(array):
    """A reversed copy; of a two-dimensional array all elements, flat (ulab's way, not NumPy's)."""
    values = list(array._values())
    values.reverse()
    return _without_bool(values, (len(values),), array._dtype)


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
    columns = [column._values() for column in b.T] if len(b.shape) == 2 else [b._values()]
    values = _dtypes.single([_inner(row, column) for row in rows for column in columns])
    if len(a.shape) == 2 and len(b.shape) == 2:
        return ndarray(values, (len(rows), len(columns)), FLOAT)
    if len(a.shape) == 1 and len(b.shape) == 1:
        return values[0]
    return ndarray(values, (len(values),), FLOAT)


def _inner(a, b):
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total
