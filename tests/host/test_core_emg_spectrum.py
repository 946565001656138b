"""The median frequency against numerical integration of a known spectrum, and against a tone."""

import numpy
import pytest
import scipy.signal
from ulab import numpy as np

from hipcue.core.emg_filters import emg_band_pass
from hipcue.core.emg_spectrum import LEAST_SEGMENTS, SEGMENT, MedianFrequency, bin_weights, power, taper
from host_tools.runners import emg

RATE_HZ = 1000.0
WEIGHTS = bin_weights(emg_band_pass(RATE_HZ), RATE_HZ)


def converted(signal):
    """As the ADS1292's filter of third order (SBAS502C 8.3.5.1) gives it."""
    f = numpy.fft.rfftfreq(len(signal), 1 / RATE_HZ)
    return numpy.fft.irfft(numpy.fft.rfft(signal) * numpy.sinc(f / RATE_HZ) ** 3, len(signal))


def median(signal):
    found = MedianFrequency()
    for start in range(0, len(signal) - SEGMENT + 1, SEGMENT):
        found.add(power(np.array(signal[start : start + SEGMENT].tolist()), taper()))
    return found.read_hz(WEIGHTS, RATE_HZ)


# SciPy's Tukey window begins at 0, this one half a sample later, between 0 and the first step.
WINDOW = scipy.signal.windows.tukey(2 * SEGMENT + 1, 0.25)[1::2]


def split(x):
    """ulab's transform where it was built without complex numbers: real and imaginary part."""
    found = numpy.fft.fft(numpy.asarray(x))
    return np.array(found.real.tolist()), np.array(found.imag.tolist())


@pytest.mark.parametrize("without_complex", [False, True])
def test_power_is_that_of_numpys_transform_under_scipys_tukey_window(without_complex, monkeypatch):
    if without_complex:
        monkeypatch.setattr(np.fft, "fft", split)
    signal = numpy.random.default_rng(0).standard_normal(SEGMENT)
    given = np.array(signal.tolist())
    expected = numpy.abs(numpy.fft.fft(signal * WINDOW))[: SEGMENT // 2] ** 2
    numpy.testing.assert_allclose(numpy.asarray(power(given, taper())), expected, rtol=1e-3, atol=1e-3)
    numpy.testing.assert_allclose(numpy.asarray(given), signal, rtol=1e-6)


@pytest.mark.parametrize("low_hz, high_hz", [(60.0, 120.0), (40.0, 90.0), (80.0, 160.0)])
def test_median_of_band_passed_noise_is_that_of_its_spectrum(low_hz, high_hz):
    signal = converted(emg.noise(numpy.random.default_rng(5), 400_000, low_hz, high_hz))
    signal = scipy.signal.sosfilt(numpy.array(emg_band_pass(RATE_HZ)), signal)
    assert median(signal) == pytest.approx(emg.median_frequency_hz(low_hz, high_hz), abs=1.5)


def test_the_band_pass_and_the_converter_are_divided_out():
    """White noise: 20 to 400 Hz have their median at 210 Hz, before both as after."""
    signal = converted(numpy.random.default_rng(6).standard_normal(400_000))
    assert median(scipy.signal.sosfilt(numpy.array(emg_band_pass(RATE_HZ)), signal)) == pytest.approx(210.0, abs=1.5)


def test_too_few_segments_are_none_and_earlier_minutes_count_on():
    found, spectrum = MedianFrequency(), np.zeros(SEGMENT // 2)
    spectrum[10] = 1.0
    for _ in range(int(LEAST_SEGMENTS) - 1):
        found.add(spectrum)
    assert found.read_hz(WEIGHTS, RATE_HZ) is None
    for _ in range(int(0.2 * LEAST_SEGMENTS) + 2):
        found.add(spectrum)
    # All power in one bin lies evenly around its frequency.
    assert found.read_hz(WEIGHTS, RATE_HZ) == pytest.approx(10 * RATE_HZ / SEGMENT, abs=0.01)
