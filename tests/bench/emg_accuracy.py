"""`make emg-accuracy`: what the EMG core reads from made-up EMG whose truth is known, against the bars."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[1] / "host")]

import host_tools.ulab  # noqa: E402 - after the path

host_tools.ulab.install()

import emg_body  # noqa: E402 - after the install
import emg_run  # noqa: E402
import numpy as np  # noqa: E402

from hipcue.contract.emg import EMG_QUALITY, EMG_QUALITY_BITS  # noqa: E402
from hipcue.core.emg import BRIDGED  # noqa: E402
from host_tools.runners import emg  # noqa: E402
from host_tools.twin.front_end import ads1292_uv  # noqa: E402

SEEDS = range(4)
CONTAMINANT_S = 120.0
MEDIAN_RUNS = 8
MEDIAN_MIN = 10


def lines():
    """Yield the report."""
    yield "Made-up EMG, 12 dB, both sides; times in ms, frequencies in Hz. Bars of the project in brackets."
    yield from activation()
    yield from onsets()
    yield from medians()
    yield from contaminants()
    yield from motor()
    yield from bridged()
    yield "Nearer to a running body, no bars:"
    yield from emg_body.lines()


def made(seed, duration_s, gait=None, share=None):
    """Return (signal in uV, Truth, activation) of one runner."""
    random = np.random.default_rng(seed)
    count = int(duration_s * emg.RATE_HZ)
    steps = emg.make_steps(random, duration_s, gait)
    level = emg.activation(steps, count, gait, None if share is None else share(len(steps.contact)))
    return emg.emg_uv(random, level), steps, level


def activation():
    """A glute that fades by 40 %: the ratio of its last to its first third, and every step against its own signal."""
    single, ratios = [], []
    for seed in SEEDS:
        signal, steps, level = made(seed, 180.0, share=lambda count: np.linspace(1.0, 0.6, count))
        side = emg_run.own(steps)
        read = emg_run.run(signal, steps).values("activation_uv", side)
        drawn = emg_run.realised_uv(signal, steps, side)
        single.append(read / drawn)
        ratios.append([_fading(each) for each in (read, drawn, emg_run.realised_uv(level, steps, side))])
    read, drawn, true = np.array(ratios).T
    single = np.concatenate(single)
    single = single[~np.isnan(single)] / np.nanmean(single)
    yield "activation: fading of a run, worst of %d: %.1f %% off the truth's, %.1f %% off this noise's own [5 %%]" % (
        len(read), 100 * np.abs(read / true - 1).max(), 100 * np.abs(read / drawn - 1).max()
    )  # fmt: skip
    yield "            one step against its own signal: SD %.1f %%, within 5 %% in %.1f %% of steps" % (
        100 * np.std(single), 100 * np.mean(np.abs(single - 1) <= 0.05)
    )  # fmt: skip


def _fading(values):
    third = len(values) // 3
    return np.nanmean(values[-third:]) / np.nanmean(values[:third])


def onsets():
    for name, gait in (
        ("abrupt", emg.Gait(rise_s=0.0)),
        ("rising in 20 ms", emg.Gait()),
        ("rising in 50 ms", emg.Gait(rise_s=0.05)),
        ("190 steps/min", emg.Gait(steps_per_min=190.0)),
        ("150 steps/min", emg.Gait(steps_per_min=150.0)),
    ):
        errors, steps_total = [], 0
        for seed in SEEDS:
            signal, steps, _ = made(seed, 90.0, gait)
            errors.append(emg_run.run(signal, steps).values("onset_ms", emg_run.own(steps)) - steps.onset_ms)
            steps_total += len(steps.contact)
        errors = np.concatenate(errors)
        found = errors[~np.isnan(errors)]
        yield "onset, %-16s bias %+5.1f [10], SD %4.1f [20], found in %.1f %% of %d steps" % (
            name, found.mean(), found.std(), 100 * len(found) / steps_total, steps_total
        )  # fmt: skip


def medians():
    """Errors against the median of the spectrum itself, not that of the noise drawn from it; see `converted`."""
    for name, gait, band_hz, share, hz_per_min in (
        ("of 95 Hz", emg.Gait(), (60.0, 120.0), None, 0.0),
        ("of 71 Hz", emg.Gait(), (40.0, 90.0), None, 0.0),
        ("of 123 Hz", emg.Gait(), (80.0, 160.0), None, 0.0),
        ("190 steps/min", emg.Gait(steps_per_min=190.0), (60.0, 120.0), None, 0.0),
        ("150 steps/min", emg.Gait(steps_per_min=150.0), (60.0, 120.0), None, 0.0),
        ("glute fades by 40 %", emg.Gait(), (60.0, 120.0), lambda count: np.linspace(1.0, 0.6, count), 0.0),
        ("falls 0.25 Hz/min", emg.Gait(), (60.0, 120.0), None, -0.25),
    ):
        errors = []
        for seed in range(MEDIAN_RUNS):
            random = np.random.default_rng(1000 + seed)
            steps = emg.make_steps(random, 60.0 * MEDIAN_MIN, gait)
            count = int(60.0 * MEDIAN_MIN * emg.RATE_HZ)
            level = emg.activation(steps, count, gait, share and share(len(steps.contact)))
            bands_hz = falling(band_hz, hz_per_min)
            levels = zip(np.split(level, len(bands_hz)), bands_hz, strict=True)
            parts = [emg.emg_uv(random, part, *each) for part, each in levels]
            read = emg_run.run(*converted(np.concatenate(parts), steps)).medians_hz[:MEDIAN_MIN]
            read = np.array([[np.nan if value is None else value for value in pair] for pair in read])
            true_hz = np.resize([emg.median_frequency_hz(*each) for each in bands_hz], len(read))
            errors.append((read - true_hz[:, None])[~np.isnan(read)])
        errors = np.concatenate(errors)
        yield "median frequency, %-19s bias %+4.1f, SD %3.1f, worst %3.1f [3], within 3 Hz %3.0f %% of %d minutes" % (
            name, errors.mean(), errors.std(), np.abs(errors).max(), 100 * np.mean(np.abs(errors) <= 3.0), len(errors)
        )  # fmt: skip


def converted(signal, steps):
    """Return (signal, Truth) as the ADS1292's filter and an oscillator that is 0.3 % fast, untold, give them."""
    sampled, rate_hz = ads1292_uv(signal, emg.RATE_HZ)
    return sampled, steps.at_rate(rate_hz)


def falling(band_hz, hz_per_min):
    """Return the spectra, as `band_hz`, of a run: one, or one a minute when its median moves by `hz_per_min`."""
    if not hz_per_min:
        return [band_hz]
    # Stretched by a factor, but for the band's ends, which do not move.
    factors = 1.0 + hz_per_min * np.arange(MEDIAN_MIN) / emg.median_frequency_hz(*band_hz)
    return [(band_hz[0] * factor, band_hz[1] * factor) for factor in factors]


def spoil(name, random, signal, steps):
    """Return (signal, Spoilt, which steps of the left channel are concerned) with the middle third spoilt."""
    count = len(signal)
    begin, end = count // 3, 2 * count // 3
    inside = (np.arange(count) >= begin) & (np.arange(count) < end)
    signal, spoilt = signal.copy(), emg_run.Spoilt()
    left = signal[:, emg.LEFT]
    if name == "lead_off":
        spoilt.lead_off = inside.astype(int)
        left[inside] = 300e3
    elif name == "at_rail":
        for at in range(begin, end, 100):
            left[at : at + 4] = 1e6
    elif name == "mains":
        left += inside * emg.mains_uv(count, 65.0)
    elif name == "motion":
        left += inside * emg.movement_uv(random, count, 120.0)
    elif name == "flat":
        left[inside] = 0.7 * random.standard_normal(inside.sum())
    elif name == "low_contrast":
        left[inside] = 40.0 * emg.noise(random, inside.sum())
    elif name == "gap":
        spoilt.lost = inside & (np.arange(count) % 170 < 5)
    else:
        spoilt.motor = inside & (np.arange(count) % 400 < 90)
        signal += emg.motor_uv(count, spoilt.motor)[:, None]
    concerned = {"gap": spoilt.lost, "blanked": spoilt.motor}.get(name, inside)
    whole = np.array([concerned[a:b].any() for a, b in zip(steps.contact, steps.stance_end, strict=True)])
    edge = np.array([inside[a - 400 : b + 400].any() != inside[a - 400 : b + 400].all()
                     for a, b in zip(steps.contact, steps.stance_end, strict=True)])  # fmt: skip
    return signal, spoilt, whole & ~edge, ~whole & ~edge & ~overlapping_tail(name, concerned, steps)


def overlapping_tail(name, concerned, steps):
    """Return which steps lie in the 40 ms after a gap or a motor's run: they are marked as well, and rightly."""
    tail = np.convolve(concerned, np.ones(45), "full")[: len(concerned)] > 0
    return emg_run.overlapping(steps, tail) if name in ("gap", "blanked") else np.zeros(len(steps.contact), bool)


def contaminants():
    for _, name, _ in EMG_QUALITY:
        hits, concerned_total, false, clean_total = 0, 0, 0, 0
        for seed in SEEDS:
            random = np.random.default_rng(seed + 77)
            signal, steps, _ = made(seed, CONTAMINANT_S)
            signal, spoilt, concerned, clean = spoil(name, random, signal, steps)
            flagged = emg_run.run(signal, steps, spoilt).quality(emg.LEFT) & EMG_QUALITY_BITS[name] > 0
            hits += flagged[concerned].sum()
            concerned_total += concerned.sum()
            false += flagged[clean].sum()
            clean_total += clean.sum()
        yield "%-12s flagged in %5.1f %% of %d steps concerned [95], in %.1f %% of %d clean ones [2]" % (
            name, 100 * hits / concerned_total, concerned_total, 100 * false / clean_total, clean_total
        )  # fmt: skip


def motor():
    """The motor on 1/8 of the time, blanked, with its noise and without: what it does to the steps that are given."""
    signal, steps, _ = made(9, 180.0)
    count = len(signal)
    on = (np.arange(count) % 1700 < 220) & (np.arange(count) > 2000)
    noisy = emg_run.run(signal + emg.motor_uv(count, on)[:, None], steps, emg_run.Spoilt(motor=on))
    silent = emg_run.run(signal, steps, emg_run.Spoilt(motor=on))
    without = emg_run.run(signal, steps)
    side = emg_run.own(steps)
    given = noisy.values("activation_uv", side)
    for name, other in (("blanked alike without noise", silent), ("no motor at all", without)):
        change = given / other.values("activation_uv", side) - 1.0
        change = change[~np.isnan(change)]
        yield "motor noise of 30 mV: %d of %d steps given; against %s at most %.2f %% [1]" % (
            len(change), len(given), name, 100 * np.abs(change).max()
        )  # fmt: skip


def bridged():
    """As many samples lost in each stance as are filled in and not called a gap: what that does to it."""
    changes, onsets = [], []
    for seed in SEEDS:
        signal, steps, _ = made(seed, CONTAMINANT_S)
        change, onset = bridging(signal, steps, np.random.default_rng(seed))
        changes.append(change)
        onsets.append(onset)
    changes, onsets = np.concatenate(changes), np.concatenate(onsets)
    yield "%d samples filled in, in each of %d stances: activation off by %+.1f %%, SD %.1f %%, worst %.1f %%" % (
        BRIDGED, len(changes), 100 * changes.mean(), 100 * changes.std(), 100 * np.abs(changes).max()
    )  # fmt: skip
    yield "            onset moved in %.1f %%" % (100 * np.mean(onsets != 0))


def bridging(signal, steps, random):
    """Return (share, ms): by how much activation and onset of own stances change, where both are known."""
    lost, side = np.zeros(len(signal), bool), emg_run.own(steps)
    for contact, end in zip(steps.contact, steps.stance_end, strict=True):
        at = random.integers(contact, end - BRIDGED)
        lost[at : at + BRIDGED] = True
    filled, whole = emg_run.run(signal, steps, emg_run.Spoilt(lost=lost)), emg_run.run(signal, steps)
    change = filled.values("activation_uv", side) / whole.values("activation_uv", side) - 1.0
    onset = filled.values("onset_ms", side) - whole.values("onset_ms", side)
    return change[~np.isnan(change)], onset[~np.isnan(onset)]


if __name__ == "__main__":
    for line in lines():
        print(line, flush=True)
