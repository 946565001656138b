"""ulab.numpy on NumPy: the names of allow_list.NUMPY, with ulab's types and errors."""

import numpy as _np

from host_tools.ulab import fft  # noqa: F401 - ulab.numpy offers it
from host_tools.ulab.fft import _imag as imag  # noqa: F401
from host_tools.ulab.fft import _real as real  # noqa: F401
from host_tools.ulab.single_array import SingleArray as _SingleArray
from host_tools.ulab.single_array import _without_bool
from host_tools.ulab.single_array import of as _of
from host_tools.ulab.single_array import plain as _plain
from host_tools.ulab.single_array import rounded as _rounded

pi = _np.pi
float = _np.float32
int16 = _np.int16
uint16 = _np.uint16
uint8 = _np.uint8
bool = _np.bool_

_NUMBERS = (type(0), type(0.0), type(True))


def __getattr__(name):
    raise AttributeError(f"ulab.numpy.{name} is not a call HipCue's core may make (host_tools/ulab/allow_list.py)")


def _operand(value):
    """A number, sequence or array as a NumPy array in the type ulab gives it."""
    if isinstance(value, _NUMBERS):
        if isinstance(value, type(0)):
            for dtype in (_np.uint8, _np.uint16) if value >= 0 else (_np.int8, _np.int16):
                if _np.iinfo(dtype).min <= value <= _np.iinfo(dtype).max:
                    return _np.array([value], dtype)
        return _np.array([value], _np.float32)
    return _plain(value) if isinstance(value, _SingleArray) else _np.array(value, _np.float32)


# Making arrays


def zeros(shape, *, dtype=float):
    return _of(_np.zeros(shape, dtype))


def ones(shape, *, dtype=float):
    return _of(_np.ones(shape, dtype))


def array(items, *, dtype=float):
    if isinstance(items, _SingleArray):
        values = _plain(items)
        if values.dtype.kind == "f" and _np.dtype(dtype).kind in "iu":
            values = _rounded(values)
        return _of(values.astype(dtype))
    values = _np.array([_plain(each) for each in items])
    if values.dtype.kind == "f" and values.size and _np.dtype(dtype).kind in "iu":
        raise TypeError("can't convert float to int")
    return _of(values.astype(dtype))


def arange(*limits, dtype=None):
    if dtype is None:
        whole = not [limit for limit in limits if isinstance(limit, type(0.0)) or abs(limit) > 32768]
        dtype = int16 if whole else float
    return _of(_np.arange(*limits).astype(dtype))


def concatenate(arrays, *, axis=0):
    if not isinstance(arrays, tuple):
        raise TypeError("first argument must be a tuple of ndarrays")
    arrays = [_plain(each) for each in arrays]
    if len({each.dtype for each in arrays}) > 1 or len({each.ndim for each in arrays}) > 1:
        raise ValueError("input arrays are not compatible")
    if not all([each.size for each in arrays]):
        raise ValueError("ulab cannot concatenate an empty array")
    return _of(_without_bool(_np.concatenate(arrays, axis=axis)))


def frombuffer(buffer, *, dtype=float, count=-1, offset=0):
    return _of(_np.frombuffer(buffer, dtype, count if count > 0 else -1, offset))


# Element by element


def _mapped(function, x):
    with _np.errstate(all="ignore"):
        if isinstance(x, _NUMBERS):
            return _of(function(_np.float32(x)))
        return _of(function(_operand(x).astype(_np.float32)))


def sqrt(x):
    return _mapped(_np.sqrt, x)


def sin(x):
    return _mapped(_np.sin, x)


def cos(x):
    return _mapped(_np.cos, x)


def asin(x):
    return _mapped(_np.arcsin, x)


def acos(x):
    return _mapped(_np.arccos, x)


def arctan2(y, x):
    if isinstance(y, _NUMBERS) and isinstance(x, _NUMBERS):
        return _of(_np.arctan2(_np.float32(y), _np.float32(x)))
    return _of(_np.arctan2(_operand(y).astype(_np.float32), _operand(x).astype(_np.float32)))


def _bounded(choose, a, b):
    """The chosen one of each pair; where either is NaN, b, as in ulab."""
    chosen = _of(_np.where(choose(_operand(a), _operand(b)), _operand(a), _operand(b)))
    return chosen[0] if isinstance(a, _NUMBERS) and isinstance(b, _NUMBERS) else chosen


def minimum(a, b):
    return _bounded(_np.less, a, b)


def maximum(a, b):
    return _bounded(_np.greater, a, b)


def clip(x, low, high):
    if isinstance(x, _NUMBERS):
        return low if x < low else high if x > high else x
    return maximum(minimum(x, high), low)


def where(condition, x, y):
    return _of(_np.where(_operand(condition), _without_bool(_operand(x)), _without_bool(_operand(y))))


def isfinite(x):
    if isinstance(x, _NUMBERS):
        return _np.isfinite(x).item()
    return _of(_np.isfinite(_plain(x)))


# Moving, finding, combining


def flip(array):
    return _of(_without_bool(_plain(array).ravel()[::-1].copy()))


def nonzero(array):
    return tuple([_of(each.astype(_np.uint16)) for each in _np.nonzero(_plain(array))])


def dot(a, b):
    if not isinstance(a, _SingleArray) or not isinstance(b, _SingleArray):
        raise TypeError("arguments must be ndarrays")
    return _of(_np.dot(_plain(a).astype(_np.float32), _plain(b).astype(_np.float32)))


# Reducing


def _numbers(items):
    if isinstance(items, _SingleArray):
        return _without_bool(_plain(items))
    if not isinstance(items, (list, tuple, range)):
        raise TypeError("input must be tuple, list, range, or ndarray")
    return _np.array(items)


def sum(items, axis=None):
    values = _numbers(items)
    if axis is None:
        if isinstance(items, _SingleArray) and values.dtype.kind in "iu":
            return _np.sum(values).item()
        return _of(_np.sum(values, dtype=_np.float32))
    return _of(_np.sum(values, axis=axis, dtype=values.dtype))


def mean(items, axis=None):
    values = _numbers(items).astype(_np.float32)
    if not values.size:
        raise ValueError("ulab's mean of an empty array is whatever lies in memory")
    return _of(_np.mean(values, axis=axis))


def min(items, axis=None):
    return _of(_np.min(_numbers(items), axis=axis))


def max(items, axis=None):
    return _of(_np.max(_numbers(items), axis=axis))


def argmin(items):
    return _of(_np.argmin(_numbers(items)))


def argmax(items):
    return _of(_np.argmax(_numbers(items)))


def std(items, *, ddof=0):
    values = _numbers(items).astype(_np.float32)
    if values.size <= ddof:
        raise ValueError("std needs more elements than degrees of freedom")
    return _of(_np.std(values, ddof=ddof))


def median(array):
    if not isinstance(array, _SingleArray):
        raise TypeError("median argument must be an ndarray")
    if not array.size:
        return _np.nan
    return _of(_np.median(_plain(array).astype(_np.float32)))


def all(items):
    return _np.all(_numbers(items)).item() if isinstance(items, _SingleArray) else _np.all(list(items)).item()


def any(items):
    return _np.any(_numbers(items)).item() if isinstance(items, _SingleArray) else _np.any(list(items)).item()
