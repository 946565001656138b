"""Filters of the EMG core as second-order sections for `ulab.scipy.signal.sosfilt`."""

import math

from hipcue.core.filters import butterworth_low_pass, sosfilt

LOW_HZ = 20.0
HIGH_HZ = 400.0
CONVERTER_BAND = 0.262  # 3 dB, of the ADS1292's sample rate (datasheet SBAS502, table 1)
CONVERTER_ORDER = 3  # of its sinc filter, whose first zero is the sample rate (SBAS502C 8.3.5.1)
DRIFT_HZ = 2.0  # slower than any movement artefact: an electrode's offset wandering

_SUM = ((1.0, 0.0, 0.0, 1.0, -1.0, 0.0),)  # y[n] = y[n-1] + x[n]


def butterworth_high_pass(cutoff_hz, rate_hz):
    """Return a second-order Butterworth high-pass as one section ((b0, b1, b2, 1, a1, a2),).

    Bilinear transform with the cutoff prewarped (Oppenheim & Schafer,
    Discrete-Time Signal Processing, section 7.1.2).
    """
    k = math.tan(math.pi * cutoff_hz / rate_hz)
    norm = 1.0 + math.sqrt(2.0) * k + k * k
    b0 = 1.0 / norm
    return ((b0, -2.0 * b0, b0, 1.0, 2.0 * (k * k - 1.0) / norm, (1.0 - math.sqrt(2.0) * k + k * k) / norm),)


def emg_band_pass(rate_hz, gain=1.0):
    """Return the sections of the 20 to 400 Hz band-pass with `gain` in the pass-band.

    20 Hz at 12 dB per octave is what De Luca et al. 2010 (J Biomech 43:1573)
    recommend against movement artefacts. Where the converter's own band ends
    below 400 Hz, as the ADS1292's does at 1000 SPS (3 dB down at 262 Hz), it
    is the upper edge and the section for it is left out.

    In single precision an electrode's offset of 240 mV leaves 0.15 uV RMS of
    rounding noise (400 mV: 0.3 uV; the ADS1292 itself: 1.6 uV).
    """
    ((b0, b1, b2, a0, a1, a2),) = butterworth_high_pass(LOW_HZ, rate_hz)
    high_pass = ((gain * b0, gain * b1, gain * b2, a0, a1, a2),)
    if CONVERTER_BAND * rate_hz < HIGH_HZ:
        return high_pass
    return high_pass + butterworth_low_pass(HIGH_HZ, rate_hz)


def movement_band_pass(rate_hz, gain=1.0):
    """Return one section that passes 2 to 20 Hz (3 dB) with `gain` at their geometric mean.

    First-order band-pass, bilinear with both edges prewarped (Oppenheim &
    Schafer, section 7.1).
    """
    low, high = math.tan(math.pi * DRIFT_HZ / rate_hz), math.tan(math.pi * LOW_HZ / rate_hz)
    width, centre = high - low, high * low
    norm = 1.0 + width + centre
    return ((gain * width / norm, 0.0, -gain * width / norm, 1.0, 2.0 * (centre - 1.0) / norm,
             (1.0 - width + centre) / norm),)  # fmt: skip


def noise_share(rate_hz):
    """Return the share of white noise, sampled at `rate_hz`, that `movement_band_pass` lets through.

    The sum of the squared impulse response, which for a section with zeros at
    1 and -1 and a gain of 1 at its peak is its first coefficient.
    """
    return movement_band_pass(rate_hz)[0][0]


def running_sum(x):
    """Return the sum of 1-D `x` up to and with each element; ulab has no cumulative sum."""
    return sosfilt(_SUM, x)


def response_power(sections, frequency_hz, rate_hz):
    """Return |H|^2 of `sections` at a frequency."""
    angle = 2.0 * math.pi * frequency_hz / rate_hz
    power = 1.0
    for b0, b1, b2, a0, a1, a2 in sections:
        power *= _magnitude_squared(b0, b1, b2, angle) / _magnitude_squared(a0, a1, a2, angle)
    return power


def converter_power(frequency_hz, rate_hz):
    """Return |H|^2 of the ADS1292's own filter at a frequency above 0."""
    angle = math.pi * frequency_hz / rate_hz
    return (math.sin(angle) / angle) ** (2 * CONVERTER_ORDER)


def _magnitude_squared(c0, c1, c2, angle):
    real = c0 + c1 * math.cos(angle) + c2 * math.cos(2.0 * angle)
    imaginary = c1 * math.sin(angle) + c2 * math.sin(2.0 * angle)
    return real * real + imaginary * imaginary
