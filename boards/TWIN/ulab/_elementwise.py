"""Functions applied to every element."""

import math

from . import _dtypes, _loops, _shapes
from ._dtypes import BOOL, FLOAT
from ._ndarray import _of_anything, common_dtype, elementwise, is_number, ndarray

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
    items = _of_anything(items, 0)
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
    y = _of_anything(y, 0)
    x = _of_anything(x, 0)
    shape = _shapes.broadcast(y.shape, x.shape)
    ys = _shapes.spread(y._values(), y.shape, shape)
    xs = _shapes.spread(x._values(), x.shape, shape)
    return ndarray(_dtypes.single([math.atan2(ys[i], xs[i]) for i in range(len(ys))]), shape, FLOAT)


def _bounded(operation, a, b):
    """The chosen one of each pair, in the type the two mix to; where either is NaN, `b`."""
    if is_number(a) and is_number(b):
        chosen = _bounded(operation, _of_anything(a, 0), _of_anything(b, 0))
        return chosen._values()[0]
    a = _of_anything(a, 0)
    b = b if is_number(b) else _of_anything(b, 0)
    dtype = common_dtype(a, b)
    values, shape = elementwise(operation, a, b, dtype)
    return ndarray(_dtypes.wrap(values, dtype), shape, dtype)


def minimum(a, b):
    return _bounded(_loops.MINIMUM, a, b)


def maximum(a, b):
    return _bounded(_loops.MAXIMUM, a, b)


def clip(x, low, high):
    """x held within [low, high]; a NaN element becomes `high`, as in ulab. Of numbers, one of the three numbers."""
    if is_number(x):
        return low if x < low else high if x > high else x
    return maximum(low, minimum(x, high))


def where(condition, x, y):
    """x where the condition is true, y elsewhere, in the type x and y mix to."""
    condition = _of_anything(condition, 0)
    x = _of_anything(x, 0)
    y = _of_anything(y, 0)
    dtype = common_dtype(x, y)
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
