"""Filters of the core held to scipy.signal; its running integral held to the exact integral of sampled sinusoids."""

import numpy
import pytest
import scipy.signal
from ulab import numpy as np

from hipcue.core import filters

RATES_HZ = (104.0, 210.288, 500.0)
CUTOFF_HZ = 10.0
G = 9.80665


def array(values):
    return np.array(numpy.asarray(values).tolist())


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


def filtered_reversed(section, start, x):
    settled = filters.settled_state(section)
    return numpy.asarray(filters.zero_phase_reversed(section, settled, settled * start, array(x)))


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_zero_phase_is_the_filter_both_ways(rate_hz):
    """SciPy's in double precision, begun at rest at 1 g, then where that has ended; singles add 1e-5 of the range."""
    section = filters.butterworth_low_pass(CUTOFF_HZ, rate_hz)
    x = running(rate_hz)
    sos = numpy.array(section)
    forwards, _ = scipy.signal.sosfilt(sos, x.astype(float), zi=scipy.signal.sosfilt_zi(sos) * G)
    expected, _ = scipy.signal.sosfilt(sos, forwards[::-1], zi=scipy.signal.sosfilt_zi(sos) * forwards[-1])
    found = filtered_reversed(section, G, x)
    assert found == pytest.approx(expected, abs=2e-4)


def test_zero_phase_forgets_how_it_began():
    """Away from the ends it is SciPy's filtfilt, with its own idea of what lies beyond them."""
    section = filters.butterworth_low_pass(CUTOFF_HZ, 104.0)
    x = running(104.0)
    y = filtered_reversed(section, G, x)[::-1]
    expected = scipy.signal.sosfiltfilt(numpy.array(section), x.astype(float))
    # 10 Hz and a damping of 0.7: exp(-44 t), 1e-4 of some 20 m/s2 after 0.2 s.
    inside = slice(21, -21)
    assert y[inside] == pytest.approx(expected[inside], abs=4e-3)


def test_zero_phase_has_no_delay():
    """A pulse comes out where it went in, the same on both sides."""
    section = filters.butterworth_low_pass(CUTOFF_HZ, 208.0)
    y = filtered_reversed(section, 0.0, [0.0] * 100 + [1.0] + [0.0] * 100)
    assert int(numpy.argmax(y)) == 100
    assert y == pytest.approx(y[::-1], abs=1e-6)


MOMENT_HZ = 104.0


def moments(frequency_hz, pool, count=40, phase=0.7):
    """Means (count,) over `pool` samples each of a sinusoid of amplitude 1, and the times (count,) of their middles."""
    sample_s = 1.0 / (pool * MOMENT_HZ)
    t = numpy.arange(count * pool) * sample_s
    means = numpy.sin(2 * numpy.pi * frequency_hz * t + phase).reshape(count, pool).mean(axis=1)
    return means, t.reshape(count, pool).mean(axis=1)


def exact_integral(frequency_hz, t, phase=0.7):
    """Of the sinusoid itself from the second moment on, as `integrals` begins."""
    omega = 2 * numpy.pi * frequency_hz
    return (numpy.cos(omega * t[1] + phase) - numpy.cos(omega * t + phase)) / omega


def worst(frequency_hz, pool, trapezoid=False):
    """Largest error of the running integral, as a share of the sinusoid's own integral, amplitude 1 / omega."""
    means, t = moments(frequency_hz, pool)
    if trapezoid:
        found = numpy.concatenate(([0.0], numpy.cumsum(0.5 * (means[1:] + means[:-1])))) / MOMENT_HZ
        found -= found[1]
    else:
        (section,) = filters.integrator(1.0 / MOMENT_HZ, pool)
        found, _ = scipy.signal.sosfilt([section], means, zi=numpy.zeros((1, 2)))  # in double precision
        found -= found[1]
    error = (found - exact_integral(frequency_hz, t))[1:]
    return numpy.abs(error).max() * 2 * numpy.pi * frequency_hz


@pytest.mark.parametrize("pool", [1, 2, 4])
def test_the_integral_is_exact_to_second_order_also_of_means(pool):
    """Half the interval leaves an eighth of the error, where the trapezoid leaves a quarter.

    The error itself: third order, (omega T)^3 / 24 of Adams-Moulton's formula (Hairer, Norsett & Wanner 1993, table
    III.1.3) and at most half of k (omega T)^3 for the means' loss, which is made good half a moment late; both ends
    of an integral have it.
    """
    assert worst(4.0, pool) / worst(2.0, pool) == pytest.approx(8, rel=0.1)
    assert worst(4.0, pool, trapezoid=True) / worst(2.0, pool, trapezoid=True) == pytest.approx(4, rel=0.1)
    for frequency_hz in (1.4, 2.8, 4.2):
        third = (2 * numpy.pi * frequency_hz / MOMENT_HZ) ** 3
        assert worst(frequency_hz, pool) < 2 * third * (1 / 24 + (1 - 1 / pool**2) / 48)
        assert worst(frequency_hz, pool) < worst(frequency_hz, pool, trapezoid=True) / 2


def test_means_that_are_not_made_good_read_low():
    """A pelvis at 4 Hz, pooled in pairs: right within 0.05 %, where the trapezoid would read it 0.7 % low.

    The mean of a pair leaves cos(omega T / 4) of an amplitude, the trapezoid (omega T / 2) / tan(omega T / 2).
    """
    angle = 2 * numpy.pi * 4.0 / MOMENT_HZ

    def amplitude(pool_told, pool=2):
        b = numpy.array(filters.integrator(1.0 / MOMENT_HZ, pool_told)[0][:3])
        response = b @ numpy.exp(-1j * angle * numpy.arange(3)) / (1 - numpy.exp(-1j * angle))
        gain = numpy.sin(angle / 2) / (pool * numpy.sin(angle / (2 * pool)))
        return abs(response) * gain * 2 * numpy.pi * 4.0

    assert amplitude(2) == pytest.approx(1.0, abs=5e-4)
    assert amplitude(1) / amplitude(1, pool=1) == pytest.approx(numpy.cos(angle / 4), abs=1e-9)
    assert angle / 2 / numpy.tan(angle / 2) * numpy.cos(angle / 4) == pytest.approx(0.993, abs=5e-4)


def test_integrals_of_rows_in_single_precision():
    """Each row from its own start, whatever stands in the rows before; a constant is a ramp."""
    means = numpy.array([moments(frequency_hz, 2, 60)[0] for frequency_hz in (1.4, 2.8, 4.2)] + [numpy.ones(60)])
    t = moments(1.4, 2, 60)[1]
    found = numpy.asarray(filters.integrals(filters.integrator(1.0 / MOMENT_HZ, 2), array(means)))
    assert found[:, 1] == pytest.approx(0, abs=1e-9)
    # A row of 60 singles up to 0.5 rounds by at most 60 * 3e-8.
    for row, frequency_hz in enumerate((1.4, 2.8, 4.2)):
        third = (2 * numpy.pi * frequency_hz / MOMENT_HZ) ** 3
        bound = 2 * third * (1 / 24 + 0.75 / 48) / (2 * numpy.pi * frequency_hz) + 2e-6
        assert found[row, 1:] == pytest.approx(exact_integral(frequency_hz, t)[1:], abs=bound)
    assert found[3, 1:] == pytest.approx(t[1:] - t[1], abs=2e-6)
