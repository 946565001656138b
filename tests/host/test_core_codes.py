"""What takes a step's numbers: standing, walking, clipping, a bend, a change of load; no number where none is known."""

from dataclasses import replace

import numpy
import pytest
from core_run import ACCEL_SCALE_MPS2, GYRO_SCALE_RADS, MINUTE, calibrated, contact_s, matched, raw_frames, run, running

from hipcue.contract.record import QUALITY_BITS
from hipcue.core.pelvis import Pelvis
from hipcue.core.pelvis_state import Params
from host_tools.runners.record import record
from host_tools.runners.scenario import Lean, Stretch, Turn, easy_run, heading_rad

TURNING, CLIPPED, NOT_RUNNING = QUALITY_BITS["turning"], QUALITY_BITS["clipped"], QUALITY_BITS["not_running"]
SETTLING, UNCALIBRATED = QUALITY_BITS["settling"], QUALITY_BITS["uncalibrated"]
ACCELERATING, SIDE_UNSURE = QUALITY_BITS["accelerating"], QUALITY_BITS["side_unsure"]


def test_standing_bows_and_walking_make_no_valid_step(steps, minute):
    first_s = minute.truth_steps["t_ic_s"][0]
    for step in steps:
        if contact_s(step, minute.imu_rate_hz) < first_s - 0.03:
            assert step.quality and step.peak_drop_deg is None and step.peak_drop_causal_deg is None


def test_walking_and_leaning_for_long_make_no_valid_step():
    scenario = replace(
        MINUTE,
        stretches=(Stretch("walk", 20.0, 50.0, 125.0, 1.9), easy_run(70.0, 80.0)),
        leans=(Lean(52.0, 58.0, 8.0),),
        drop_growths=(),
    )
    walk = record(scenario)
    frames = raw_frames(walk)
    assert all(step.quality and step.peak_drop_deg is None for step in run(calibrated(walk, frames), frames))


def test_steps_without_the_push_of_running_are_not_running():
    """0.2 g for 30 % of each step and 1.34 g for the rest: contacts, but no peak of 1.4 g."""
    rate_hz = 208.0
    share = numpy.arange(int(20 * rate_hz)) / rate_hz * 2.8 % 1
    frames = numpy.zeros((len(share), 6), "<i2")
    frames[:, 5] = numpy.where(share < 0.3, 0.2, 1.34) * 9.80665 / ACCEL_SCALE_MPS2
    steps = run(Params(rate_hz, ACCEL_SCALE_MPS2, GYRO_SCALE_RADS), frames)
    assert len(steps) > 40
    assert all(step.quality & QUALITY_BITS["not_running"] and step.excursion_deg is None for step in steps)


def test_a_push_without_flight_is_not_running():
    """Brisk walking as a sacral clip feels it at its worst: 1.8 g at the push, and never under 0.5 g."""
    rate_hz = 208.0
    share = numpy.arange(int(20 * rate_hz)) / rate_hz * 2.2 % 1
    frames = numpy.zeros((len(share), 6), "<i2")
    frames[:, 5] = (1.15 + 0.65 * numpy.sin(2 * numpy.pi * share)) * 9.80665 / ACCEL_SCALE_MPS2
    steps = run(Params(rate_hz, ACCEL_SCALE_MPS2, GYRO_SCALE_RADS), frames)
    assert len(steps) > 30
    assert all(step.quality & QUALITY_BITS["not_running"] and step.excursion_deg is None for step in steps)


def bounced(amplitude_g, steps_per_s, seconds=20):
    """Return the steps of a clip that is only moved up and down: 1 g and a sine of `amplitude_g`, no turning."""
    rate_hz = 208.0
    t_s = numpy.arange(int(seconds * rate_hz)) / rate_hz
    frames = numpy.zeros((len(t_s), 6), "<i2")
    frames[:, 5] = (1 - amplitude_g * numpy.cos(2 * numpy.pi * steps_per_s * t_s)) * 9.80665 / ACCEL_SCALE_MPS2
    return run(Params(rate_hz, ACCEL_SCALE_MPS2, GYRO_SCALE_RADS), frames)


@pytest.mark.parametrize(
    ("amplitude_g", "steps_per_s", "runs"),
    [
        (0.75, 2.8, True),  # down to 0.27 g, as uphill by 10 deg at this rate
        (0.55, 2.8, False),  # 0.46 g: a walk, though it pushes with 1.5 g
        (0.75, 2.08, False),  # 0.26 g in steps of 0.48 s: stairs
        (0.98, 2.08, True),  # 0.04 g: hardly a flight, but one
    ],
)
def test_without_flight_a_step_is_not_running(amplitude_g, steps_per_s, runs):
    """A sine's low-passed trough is 1 less the amplitude, the two passes of the filter taking 2 % or less of that."""
    steps = bounced(amplitude_g, steps_per_s)[2:-1]
    assert len(steps) > 30
    assert {bool(step.quality & NOT_RUNNING) for step in steps} == {not runs}


def test_a_jolt_or_two_are_not_running():
    """As hard as running and with flight, but no stride: sitting down hard, a jump."""
    rate_hz = 208.0
    frames = numpy.zeros((int(20 * rate_hz), 6), "<i2")
    frames[:, 5] = 9.80665 / ACCEL_SCALE_MPS2
    cycle = 1 - 1.2 * numpy.sin(2 * numpy.pi * 2.8 * numpy.arange(int(rate_hz / 2.8)) / rate_hz)  # down, then up
    for count, at_s in ((1, 5), (2, 12)):
        jolts = numpy.tile(cycle, count) * 9.80665 / ACCEL_SCALE_MPS2
        frames[int(at_s * rate_hz) :][: len(jolts), 5] = jolts
    steps = run(Params(rate_hz, ACCEL_SCALE_MPS2, GYRO_SCALE_RADS), frames)
    assert steps and all(step.quality & NOT_RUNNING for step in steps)


def test_jumping_out_of_a_run_has_no_sides():
    """On both feet from 45 s on, fully so from 47.5 s: the strides before the doubt are taken back."""
    jumps = record(replace(MINUTE, stretches=(easy_run(22.0, 45.0), Stretch("jump", 45.0, 60.0, 150.0, 0.0))))
    frames = raw_frames(jumps)
    steps = run(calibrated(jumps, frames), frames)
    assert all(step.side for step in running(steps, jumps, 36.0, 44.5))
    jumped = running(steps, jumps, 48.5, 59.5)
    assert len(jumped) > 20 and not any(step.side or step.peak_drop_deg for step in jumped)
    # At the doubt two whole strides lose their side: the step at hand was not given one, three before had been.
    core, given = Pelvis(calibrated(jumps, frames)), []
    for start in range(0, len(frames), 16):
        block = frames[start : start + 16]
        given += [(step, step.side) for step in core.push(block.tobytes(), len(block))[0]]
    core.finish()
    assert [bool(step.side) for step, side in given if side].count(False) == 3


def at_step_rate(steps_per_min):
    """Return (steps, count of true ones) from 10 s into a run."""
    recording = record(replace(MINUTE, stretches=(easy_run(26.0, 60.0, steps_per_min),), drop_growths=()))
    frames = raw_frames(recording)
    true_s = recording.truth_steps["t_ic_s"]
    steps = running(run(calibrated(recording, frames), frames), recording, 36.0, 58.5)
    return steps, numpy.count_nonzero((true_s > 36.0) & (true_s < 58.5))


@pytest.mark.parametrize("steps_per_min", [130.0, 225.0])
def test_strides_between_half_a_second_and_a_second_are_running(steps_per_min):
    """0.92 and 0.53 s."""
    steps, count = at_step_rate(steps_per_min)
    assert len(steps) == count and all(step.quality == 0 for step in steps)


@pytest.mark.parametrize("steps_per_min", [110.0, 255.0])
def test_other_strides_have_no_number(steps_per_min):
    """1.09 and 0.47 s: not running, or, where every other contact goes unseen, a side that nothing speaks for."""
    steps, _ = at_step_rate(steps_per_min)
    assert len(steps) > 30 and all(step.quality & (NOT_RUNNING | SIDE_UNSURE) for step in steps)
    assert all(step.peak_drop_deg is None and step.excursion_deg is None for step in steps)
    assert steps_per_min > 240 or all(step.quality & NOT_RUNNING for step in steps)


@pytest.mark.parametrize("channel, raw", [(5, 32767), (3, -32768), (4, 32767), (0, 32767), (2, -32768)])
def test_clipped_samples_are_flagged(params, frames, minute, channel, raw):
    """One sample at either end of the range, in an axis of either sensor; the contact is where it was."""
    clipped = frames.copy()
    truth = minute.truth_steps
    order = int(numpy.searchsorted(truth["t_ic_s"], 45.0))
    at = int((truth["t_ic_s"][order] + 0.10) * minute.imu_rate_hz)
    clipped[at, channel] = raw
    flagged = [step for step in run(params, clipped) if step.quality & CLIPPED]
    assert [contact_s(step, minute.imu_rate_hz) for step in flagged] == pytest.approx(
        [truth["t_ic_s"][order]], abs=0.03
    )
    assert flagged[0].peak_drop_deg is None and flagged[0].excursion_deg is None


@pytest.mark.parametrize("raw", [32766, -32766])
def test_the_largest_readings_are_no_clipping(params, frames, raw):
    """One LSB within the range."""
    large = frames.copy()
    large[45 * 208, 5] = raw
    assert not any(step.quality & CLIPPED for step in run(params, large))


def test_uncalibrated_gives_the_excursion_alone(frames, minute, steps):
    """The clip sits 12 deg askew: the excursion is hardly changed, and the absolute drop is not given."""
    params = Params(minute.imu_rate_hz, ACCEL_SCALE_MPS2, GYRO_SCALE_RADS)
    bare = running(run(params, frames), minute, 34.0)
    assert all(step.quality == UNCALIBRATED for step in bare)
    assert all(step.peak_drop_deg is None and step.peak_drop_causal_deg is None for step in bare)
    errors = [step.excursion_deg - true["excursion_deg"] for step, true in matched(bare, minute)]
    assert numpy.sqrt(numpy.mean(numpy.square(errors))) < 0.5


def test_turning_takes_the_absolute_drop_and_leaves_the_excursion():
    """A bend of 90 deg in 4 s: 22 deg/s on the mean, 42 at the most."""
    bend = record(replace(MINUTE, turns=(Turn(45.0, 4.0, 90.0),)))
    frames = raw_frames(bend)
    steps = run(calibrated(bend, frames), frames)
    for step, true in matched(running(steps, bend, 45.9, 48.0), bend):
        assert step.quality & TURNING and step.peak_drop_deg is None and step.peak_drop_causal_deg is None
        assert abs(step.excursion_deg - true["excursion_deg"]) < 0.5
    outside = running(steps, bend, 34.0, 44.0) + running(steps, bend, 50.5)
    assert not any(step.quality & TURNING for step in outside)
    for step, true in matched(outside, bend):
        assert abs(step.peak_drop_deg - true["peak_drop_deg"]) < 0.5


def mean_yaw_dps(scenario, recording):
    """Return the mean yaw rate of every true step, contact to contact; the last one's is not known."""
    contact = recording.truth_steps["t_ic_s"]
    heading = numpy.degrees(heading_rad(scenario, contact))
    return numpy.append(numpy.diff(heading) / numpy.diff(contact), 0.0)


@pytest.mark.parametrize("turn", [Turn(45.0, 4.0, 90.0), Turn(45.0, 4.0, -90.0), Turn(44.0, 9.0, 80.0)], ids=str)
def test_every_step_of_a_bend_is_flagged_and_few_around_it(turn):
    """Each whose own mean yaw rate is over the limit and 2 deg/s of sway, by hindsight where need be."""
    scenario = replace(MINUTE, turns=(turn,))
    bend = record(scenario)
    frames = raw_frames(bend)
    steps = running(run(calibrated(bend, frames), frames), bend, 36.0)
    yaw_dps = dict(zip(bend.truth_steps["t_ic_s"].tolist(), mean_yaw_dps(scenario, bend).tolist(), strict=True))
    rates = numpy.array([abs(yaw_dps[float(true["t_ic_s"])]) for _, true in matched(steps, bend)])
    flagged = numpy.array([bool(step.quality & TURNING) for step in steps])
    assert (rates > 10.0).sum() >= 5 and flagged[rates > 10.0].all()
    assert flagged[rates < 1.0].sum() <= 4  # means over four steps reach as far


def loaded(frames, share):
    """The frames with specific forces times `share`, one per frame, as accelerations uphill or a sensor's scale do."""
    scaled = frames.astype(float)
    scaled[:, 3:] *= numpy.asarray(share)[:, None]
    return numpy.rint(scaled).astype("<i2")


def test_a_sudden_change_of_load_withholds_the_cue(params, frames, minute):
    """8 % from one step to the next is accelerating for a stride at the least, and no absolute drop is cued on then.

    What is settled stays right: all that is left of it is that left and right cancel to 8 % alone.
    """
    at_s = 45.0
    t_s = numpy.arange(len(frames)) / minute.imu_rate_hz
    steps = run(params, loaded(frames, numpy.where(t_s < at_s, 1.0, 1.08)))
    flagged = [step for step in running(steps, minute, 36.0) if step.quality & ACCELERATING]
    assert 2 <= len(flagged) and all(contact_s(step, minute.imu_rate_hz) > at_s - 0.4 for step in flagged)
    assert all(step.peak_drop_causal_deg is None for step in flagged)
    after = running(steps, minute, at_s, 58.5)
    # The step after an accelerating one has half of it in its stride.
    for before, step in zip(after, after[1:], strict=False):
        assert not before.quality & ACCELERATING or step.peak_drop_causal_deg is None
    for step, true in matched(after, minute):
        assert step.peak_drop_deg is None or abs(step.peak_drop_deg - true["peak_drop_deg"]) < 0.3


def test_a_slow_change_of_load_is_followed(params, frames, minute):
    """A scale that grows by 7 % in 12 s, as that of a sensor which warms up never does."""
    t_s = numpy.arange(len(frames)) / minute.imu_rate_hz
    steps = running(run(params, loaded(frames, 1.0 + 0.07 * numpy.clip((t_s - 38.0) / 12.0, 0, 1))), minute, 36.0)
    assert len(steps) > 60 and not any(step.quality & ACCELERATING for step in steps)


def test_a_few_steps_are_settling(params, frames, minute):
    """Five steps of running after a stand: gravity is not known."""
    end = int((minute.truth_steps["t_ic_s"][4] + 0.3) * minute.imu_rate_hz)
    few = [step for step in run(params, frames[:end]) if contact_s(step, minute.imu_rate_hz) > 27.0]
    assert few and all(step.quality & SETTLING and step.peak_drop_deg is None for step in few)
