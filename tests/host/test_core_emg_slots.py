"""The EMG core's memory: slots, spans and what stood at a rail."""

import pytest
from ulab import numpy as np

from hipcue.core.emg_slots import CAPACITY, KEPT, MOST_RAILED, MOST_SPANS, Railed, Slots, Spans


def write(slots, count):
    """Write `count` slots whose energy is their number, right ten times left's."""
    column = slots.make_room(count)
    for i in range(count):
        number = slots.first + column + i
        slots.energy[0, column + i], slots.energy[1, column + i] = number, 10 * number


def test_slots_are_found_by_number_over_many_rooms():
    slots = Slots()
    for count in (40, 29, 1, 30, 28) * 12:
        write(slots, count)
        newest = slots.first + slots.count
        first = newest - min(newest, KEPT)
        assert slots.hold(first, newest)
        assert slots.between(first, newest).tolist() == [
            [float(i) for i in range(first, newest)],
            [10.0 * i for i in range(first, newest)],
        ]


def test_what_is_not_held_is_not_given():
    slots = Slots()
    write(slots, 30)
    assert not slots.hold(20, 31) and not slots.hold(-1, 5) and not slots.hold(7, 7)
    for _ in range(10):
        write(slots, 30)
    assert not slots.hold(0, 5) and slots.first + slots.count == 330 and slots.count <= CAPACITY


@pytest.mark.parametrize("skipped", [3, CAPACITY, 10**6])
def test_skipped_slots_read_nothing_and_keep_the_count(skipped):
    slots = Slots()
    write(slots, 30)
    slots.skip(skipped)
    write(slots, 20)
    assert slots.first + slots.count == 50 + skipped
    assert slots.between(30 + skipped, 50 + skipped)[0].tolist() == [float(30 + skipped + i) for i in range(20)]
    if skipped == 3:
        assert slots.between(28, 35)[0].tolist() == [28.0, 29.0, 0.0, 0.0, 0.0, 33.0, 34.0]


def test_spans_touch_and_join():
    spans = Spans()
    spans.add(10, 20)
    spans.add(15, 30)
    spans.add(30, 40)
    assert spans.spans == [[10, 40]]
    assert spans.touch(39, 50) and spans.touch(0, 11) and spans.touch(20, 21)
    assert not spans.touch(40, 50) and not spans.touch(0, 10)
    spans.add(35, 37)
    assert spans.spans == [[10, 40]]
    for start in range(100, 2000, 100):
        spans.add(start, start + 5)
    assert len(spans.spans) == MOST_SPANS and spans.touch(1900, 1901) and not spans.touch(10, 40)


def test_railed_counts_by_slot():
    railed = Railed()
    for slot in (3, 3, 3, 7, 9):
        railed.add(slot)
    assert railed.between(0, 7) == 3 and railed.between(3, 10) == 5 and railed.between(8, 9) == 0
    assert railed.between(10, 20) == 0
    for slot in range(10, 10 + 2 * MOST_RAILED):
        railed.add(slot)
    assert len(railed.counts) == MOST_RAILED


def test_energy_is_single_precision_memory():
    assert Slots().energy.dtype == np.float and Slots().energy.shape == (2, CAPACITY)
