"""Exchanged electrodes are found from the alternation, within 40 steps, whatever the electrodes' gains."""

import numpy
import pytest

from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT, SIDE_UNKNOWN
from hipcue.core.emg_sides import ElectrodeSides


def steps(count, contrast=3.0, gains=(1.0, 1.0), swapped=False, seed=0, scatter=0.12):
    """Yield (side, left, right): each channel `contrast` times louder in its own stance."""
    random = numpy.random.default_rng(seed)
    for order in range(count):
        left = order % 2 == 0
        levels = numpy.where([left, not left], contrast, 1.0) * (1.0 + scatter * random.standard_normal(2))
        if swapped:
            levels = levels[::-1]
        yield SIDE_LEFT if left else SIDE_RIGHT, 20.0 * levels[0] * gains[0], 20.0 * levels[1] * gains[1]


def heard(sequence, sides=None):
    """Return (ElectrodeSides, steps until it was sure)."""
    sides, sure_after = sides or ElectrodeSides(), None
    for order, step in enumerate(sequence):
        sides.hear(*step)
        if sure_after is None and sides.swapped is not None:
            sure_after = order + 1
    return sides, sure_after


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("gains", [(1.0, 1.0), (5.0, 1.0), (1.0, 8.0)])
@pytest.mark.parametrize("contrast", [2.0, 3.2])
def test_found_within_40_steps(swapped, gains, contrast):
    for seed in range(20):
        sides, after = heard(steps(40, contrast, gains, swapped, seed))
        assert sides.swapped is swapped and after <= 40


def test_no_alternation_is_not_known():
    for seed in range(20):
        assert heard(steps(2000, contrast=1.0, seed=seed))[0].swapped is None


def test_unknown_sides_and_values_say_nothing():
    sides, _ = heard((SIDE_UNKNOWN, left, right) for _, left, right in steps(100))
    assert sides.log_odds == 0.0
    sides, _ = heard((side, None, None) for side, _, _ in steps(100))
    assert sides.log_odds == 0.0


@pytest.mark.parametrize("swapped", [False, True])
def test_one_channel_alone_is_enough(swapped):
    """The other one's electrode is off: the cue must not rest on a glute that is the other side's."""
    for seed in range(20):
        sides, after = heard((side, None, right) for side, _, right in steps(80, swapped=swapped, seed=seed))
        assert sides.swapped is swapped and after <= 40


@pytest.mark.parametrize("swapped", [False, True])
def test_each_channel_speaks_where_it_is_known(swapped):
    """Movement hides a third of the readings of either channel, whatever the other one's."""
    for seed in range(20):
        random = numpy.random.default_rng(100 + seed)
        hidden = random.random((80, 2)) < 1 / 3
        sequence = zip(steps(80, swapped=swapped, seed=seed), hidden, strict=True)
        sides, after = heard(
            (side, None if h[0] else left, None if h[1] else right) for (side, left, right), h in sequence
        )
        assert sides.swapped is swapped and after <= 60


def test_a_step_left_out_does_not_count_as_alternation():
    """Only left stances: nothing to compare."""
    sides, _ = heard(step for step in steps(200) if step[0] == SIDE_LEFT)
    assert sides.log_odds == 0.0


def test_an_exchange_during_a_session_is_found():
    sides, _ = heard(steps(1000))
    assert sides.swapped is False
    sides, _ = heard(steps(40, swapped=True, seed=1), sides)
    assert sides.swapped is True
