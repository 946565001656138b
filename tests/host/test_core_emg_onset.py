"""The onset: threshold of Hodges & Bui 1996, change point of the running sum."""

import numpy
import pytest
import scipy.signal
from ulab import numpy as np

from hipcue.core.emg_filters import emg_band_pass
from hipcue.core.emg_onset import HELD, THRESHOLD, onset
from hipcue.core.emg_slots import SLOT
from host_tools.runners import emg
from host_tools.twin.front_end import ads1292_uv


@pytest.mark.parametrize("band_hz, tolerance", [((60.0, 120.0), 0.04), ((40.0, 90.0), 0.15), ((80.0, 160.0), 0.15)])
def test_threshold_is_three_deviations_of_the_envelope(band_hz, tolerance):
    """Ten minutes of EMG noise through front end and band-pass: mean + 3 SD of its RMS envelope over two slots.

    The threshold is that of a median of 95 Hz; 71 and 123 Hz have theirs 15 % (7 % in amplitude) beside it.
    """
    noise, _ = ads1292_uv(emg.noise(numpy.random.default_rng(4), 600_000, *band_hz)[:, None], emg.RATE_HZ)
    passed = scipy.signal.sosfilt(emg_band_pass(emg.RATE_HZ), noise[:, 0])
    slots = (passed[: len(passed) // SLOT * SLOT] ** 2).reshape(-1, SLOT).sum(axis=1)
    envelope = numpy.sqrt((slots[1:] + slots[:-1]) / HELD)
    expected = (envelope.mean() + 3.0 * envelope.std()) ** 2
    assert THRESHOLD * slots.mean() == pytest.approx(expected, rel=tolerance)


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
    """12 dB, 12 samples a slot, 400 draws: as exact as the maximum-likelihood estimate (SD under a slot and a half).

    The level: mean and 3 SD of the RMS of two slots of white noise, 12 (1 + 3 / sqrt(48))^2.
    """
    random = numpy.random.default_rng(3)
    errors = []
    for _ in range(400):
        rms = numpy.repeat([1.0] * 30 + [4.0] * 10, 12)
        energy = ((rms * random.standard_normal(480)) ** 2).reshape(40, 12).sum(axis=1)
        errors.append(onset(np.array(energy.tolist()), 24.6) - 30)
    assert abs(numpy.mean(errors)) < 0.3 and numpy.std(errors) < 1.5
