"""Fourier transform of a list of floats whose length is a power of two."""

from math import cos, pi, sin, sqrt


def magnitudes(values):
    """|X[k]| of every k, X[k] the sum of values[n] exp(-2 pi i k n / N)."""
    count = len(values)
    cosines = [cos(2.0 * pi * k / count) for k in range(count // 2)]
    sines = [-sin(2.0 * pi * k / count) for k in range(count // 2)]
    real, imaginary = _transform(values, 0, 1, count, cosines, sines)
    return [sqrt(real[k] * real[k] + imaginary[k] * imaginary[k]) for k in range(count)]


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
