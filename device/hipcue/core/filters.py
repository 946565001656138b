"""Low-pass filters as second-order sections for `ulab.scipy.signal.sosfilt`."""

import math

import micropython
from ulab import numpy as np
from ulab import scipy

sosfilt = scipy.signal.sosfilt


def butterworth_low_pass(cutoff_hz, rate_hz):
    """Return a second-order Butterworth low-pass as one section ((b0, b1, b2, 1, a1, a2),).

    Bilinear transform with the cutoff prewarped (Oppenheim & Schafer,
    Discrete-Time Signal Processing, section 7.1.2).
    """
    k = math.tan(math.pi * cutoff_hz / rate_hz)
    norm = 1.0 + math.sqrt(2.0) * k + k * k
    b0 = k * k / norm
    return ((b0, 2.0 * b0, b0, 1.0, 2.0 * (k * k - 1.0) / norm, (1.0 - math.sqrt(2.0) * k + k * k) / norm),)


def settled_state(section):
    """Return the state `zi`, shape (1, 2), in which the low-pass rests at input 1.

    From the transposed direct form II of `sosfilt` with unit gain at zero
    frequency: z1 = 1 - b0, z2 = b2 - a2.
    """
    b0, _, b2, _, _, a2 = section[0]
    return np.array(((1.0 - b0, b2 - a2),))


@micropython.native
def zero_phase_reversed(section, settled, first, x):
    """Return 1-D `x` filtered forwards, then backwards, last sample first: no delay, twice the attenuation.

    `settled`: `settled_state(section)`. The first pass begins in the state
    `first`, the second at rest where the first has ended.
    """
    y, _ = sosfilt(section, x, zi=first)
    y, _ = sosfilt(section, y[::-1], zi=settled * y[len(x) - 1])
    return y


def integrator(interval_s, pool):
    """Return the section of a running integral over moments that are means of `pool` samples each, for `integrals`.

    It scales with `interval_s`: half of that makes half an integral.
    y[n] = y[n-1] + b0 x[n] + b1 x[n-1] + b2 x[n-2]: the third-order
    Adams-Moulton formula (5, 8, -1) / 12, with the second-order loss of the
    means, k = (1 - 1/pool^2) / 24 of (omega T)^2, made good in the same
    coefficients. The trapezoid on pairs would read a pelvis at 4 Hz 0.7 % low.
    """
    loss = (1.0 - 1.0 / (pool * pool)) / 24.0
    b = (5.0 / 12.0 - loss, 2.0 / 3.0 + 2.0 * loss, -1.0 / 12.0 - loss)
    return ((interval_s * b[0], interval_s * b[1], interval_s * b[2], 1.0, -1.0, 0.0),)


@micropython.native
def integrals(section, rows):
    """Return the running integrals of dense `rows`, shape (m, n), from each row's second moment on.

    The formula needs a moment before the first. All rows pass as one, then
    each is taken from its own start: a call costs as much as 100 numbers.
    """
    shape = rows.shape
    y = sosfilt(section, rows.reshape((shape[0] * shape[1],))).reshape(shape)
    y -= y[:, 1:2] * 1.0
    return y
