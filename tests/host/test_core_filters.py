"""Filters of the core held to scipy.signal and scipy.integrate."""

import numpy
import pytest
import scipy.integrate
import scipy.signal
from ulab import numpy as np

from hipcue.core import filters

RATES_HZ = (104.0, 210.288, 500.0)
CUTOFF_HZ = 10.0


def running(rate_hz, seconds=2.0):
    """Something like a runner's vertical specific force: m/s2, an offset, a step frequency, an impact."""
    t = numpy.arange(int(seconds * rate_hz)) / rate_hz
    return (9.8 + 12 * numpy.sin(2 * numpy.pi * 2.8 * t) + 5 * numpy.sin(2 * numpy.pi * 27 * t + 1)).astype("float32")


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("cutoff_hz", [2.0, 10.0, 25.0])
def test_butterworth(cutoff_hz, rate_hz):
    expected = scipy.signal.butter(2, cutoff_hz, fs=rate_hz, output="sos")
    assert numpy.array(filters.butterworth_low_pass(cutoff_hz, rate_hz)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_settled_state(rate_hz):
    section = filters.butterworth_low_pass(CUTOFF_HZ, rate_hz)
    expected = -9.5 * scipy.signal.sosfilt_zi(numpy.array(section))
    assert numpy.asarray(filters.settled_state(section, -9.5)) == pytest.approx(expected, rel=1e-6)


def test_a_settled_filter_rests():
    section = filters.butterworth_low_pass(CUTOFF_HZ, 208.0)
    y, _ = filters.sosfilt(section, np.array([9.81] * 500), zi=filters.settled_state(section, 9.81))
    assert numpy.asarray(y) == pytest.approx(9.81, abs=1e-4)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_zero_phase(rate_hz):
    """scipy's sosfiltfilt without padding starts each pass settled too; single precision adds 1e-5 of the range."""
    section = filters.butterworth_low_pass(CUTOFF_HZ, rate_hz)
    x = running(rate_hz)
    expected = scipy.signal.sosfiltfilt(numpy.array(section), x.astype(float), padtype=None)
    assert numpy.asarray(filters.zero_phase(section, np.array(x.tolist()))) == pytest.approx(expected, abs=2e-4)


def test_zero_phase_has_no_delay():
    """A pulse comes out where it went in, the same on both sides."""
    section = filters.butterworth_low_pass(CUTOFF_HZ, 208.0)
    y = numpy.asarray(filters.zero_phase(section, np.array([0.0] * 100 + [1.0] + [0.0] * 100)))
    assert int(numpy.argmax(y)) == 100
    assert y == pytest.approx(y[::-1], abs=1e-6)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_integral(rate_hz):
    """A sum of n singles near 20 rounds n times by at most half a step of float32 there, 1e-6."""
    x = running(rate_hz)
    expected = scipy.integrate.cumulative_trapezoid(x.astype(float), dx=1 / rate_hz, initial=0)
    actual = numpy.asarray(filters.integral(np.array(x.tolist()), 1 / rate_hz))
    assert abs(actual[0]) < 1e-7
    assert actual == pytest.approx(expected, abs=1e-6 * len(x))
