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
    expected = scipy.signal.sosfilt_zi(numpy.array(section))
    assert numpy.asarray(filters.settled_state(section)) == pytest.approx(expected, rel=1e-6)


def test_a_settled_filter_rests():
    section = filters.butterworth_low_pass(CUTOFF_HZ, 208.0)
    y, _ = filters.sosfilt(section, np.array([9.81] * 500), zi=filters.settled_state(section) * 9.81)
    assert numpy.asarray(y) == pytest.approx(9.81, abs=1e-4)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_zero_phase(rate_hz):
    """SciPy's filter forwards, then backwards, from the same rests; single precision adds 1e-5 of the range."""
    section = filters.butterworth_low_pass(CUTOFF_HZ, rate_hz)
    x = running(rate_hz)
    rest = scipy.signal.sosfilt_zi(numpy.array(section))
    forwards, _ = scipy.signal.sosfilt(numpy.array(section), x.astype(float), zi=9.8 * rest)
    expected, _ = scipy.signal.sosfilt(numpy.array(section), forwards[::-1], zi=forwards[-1] * rest)
    actual = filters.zero_phase_reversed(section, filters.settled_state(section), 9.8, np.array(x.tolist()))
    assert numpy.asarray(actual) == pytest.approx(expected, abs=2e-4)


def pooled(frequency_hz, pool, rate_hz=208.0, seconds=0.5):
    """Return (means of a cosine over `pool` samples, their interval, the cosine's exact integral at their middles)."""
    count = int(seconds * rate_hz) // pool * pool
    t = numpy.arange(count) / rate_hz
    means = numpy.cos(2 * numpy.pi * frequency_hz * t).reshape(-1, pool).mean(axis=1)
    middles = t.reshape(-1, pool).mean(axis=1)
    exact = numpy.sin(2 * numpy.pi * frequency_hz * middles) / (2 * numpy.pi * frequency_hz)
    return means, pool / rate_hz, exact - exact[1]


@pytest.mark.parametrize("pool", [1, 2, 3])
def test_integrals_of_pooled_cosines_are_exact_to_third_order(pool):
    """Half the frequency leaves at most an eighth of the error, and at 4.2 Hz it is below 0.1 % of the amplitude."""
    errors = []
    for frequency_hz in (4.2, 2.1):
        means, interval_s, exact = pooled(frequency_hz, pool)
        rows = np.array([means.tolist(), (-2 * means).tolist(), [0.0] * len(means)])
        found = numpy.asarray(filters.integrals(filters.integrator(interval_s, pool), rows))
        scale = 2 * numpy.pi * frequency_hz
        errors.append(numpy.abs((found[0] - exact)[1:] * scale).max())
        assert found[1][1:] == pytest.approx(-2 * found[0][1:], abs=2e-6)
        assert found[2][1:] == pytest.approx(0, abs=2e-6)
    assert errors[0] < 0.015 and errors[1] < errors[0] / 6


def test_integrals_leave_the_trapezoid_behind():
    """On pairs at 4.2 Hz the trapezoid loses 0.8 % (0.53 % its own, 0.2 % the mean's); the integrator not a tenth."""
    means, interval_s, exact = pooled(4.2, 2)
    trapezoid = scipy.integrate.cumulative_trapezoid(means, dx=interval_s, initial=0)
    trapezoid -= trapezoid[1]
    row = np.array([means.tolist()])
    found = numpy.asarray(filters.integrals(filters.integrator(interval_s, 2), row))[0]
    assert numpy.ptp(trapezoid[1:]) / numpy.ptp(exact[1:]) == pytest.approx(0.9925, abs=0.002)
    assert numpy.ptp(found[1:]) / numpy.ptp(exact[1:]) == pytest.approx(1.0, abs=0.001)
