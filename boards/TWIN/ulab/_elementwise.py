"""Functions applied to every element."""

import math

from . import _dtypes, _loops, _shapes
from ._dtypes import BOOL, FLOAT
from ._ndarray import as_array, ndarray
from ._operands import arithmetic, is_number
from ._view import operand

_NAN = float("nan")


def _or_nan(function, value):
    try:
        return function(value)
    except ValueError:
        return _NAN


def _mapped(function, items):
    """function of a number as a float, of an array (or sequence) as a float array; NaN outside the domain."""
    if is_number(items):
        return _dtypes.single([_or_nan(function, items * 1.0)])[0]
    items = as_array(items)
    values = items._values()
    try:
        results = [function(value) for value in values]
    except ValueError:
        results = [_or_nan(function, value) for value in values]
    return ndarray(_dtypes.single(results), items.shape, FLOAT)


def sqrt(x):
    return _mapped(math.sqrt, x)


def sin(x):
    return _mapped(math.sin, x)


def cos(x):
    return _mapped(math.cos, x)


def asin(x):
    return _mapped(math.asin, x)


def acos(x):
    return _mapped(math.acos, x)


def arctan2(y, x):
    """Angle of (x, y) in radians, element by element: a float of two numbers, else a float array."""
    if is_number(y) and is_number(x):
        return _dtypes.single([math.atan2(y, x)])[0]
    y = as_array(y)
    x = as_array(x)
    shape = _shapes.broadcast(y.shape, x.shape)
    ys = _shapes.spread(y._values(), y.shape, shape)
    xs = _shapes.spread(x._values(), x.shape, shape)
    return ndarray(_dtypes.single([math.atan2(ys[i], xs[i]) for i in range(len(ys))]), shape, FLOAT)


def _bounded(operation, a, b):
    """The chosen one of each pair, in the type the two mix to; where either is NaN, `b`."""
    chosen = ndarray(*arithmetic(operation, operand(a, 0), operand(b, 0)))
    return chosen[0] if is_number(a) and is_number(b) else chosen


def minimum(a, b):
    return _bounded(_loops.MINIMUM, a, b)


def maximum(a, b):
    return _bounded(_loops.MAXIMUM, a, b)


def clip(x, low, high):
    """x held within [low, high]; a NaN element becomes `high`, as in ulab. Of numbers, one of the three numbers."""
    if is_number(x):
        return low if x < low else high if x > high else x
    return maximum(minimum(x, high), low)


def where(condition, x, y):
    """x where the condition is true, y elsewhere, in the type x and y mix to."""
    condition = as_array(condition)
    x = as_array(x)
    y = as_array(y)
    dtype = _dtypes.upcast(x._dtype, y._dtype)
    shape = _shapes.broadcast(_shapes.broadcast(condition.shape, x.shape), y.shape)
    mask = _shapes.spread(condition._values(), condition.shape, shape)
    xs = _shapes.spread(_dtypes.convert(x._values(), x._dtype, dtype), x.shape, shape)
    ys = _shapes.spread(_dtypes.convert(y._values(), y._dtype, dtype), y.shape, shape)
    return ndarray([xs[i] if mask[i] else ys[i] for i in range(len(mask))], shape, dtype)


def isfinite(x):
    """True where neither infinite nor NaN: a bool of a number, a Boolean array of an array."""
    if is_number(x):
        return x - x == 0
    return ndarray([value - value == 0 for value in x._values()], x.shape, BOOL)
