"""Evidence for the stance side: capped votes, witnesses not trusted too far, doubt that comes quickly."""

import pytest

from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT, SIDE_UNKNOWN
from hipcue.core.sides import POPULATION, Sides

# Witnesses of a left step at their full vote: 3 m/s2, 0.3 rad/s, 1.5 rad/s.
LEFT = (3.0, 0.3, 1.5)
NONE = (0.0, 0.0, 0.0)
CONTRARY = (-3.0, -0.3, 1.5)  # but for the roll rate
CHECKED = (-4.6, 0.0, 4.6)


def heard(pairs, template=POPULATION):
    """Return (Sides, notices as (stride from 1, name, value)) after pairs of (even, odd) witnesses."""
    sides, notices = Sides(template), []
    for number, (even, odd) in enumerate(pairs, 1):
        notice = sides.hear(even, odd)
        if notice:
            notices.append((number, *notice))
    return sides, notices


def strides_until_sure(even, odd=NONE, template=POPULATION):
    """Return after how many strides of the same kind the sides are sure, None: not within 200."""
    _, notices = heard([(even, odd)] * 200, template)
    return notices[0][0] if notices else None


@pytest.mark.parametrize(
    ("even", "odd", "strides"),
    [
        (LEFT, NONE, 11),  # three full votes of 1/6: over 5.0 with the 11th, 10 of them rounding to just below
        ((9.0, 9.0, 9.0), NONE, 11),  # capped
        ((1.5, 0.15, 0.75), (-1.5, -0.15, -0.75), 11),  # a full vote is the difference of the two steps
        ((1.5, 0.15, 0.75), NONE, 21),  # half votes
        ((3.0, 0.3, 0.0), NONE, 16),  # two witnesses: 2 ln 27 is 6.59
        ((0.0, 0.0, 9.0), NONE, None),  # one alone never, however long the run
        (CONTRARY, NONE, None),  # nor two against one
        ((5.0, 5.0, 5.0), (5.0, 5.0, 5.0), None),  # offsets cancel
    ],
)
def test_strides_until_sure(even, odd, strides):
    found = strides_until_sure(even, odd)
    assert found is None if strides is None else abs(found - strides) <= 1


@pytest.mark.parametrize(("even", "odd", "expected"), [(LEFT, NONE, SIDE_LEFT), (NONE, LEFT, SIDE_RIGHT)])
def test_side_of_even_and_odd_steps(even, odd, expected):
    sides, _ = heard([(even, odd)] * 12)
    assert (sides.side(0), sides.side(1)) == (expected, SIDE_LEFT + SIDE_RIGHT - expected)
    sides.forget()
    assert (sides.side(0), sides.side(1)) == (SIDE_UNKNOWN, SIDE_UNKNOWN)


def test_sure_is_told_once_with_the_steps_that_it_took():
    _, notices = heard([(LEFT, NONE)] * 50)
    [(number, name, steps)] = notices
    assert name == "sides_sure" and steps == 2 * number


def test_a_broken_alternation_is_doubted_at_once_and_mended():
    """However long the run before: even steps are right ones from now on; the first of them was still given as left."""
    sides, _ = heard([(LEFT, NONE)] * 5000)
    given, notice = [], None
    while not notice:
        notice = sides.hear(NONE, LEFT)
        given.append(sides.side(0))
    assert set(given[:-1]) == {SIDE_UNKNOWN} and given[-1] == SIDE_RIGHT
    assert 20 <= len(given) <= 30 and notice == ("sides_corrected", 1)


def test_weak_witnesses_take_two_strides_to_doubt():
    """At 0.35 of 0.5, then strides of 0.05: 0.4 * 0.35 + 0.6 * 0.05 is over 0.15, the next mean is 0.1."""
    usual, faint = (tuple(share * each for each in LEFT) for share in (0.7, 0.1))
    sides, _ = heard([(usual, NONE)] * 500)
    sides.hear(faint, NONE)
    assert sides.side(0) == SIDE_LEFT
    sides.hear(faint, NONE)
    assert sides.side(0) == SIDE_UNKNOWN


def test_one_contrary_stride_is_no_doubt():
    sides, notices = heard([(LEFT, NONE)] * 30 + [(NONE, (0.0, 0.3, 0.75))] + [(LEFT, NONE)] * 30)
    assert len(notices) == 1 and sides.side(0) == SIDE_LEFT


def test_strides_without_alternation_make_unsure():
    """Jumping on both feet: whatever was sure before, after 2 strides it is no more."""
    sides, _ = heard([(LEFT, NONE)] * 500)
    for _ in range(2):
        sides.hear(NONE, NONE)
    assert sides.side(0) == SIDE_UNKNOWN


def test_a_runner_unlike_the_others_is_right_by_the_template():
    """Mediolateral force and yaw contrary: unsure without the template (above), with it as quick as others."""
    sides, notices = heard([(CONTRARY, NONE)] * 30, CHECKED)
    assert sides.side(0) == SIDE_LEFT and notices[0][0] <= 16
