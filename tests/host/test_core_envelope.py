"""The ring of glute envelopes: means over exactly the slots asked for, unknown where nothing was sampled."""

import pytest

from hipcue.contract.signals import UNKNOWN_U16
from hipcue.core.envelope import SLOTS, EnvelopeRing


def filled(start_ms, stop_ms, ring=None):
    """A ring sampled every 10 ms: left reads the time in ms, right 1000 more."""
    ring = ring or EnvelopeRing()
    for time_ms in range(start_ms, stop_ms, 10):
        index = ring.slot(time_ms)
        ring.values[2 * index], ring.values[2 * index + 1] = time_ms, 1000 + time_ms
    return ring


def test_mean_over_whole_slots():
    """[103, 148): slots 10 to 14."""
    assert filled(0, 500).mean_between(103, 148) == (120.0, 1120.0)


def test_the_slot_that_begins_at_the_end_is_not_in():
    """[100, 150): slots 10 to 14, not the one of 150 to 159."""
    assert filled(0, 500).mean_between(100, 150) == (120.0, 1120.0)


def test_nothing_newer_than_sampled():
    assert filled(0, 200).mean_between(180, 900) == (185.0, 1185.0)
    assert filled(0, 200).mean_between(300, 400) == (None, None)


def test_skipped_slots_are_unknown():
    ring = filled(0, 100)
    ring.slot(150)  # marked, and not yet written
    assert list(ring.values[20:32]) == [UNKNOWN_U16] * 12
    assert ring.mean_between(80, 149) == (85.0, 1085.0)
    assert ring.mean_between(101, 149) == (None, None)


def test_a_long_pause_leaves_nothing_old():
    ring = filled(0, 3000)
    ring.slot(3_600_000)
    assert list(ring.values) == [UNKNOWN_U16] * (2 * SLOTS)


def test_the_ring_holds_2_56_s():
    ring = filled(0, 10_000)
    oldest = 10_000 - 10 * SLOTS
    assert ring.mean_between(0, oldest + 9) == (oldest, oldest + 1000)
    assert ring.mean_between(0, oldest - 1) == (None, None)


def test_a_channel_without_a_front_end_is_unknown():
    ring = EnvelopeRing()
    for time_ms in range(0, 100, 10):
        index = ring.slot(time_ms)
        ring.values[2 * index], ring.values[2 * index + 1] = 0, 7
    assert ring.mean_between(0, 95) == (None, 7.0)


@pytest.mark.parametrize("time_ms", [0, 9, 2559, 2560, 123_456_789])
def test_slot_of_a_time(time_ms):
    assert EnvelopeRing().slot(time_ms) == time_ms // 10 % 256
