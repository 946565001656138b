"""The EMG core's filters against SciPy's designs."""

import numpy
import pytest
import scipy.signal

from hipcue.core import emg_filters as filters


def test_high_pass_is_scipys():
    expected = scipy.signal.butter(2, 20.0, "high", fs=1000.0, output="sos")
    numpy.testing.assert_allclose(numpy.array(filters.butterworth_high_pass(20.0, 1000.0)), expected, rtol=1e-9)


def test_movement_band_is_scipys():
    expected = scipy.signal.butter(1, [2.0, 20.0], "band", fs=125.0, output="sos")
    numpy.testing.assert_allclose(
        numpy.array(filters.movement_band_pass(125.0)), expected, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("rate_hz, sections", [(1000.0, 1), (2000.0, 2)])
def test_upper_edge_is_the_converters_or_400_hz(rate_hz, sections):
    """ADS1292: 3 dB down at 262 Hz at 1000 SPS and at 524 Hz at 2000 SPS (datasheet table 1)."""
    band = filters.emg_band_pass(rate_hz, gain=3.0)
    assert len(band) == sections
    high_pass = scipy.signal.butter(2, 20.0, "high", fs=rate_hz, output="sos")
    low_pass = scipy.signal.butter(2, 400.0, "low", fs=rate_hz, output="sos")
    expected = numpy.concatenate((high_pass, low_pass))[:sections]
    expected[0, :3] *= 3.0
    numpy.testing.assert_allclose(numpy.array(band), expected, rtol=1e-9)


def test_response_is_scipys():
    band = filters.emg_band_pass(2000.0)
    for frequency_hz in (5.0, 20.0, 50.0, 150.0, 400.0, 900.0):
        _, h = scipy.signal.sosfreqz(numpy.array(band), [frequency_hz], fs=2000.0)
        assert filters.response_power(band, frequency_hz, 2000.0) == pytest.approx(abs(h[0]) ** 2, rel=1e-6)


def test_noise_share():
    """Of white noise: the mean of the response over 0 to half the rate."""
    _, h = scipy.signal.sosfreqz(numpy.array(filters.movement_band_pass(125.0)), 4096, fs=125.0)
    assert filters.noise_share(125.0) == pytest.approx(numpy.mean(abs(h) ** 2), rel=1e-3)


def test_running_sum():
    from ulab import numpy as np

    assert filters.running_sum(np.array([1.0, 2.0, -4.0, 8.0])).tolist() == [1.0, 3.0, -1.0, 7.0]
