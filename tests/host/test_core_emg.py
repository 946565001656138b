"""The EMG core: amplitudes, what spoils them, and that it goes on from a State bit for bit."""

import math
from copy import deepcopy

import emg_run
import numpy
import pytest
from emg_run import Spoilt, own, run, to_lsb

from hipcue.contract.emg import EMG_INVALID, EMG_QUALITY, EMG_QUALITY_BITS, LSB_UV
from hipcue.core.emg import Emg
from hipcue.core.emg_state import FRAMES, FULL_SCALE, Params, State
from host_tools.runners import emg
from host_tools.runners.emg import LEFT, RIGHT

BITS = EMG_QUALITY_BITS
DURATION_S = 30.0
COUNT = int(DURATION_S * emg.RATE_HZ)
OFFSETS_UV = (180e3, -90e3)  # of the electrodes; the converter's range is 403 mV


def values(reading):
    """All of a Reading as a tuple, amplitudes first."""
    return (
        reading.activation_uv, reading.peak_uv, reading.pre_activation_uv, reading.onset_ms, reading.quality
    )  # fmt: skip


@pytest.fixture(scope="module")
def clean():
    """(signal in uV, Truth) of 30 s."""
    random = numpy.random.default_rng(11)
    steps = emg.make_steps(random, DURATION_S)
    return emg.emg_uv(random, emg.activation(steps, COUNT)) + OFFSETS_UV, steps


def tone(frequency_hz, amplitude_uv=100.0, count=2000):
    """A sine on both channels, right with twice the amplitude."""
    sine = amplitude_uv * numpy.sin(2 * math.pi * frequency_hz * numpy.arange(count) / emg.RATE_HZ)
    return numpy.stack([sine, 2 * sine], axis=1)


def pushed(signal_uv, **params):
    """An Emg that has got all of a short signal."""
    core, lsb = Emg(Params(**params)), to_lsb(signal_uv)
    for start in range(0, len(lsb), 100):
        core.push(lsb[start : start + 100].tobytes(), len(lsb[start : start + 100]))
    return core


def test_quality_table_is_one_byte_of_distinct_bits():
    bits = [row[0] for row in EMG_QUALITY]
    assert sum(bits) == 0xFF == len({row[1] for row in EMG_QUALITY}) * 32 - 1
    assert EMG_INVALID == 0xFF - BITS["low_contrast"]


def test_scale_is_the_data_sheets():
    """hardware.md: 48.08 nV per LSB at gain 6."""
    assert LSB_UV == pytest.approx(0.04808, rel=1e-4)


@pytest.mark.parametrize("frequency_hz, gain", [(100.0, 1.0), (250.0, 1.0), (20.0, math.sqrt(0.5)), (5.0, 0.0624)])
def test_amplitude_of_a_tone(frequency_hz, gain):
    """RMS of a sine: amplitude / sqrt(2) times the band-pass's gain (Butterworth: 3 dB at 20 Hz, 24 dB at 5 Hz)."""
    core = pushed(tone(frequency_hz), mains_hz=60)
    (left, _), (right, _) = core.read_span(1000, 1996)
    expected = 100.0 / math.sqrt(2.0) * gain
    if frequency_hz == 5.0:
        assert left is None  # motion
    else:
        assert left == pytest.approx(expected, rel=0.01) and right == pytest.approx(2 * expected, rel=0.01)


@pytest.mark.parametrize("mains_hz", [50, 60])
def test_the_mains_are_only_at_their_frequency(mains_hz):
    for frequency_hz in (50.0, 60.0):
        (_, left), (_, right) = pushed(tone(frequency_hz), mains_hz=mains_hz).read_span(1500, 1900)
        assert (left == BITS["mains"]) == (right == BITS["mains"]) == (frequency_hz == mains_hz)


def test_slow_movement_is_motion_and_drift_is_not():
    assert pushed(tone(8.0, 500.0)).read_span(1500, 1900)[0] == (None, BITS["motion"])
    random = numpy.random.default_rng(2)
    noise = 50.0 * numpy.stack([emg.noise(random, 2000)] * 2, axis=1)
    drift = 2000.0 * numpy.arange(2000)[:, None] / emg.RATE_HZ  # 2 mV/s
    assert pushed(noise + drift).read_span(1500, 1900)[0][1] == 0


def test_an_electrodes_offset_is_no_signal():
    """300 mV from the first sample on: the amplifier's noise alone is read."""
    random = numpy.random.default_rng(3)
    signal = 5.0 * numpy.stack([emg.noise(random, 2000)] * 2, axis=1)
    for first in (0, 1200):
        (left, quality), _ = pushed(signal + 300e3).read_span(first, first + 400)
        assert quality == 0 and left == pytest.approx(numpy.std(signal[first : first + 400, 0]), rel=0.05)


def test_activation_is_the_signals_own_rms(clean):
    signal, steps = clean
    for channel in (LEFT, RIGHT):
        read = run(signal, steps).values("activation_uv", channel)
        true = emg_run.realised_uv(signal - OFFSETS_UV, steps, channel)
        # The stance's edges are rounded to 12 samples, and the band-pass takes 1 % off.
        assert numpy.nanmax(abs(read / true - 0.99)) < 0.12 and numpy.nanstd(read / true) < 0.025


def test_peak_and_pre_activation(clean):
    """The peak is the largest of the true RMS over any 24 ms, within its grid of 12 ms; pre of the 100 ms before."""
    signal, steps = clean
    found, channel = run(signal, steps), own(steps)
    for order in range(5, 40):
        reading = found.readings[order][channel[order]]
        if reading.quality:
            continue
        contact, end = steps.contact[order], steps.stance_end[order]
        own_uv = signal[:, channel[order]] - OFFSETS_UV[channel[order]]
        moving = numpy.sqrt(numpy.convolve(own_uv**2, numpy.ones(24) / 24.0, "valid"))
        assert reading.activation_uv < reading.peak_uv < 1.1 * moving[contact - 12 : end - 12].max()
        true = numpy.sqrt(numpy.mean(own_uv[contact - 100 : contact] ** 2))
        assert reading.pre_activation_uv == pytest.approx(true, rel=0.25)


def test_only_the_stance_side_has_an_onset(clean):
    signal, steps = clean
    found, channel = run(signal, steps), own(steps)
    assert numpy.isnan(found.values("onset_ms", 1 - channel)).all()
    error = found.values("onset_ms", channel) - steps.onset_ms
    assert numpy.isnan(error[0]) and numpy.isnan(error).sum() <= 2
    assert abs(numpy.nanmean(error)) < 5.0 and numpy.nanstd(error) < 12.0


def test_a_step_alone_has_no_onset_and_no_contrast(clean):
    signal, steps = clean
    core = Emg(Params())
    lsb = to_lsb(signal)
    for start in range(0, steps.stance_end[6], 50):
        core.push(lsb[start : start + 50].tobytes(), 50)
    reading = core.read_step(int(steps.contact[6]), int(steps.stance_end[6]))[own(steps)[6]]
    assert reading.onset_ms is None and reading.quality == 0 and reading.activation_uv > 40.0


def test_two_halves_with_the_state_are_one_run(clean):
    """Bit for bit, wherever the cut lies, with gaps and blanks on both sides of it."""
    signal, steps = clean
    lsb = to_lsb(signal)
    times = numpy.arange(COUNT)
    spoilt = Spoilt(motor=times % 4100 < 150, lead_off=(times % 7000 < 90).astype(int), lost=times % 3331 < 17)

    def go(cuts):
        core, found, order = Emg(Params()), [], 0
        for start in range(0, COUNT, 64):
            if start // 64 in cuts:
                core = Emg(Params(), deepcopy(core.state))
            emg_run.push(core, lsb, slice(start, min(start + 64, COUNT)), spoilt)
            while order < len(steps.contact) and steps.stance_end[order] <= core.index:
                before = int(steps.contact[order - 1]) if order else None
                pair = core.read_step(int(steps.contact[order]), int(steps.stance_end[order]), before)
                found.append([values(each) for each in pair])
                order += 1
        return found, [each.spectrum.sum.tolist() for each in core.state.channels]

    whole = go(())
    assert len(whole[0]) == len(steps.contact) and any(pair[0][-1] == 0 for pair in whole[0])
    assert go((100,)) == whole
    assert go(range(1, COUNT // 64)) == whole


def test_block_size_does_not_matter_to_the_amplitudes(clean):
    """They come from slots, which are the same whatever comes at once; mains and motion are judged by chunks."""
    signal, steps = clean
    small, large = run(signal, steps, block=7), run(signal, steps, block=128)
    for one, other in zip(small.readings, large.readings, strict=True):
        for a, b in zip(one, other, strict=True):
            if not a.quality | b.quality:
                    assert values(a)[:3] == values(b)[:3]


def test_electrodes_exchanged_give_the_same_numbers_on_the_other_side(clean):
    signal, steps = clean
    times = numpy.arange(COUNT)
    spoilt = Spoilt(motor=times % 4100 < 150, lead_off=(times % 7000 < 90).astype(int))
    exchanged = Spoilt(motor=spoilt.motor, lead_off=2 * spoilt.lead_off)
    ours, theirs = run(signal, steps, spoilt), run(signal[:, ::-1], steps, exchanged)
    assert len(ours.readings) == len(steps.contact)
    for pair, other in zip(ours.readings, theirs.readings, strict=True):
        assert [values(each) for each in pair] == [values(each) for each in other[::-1]]
    assert ours.medians_hz == [pair[::-1] for pair in theirs.medians_hz]


def test_lost_samples_keep_the_time(clean):
    """The index counts them, the steps they touch and only those are marked, the others read as without the loss."""
    signal, steps = clean
    lost = numpy.zeros(COUNT, bool)
    for start, length in ((3000, 1), (6001, 11), (9002, 80), (12003, 500), (16004, 3000)):
        lost[start : start + length] = True
    with_gaps, whole = run(signal, steps, Spoilt(lost=lost)), run(signal, steps)
    tail = numpy.convolve(lost, numpy.ones(41), "full")[:COUNT] > 0
    touched = emg_run.overlapping(steps, tail)
    marked = with_gaps.quality(LEFT) & BITS["gap"] > 0
    # Slots are whole and a step's first 100 ms lie before its contact: a step next to a long gap may be marked as well.
    assert marked[touched].all() and (marked & ~touched).sum() <= 3
    for order in numpy.flatnonzero(~marked):
        for a, b in zip(with_gaps.readings[order], whole.readings[order], strict=True):
            if not a.quality | b.quality:
                assert a.activation_uv == pytest.approx(b.activation_uv, rel=0.01)
    core = Emg(Params())
    core.push(b"", 0, lost=10)
    core.push(bytes(8), 1, lost=5)
    core.push(bytes(800), 100, lost=1_000_000)
    assert core.index == 1_000_116


@pytest.mark.parametrize("held", range(FRAMES - 15, FRAMES + 1))
@pytest.mark.parametrize("lost", [1, 5, 30])
def test_a_loss_with_the_buffer_nearly_full_finds_room(held, lost):
    core = Emg(Params())
    for count in (250, held - 250):
        core.push(bytes(8 * count), count)
    core.push(bytes(8), 1, lost=lost)
    assert core.index == held + lost + 1


def test_a_motor_changes_no_step(clean):
    signal, steps = clean
    on = numpy.arange(COUNT) % 1700 < 220
    noise = emg.motor_uv(COUNT, on)[:, None]
    with_noise, without = run(signal + noise, steps, Spoilt(motor=on)), run(signal, steps)
    marked = with_noise.quality(LEFT) & BITS["blanked"] > 0
    assert marked[emg_run.overlapping(steps, on)].all() and marked.sum() < len(marked) / 2
    for channel in (LEFT, RIGHT):
        change = with_noise.values("activation_uv", channel) / without.values("activation_uv", channel) - 1.0
        assert numpy.isnan(change[marked]).all() and numpy.nanmax(abs(change)) < 0.01
    unblanked = run(signal + noise, steps).values("activation_uv", LEFT)
    assert numpy.nanmax(unblanked) > 10.0 * numpy.nanmax(without.values("activation_uv", LEFT))


@pytest.mark.parametrize("after_ms, marked", [(30, True), (39, True), (41, False)])
def test_the_40_ms_after_a_motor_are_marked(clean, after_ms, marked):
    """The band-pass at 20 Hz rings on for that long."""
    signal, steps = clean
    on = numpy.zeros(COUNT, bool)
    on[steps.contact[10] - after_ms - 60 : steps.contact[10] - after_ms] = True
    quality = run(signal, steps, Spoilt(motor=on)).quality(LEFT)
    assert (quality[10] & BITS["blanked"] > 0) == marked and not quality[11] & BITS["blanked"]


def test_no_onset_against_a_stance_that_is_not_known(clean):
    """The quiet part of a step's own side is the stance before: blanked, it says nothing of the baseline."""
    signal, steps = clean
    on = numpy.zeros(COUNT, bool)
    on[steps.contact[10] : steps.contact[10] + 50] = True
    channel = own(steps)
    found = run(signal, steps, Spoilt(motor=on)).values("onset_ms", channel)
    assert numpy.isnan(found[[10, 11]]).all()
    assert not numpy.isnan(run(signal, steps).values("onset_ms", channel)[[10, 11]]).any()
    assert not numpy.isnan(found[[9, 12]]).any()


def test_a_second_burst_in_the_other_stance_is_not_the_quiet_part(clean):
    """As the other muscles of the hip give it in running: 50 uV in the first 80 ms of the other side's stance.

    The stance as a whole is then at half of the active one; its later half is as quiet as ever.
    """
    signal, steps = clean
    channel, second = own(steps), numpy.zeros((COUNT, 2))
    for contact, side in zip(steps.contact, channel, strict=True):
        second[contact : contact + 80, 1 - side] = 50.0
    signal_and_second = signal + emg.emg_uv(numpy.random.default_rng(13), second)
    whole, found = run(signal, steps), run(signal_and_second, steps)
    ratio = found.values("activation_uv", channel) / found.values("activation_uv", 1 - channel)
    assert numpy.nanmedian(ratio) < 2.2
    assert (found.quality(LEFT) & BITS["low_contrast"] > 0).mean() <= 0.02
    known = numpy.isfinite(whole.values("onset_ms", channel))
    moved = (found.values("onset_ms", channel) - whole.values("onset_ms", channel))[known]
    assert numpy.isfinite(moved).mean() >= 0.95 and abs(numpy.nanmean(moved)) < 5.0


def test_slow_movement_in_the_quiet_part_alone_leaves_the_onset(clean):
    """It hides the quiet stance's amplitude, below 20 Hz, but is not in the band that the onset is sought in."""
    signal, steps = clean
    channel, random = own(steps), numpy.random.default_rng(14)
    moving = signal + numpy.stack([emg.movement_uv(random, COUNT, 30.0, (3.0, 8.0)) for _ in range(2)], axis=1)
    whole, found = run(signal, steps), run(moving, steps)
    spoilt = found.values("quality", 1 - channel).astype(int) & BITS["motion"] > 0
    after = numpy.append(False, spoilt[:-1]) & (found.values("quality", channel) == 0)
    after &= numpy.isfinite(whole.values("onset_ms", channel))
    moved = (found.values("onset_ms", channel) - whole.values("onset_ms", channel))[after]
    assert after.sum() > 20 and numpy.isfinite(moved).mean() >= 0.95 and abs(numpy.nanmean(moved)) < 5.0


def test_two_losses_in_a_row_are_one():
    signal = to_lsb(tone(100.0, count=400))
    cores = [Emg(Params()), Emg(Params())]
    for core in cores:
        core.push(signal[:100].tobytes(), 100)
    cores[0].push(b"", 0, lost=30)
    cores[0].push(signal[100:].tobytes(), 300, lost=17)
    cores[1].push(signal[100:].tobytes(), 300, lost=47)
    assert cores[0].index == cores[1].index == 447
    spans = [core.read_span(200, 440) for core in cores]
    assert spans[0] == spans[1] and spans[0][0][0] == pytest.approx(100.0 / math.sqrt(2.0), rel=0.01)
    slots = [core.state.slots for core in cores]
    assert slots[0].energy.tolist() == slots[1].energy.tolist()


def test_a_walks_step_is_still_held():
    """110 steps/min: two stances and what lies between are 0.9 s."""
    gait = emg.Gait(steps_per_min=110.0)
    random = numpy.random.default_rng(12)
    steps = emg.make_steps(random, 60.0, gait)
    signal = emg.emg_uv(random, emg.activation(steps, 60_000, gait))
    onsets = run(signal, steps).values("onset_ms", own(steps))
    assert numpy.isnan(onsets[1:]).mean() < 0.05


def test_lead_off_is_of_one_channel(clean):
    signal, steps = clean
    off = (numpy.arange(COUNT) > COUNT // 2) * 2
    found = run(signal, steps, Spoilt(lead_off=off.astype(int)))
    late = steps.contact > COUNT // 2 + 200
    assert (found.quality(RIGHT)[late] & BITS["lead_off"] > 0).all()
    assert not (found.quality(LEFT) & BITS["lead_off"]).any()
    assert numpy.isnan(found.values("activation_uv", RIGHT)[late]).all()


def test_one_percent_at_a_rail(clean):
    """A stance of some 212 samples: 2 of them at the rail are under 1 %, 4 are over."""
    signal, steps = clean
    for samples, over in ((2, False), (4, True)):
        spoilt = signal.copy()
        for contact in steps.contact:
            spoilt[contact + 90 : contact + 90 + samples, LEFT] = (FULL_SCALE + 1) * LSB_UV
        quality = run(spoilt, steps).quality(LEFT)
        assert ((quality & BITS["at_rail"] > 0) == over).mean() > 0.99
        assert not (run(spoilt, steps).quality(RIGHT) & BITS["at_rail"]).any()


def test_a_channel_on_its_rail_throughout_is_found(clean):
    signal, steps = clean
    signal = signal.copy()
    signal[COUNT // 2 :, RIGHT] = -1e6
    late = steps.contact > COUNT // 2 + 1000
    assert (run(signal, steps).quality(RIGHT)[late] & BITS["at_rail"] > 0).all()


def test_what_is_no_longer_held_is_a_gap():
    core = pushed(tone(100.0, count=6000))
    for reading in core.read_step(500, 700, 200):
        assert values(reading) == (None, None, None, None, BITS["gap"])
    assert core.read_span(500, 700) == [(None, BITS["gap"])] * 2


def test_a_block_too_long_says_so():
    core = Emg(Params())
    with pytest.raises(ValueError, match="more than the core holds"):
        core.push(bytes(8 * (FRAMES + 1)), FRAMES + 1)


def test_the_state_is_small():
    """Arrays of the State: the frames, the slots, two spectra."""
    state = State()
    floats = state.frames.size + state.slots.energy.size + sum(each.spectrum.sum.size for each in state.channels)
    assert 4 * floats < 6.5 * 1024
