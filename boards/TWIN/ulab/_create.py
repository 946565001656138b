"""Functions that make arrays."""

from math import ceil

from . import _dtypes, _shapes
from ._dtypes import BOOL, FLOAT, INT16
from ._ndarray import ndarray
from ._operands import of_sequence
from ._shared import SharedBuffer


def zeros(shape, *, dtype=FLOAT):
    return _filled(shape, 0, dtype)


def ones(shape, *, dtype=FLOAT):
    return _filled(shape, 1, dtype)


def _filled(shape, value, dtype):
    shape = _shapes.checked(shape)
    if dtype == FLOAT:
        value = float(value)
    elif dtype == BOOL:
        value = bool(value)
    return ndarray([value] * _shapes.size_of(shape), shape, dtype)


def array(items, *, dtype=FLOAT):
    """A new array: float unless `dtype` says otherwise, also when `items` is an array of integers (as ulab does)."""
    if not isinstance(items, ndarray):
        return ndarray(*of_sequence(items, dtype))
    values = _dtypes.convert(items._values(), items._dtype, dtype)
    return ndarray(list(values), items.shape, dtype)


def arange(*limits, dtype=None):
    """arange(stop), (start, stop) or (start, stop, step): int16 when all are integers up to 32768, else float."""
    if not 1 <= len(limits) <= 3:
        raise TypeError("wrong number of arguments")
    step = limits[2] if len(limits) == 3 else 1
    start, stop = (0, limits[0]) if len(limits) == 1 else limits[:2]
    if step == 0:
        raise ZeroDivisionError("divide by zero")
    if dtype is None:
        whole = not [limit for limit in limits if isinstance(limit, float) or abs(limit) > 32768]
        dtype = INT16 if whole else FLOAT
    count = max(0, ceil((stop - start) / step))
    values = [start + position * step for position in range(count)]
    if dtype == FLOAT:
        values = [float(value) for value in values]
    elif dtype == BOOL:
        return ndarray([value != 0 for value in values], (count,), BOOL)
    else:
        values = [int(value) for value in values]
    return ndarray(_dtypes.wrap(values, dtype), (count,), dtype)


def concatenate(arrays, *, axis=0):
    """A tuple of arrays of one type and dimension, joined along `axis`."""
    if not isinstance(arrays, tuple):
        raise TypeError("first argument must be a tuple of ndarrays")
    first = arrays[0]
    dimensions = len(first.shape)
    axis = axis + dimensions if axis < 0 else axis
    if not 0 <= axis < dimensions:
        raise ValueError("wrong axis specified")
    for each in arrays:
        if each.dtype != first.dtype or len(each.shape) != dimensions:
            raise ValueError("input arrays are not compatible")
        if each.size == 0:
            raise ValueError("ulab cannot concatenate an empty array")
        if dimensions == 2 and each.shape[1 - axis] != first.shape[1 - axis]:
            raise ValueError("input arrays are not compatible")
    length = sum([each.shape[axis] for each in arrays])
    if axis == 0:
        values = []
        for each in arrays:
            values += each._values()
        return ndarray(*_dtypes.forget_bool(values, (length,) + first.shape[1:], first._dtype))
    values = []
    for row in range(first.shape[0]):
        for each in arrays:
            values += each[row]._values()
    return ndarray(*_dtypes.forget_bool(values, (first.shape[0], length), first._dtype))


def frombuffer(buffer, *, dtype=FLOAT, count=-1, offset=0):
    """A one-dimensional array on a bytes-like object's own memory (offset in bytes)."""
    shared = SharedBuffer(buffer, chr(dtype), offset, count)
    return ndarray(shared, (len(shared),), dtype, (1,))
