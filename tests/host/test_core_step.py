"""What a settled step reads of its chunk, held to SciPy's rotations of a left axis and an arcsine."""

import numpy
import pytest
from scipy.spatial.transform import Rotation
from ulab import numpy as np

from hipcue.contract.record import QUALITY_BITS
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT, SIDE_UNKNOWN
from hipcue.core.step import Step, drop_deg

FIRST, POOL, CONTACT = 5000, 2, 9.3
ATTITUDE = Rotation.from_rotvec((0.3, -0.1, 1.2))
UP = (ATTITUDE * Rotation.from_rotvec((0.05, -0.12, 0.0))).apply((0.0, 0.0, 1.0))
ROUNDING_DEG = 2e-5  # singles: 6e-8 of 1, three products, in degrees


def array(values):
    return np.array(numpy.asarray(values).tolist())


def left_axis(count=32):
    """The left axis (count, 3) of a pelvis that rocks by some degrees, in the frame of the first moment."""
    t = numpy.arange(count) / 104.0
    theta = numpy.column_stack((0.08 * numpy.sin(11 * t + 2), 0.03 * numpy.sin(22 * t), 0.1 * numpy.sin(11 * t)))
    return Rotation.from_rotvec(theta).apply((0.0, 1.0, 0.0))


def obliquity_deg(left, attitude=ATTITUDE, up=UP):
    """By the definition: the angle of the left axis over the plane that gravity is normal to."""
    return numpy.degrees(numpy.arcsin(attitude.apply(left) @ up))


def settled(side, quality=0, up=UP, trace=False):
    step = Step(FIRST + 20, 0.7, FIRST + 64, quality)
    step.side = side
    step.keep(array(ATTITUDE.as_matrix()), array(left_axis().T), CONTACT, (FIRST, POOL))
    step.settle(None if up is None else array(up), trace)
    return step


@pytest.mark.parametrize("side, sign", [(SIDE_LEFT, 1), (SIDE_RIGHT, -1)])
def test_peak_and_excursion(side, sign):
    """The largest drop of the swing side from the contact on, and that less the drop at it, between two moments."""
    drop = sign * obliquity_deg(left_axis())
    at_contact = numpy.interp(CONTACT, range(32), drop)
    peak = 10 + int(numpy.argmax(drop[10:]))
    falls = at_contact > drop[peak]
    assert falls == (side == SIDE_LEFT)  # both kinds are tried
    step = settled(side)
    # Straight between two moments: at 104 Hz a pelvis of 8 deg at 11 rad/s bends by 8 (11 / 104)^2 / 8 = 0.011 deg.
    assert step.peak_drop_deg == pytest.approx(max(at_contact, drop[peak]), abs=0.001 if falls else ROUNDING_DEG)
    assert step.excursion_deg == pytest.approx(max(0.0, drop[peak] - at_contact), abs=0.001)
    assert step.peak == (step.first if falls else FIRST + POOL * peak)


def test_a_drop_before_the_contact_is_none_of_this_step():
    assert numpy.argmax(obliquity_deg(left_axis())) < CONTACT
    assert settled(SIDE_LEFT).peak > FIRST + POOL * CONTACT


def codes(*names):
    return sum(QUALITY_BITS[name] for name in names)


@pytest.mark.parametrize("name", sorted(QUALITY_BITS))
def test_what_a_code_takes(name):
    """The contract's meanings: some codes take both numbers, some the absolute drop alone, `accelerating` neither."""
    step = settled(SIDE_LEFT, QUALITY_BITS[name])
    drop_alone = ("turning", "uncalibrated", "slipped")
    neither = ("accelerating",)
    assert (step.excursion_deg is not None) == (name in drop_alone + neither)
    assert (step.peak_drop_deg is not None) == (name in neither)


def test_without_gravity_nothing_is_read():
    step = settled(SIDE_LEFT, up=None, trace=True)
    assert step.peak_drop_deg is None and step.excursion_deg is None and step.obliquity_deg is None


@pytest.mark.parametrize(
    "side, quality", [(SIDE_LEFT, ()), (SIDE_UNKNOWN, ("side_unsure",)), (SIDE_RIGHT, ("slipped",))]
)
def test_the_trace_is_the_obliquity_of_whole_samples(side, quality):
    """Also of a step without a side or a drop; samples lie between the middles of pairs, at n + 1/2."""
    step = settled(side, codes(*quality), trace=True)
    exact = obliquity_deg(left_axis())
    middles = FIRST + POOL * numpy.arange(32) + 0.5
    samples = step.trace_start + numpy.arange(len(step.obliquity_deg))
    assert step.trace_start == FIRST + 1 and len(samples) == 2 * 31
    assert step.obliquity_deg == pytest.approx(numpy.interp(samples, middles, exact), abs=ROUNDING_DEG)


def test_a_settled_step_lets_its_rows_go():
    """The last step stays listed until the next: the rows of those not yet settled are all that the core keeps."""
    assert not [value for value in vars(settled(SIDE_LEFT)).values() if numpy.size(value) > 9]


@pytest.mark.parametrize("side, sine, expected", [
    (SIDE_LEFT, 0.5, 30.0), (SIDE_RIGHT, 0.5, -30.0), (SIDE_LEFT, -0.25, -14.477512), (SIDE_RIGHT, 1.0000001, -90.0),
    (SIDE_LEFT, -1.0, -90.0),
])  # fmt: skip
def test_drop(side, sine, expected):
    """Positive where the swing side hangs; a sine that rounding has made too large is 90 deg."""
    assert drop_deg(side, sine) == pytest.approx(expected, abs=1e-6)


def test_times_between_steps_keep_their_fractions():
    """Contacts at 999.75 and 1074.5; toe-off 50.25 samples after sample 990."""
    before, step = Step(1000, 0.25, 1045, 0), Step(1075, 0.5, 1120, 0)
    assert step.since(before) == 74.75
    before.lift_off(990, 50.25)
    assert before.contact_samples == 40.5
