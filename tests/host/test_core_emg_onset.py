"""The onset: threshold of Hodges & Bui 1996, change point of the running sum."""

import math

import numpy
import pytest
from ulab import numpy as np

from hipcue.core.emg_onset import HELD, onset, threshold


def test_threshold_is_three_deviations_of_the_envelope():
    """Simulated: the RMS of two slots of white noise, mean + 3 SD, against the slots' own mean and SD.

    Two slots of 12 samples have 24 degrees of freedom: the square root's
    curvature makes the exact figure 2 % smaller.
    """
    random = numpy.random.default_rng(1)
    slots = (random.standard_normal((200_000, 12)) ** 2).sum(axis=1)
    envelope = numpy.sqrt((slots[1:] + slots[:-1]) / HELD)
    expected = (envelope.mean() + 3.0 * envelope.std()) ** 2
    assert threshold(slots.mean(), slots.std()) == pytest.approx(expected, rel=0.03)


def test_threshold_of_a_steady_quiet_is_its_level():
    assert threshold(7.0, 0.0) == 7.0


@pytest.mark.parametrize("quiet", [1, 5, 30])
def test_onset_is_the_first_active_slot(quiet):
    energy = np.array([1.0] * quiet + [16.0] * 10)
    assert onset(energy, 2.5) == quiet


def test_a_spike_in_the_quiet_is_passed_over():
    energy = np.array([1.0] * 5 + [8.0] + [1.0] * 15 + [16.0] * 10)
    assert onset(energy, 2.5) == 21


def test_what_does_not_hold_is_none():
    """One slot over the threshold as the last of the search."""
    assert onset(np.array([1.0] * 20 + [16.0]), 2.5) is None


def test_active_from_the_first_slot_is_none():
    assert onset(np.array([16.0] * 20), 2.5) is None


def test_the_sum_is_smallest_at_the_change_point_of_noise():
    """12 dB, 12 samples a slot, 400 draws: as exact as the maximum-likelihood estimate (SD under a slot and a half)."""
    random = numpy.random.default_rng(3)
    errors = []
    for _ in range(400):
        rms = numpy.repeat([1.0] * 30 + [4.0] * 10, 12)
        energy = ((rms * random.standard_normal(480)) ** 2).reshape(40, 12).sum(axis=1)
        errors.append(onset(np.array(energy.tolist()), threshold(12.0, math.sqrt(24.0))) - 30)
    assert abs(numpy.mean(errors)) < 0.3 and numpy.std(errors) < 1.5
