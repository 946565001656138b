"""ulab.numpy.fft on NumPy: the Fourier transform."""

import numpy as _np

from host_tools.ulab.single_array import SingleArray as _SingleArray
from host_tools.ulab.single_array import of as _of
from host_tools.ulab.single_array import plain as _plain


def __getattr__(name):
    raise AttributeError(f"ulab.numpy.fft.{name} is not a call HipCue's core may make (host_tools/ulab/allow_list.py)")


class _Complex:
    """A complex array: it can be sliced, and its parts taken."""

    def __init__(self, values):
        self.values = values

    def __getitem__(self, part):
        return _Complex(self.values[part])


def fft(x):
    """The transform of a one-dimensional array, as long as it, a power of two, as a complex array."""
    if not isinstance(x, _SingleArray):
        raise NotImplementedError("FFT is defined for ndarrays only")
    if x.ndim != 1:
        raise TypeError("FFT is implemented for linear arrays only")
    if x.size & (x.size - 1):
        raise ValueError("input array length must be power of 2")
    return _Complex(_np.fft.fft(_plain(x)))


def _real(x):
    """The real part of a complex array."""
    return _of(x.values.real.astype(_np.float32))


def _imag(x):
    """The imaginary part of a complex array."""
    return _of(x.values.imag.astype(_np.float32))
