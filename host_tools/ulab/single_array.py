"""A NumPy array that behaves as ulab's does."""

import numpy as np

from host_tools.ulab.allow_list import ARRAY

DTYPES = (np.dtype(np.float32), np.dtype(np.int16), np.dtype(np.uint16), np.dtype(np.uint8), np.dtype(np.bool_))
_ARITHMETIC = (np.add, np.subtract, np.multiply, np.true_divide)
_OTHER_OPERATORS = (np.negative, np.absolute, np.bitwise_and, np.bitwise_or, np.invert) + (
    np.less,
    np.less_equal,
    np.greater,
    np.greater_equal,
    np.equal,
    np.not_equal,
)


class SingleArray(np.ndarray):
    """One- or two-dimensional, single precision, with the attributes of the allow-list alone."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        if method != "__call__" or ufunc not in _ARITHMETIC + _OTHER_OPERATORS:
            raise TypeError(f"{ufunc.__name__} of ulab arrays is not an operator that HipCue's core may use")
        inputs = [plain(each) for each in inputs]
        if ufunc in _ARITHMETIC:
            inputs = [_without_bool(each) for each in inputs]
        if out is not None:
            options["out"] = tuple(plain(each) for each in out)
        with np.errstate(all="ignore"):
            if ufunc is np.true_divide and out is None and all(_is_integer(each) for each in inputs):
                return of(_divide_integers(*inputs))
            result = ufunc(*inputs, **options)
        return out[0] if out is not None else of(result)

    def __getitem__(self, index):
        return of(_get(plain(self), _checked(self, index), isinstance(index, np.ndarray)))

    def __setitem__(self, index, value):
        index = _checked(self, index)
        values = np.asarray(plain(value))
        if self.dtype.kind in "iu" and values.dtype.kind == "f":
            values = rounded(values)
        target = plain(self)[index]
        if np.size(target) == 0 and values.size == 0:
            return
        if np.size(target) == 0 or values.size == 0:
            raise ValueError("operands could not be broadcast together")
        plain(self)[index] = values.astype(self.dtype)

    def __iter__(self):
        return iter([self[row] for row in range(len(self))] if self.ndim > 1 else self.tolist())

    def reshape(self, shape):
        return of(plain(self).reshape(shape))

    def transpose(self):
        return of(plain(self).T)

    def copy(self):
        return of(plain(self).copy())

    def __repr__(self):
        return repr(plain(self))


def _refuse(name):
    def refuse(self):
        raise AttributeError(f"arrays of ulab have no {name}, or host_tools/ulab/allow_list.py does not list it")

    return property(refuse)


for _name in dir(np.ndarray):
    if not _name.startswith("_") and _name not in ARRAY:
        setattr(SingleArray, _name, _refuse(_name))


def plain(value):
    """The same memory as NumPy's own array; anything else as it is."""
    return np.asarray(value) if isinstance(value, SingleArray) else value


def of(result):
    """A NumPy result as ulab would return it: arrays in one of ulab's types, elements as Python numbers."""
    if isinstance(result, np.generic) or np.ndim(result) == 0:
        return np.asarray(result).item()
    if result.dtype not in DTYPES:
        result = result.astype(np.float32)
    return result.view(SingleArray)


def rounded(values):
    """Floats to the nearest whole number, halves away from zero, as ulab stores them in integer arrays."""
    return np.trunc(values + np.copysign(0.5, values)).astype(np.int64)


def _checked(array, index):
    """The index, if ulab takes it: integers, slices, or a Boolean array as long as a one-dimensional array."""
    if isinstance(index, np.ndarray):
        if index.dtype != np.bool_ or index.ndim > 1:
            raise NotImplementedError("operation is implemented for 1D Boolean arrays only")
        if index.shape != array.shape:
            raise ValueError("array and index length must be equal")
        return plain(index)
    for each in index if isinstance(index, tuple) else (index,):
        if not isinstance(each, (int, slice)):
            raise IndexError("indices must be integers, slices, or Boolean lists")
    return index


def _get(array, index, is_mask):
    chosen = array[index]
    return _without_bool(chosen) if is_mask else chosen


def _without_bool(value):
    """Booleans are uint8 in ulab's arithmetic, and wherever it copies their bytes."""
    return value.astype(np.uint8) if isinstance(value, np.ndarray) and value.dtype == np.bool_ else value


def _is_integer(value):
    return isinstance(value, int) or (isinstance(value, np.ndarray) and value.dtype.kind in "iu")


def _divide_integers(left, right):
    """C's quotient, towards zero, as floats: what ulab returns for two integer operands."""
    return np.trunc(np.asarray(left, np.float64) / np.asarray(right, np.float64)).astype(np.float32)
