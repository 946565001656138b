"""Functions that bring an array, or one axis of it, down to a number."""

from math import sqrt as _square_root

from . import _dtypes
from ._dtypes import FLOAT
from ._ndarray import ndarray

_PIECE = 32


def _total(values):
    """The sum in pieces, so that single precision loses as little as ulab's running mean does."""
    if len(values) <= _PIECE:
        return sum(values)
    return sum([sum(values[start : start + _PIECE]) for start in range(0, len(values), _PIECE)])


def _list_of(items):
    if isinstance(items, ndarray):
        return items._values()
    if isinstance(items, (list, tuple, range)):
        return list(items)
    raise TypeError("input must be tuple, list, range, or ndarray")


def _lines(array, axis):
    """The flat lists that a reduction along `axis` of a two-dimensional array works on."""
    axis = axis + 2 if axis < 0 else axis
    if not 0 <= axis < 2:
        raise ValueError("axis is out of bounds")
    lines = array if axis == 1 else array.T
    return [line._values() for line in lines]


def _reduced(items, axis, function, dtype):
    """function(list) of everything, or of each line along `axis` as an array of `dtype` (None: the input's)."""
    if axis is None or not isinstance(items, ndarray):
        return function(_list_of(items))
    if len(items.shape) == 1:
        if axis not in (0, -1):
            raise ValueError("axis is out of bounds")
        return function(items._values())
    dtype = items.dtype if dtype is None else dtype
    values = [function(line) for line in _lines(items, axis)]
    return ndarray(_dtypes.wrap(values, dtype), (len(values),), dtype)


def _as_single(value):
    return _dtypes.single([value])[0]


def _sum(values):
    return _total(values) if values and isinstance(values[0], (int, bool)) else _as_single(_total(values) * 1.0)


def _mean(values):
    if not values:
        raise ValueError("ulab's mean of an empty array is whatever lies in memory")
    return _as_single(_total(values) / len(values))


def _least(values):
    if not values:
        raise ValueError("attempt to get (arg)min/(arg)max of empty sequence")
    least = min(values)
    return int(least) if isinstance(least, bool) else least


def _greatest(values):
    if not values:
        raise ValueError("attempt to get (arg)min/(arg)max of empty sequence")
    greatest = max(values)
    return int(greatest) if isinstance(greatest, bool) else greatest


def sum_(items, axis=None):
    """Sum: a float, an int of an integer array, a float of a list; along an axis an array of the input's type."""
    if axis is None and not isinstance(items, ndarray):
        return _as_single(_total(_list_of(items)) * 1.0)
    return _reduced(items, axis, _sum, None)


def mean(items, axis=None):
    return _reduced(items, axis, _mean, FLOAT)


def min_(items, axis=None):
    return _reduced(items, axis, _least, None)


def max_(items, axis=None):
    return _reduced(items, axis, _greatest, None)


def argmin(items):
    """Position of the first smallest element, counted row after row."""
    values = _list_of(items)
    return list(values).index(_least(values))


def argmax(items):
    """Position of the first largest element, counted row after row."""
    values = _list_of(items)
    return list(values).index(_greatest(values))


def std(items, *, ddof=0):
    """Standard deviation of all elements, with n - ddof in the denominator."""
    values = _list_of(items)
    if len(values) <= ddof:
        raise ValueError("std needs more elements than degrees of freedom")
    middle = _mean(values)
    return _as_single(
        _square_root(_total([(value - middle) * (value - middle) for value in values]) / (len(values) - ddof))
    )


def median(array):
    """Median of all elements of an array, as a float; NaN of an empty one."""
    if not isinstance(array, ndarray):
        raise TypeError("median argument must be an ndarray")
    values = sorted(array._values())
    if not values:
        return float("nan")
    half = len(values) // 2
    if len(values) % 2:
        return values[half] * 1.0
    return _as_single((values[half - 1] + values[half]) * 0.5)


def all_(items):
    return all(_list_of(items))


def any_(items):
    return any(_list_of(items))
