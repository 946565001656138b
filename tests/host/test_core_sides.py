"""Evidence for the stance side: witnesses by hand, votes that are capped, log odds that forget slowly."""

import math

import numpy
import pytest
from ulab import numpy as np

from hipcue.core import sides

CONTACT, PERIOD = 20.4, 73.0


def in_step(start, stop, value, length=120):
    """`value` from `start` to `stop` of the step, whole samples rounded down, and something else around."""
    x = numpy.full(length, 1000.0)
    x[int(CONTACT + start * PERIOD) : int(CONTACT + stop * PERIOD) + 1] = value
    return np.array(x.tolist())


def test_witnesses_are_means_over_their_share_of_the_step():
    result = sides.witnesses(
        in_step(0.15, 0.45, 0.7), in_step(0.30, 0.60, -1.25), in_step(0.45, 0.80, -0.5), CONTACT, PERIOD
    )
    assert result == pytest.approx((0.7, 0.5, 1.25))


def test_a_left_step_of_a_runner_speaks_for_left():
    """Leftward force, yaw to the right, the right side falling: all three witnesses of a left stance are positive."""
    left = sides.witnesses(in_step(0.15, 0.45, 0.4), in_step(0.3, 0.6, -1.0), in_step(0.45, 0.8, -0.3), CONTACT, PERIOD)
    right = sides.witnesses(in_step(0.15, 0.45, -0.4), in_step(0.3, 0.6, 1.0), in_step(0.45, 0.8, 0.3), CONTACT, PERIOD)
    assert sides.vote(left, right) == pytest.approx(0.3)  # three full votes of 0.1
    assert sides.vote(right, left) == pytest.approx(-0.3)


@pytest.mark.parametrize(
    "now, before, expected",
    [
        ((0.4, 0.0, 0.0), (0.0, 0.0, 0.0), 0.05),  # half of 0.8 m/s2
        ((0.0, 0.1, 0.0), (0.0, 0.0, 0.0), 0.025),  # a quarter of 0.4 rad/s
        ((0.0, 0.0, -0.75), (0.0, 0.0, 0.75), -0.1),  # -1.5 rad/s
        ((5.0, 5.0, 5.0), (5.0, 5.0, 5.0), 0.0),  # an offset cancels
        ((0.0, 0.0, 99.0), (0.0, 0.0, 0.0), 0.1),  # capped
        ((0.8, 0.4, -99.0), (0.0, 0.0, 0.0), 0.1),  # the roll rate cannot outvote the two others
    ],
)
def test_vote(now, before, expected):
    assert sides.vote(now, before) == pytest.approx(expected)


@pytest.mark.parametrize("log_odds", [-9.0, -1.0, 0.0, 0.5, 5.0])
def test_carried_on_mixes_with_the_chance_of_a_slip(log_odds):
    left = 1 / (1 + math.exp(-log_odds))
    mixed = left * 0.9995 + (1 - left) * 0.0005
    assert sides.carried_on(log_odds) == pytest.approx(math.log(mixed / (1 - mixed)), abs=1e-9)


def settle(votes, log_odds=0.0):
    for vote in votes:
        log_odds = sides.carried_on(log_odds) + vote
    return log_odds


def test_full_votes_are_sure_after_18_steps_and_not_before():
    """5 / 0.3 is 16.7; the chance of a slip takes one step more."""
    assert settle([0.3] * 17) < sides.SURE <= settle([0.3] * 18)


def test_certainty_is_bounded_and_a_mistake_mended():
    """However long a run, a wrong side is given up within 45 steps of the contrary: 22 to doubt, as many to be sure."""
    long = settle([0.3] * 5000)
    assert long < 8.0
    assert settle([-0.3] * 45, long) <= -sides.SURE


def test_single_precision_bears_the_log_odds_of_a_long_run():
    """1 - left must not round to 0 on the clip, where floats are single: at the bound it is 0.0005."""
    left = numpy.float32(1) / (numpy.float32(1) + numpy.exp(-numpy.float32(settle([0.3] * 5000))))
    assert 1 - left > 100 * numpy.finfo(numpy.float32).eps
