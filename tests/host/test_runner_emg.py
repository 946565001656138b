"""The made-up EMG is what its truth says."""

import numpy
import pytest

from host_tools.runners import emg
from host_tools.runners.motion import Motion
from host_tools.runners.people import Runner
from host_tools.runners.scenario import GluteFade, Scenario, easy_run


@pytest.mark.parametrize("low_hz, high_hz", [(60.0, 120.0), (40.0, 90.0)])
def test_median_frequency_halves_the_power_of_the_noise(low_hz, high_hz):
    medians = []
    for seed in range(6):  # each scatters by about 0.15 Hz
        signal = emg.noise(numpy.random.default_rng(seed), 1_000_000, low_hz, high_hz)
        power = numpy.abs(numpy.fft.rfft(signal)) ** 2
        f = numpy.fft.rfftfreq(len(signal), 1 / emg.RATE_HZ)
        medians.append(f[numpy.searchsorted(numpy.cumsum(power), power.sum() / 2)])
        assert power[(f < 20.0) | (f > 400.0)].sum() < 1e-9 * power.sum()
        assert signal.std() == pytest.approx(1.0)
    assert numpy.mean(medians) == pytest.approx(emg.median_frequency_hz(low_hz, high_hz), abs=0.2)


def test_steps_alternate_at_the_cadence():
    steps = emg.make_steps(numpy.random.default_rng(2), 300.0, emg.Gait(steps_per_min=180.0))
    assert (steps.left[::2]).all() and not steps.left[1::2].any()
    assert 60_000.0 / numpy.diff(steps.contact).mean() == pytest.approx(180.0, rel=0.005)
    assert ((steps.stance_end - steps.contact)[:-1] / numpy.diff(steps.contact)).mean() == pytest.approx(0.6, abs=0.01)


def test_activation_rises_at_the_onset_to_12_db_on_the_stance_side():
    steps = emg.make_steps(numpy.random.default_rng(3), 20.0)
    level = emg.activation(steps, 20_000)
    assert level.min() == 20.0 and level.max() == pytest.approx(20.0 * 10 ** (12 / 20), rel=1e-6)
    for order in range(3, 20):
        channel = emg.LEFT if steps.left[order] else emg.RIGHT
        rise = int(steps.contact[order] + steps.onset_ms[order])
        assert level[rise - 50 : rise + 1, channel].max() <= 23.1  # within the sample of the rise's beginning
        assert level[rise + 21 : steps.contact[order] + 90, channel].min() == level.max()
        assert level[steps.contact[order] : steps.stance_end[order] - 20, 1 - channel].max() == 20.0


def test_emg_has_the_activation_as_its_rms():
    random = numpy.random.default_rng(4)
    level = numpy.repeat([[10.0, 40.0], [80.0, 5.0]], 50_000, axis=0)
    signal = emg.emg_uv(random, level)
    assert signal[:50_000].std(axis=0) == pytest.approx([10.0, 40.0], rel=0.02)
    assert signal[50_000:].std(axis=0) == pytest.approx([80.0, 5.0], rel=0.02)


def test_what_spoils_it_has_its_size_and_place():
    count, random = 100_000, numpy.random.default_rng(5)
    f = numpy.fft.rfftfreq(count, 1 / emg.RATE_HZ)
    mains = emg.mains_uv(count, 30.0, 60.0)
    assert mains.std() == pytest.approx(30.0) and f[numpy.abs(numpy.fft.rfft(mains)).argmax()] == 60.0
    movement = emg.movement_uv(random, count, 200.0)
    assert movement.std() == pytest.approx(200.0)
    assert (numpy.abs(numpy.fft.rfft(movement))[f > 20.0] < 1e-6 * count).all()
    on = numpy.arange(count) % 1000 < 100
    motor = emg.motor_uv(count, on)
    assert not motor[~on].any() and 29_000 < numpy.abs(motor).max() < 40_000


def test_lsb_stop_at_the_range():
    lsb = emg.to_lsb(numpy.array([[1.0, -1.0], [1e9, -1e9]]), 0.5, 8388607)
    assert lsb.tolist() == [[2, -2], [8388607, -8388608]] and lsb.dtype == numpy.dtype("<i4")


def test_the_same_seed_gives_the_same_signal():
    level = numpy.full((500, 2), 10.0)
    one, other = [emg.emg_uv(numpy.random.default_rng(7), level) for _ in range(2)]
    assert (one == other).all()


def test_a_scenarios_glutes_follow_its_steps_and_fade():
    """Standing is quiet, each side is loud in its own stance, and the left loses 40 % of its burst."""
    scenario = Scenario(
        name="fading",
        duration_s=80.0,
        stretches=(easy_run(20.0, 78.0),),
        glute_fades=(GluteFade("L", start_s=40.0, over_s=10.0, lose=0.4),),
    )
    motion = Motion(scenario, Runner())
    signal = emg.motion_emg_uv(motion, scenario.duration_s)
    assert signal.shape == (80_000, 2) and signal[2000:18_000].std(axis=0) == pytest.approx([20.0, 20.0], rel=0.03)

    def level(channel, own, start_s, stop_s):
        chosen = motion.steps.contact_s[motion.steps.left == (own if channel == emg.LEFT else not own)]
        at = [int(1000 * t_s) for t_s in chosen if start_s < t_s < stop_s]
        return numpy.sqrt(numpy.mean([numpy.mean(signal[k : k + 80, channel] ** 2) for k in at]))

    assert level(emg.LEFT, True, 24.0, 40.0) == pytest.approx(79.6, rel=0.1)
    assert level(emg.RIGHT, True, 24.0, 75.0) == pytest.approx(79.6, rel=0.1)
    assert level(emg.LEFT, True, 52.0, 75.0) == pytest.approx(20.0 + 0.6 * 59.6, rel=0.1)
    assert level(emg.LEFT, False, 24.0, 75.0) == pytest.approx(20.0, rel=0.1)
