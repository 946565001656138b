"""ulab.numpy.fft: the Fourier transform of one-dimensional arrays whose length is a power of two, and its parts."""

from math import cos as _cos
from math import pi as _pi
from math import sin as _sin

from ._dtypes import FLOAT as _FLOAT
from ._dtypes import single as _single
from ._ndarray import ndarray as _ndarray


class _Complex:
    """A complex array: it can be sliced, and its parts taken."""

    def __init__(self, real, imaginary):
        self.real = real
        self.imaginary = imaginary

    def __getitem__(self, part):
        return _Complex(self.real[part], self.imaginary[part])


def fft(x):
    """X[k] of a one-dimensional array, the sum of x[n] exp(-2 pi i k n / N), as a complex array."""
    if not isinstance(x, _ndarray):
        raise NotImplementedError("FFT is defined for ndarrays only")
    if len(x.shape) != 1:
        raise TypeError("FFT is implemented for linear arrays only")
    count = x.size
    if count & (count - 1):
        raise ValueError("input array length must be power of 2")
    cosines = [_cos(2.0 * _pi * k / count) for k in range(count // 2)]
    sines = [-_sin(2.0 * _pi * k / count) for k in range(count // 2)]
    real, imaginary = _transform([value * 1.0 for value in x._values()], 0, 1, count, cosines, sines)
    return _Complex(_ndarray(_single(real), (count,), _FLOAT), _ndarray(_single(imaginary), (count,), _FLOAT))


def _real(x):
    """The real part of a complex array."""
    return x.real


def _imag(x):
    """The imaginary part of a complex array."""
    return x.imaginary


def _transform(values, start, step, count, cosines, sines):
    """(real, imaginary) of every `step`th value from `start` on, by halves (Cooley & Tukey 1965)."""
    if count == 1:
        return [values[start]], [0.0]
    half = count // 2
    even, even_i = _transform(values, start, 2 * step, half, cosines, sines)
    odd, odd_i = _transform(values, start + step, 2 * step, half, cosines, sines)
    turned = [odd[k] * cosines[k * step] - odd_i[k] * sines[k * step] for k in range(half)]
    turned_i = [odd[k] * sines[k * step] + odd_i[k] * cosines[k * step] for k in range(half)]
    real = [even[k] + turned[k] for k in range(half)] + [even[k] - turned[k] for k in range(half)]
    imaginary = [even_i[k] + turned_i[k] for k in range(half)] + [even_i[k] - turned_i[k] for k in range(half)]
    return real, imaginary
