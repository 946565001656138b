"""The core on a made-up runner: sign, side and unit against truth, and what is not known."""

from copy import copy
from dataclasses import replace

import numpy
import pytest
from core_run import (
    ACCEL_SCALE_MPS2,
    BLOCK,
    GYRO_SCALE_RADS,
    MINUTE,
    RUNS_S,
    calibrated,
    contact_s,
    matched,
    push,
    raw_frames,
    run,
    running,
)

from hipcue.contract.record import QUALITY_BITS
from hipcue.contract.signals import GRAVITY_MPS2, SIDE_LEFT, SIDE_RIGHT, SIDE_UNKNOWN
from hipcue.core.pelvis import Pelvis
from hipcue.core.pelvis_state import Params
from host_tools.runners.people import Clip
from host_tools.runners.record import record
from host_tools.runners.scenario import easy_run

TURNING, CLIPPED = QUALITY_BITS["turning"], QUALITY_BITS["clipped"]
SETTLING, UNCALIBRATED = QUALITY_BITS["settling"], QUALITY_BITS["uncalibrated"]


def test_every_true_step_is_found_once(steps, minute):
    found = numpy.array([contact_s(step, minute.imu_rate_hz) for step in steps])
    true = minute.truth_steps["t_ic_s"]
    for time_s in true[(true > RUNS_S) & (true < 58.5)]:
        assert numpy.count_nonzero(numpy.abs(found - time_s) < 0.03) == 1, time_s


def test_sides(steps, minute):
    """Unsure for some steps at first; from 4 s on always the right one."""
    pairs = matched(running(steps, minute), minute)
    sure = [(step, true) for step, true in pairs if step.side != SIDE_UNKNOWN]
    assert all(step.side == (SIDE_LEFT if true["stance_side"] == "L" else SIDE_RIGHT) for step, true in sure)
    assert all(step.side for step in running(steps, minute, from_s=33.0))
    assert len(sure) > 75


def test_no_side_is_decided_wrong(params, frames, minute):
    """As the cue hears it, before anything is settled: unsure at first, then right, for good."""
    core, heard = Pelvis(params), []
    for start in range(0, len(frames), BLOCK):
        decided = running(push(core, frames[start : start + BLOCK])[0], minute)
        heard += [(step.side, true["stance_side"]) for step, true in matched(decided, minute)]
    known = [side != SIDE_UNKNOWN for side, _ in heard]
    assert known == sorted(known) and sum(known) > 60
    assert all(side == (SIDE_LEFT if true == "L" else SIDE_RIGHT) for side, true in heard if side != SIDE_UNKNOWN)


def test_drop_in_degrees_with_its_sign(steps, minute):
    """Settled peak drop within 0.1 deg; excursion within 0.4 deg, since a contact 5 ms late misses its first 0.3 deg.

    The grown left drop goes up to 10 deg, the right one stays near 4.
    """
    pairs = [pair for pair in matched(running(steps, minute), minute) if pair[0].side]
    assert all(step.quality == 0 for step, _ in pairs)
    errors = numpy.array([step.peak_drop_deg - true["peak_drop_deg"] for step, true in pairs])
    assert numpy.abs(errors).max() < 0.1
    errors = numpy.array([step.excursion_deg - true["excursion_deg"] for step, true in pairs])
    assert numpy.abs(errors).max() < 0.4
    late = {side: [s.peak_drop_deg for s, t in pairs if t["stance_side"] == side and t["t_ic_s"] > 47] for side in "LR"}
    assert numpy.mean(late["L"]) - numpy.mean(late["R"]) > 4


def test_causal_drop(steps, minute):
    """What the cue knows at the end of stance: within 0.3 deg from 10 s into the run, SD at most 0.17 deg, no bias."""
    pairs = matched(running(steps, minute, from_s=38.5), minute)
    errors = numpy.array([step.peak_drop_causal_deg - true["peak_drop_deg"] for step, true in pairs])
    assert numpy.abs(errors).max() < 0.3 and errors.std() <= 0.17 and abs(errors.mean()) < 0.08


def test_times(steps, minute):
    """Contact within 10 ms, peak within 25 ms of the truth; decided by 65 % of the step."""
    for step, true in matched(running(steps, minute), minute):
        rate_hz = minute.imu_rate_hz
        assert abs(contact_s(step, rate_hz) - true["t_ic_s"]) < 0.010
        assert step.side == SIDE_UNKNOWN or abs(step.peak / rate_hz - true["t_peak_s"]) < 0.025
        assert step.stance_end - step.first < 0.65 * 60 / 165 * rate_hz


@pytest.mark.parametrize("steps_per_min", [140.0, 200.0])
def test_slow_and_quick_steps(steps_per_min):
    """The core begins with a step time for 167 steps/min and follows."""
    recording = record(replace(MINUTE, stretches=(easy_run(26.0, 60.0, steps_per_min),), drop_growths=()))
    frames = raw_frames(recording)
    steps = running(run(calibrated(recording, frames), frames), recording, 38.0, 58.5)
    true_s = recording.truth_steps["t_ic_s"]
    assert len(steps) == numpy.count_nonzero((true_s > 38.0) & (true_s < 58.5))
    for step, true in matched(steps, recording):
        assert step.quality == 0 and step.side == (SIDE_LEFT if true["stance_side"] == "L" else SIDE_RIGHT)
        assert abs(step.peak_drop_deg - true["peak_drop_deg"]) < 0.1
        assert step.stance_end - step.first < 0.68 * 60 / steps_per_min * recording.imu_rate_hz


def test_104_hz():
    """The lower rate of the settings, where nothing is pooled: drops and sides are as good.

    An impact's jerk is then one or two samples long: which of its rises is seen first may change from step to step, so
    contacts are asked for within three samples, 29 ms, and one for rounding.
    """
    recording = record(MINUTE, clip=Clip(rate_hz=104 * 1.004))
    frames = raw_frames(recording)
    steps = running(run(calibrated(recording, frames), frames), recording, 36.0, 58.5)
    true = recording.truth_steps
    assert len(steps) == numpy.count_nonzero((true["t_ic_s"] > 36.0) & (true["t_ic_s"] < 58.5))
    for step, truth in matched(steps, recording, within_s=4 / 104):
        assert step.side == (SIDE_LEFT if truth["stance_side"] == "L" else SIDE_RIGHT)
        assert abs(step.peak_drop_deg - truth["peak_drop_deg"]) < 0.1


@pytest.mark.parametrize("back_share", [0.3, 0.5, 0.7])
def test_what_impacts_leave_over_tilts_no_gravity(back_share):
    """A force that no motion explains, of 4 % of gravity up and a share of that back, in 30 ms after each contact.

    Left in, it tilts gravity by 0.04 * back_share: 0.7 to 1.6 deg. Half of the excess put back leaves
    0.04 * |back_share - 0.5|, which is 0.46 deg at most, and what a lean of 6 deg at contact makes of it: 0.24 deg.
    """
    recording = record(MINUTE)
    body = calibrated(recording, raw_frames(recording)).mount
    forward, up = numpy.array(body[0]), numpy.array(body[2])
    since_s = recording.t_s[:, None] - recording.truth_steps["t_ic_s"][None, :]
    pulse = numpy.where((since_s > 0) & (since_s < 0.03), numpy.sin(numpy.pi * since_s / 0.03), 0.0).sum(axis=1)
    runs = recording.t_s > MINUTE.run_starts_s
    disturbed = recording.imu.copy()
    disturbed[:, :3] += (pulse * 0.04 * GRAVITY_MPS2 / pulse[runs].mean())[:, None] * (up - back_share * forward)
    pitch_deg = []
    for imu in (recording.imu, disturbed):
        frames = raw_frames(replace(recording, imu=imu))
        core = Pelvis(calibrated(recording, frames))
        push(core, frames)
        pitch_deg.append(numpy.degrees(numpy.arcsin(numpy.dot(core.state.up, forward))))
    assert abs(pitch_deg[1] - pitch_deg[0]) < numpy.degrees(0.04 * abs(back_share - 0.5)) + 0.24


def test_a_bias_that_is_known_changes_nothing(minute, frames, params, steps):
    """0.9 m/s2 on each axis, in whole LSB, and nothing but rounding and what the contact makes of 0.09 g."""
    lsb = (190, -190, 190)
    biased = frames.copy()
    biased[:, 3:] += numpy.array(lsb, dtype=numpy.int16)
    known = copy(params)
    known.accel_bias_mps2 = tuple(params.accel_bias_mps2[i] + lsb[i] * ACCEL_SCALE_MPS2 for i in range(3))
    pairs = list(zip(running(run(known, biased), minute), running(steps, minute), strict=True))
    assert [a.quality for a, _ in pairs] == [b.quality for _, b in pairs]
    for name in ("peak_drop_deg", "peak_drop_causal_deg", "excursion_deg"):
        values = [(getattr(a, name), getattr(b, name)) for a, b in pairs]
        known = numpy.array([both for both in values if None not in both])
        assert len(known) > 60 and numpy.max(numpy.abs(known[:, 0] - known[:, 1])) < 0.01, name


def test_mirrored_runner(minute, frames, params, steps):
    """Left and right change places, and nothing else: y of the force and x, z of the rates with the other sign.

    Frames are mirrored in the sensor's frame, so the mount is, too.
    """
    flipped = (frames * numpy.array((-1, 1, -1, 1, -1, 1))).astype("<i2")
    mirrored = calibrated(replace(minute, imu=minute.imu * (1, -1, 1, -1, 1, -1)), flipped)
    other = run(mirrored, flipped)
    assert len(other) == len(steps)
    for step, twin in zip(steps, other, strict=True):
        assert (twin.first, twin.quality) == (step.first, step.quality)
        assert twin.side == {SIDE_UNKNOWN: SIDE_UNKNOWN, SIDE_LEFT: SIDE_RIGHT, SIDE_RIGHT: SIDE_LEFT}[step.side]
        if step.peak_drop_deg is not None:
            assert twin.peak_drop_deg == pytest.approx(step.peak_drop_deg, abs=0.002)


def test_no_trace_unless_asked_for_and_calibrated(steps, frames, minute):
    """Without the standing neutral there is no zero to trace from."""
    bare = run(Params(minute.imu_rate_hz, ACCEL_SCALE_MPS2, GYRO_SCALE_RADS, trace=True), frames)
    assert all(step.obliquity_deg is None for step in steps + bare)


def test_trace_is_the_obliquity_of_every_sample(minute, frames):
    """Against truth without its mean: within 0.1 deg rms, 0.4 deg at the most; samples follow each other."""
    steps = run(calibrated(minute, frames, trace=True), frames)
    traced = [step for step in running(steps, minute, 34.0) if step.obliquity_deg is not None]
    errors, expected_start = [], traced[0].trace_start
    for step in traced:
        assert step.trace_start == expected_start
        count = len(step.obliquity_deg)
        errors.append(numpy.asarray(step.obliquity_deg) - minute.truth_obliquity_deg[expected_start:][:count])
        expected_start += count
    errors = numpy.concatenate(errors)
    assert numpy.std(errors) < 0.1 and numpy.abs(errors).max() < 0.4
