"""ulab.utils: integers from raw buffers."""

from array import array as _array

from ._dtypes import FLOAT as _FLOAT
from ._dtypes import single as _single
from ._ndarray import ndarray as _ndarray


def from_int16_buffer(buffer, *, count=-1, offset=0, out=None):
    """Little-endian int16 in a bytes-like object as floats: a new array, or `out` with its first elements set.

    `out` must be a dense float array at least as long. ulab 6.12 counts `offset` but does not skip it, so anything
    but 0 is refused: pass a memoryview slice.
    """
    return _from_buffer(buffer, "h", 2, count, offset, out)


def from_int32_buffer(buffer, *, count=-1, offset=0, out=None):
    """The same of int32; over 24 bits a float rounds."""
    return _from_buffer(buffer, "i", 4, count, offset, out)


def _from_buffer(buffer, typecode, itemsize, count, offset, out):
    if offset:
        raise ValueError("ulab 6.12 does not honour offset: pass a memoryview slice")
    raw = bytes(buffer)
    if len(raw) % itemsize:
        raise ValueError("buffer size must be a multiple of element size")
    length = len(raw) // itemsize
    if count > length:
        raise ValueError("buffer is smaller than requested size")
    if count > 0:
        length = count
        raw = raw[: itemsize * count]
    values = _single([value * 1.0 for value in _array(typecode, raw)])
    if out is None:
        return _ndarray(values, (length,), _FLOAT)
    if out.dtype != _FLOAT or not out._is_dense():
        raise TypeError("out must be a float dense array")
    if out.size < length:
        raise ValueError("out array is too small")
    out._buffer[out._offset : out._offset + length] = values
    return out
