"""Initial contacts: a known impact is placed between two samples, and a force plate's contacts are found.

The force-plate data are of Alcantara et al. 2022 (PeerJ 10:e12752), a real sacral accelerometer at 500 Hz.
"""

import math
from pathlib import Path

import numpy
import pytest
import scipy.signal
from ulab import numpy as np

from hipcue.core.contacts import ContactFinder
from host_tools.accuracy import sacral

ALCANTARA = Path(__file__).parents[3] / "shared/data/contact/alcantara_8_trials.csv"
G = 9.80665
RATE_HZ = 208.0
RISE_S = 0.04


def array(values):
    return np.array(numpy.asarray(values).tolist())


def landing(contact_s, rate_hz, brake_early_s=0.0, brake_g=0.4):
    """Return (vertical, forward), m/s2, of a stance between two flights at 0.05 g, the flights after stances of 1.2 g.

    The stance begins with an impact of 1.5 g that rises as half a cosine over RISE_S, so that its jerk is a half-sine.
    Braking rises alike, `brake_early_s` before it.
    """
    t = numpy.arange(int(0.36 * rate_hz)) / rate_hz

    def rise(since):
        return 0.5 - 0.5 * numpy.cos(numpy.pi * numpy.clip(since / RISE_S, 0, 1))

    vertical = 0.05 * G + 1.5 * G * rise(t - contact_s) + 1.15 * G * rise(0.06 - t)
    return vertical, -brake_g * G * rise(t - contact_s + brake_early_s)


def onset_s(contact_s):
    """When the half-sine of the jerk passes the 55 % of its peak that is taken as the impact's onset."""
    return contact_s + RISE_S / math.pi * math.asin(0.55)


def placed_s(contact_s, rate_hz=RATE_HZ, **braking):
    vertical, forward = landing(contact_s, rate_hz, **braking)
    finder = ContactFinder(rate_hz, rate_hz, G)
    crossing = finder.find(array(vertical))[0]
    first, stop = finder.around(crossing)
    return (first + finder.onset(array(vertical[first:stop]), array(forward[first:stop]))) / rate_hz


@pytest.mark.parametrize("rate_hz", [104.0, 208.0, 210.288])
def test_impact_is_placed_between_samples(rate_hz):
    """Whatever the impact's phase against the samples: within a fifth of a sample of its onset."""
    for phase in range(10):
        contact_s = 0.15 + phase / 10 / rate_hz
        assert abs(placed_s(contact_s, rate_hz) - onset_s(contact_s)) < 0.2 / rate_hz


def test_braking_is_part_of_the_impact_and_pushing_is_not():
    """Braking as hard as the impact, 20 ms before it, is the contact; forward pushing of that size changes nothing."""
    assert placed_s(0.15, brake_early_s=0.02, brake_g=1.5) == pytest.approx(onset_s(0.15) - 0.02, abs=1.5 / RATE_HZ)
    assert placed_s(0.15, brake_early_s=0.02, brake_g=-1.5) == pytest.approx(onset_s(0.15), abs=0.2 / RATE_HZ)


def test_crossings_are_those_of_the_zero_phase_filter():
    """SciPy's filter forwards from 1 g and backwards from rest; crossings lie halfway between moments."""
    vertical, _ = landing(0.15, RATE_HZ)
    section = scipy.signal.butter(2, 10.0, fs=RATE_HZ, output="sos")
    rest = scipy.signal.sosfilt_zi(section)
    forwards, _ = scipy.signal.sosfilt(section, vertical, zi=rest * G)
    filtered = scipy.signal.sosfilt(section, forwards[::-1], zi=rest * forwards[-1])[0][::-1]
    crossing, lift_before, lift_after, lowest, peak = ContactFinder(RATE_HZ, RATE_HZ, G).find(array(vertical))
    over = filtered >= 0.7 * G
    assert [crossing] == (numpy.flatnonzero(over[1:] & ~over[:-1]) + 0.5).tolist()
    assert [lift_before] == (numpy.flatnonzero(over[:-1] & ~over[1:]) + 0.5).tolist()
    assert lift_after is None
    assert (lowest, peak) == pytest.approx((filtered.min(), filtered.max()), abs=1e-3)


def test_a_toe_off_within_the_samples_is_told():
    vertical, _ = landing(0.15, RATE_HZ)
    ended = numpy.concatenate((vertical, numpy.full(40, 0.05 * G)))
    crossing, _, lift_after, *_ = ContactFinder(RATE_HZ, RATE_HZ, G).find(array(ended))
    assert crossing < lift_after and abs(lift_after - len(vertical)) < 6


def test_no_flight_no_contact():
    assert ContactFinder(RATE_HZ, RATE_HZ, G).find(array(numpy.full(80, G))) is None


def test_force_plate():
    """None missed, none extra, pooled bias within 10 ms, SD of each trial at most 15 ms."""
    if not ALCANTARA.exists():
        pytest.skip("shared data is not here")
    rows = sacral.run(ALCANTARA)
    assert sum(row["true"] for row in rows) > 100
    assert sum(row["missed"] + row["extra"] for row in rows) == 0
    assert abs(numpy.mean([row["contact_ms"]["bias"] for row in rows])) <= 10
    assert max(row["contact_ms"]["sd"] for row in rows) <= 15
