"""Initial contacts: a known impact is placed between two samples, and a force plate's contacts are found.

The force-plate data are of Alcantara et al. 2022 (PeerJ 10:e12752), a real sacral accelerometer at 500 Hz.
"""

import math
from pathlib import Path

import numpy
import pytest
import scipy.signal
from ulab import numpy as np

from hipcue.core.contacts import ContactDetector

ALCANTARA = Path(__file__).parents[3] / "shared/data/contact/alcantara_8_trials.csv"
G = 9.80665
RATE_HZ = 208.0
STEP_S = 0.35
STANCE_S = 0.23
RISE_S = 0.04


def array(values):
    return np.array(numpy.asarray(values).tolist())


def landing_steps(first_s, count, rate_hz=RATE_HZ, brake_early_s=0.0, brake_g=0.4):
    """Return (times, vertical, forward) of steps with flight at 0.05 g and a stance of one half-sine on 0.05 g.

    Each stance begins with an impact of 1.5 g that rises as half a cosine over RISE_S, so that its jerk is a half-sine.
    Braking rises alike, `brake_early_s` before it.
    """
    t = numpy.arange(int((first_s + count * STEP_S) * rate_hz)) / rate_hz
    vertical = numpy.full_like(t, 0.05 * G)
    forward = numpy.zeros_like(t)
    for k in range(count):
        since = t - (first_s + k * STEP_S)
        rise = 0.5 - 0.5 * numpy.cos(numpy.pi * numpy.clip(since / RISE_S, 0, 1))
        stance = (since > 0) & (since < STANCE_S)
        fall = 0.5 + 0.5 * numpy.cos(numpy.pi * numpy.clip((since - STANCE_S + RISE_S) / RISE_S, 0, 1))
        vertical += 1.5 * G * rise * fall * stance
        early = 0.5 - 0.5 * numpy.cos(numpy.pi * numpy.clip((since + brake_early_s) / RISE_S, 0, 1))
        forward -= brake_g * G * early * fall * (since > -brake_early_s) * (since < STANCE_S)
    return t, vertical, forward


def onset_s(contact_s):
    """When the half-sine of the jerk passes the 30 % of its peak that the detector takes as the impact's onset."""
    return contact_s + RISE_S / math.pi * math.asin(0.3)


def candidates(detector, vertical, block):
    found = []
    for start in range(0, len(vertical), block):
        found += detector.candidates(array(vertical[start : start + block]), start)
    return found


@pytest.mark.parametrize("block", [1, 16, 37, 400])
def test_candidates_are_the_crossings_of_the_causal_filter(block):
    """Against SciPy's filter in double precision; the size of the blocks changes nothing."""
    _, vertical, _ = landing_steps(0.5, 8)
    section = scipy.signal.butter(2, 10.0, fs=RATE_HZ, output="sos")
    filtered, _ = scipy.signal.sosfilt(section, vertical, zi=scipy.signal.sosfilt_zi(section) * vertical[0])
    over = filtered >= 0.3 * G
    expected = numpy.flatnonzero(over[1:] & ~over[:-1]) + 1
    assert len(expected) == 8
    assert candidates(ContactDetector(RATE_HZ, G), vertical, block) == expected.tolist()


def test_candidates_keep_apart():
    """What crosses again within 0.2 s is one contact."""
    t = numpy.arange(int(2 * RATE_HZ)) / RATE_HZ
    shaking = G * (0.3 + 0.25 * numpy.sin(2 * numpy.pi * 8 * t))
    assert min(numpy.diff(candidates(ContactDetector(RATE_HZ, G), shaking, 16))) >= int(0.2 * RATE_HZ)


def test_a_reset_forgets():
    """After lost samples the filter starts anew on the first sample: no contact comes of the jump."""
    detector = ContactDetector(RATE_HZ, G)
    candidates(detector, numpy.zeros(50), 50)
    assert len(candidates(detector, numpy.full(50, G), 50)) == 1
    candidates(detector, numpy.zeros(50), 50)
    detector.reset()
    assert candidates(detector, numpy.full(50, G), 50) == []


def placed(contact_s, rate_hz=RATE_HZ, **braking):
    """Place the second of three landings; return what place() does and where its window starts."""
    _, vertical, forward = landing_steps(contact_s, 3, rate_hz, **braking)
    detector = ContactDetector(rate_hz, G)
    near = candidates(detector, vertical, 16)[1]
    start = near - int(0.17 * rate_hz)
    stop = near + int(0.3 * rate_hz)
    return detector.place(array(vertical[start:stop]), array(forward[start:stop]), near - start), start


@pytest.mark.parametrize("rate_hz", [104.0, 208.0, 210.288])
def test_impact_is_placed_between_samples(rate_hz):
    """Whatever the impact's phase against the samples: within a fifth of a sample of its onset."""
    errors = []
    for phase in range(10):
        contact_s = 0.6 + phase / 10 / rate_hz
        (contact, _, _, _), start = placed(contact_s, rate_hz)
        errors.append(start + contact - onset_s(contact_s + STEP_S) * rate_hz)
    assert max(abs(error) for error in errors) < 0.2


def test_braking_is_part_of_the_impact_and_pushing_is_not():
    """Braking as hard as the impact, 20 ms before it, is the contact; forward pushing of that size changes nothing."""
    (contact, _, _, _), start = placed(0.6, brake_early_s=0.02, brake_g=1.5)
    assert start + contact == pytest.approx((onset_s(0.6 + STEP_S) - 0.02) * RATE_HZ, abs=1.0)
    (contact, _, _, _), start = placed(0.6, brake_early_s=0.02, brake_g=-1.5)
    assert start + contact == pytest.approx(onset_s(0.6 + STEP_S) * RATE_HZ, abs=0.2)


def test_toe_offs_are_crossings_of_the_zero_phase_filter():
    (contact, before, after, peak), start = placed(0.6031)
    _, vertical, _ = landing_steps(0.6031, 3)
    section = scipy.signal.butter(2, 10.0, fs=RATE_HZ, output="sos")
    # 0.47 s as placed() takes them.
    window = vertical[start : start + int(0.17 * RATE_HZ) + int(0.3 * RATE_HZ)]
    filtered = scipy.signal.sosfiltfilt(section, window, padtype=None)
    falls = numpy.flatnonzero((filtered[:-1] >= 0.3 * G) & (filtered[1:] < 0.3 * G))
    exact = falls + (filtered[falls] - 0.3 * G) / (filtered[falls] - filtered[falls + 1])
    assert before == pytest.approx(exact[exact < contact][-1], abs=1e-3)
    assert after == pytest.approx(exact[exact > contact][0], abs=1e-3)
    assert peak == pytest.approx(filtered.max(), abs=1e-3)


def test_no_crossing_no_contact():
    detector = ContactDetector(RATE_HZ, G)
    standing = array(numpy.full(80, G))
    assert detector.place(standing, array(numpy.zeros(80)), 60)[:3] == (None, None, None)


def force_plate_contacts(force_bw):
    """Fractional samples at which the force rises through 5 % of body weight, once a step."""
    rises = numpy.flatnonzero((force_bw[:-1] < 0.05) & (force_bw[1:] >= 0.05))
    exact = rises + (0.05 - force_bw[rises]) / (force_bw[rises + 1] - force_bw[rises])
    return exact[numpy.concatenate(([True], numpy.diff(exact) > 0.2 * 500))]


def detected(vertical, forward, rate_hz):
    """Contacts as the core finds them: candidates, then each placed within 40 % of a step before and 60 % after."""
    detector = ContactDetector(rate_hz, G)
    rough = candidates(detector, vertical, 40)
    step = numpy.median(numpy.diff(rough))
    found = []
    for candidate in rough:
        start, stop = (int(candidate - 0.03 * rate_hz + share * step) for share in (-0.4, 0.6))
        if start >= 0 and stop <= len(vertical):
            contact = detector.place(array(vertical[start:stop]), array(forward[start:stop]), candidate - start)[0]
            found.append(start + contact)
    return numpy.array(found), step


def test_force_plate():
    """None missed, pooled bias within 10 ms, SD at most 15 ms."""
    if not ALCANTARA.exists():
        pytest.skip("shared data is not here")
    rows = numpy.genfromtxt(ALCANTARA, delimiter=",", names=True)
    errors_ms = []
    for number in numpy.unique(rows["trial"]):
        trial = rows[rows["trial"] == number]
        vertical = trial["vertical_g"] * G / trial["vertical_g"].mean()  # an offset was applied upstream
        found, step = detected(vertical, trial["anteroposterior_g"] * G, 500.0)
        for contact in force_plate_contacts(trial["grf_bw"]):
            if step < contact < len(trial) - step:
                nearest = found[numpy.argmin(numpy.abs(found - contact))]
                assert abs(nearest - contact) < 0.12 * 500, "missed at sample %d of trial %d" % (contact, number)
                errors_ms.append((nearest - contact) * 2)
    assert len(errors_ms) > 100
    assert abs(numpy.mean(errors_ms)) <= 10 and numpy.std(errors_ms) <= 15
