"""ulab.utils on NumPy: integers from raw buffers."""

import numpy as _np

from host_tools.ulab.single_array import of as _of
from host_tools.ulab.single_array import plain as _plain


def __getattr__(name):
    raise AttributeError(f"ulab.utils.{name} is not a call HipCue's core may make (host_tools/ulab/allow_list.py)")


def from_int16_buffer(buffer, *, count=-1, offset=0, out=None):
    """Little-endian int16 in a bytes-like object as floats: a new array, or `out` with its first elements set."""
    return _from_buffer(buffer, "<i2", count, offset, out)


def from_int32_buffer(buffer, *, count=-1, offset=0, out=None):
    """The same of int32; over 24 bits a float rounds."""
    return _from_buffer(buffer, "<i4", count, offset, out)


def _from_buffer(buffer, dtype, count, offset, out):
    if offset:
        raise ValueError("ulab 6.12 does not honour offset: pass a memoryview slice")
    values = _np.frombuffer(buffer, _np.uint8)
    if values.size % _np.dtype(dtype).itemsize:
        raise ValueError("buffer size must be a multiple of element size")
    values = values.view(dtype)
    if count > values.size:
        raise ValueError("buffer is smaller than requested size")
    if count > 0:
        values = values[:count]
    if out is None:
        return _of(values.astype(_np.float32))
    target = _plain(out)
    if target.dtype != _np.float32 or not target.flags.c_contiguous:
        raise TypeError("out must be a float dense array")
    if target.size < values.size:
        raise ValueError("out array is too small")
    target.reshape(-1)[: values.size] = values
    return out
