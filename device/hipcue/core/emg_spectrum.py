"""Median frequency of the EMG of active stances: the fatigue of the muscle, not its strength.

Stulen & De Luca 1981 (IEEE Trans Biomed Eng 28:515): the frequency that halves
the power is the least disturbed measure of a spectrum's compression. A segment
of 128 samples of the band-passed signal, without a notch, around a contact is
the loudest part of a stance. Its ends are tapered (Tukey, 1/4: without that
the power leaking upwards adds 1 Hz); the segments' power spectra are averaged
and the band-pass is divided out again, and so is the converter's own filter, which would take
7 Hz off a median of 95.

How far the median of a known spectrum S scatters: the power below it has, over
a time T, the variance of the integral of S^2 / 4, over T (S of unit power;
Welch 1967, IEEE Trans Audio Electroacoust 15:70), so that

    SD = sqrt(integral of S^2 / (4 T)) / S(median).

A stance adds 0.111 s to T (SEGMENT under its taper). A minute has 85 of a
side, hence 1.5 to 2 Hz: too much, so earlier minutes stay in the average,
each with 4/5 of the weight of the one after it, which in the end is nine
times the T (0.5 to 0.7 Hz) and makes the figure 4 minutes old on average.
The taper's width, 10 Hz, smears power upwards: 0.3 to 0.8 Hz of bias.
"""

import math

import micropython
from ulab import numpy as np

from hipcue.core.emg_filters import HIGH_HZ, LOW_HZ, converter_power, response_power, running_sum

SEGMENT = 128  # samples, a power of two
BEFORE = 32  # of them before the contact
BINS = SEGMENT // 2
TAPER = 16  # at either end
KEPT_SHARE = 0.8  # of the sum of spectra from one minute to the next
LEAST_SEGMENTS = 270.0  # of weight: that of five minutes at 170 steps a minute


def taper():
    """Return the rising and the falling end of a Tukey window, each 1-D (Harris 1978, Proc IEEE 66:51)."""
    rise = [0.5 - 0.5 * math.cos(math.pi * (i + 0.5) / TAPER) for i in range(TAPER)]
    return np.array(rise), np.array(rise[::-1])


@micropython.native
def power(segment, ends):
    """Return the power spectrum of a 1-D array of SEGMENT samples under the taper `ends`: BINS bins from 0 Hz on."""
    segment = segment * 1.0
    segment[:TAPER] *= ends[0]
    segment[SEGMENT - TAPER :] *= ends[1]
    found = np.fft.fft(segment)
    if isinstance(found, tuple):  # a ulab that was built without complex numbers
        real, imaginary = found[0][:BINS], found[1][:BINS]
    else:
        half = found[:BINS]
        real, imaginary = np.real(half), np.imag(half)
    real *= real
    imaginary *= imaginary
    real += imaginary
    return real


def bin_weights(sections, rate_hz):
    """Return a 1-D array: each bin's share within 20 to 400 Hz, over the response of converter and `sections` there."""
    width_hz = rate_hz / SEGMENT
    weights = []
    for i in range(BINS):
        inside_hz = min((i + 0.5) * width_hz, HIGH_HZ) - max((i - 0.5) * width_hz, LOW_HZ)
        share = max(0.0, inside_hz) / width_hz
        if share:
            share /= response_power(sections, i * width_hz, rate_hz) * converter_power(i * width_hz, rate_hz)
        weights.append(share)
    return np.array(weights)


class MedianFrequency:
    """Averages the spectra of one channel."""

    def __init__(self):
        self.sum = np.zeros(BINS)
        self.segments = 0.0

    def add(self, spectrum):
        """Add a power spectrum as `power` gives it."""
        self.sum += spectrum
        self.segments += 1.0

    def read_hz(self, weights, rate_hz):
        """Return the median frequency in Hz within 20 to 400 Hz, or None of too few segments; ends a minute.

        `weights` as bin_weights gives them.
        """
        known = self.segments >= LEAST_SEGMENTS
        result = _median_bin(self.sum * weights) * rate_hz / SEGMENT if known else None
        self.sum *= KEPT_SHARE
        self.segments *= KEPT_SHARE
        return result


def _median_bin(powers):
    """Return the fractional bin that halves the sum of 1-D `powers`; a bin's power lies evenly around its frequency."""
    total = running_sum(powers).tolist()
    half = 0.5 * total[-1]
    i = 0
    while total[i] < half:
        i += 1
    before = total[i - 1] if i else 0.0
    return i - 0.5 + (half - before) / (total[i] - before)
