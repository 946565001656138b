"""Evidence for the stance side: votes that are capped, log odds that forget slowly."""

import math

import numpy
import pytest

from hipcue.core import sides

FULL = 1 / 6  # log odds of a full vote


@pytest.mark.parametrize(
    "even, odd, expected",
    [
        ((1.5, 0.0, 0.0), (0.0, 0.0, 0.0), FULL / 2),  # half of 3 m/s2
        ((0.0, 0.075, 0.0), (0.0, 0.0, 0.0), FULL / 4),  # a quarter of 0.3 rad/s
        ((0.0, 0.0, -0.75), (0.0, 0.0, 0.75), -FULL),  # -1.5 rad/s
        ((5.0, 5.0, 5.0), (5.0, 5.0, 5.0), 0.0),  # an offset cancels
        ((0.0, 0.0, 99.0), (0.0, 0.0, 0.0), FULL),  # capped
        ((3.0, 0.3, -99.0), (0.0, 0.0, 0.0), FULL),  # the roll rate cannot outvote the two others
    ],
)
def test_vote(even, odd, expected):
    assert sides.vote(even, odd) == pytest.approx(expected)
    assert sides.vote(odd, even) == pytest.approx(-expected)


@pytest.mark.parametrize("log_odds", [-9.0, -1.0, 0.0, 0.5, 5.0])
def test_carried_on_mixes_with_the_chance_of_a_slip(log_odds):
    left = 1 / (1 + math.exp(-log_odds))
    mixed = left * 0.999 + (1 - left) * 0.001
    assert sides.carried_on(log_odds) == pytest.approx(math.log(mixed / (1 - mixed)), abs=1e-9)


def settle(votes, log_odds=0.0):
    for vote in votes:
        log_odds = sides.carried_on(log_odds) + vote
    return log_odds


def test_full_votes_are_sure_after_20_steps_and_not_before():
    """5 / 0.5 is 10 strides; the chance of a slip takes one more."""
    assert settle([0.5] * 10) < sides.SURE <= settle([0.5] * 11)


def test_certainty_is_bounded_and_a_mistake_mended():
    """However long a run, a wrong side is given up within 30 strides of the contrary."""
    long = settle([0.5] * 5000)
    assert long < 8.0
    assert settle([-0.5] * 30, long) <= -sides.SURE


def test_single_precision_bears_the_log_odds_of_a_long_run():
    """1 - left must not round to 0 on the clip, where floats are single."""
    left = numpy.float32(1) / (numpy.float32(1) + numpy.exp(-numpy.float32(settle([0.5] * 5000))))
    assert 1 - left > 100 * numpy.finfo(numpy.float32).eps
