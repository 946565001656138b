"""The EMG core's bars, on made-up EMG with truth and on real surface EMG (walking).

`make emg-accuracy` prints the same figures over more seeds.
"""

from pathlib import Path

import emg_accuracy
import emg_body
import emg_run
import numpy
import pytest
from emg_run import own, run

from hipcue.contract.emg import EMG_QUALITY_BITS
from hipcue.core.emg import Emg
from hipcue.core.emg_sides import ElectrodeSides
from hipcue.core.emg_state import Params
from host_tools.runners import emg

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "emg"


def test_activation_follows_a_fading_glute_within_5_percent():
    signal, steps, _ = emg_accuracy.made(21, 120.0, share=lambda count: numpy.linspace(1.0, 0.5, count))
    read, true = run(signal, steps).values("activation_uv", own(steps)), emg_run.realised_uv(signal, steps, own(steps))
    third = len(read) // 3
    ratio = numpy.nanmean(read[-third:]) / numpy.nanmean(read[:third])
    assert ratio == pytest.approx(true[-third:].mean() / true[:third].mean(), rel=0.01)
    assert numpy.nanpercentile(abs(read / true - numpy.nanmean(read / true)), 95) < 0.05


@pytest.mark.parametrize("rise_s", [0.0, 0.02, 0.05])
def test_onset_bias_within_10_ms_and_sd_within_20(rise_s):
    signal, steps, _ = emg_accuracy.made(22, 100.0, emg.Gait(rise_s=rise_s))
    error = run(signal, steps).values("onset_ms", own(steps)) - steps.onset_ms
    assert abs(numpy.nanmean(error)) < 10.0 and numpy.nanstd(error) < 20.0
    assert numpy.isnan(error).mean() < 0.03


def test_median_frequency_within_3_hz_and_follows_fatigue():
    """Every minute that is given; then a spectrum a quarter lower, as a tired muscle's."""
    random = numpy.random.default_rng(23)
    steps = emg.make_steps(random, 480.0)
    level = emg.activation(steps, 480_000)
    for low_hz, high_hz in ((emg.LOW_HZ, emg.HIGH_HZ), (45.0, 90.0)):
        signal = emg.emg_uv(random, level, low_hz, high_hz)
        found = run(*emg_accuracy.converted(signal, steps)).medians_hz
        assert found[0] == [None, None] and None not in found[5] + found[6]
        given = numpy.array([value for pair in found for value in pair if value is not None])
        error = given - emg.median_frequency_hz(low_hz, high_hz)
        assert abs(error).max() < 3.0 and error.std() < 1.5


def test_samples_that_are_filled_in_change_a_step_by_less_than_it_scatters():
    """Four in every stance: no step is marked, the mean stays, and a step's own share of noise is larger."""
    signal, steps, _ = emg_accuracy.made(27, 90.0)
    change, _ = emg_accuracy.bridging(signal, steps, numpy.random.default_rng(28))
    assert len(change) > 0.98 * len(steps.contact)
    assert abs(change.mean()) < 0.005 and change.std() < 0.02
    read = run(signal, steps).values("activation_uv", own(steps))
    assert change.std() < 0.5 * numpy.nanstd(read) / numpy.nanmean(read)


@pytest.mark.parametrize("name", EMG_QUALITY_BITS)
def test_each_contaminant_is_flagged_and_no_clean_step(name):
    signal, steps, _ = emg_accuracy.made(24, 90.0)
    signal, spoilt, concerned, clean = emg_accuracy.spoil(name, numpy.random.default_rng(25), signal, steps)
    quality = run(signal, steps, spoilt).quality(emg.LEFT)
    flagged = quality & EMG_QUALITY_BITS[name] > 0
    assert concerned.sum() > 50 and clean.sum() > 100
    assert flagged[concerned].mean() >= 0.95 and flagged[clean].mean() <= 0.02
    assert (quality[clean] > 0).mean() <= 0.02


@pytest.mark.parametrize(
    "other_burst, impact_uv, sway_uv, least", [(0.25, 0.0, 0.0, 0.85), (0.0, 200.0, 0.0, 0.95), (0.0, 0.0, 100.0, 0.95)]
)
def test_what_a_running_body_adds_leaves_most_onsets(other_burst, impact_uv, sway_uv, least):
    """Bias and SD as the bars have it for clean EMG."""
    signal, steps = emg_body.made(28, 60.0, other_burst, impact_uv, sway_uv)
    error = run(signal, steps).values("onset_ms", own(steps)) - steps.onset_ms
    assert numpy.isfinite(error).mean() >= least
    assert abs(numpy.nanmean(error)) < 10.0 and numpy.nanstd(error) < 20.0


def test_exchanged_electrodes_are_found_within_40_steps():
    signal, steps, _ = emg_accuracy.made(26, 30.0)
    for exchanged in (False, True):
        sides = ElectrodeSides()
        readings = run(signal[:, ::-1] if exchanged else signal, steps).readings[:40]
        for left_stance, (left, right) in zip(steps.left, readings, strict=False):
            sides.hear(1 if left_stance else 2, left.activation_uv, right.activation_uv)
        assert sides.swapped is exchanged


def columns(name):
    path = REAL / name
    if not path.exists():
        pytest.skip("shared/data/emg/%s is absent: the recordings are not part of the project" % name)
    return numpy.genfromtxt(path, delimiter=",", names=True)


@pytest.mark.parametrize("muscle", ["ME", "MA"])
def test_real_bursts_of_walking(muscle):
    """Gluteus medius and maximus of a right leg (Santuz et al. 2020): a burst in every stride, early in stance.

    The left foot's contacts are not known: half way between the right's.
    """
    signal, cycles = columns("santuz_walk_right_leg.csv"), columns("santuz_walk_cycles.csv")
    start = signal["time"][0]
    lsb = emg_run.to_lsb(numpy.stack([numpy.zeros(len(signal)), signal[muscle]], axis=1))
    contact, lift = [numpy.round((cycles[name] - start) * 1000.0).astype(int) for name in ("V1", "V2")]
    half = int(numpy.diff(contact).mean()) // 2
    events = sorted([(at + shift, shift > 0) for at in contact for shift in (0, half)])
    core, bursts, onsets_ms, early, before = Emg(Params()), [], [], [], None
    for at, is_left in events:
        end = min(at + int(0.6 * half), len(lsb))
        while core.index < end:
            block = lsb[core.index : core.index + 50]
            core.push(block.tobytes(), len(block))
        _, reading = core.read_step(at, end, before)
        before = at
        if is_left:
            quiet_uv = core.read_span(at, end)[1][0]
            bursts[-1] = quiet_uv is not None and bursts[-1] > 2.0 * quiet_uv
        else:
            bursts.append(reading.activation_uv)
            onsets_ms.append(reading.onset_ms)
            middle, leave = (at + lift[len(early)]) // 2, lift[len(early)]
            while core.index < leave:
                block = lsb[core.index : core.index + 50]
                core.push(block.tobytes(), len(block))
            early.append(core.read_span(at, middle)[1][0] > core.read_span(middle, leave)[1][0])
    assert len(bursts) == 6 and numpy.mean([burst is True for burst in bursts]) >= 0.95 and all(early)
    # Late in swing; the first stride has no stance before it to be quiet against.
    assert onsets_ms[0] is None and all(-250.0 < onset_ms < 0.0 for onset_ms in onsets_ms[1:])
