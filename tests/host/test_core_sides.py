"""Evidence for the stance side: capped votes, witnesses not trusted too far, doubt that comes quickly."""

import pytest

from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT, SIDE_UNKNOWN
from hipcue.core.sides import POPULATION, Sides

# Witnesses of a left step at their full vote: 1.5 m/s2, 0.3 rad/s, 0.75 rad/s.
LEFT = (1.5, 0.3, 0.75)
NONE = (0.0, 0.0, 0.0)
CONTRARY = (-1.5, -0.3, 0.75)  # but for the roll rate
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
        (LEFT, NONE, 10),  # never before 20 steps; full votes are 0.3, 0.2, 0.3
        ((9.0, 9.0, 9.0), NONE, 10),  # capped
        ((0.75, 0.15, 0.375), (-0.75, -0.15, -0.375), 10),  # a full vote is the difference of the two steps
        ((0.75, 0.15, 0.375), NONE, 12),  # half votes: 0.4 a stride, over 4.5
        ((1.5, -0.3, 0.75), NONE, 12),  # the yaw rate contrary: 2 ln 29 - ln 9 is 4.54
        ((-1.5, 0.3, 0.75), NONE, None),  # the force contrary, or the roll rate: never
        ((1.5, 0.3, -0.75), NONE, None),
        ((0.0, 0.0, 9.0), NONE, None),  # one alone never, however long the run
        (CONTRARY, NONE, None),  # nor against two
        ((5.0, 5.0, 5.0), (5.0, 5.0, 5.0), None),  # offsets cancel
    ],
)
def test_strides_until_sure(even, odd, strides):
    found = strides_until_sure(even, odd)
    assert found == strides


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
    assert len(given) == 17 and notice == ("sides_corrected", 1)


def test_witnesses_that_weaken_take_three_strides_to_doubt():
    """A mean of 0.3, then strides of 0.03: means of 0.138, 0.073 and 0.047, which is under 0.06."""
    sides, given = Sides(), []
    for share in [1.0] * 500 + [0.1] * 3:
        sides.hear(tuple(share * each for each in LEFT), NONE)
        given.append(sides.side(0))
    assert given[-4:] == [SIDE_LEFT, SIDE_LEFT, SIDE_LEFT, SIDE_UNKNOWN]


@pytest.mark.parametrize(
    ("contrary", "expected"),
    [((1.5, 0.0, 0.0), SIDE_LEFT), ((0.0, 0.3, 0.0), SIDE_LEFT), ((0.0, 0.3, 0.75), SIDE_UNKNOWN)],
)
def test_a_stride_that_is_contrary_in_one_witness_is_no_doubt(contrary, expected):
    """In two it is, for that stride."""
    sides, _ = heard([(LEFT, NONE)] * 30 + [(NONE, contrary)])
    assert sides.side(0) == expected
    assert sides.hear(LEFT, NONE) is None and sides.side(0) == SIDE_LEFT


def test_one_witness_alone_supports_no_side():
    """A body that leans to one side in every second jump: whatever was sure before."""
    sides, _ = heard([(LEFT, NONE)] * 500 + [((1.5, 0.0, 0.0), NONE)] * 2)
    assert sides.side(0) == SIDE_UNKNOWN


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
