"""The science build end to end: raw EMG from electrode to CSV, cues that name the glute, every lost sample counted."""

import csv
import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from host_tools.export.csv_files import write as write_csv
from host_tools.log import decode
from host_tools.output import Output
from host_tools.runners import emg
from host_tools.runners.record import record
from host_tools.runners.scenario import DropGrowth, GluteFade, Scenario, easy_run
from host_tools.sim import command as sim
from host_tools.twin.front_end import ads1292_uv

FADES_S = 75.0
SCENARIO = Scenario(
    name="fading",
    duration_s=120.0,
    stretches=(easy_run(20.0, 118.0),),
    drop_growths=(DropGrowth("L", FADES_S, 10.0, 4.0),),
    glute_fades=(GluteFade("L", FADES_S, 10.0, 0.5),),
)
SETTINGS = {"baseline_s": 45, "cue_refractory_steps": 4}
OVERWRITTEN = "from twin import parts; print(parts.spi[(2, 38)].overwritten)"


@pytest.fixture(scope="module")
def fading(binary):
    made = record(SCENARIO)
    made.meta["config"] = SETTINGS
    return made


class Run:
    """A recording through the clip: `session`, rows of steps.csv and cues.csv, and what the chip's model dropped."""

    def __init__(self, recording, folder, trace=False, **changes):
        pull = sim._pull_newest

        def count_and_pull(clip, identity, pulled, output):
            (said,) = clip.lines(OVERWRITTEN)
            self.dropped = int(said)
            return pull(clip, identity, pulled, output)

        sim._pull_newest = count_and_pull
        try:
            log, _ = sim.replay(replace(recording, **changes), folder, Output(as_json=True), trace, board="s3")
        finally:
            sim._pull_newest = pull
        self.session = decode.decode(log.read_bytes())
        write_csv(self.session, folder / "csv", Output(as_json=True))
        self.steps, self.cues, self.ledger = (
            list(csv.DictReader((folder / "csv" / name).open())) for name in ("steps.csv", "cues.csv", "ledger.csv")
        )

    def events(self, name):
        return [event for event in self.session.events if event["name"] == name]

    def own(self, name, side):
        """Return the values of an EMG column of a side in its own valid stances, NaN where unknown; and their times."""
        rows = [row for row in self.steps if row["stance_side"] == side[0].upper() and row["quality"] == "ok"]
        values = [float(row["emg_gmed_%s_%s" % (side, name)] or "nan") for row in rows]
        return np.array(values), np.array([float(row["t_s"]) for row in rows])


@pytest.fixture(scope="module")
def run(fading, tmp_path_factory):
    return Run(fading, tmp_path_factory.mktemp("s3"))


def test_the_cue_names_the_glute_that_fades(run):
    """Half of the burst: 50 % of the rise from 20 to 80 uV is well below 85 %."""
    assert len(run.cues) >= 5
    assert {row["side"] for row in run.cues} == {"L"}
    assert all(float(row["t_s"]) > FADES_S for row in run.cues)
    reasons = Counter(row["reason"] for row in run.cues)
    assert reasons["drop_over_baseline+glute_quiet"] >= 0.8 * len(run.cues)
    percents = [float(row["glute_pct"]) for row in run.cues if row["reason"].endswith("quiet")]
    assert 45 < np.median(percents) < 80


def test_the_ledger_accounts_for_every_step_over_the_threshold(run):
    """Thresholds as the log tells them; each step over has one outcome, and what is cued is in cues.csv."""
    outcomes = Counter(row["outcome"] for row in run.steps)
    assert outcomes["cued"] == len(run.cues) == run.session.seal["cues"] and sum(outcomes.values()) == len(run.steps)
    for side, name in (("L", "threshold"), ("R", "threshold_right")):
        (told,) = run.events(name)
        over = [
            row for row in run.steps
            if row["stance_side"] == side and float(row["t_s"]) * 1000 > told["time_ms"]
            and float(row["peak_drop_causal_deg"] or "-inf") > told["value"] / 100 + 0.01
        ]  # fmt: skip
        assert over and all(row["outcome"] != "under" for row in over)
    assert outcomes["refractory"] > 0 and outcomes["too_few"] > 0
    given = [(row["reason"] + "+" + row["glute"], row["glute_pct"]) for row in run.ledger if row["outcome"] == "cued"]
    assert given == [(row["reason"], row["glute_pct"]) for row in run.cues]


def test_activation_is_in_percent_of_the_runs_beginning(run):
    for side, expected in (("left", (0.5, 0.75)), ("right", (0.9, 1.1))):
        percent, t_s = run.own("pct", side)
        before, after = (np.nanmedian(percent[chosen]) for chosen in (t_s < FADES_S, t_s > FADES_S + 12))
        assert abs(before / 100 - 1) < 0.1 and expected[0] < after / before < expected[1], side
    assert {row["emg_gmed_left_reference"] for row in run.steps} <= {"baseline", ""}


def test_onset_and_what_can_be_trusted(run, fading):
    """The runner's onset: 60 ms before contact, SD 15 ms; the bar: bias within 10 ms, SD (of the error) 20 ms."""
    for side in ("left", "right"):
        onset, t_s = run.own("onset_ms", side)
        before = t_s < FADES_S
        assert np.isfinite(onset[before]).mean() > 0.85
        assert abs(np.nanmean(onset[before]) + 60) < 10 and np.nanstd(onset[before]) < 25
    quality = Counter(row["emg_gmed_right_quality"] for row in run.steps if float(row["t_s"]) < FADES_S)
    assert quality["ok"] > 0.93 * sum(quality.values())


def test_motors_blank_their_own_steps_and_change_no_other(run):
    blanked = [row for row in run.steps if "blanked" in row["emg_gmed_right_quality"]]
    assert len(blanked) >= len(run.cues)
    percent, t_s = run.own("pct", "right")
    cued = np.isfinite(percent) & (t_s > FADES_S)
    assert np.nanmax(percent[cued]) < 200  # 30 mV into 50 uV would be 60,000 %


def test_the_log_counts_every_sample_that_the_chip_dropped(run):
    assert int(run.session.muscles["lost"].sum()) == run.dropped > 0


def test_a_muscle_minute(run):
    minute = {name: values[-1] for name, values in run.session.muscles.items()}
    assert minute["peak_right_uv"] > minute["peak_left_uv"] > minute["pre_left_uv"] > 15
    assert run.session.front_end == "raw"


@pytest.fixture(scope="module")
def swapped(fading, tmp_path_factory):
    """With raw EMG in its log as well."""
    return Run(fading, tmp_path_factory.mktemp("swapped"), trace=True, emg=fading.emg[:, ::-1])


def test_raw_emg_in_the_log_is_what_the_electrodes_had(swapped, fading):
    """Two seconds in each minute, within a sample of their time; what differs is the modelled chip's noise, 1.6 uV."""
    found = swapped.session.emg
    sampled, rate_hz = ads1292_uv(fading.emg[:, ::-1], fading.emg_rate_hz)
    breaks = np.flatnonzero(np.diff(found["time_ms"]) > 1000) + 1
    spans = np.split(np.arange(len(found["time_ms"])), breaks)
    assert [len(span) for span in spans] == [2016, 2016]
    for span in spans:
        first = round(found["time_ms"][span[0]] / 1000 * rate_hz)
        for channel, name in enumerate(("left_uv", "right_uv")):
            read_uv = found[name][span]
            clean = np.isfinite(read_uv) & (found["marks"][span] == 0)
            assert clean.mean() > 0.8 and np.std(read_uv[clean]) > 20
            noise_uv = [
                np.std(read_uv[clean] - sampled[first + late : first + late + len(span), channel][clean])
                for late in (-1, 0, 1)
            ]
            assert 1.4 < min(noise_uv) < 1.9
    motor = found["marks"] & 1 > 0
    assert np.isfinite(found["left_uv"][~motor]).mean() > 0.9


def test_lost_samples_are_counted_with_raw_emg_as_well(swapped):
    assert int(swapped.session.muscles["lost"].sum()) == swapped.dropped > 0
    lost = np.isnan(swapped.session.emg["left_uv"]).sum()
    assert 0 < lost < swapped.dropped


def test_electrodes_in_each_others_plug_are_said_within_40_steps(swapped):
    (event,) = swapped.events("electrodes_swapped")
    sure = next(e for e in swapped.session.events if e["name"] == "sides_sure")
    times_ms = swapped.session.steps["time_ms"]
    assert np.sum((times_ms > sure["time_ms"]) & (times_ms <= event["time_ms"])) <= 40
    # Then the cue rests on the drop alone.
    assert len(swapped.cues) >= 5 and {row["reason"] for row in swapped.cues} == {"drop_over_baseline+glute_unknown"}


def test_emg_that_cannot_be_trusted_leaves_the_drop_alone(fading, tmp_path):
    noisy = fading.emg.copy()
    noisy[:, 0] += emg.mains_uv(len(noisy), 400.0)
    run = Run(fading, tmp_path, emg=noisy)
    own = [row["emg_gmed_left_quality"] for row in run.steps if row["stance_side"] == "L"]
    assert sum("mains" in quality for quality in own) > 0.95 * len(own)
    assert all(row["emg_gmed_left_uv"] == "" for row in run.steps if "mains" in row["emg_gmed_left_quality"])
    assert len(run.cues) >= 5 and {row["reason"] for row in run.cues} == {"drop_over_baseline+glute_unknown"}
    assert {row["glute"] for row in run.ledger if row["outcome"] == "cued"} == {"glute_unknown"}
    right, t_s = run.own("pct", "right")
    assert np.isfinite(right[t_s < FADES_S]).mean() > 0.93


def test_the_data_dictionary_explains_every_emg_code(run, tmp_path):
    write_csv(run.session, tmp_path, Output(as_json=True))
    codes = json.loads((tmp_path / "columns.json").read_text())["emg_quality_codes"]
    assert set(codes) == {"ok", "lead_off", "at_rail", "mains", "motion", "flat", "low_contrast", "gap", "blanked"}


def test_data_ready_that_is_stuck_or_empty_costs_emg_alone(run, fading, tmp_path):
    """Stuck high, stuck low, toggling without data: told, tried again until it is back, every sample counted.

    Steps, their times and their drops are those of the run without a fault.
    """
    faults = [
        {"kind": "emg_drdy_stuck", "from_s": 40.0, "to_s": 44.0, "level": 1},
        {"kind": "emg_drdy_stuck", "from_s": 60.0, "to_s": 64.0, "level": 0},
        {"kind": "emg_repeats", "from_s": 80.0, "to_s": 200.0, "until_reset": True},
    ]
    faulty = Run(fading, tmp_path, meta=fading.meta | {"faults": faults})
    silent, stale, back = (faulty.events(name) for name in ("emg_silent", "emg_stale", "emg_back"))
    assert [event["value"] for event in silent] == [5, 5]  # EIO
    for event, at_s in zip(silent + stale, (40, 60, 80), strict=True):
        assert 1000 * at_s + 200 < event["time_ms"] < 1000 * at_s + 1000
    assert len(back) == 3 and all(5000 <= event["value"] < 6500 for event in back)
    # From the fault on, the chip's 1003 samples a second; before it was noticed too.
    lost = int(faulty.session.muscles["lost"].sum()) - run.dropped
    noticed_ms = [event["time_ms"] - 1000 * at_s for event, at_s in zip(silent + stale, (40, 60, 80), strict=True)]
    assert lost == pytest.approx(1.003 * (sum(noticed_ms) + sum(event["value"] for event in back)), rel=0.03)
    steps, others = faulty.session.steps, run.session.steps
    assert len(steps["time_ms"]) == len(others["time_ms"])
    assert np.abs(steps["time_ms"] - others["time_ms"]).max() <= 3
    for name in ("peak_drop_deg", "excursion_deg", "side", "quality"):
        assert np.allclose(steps[name], others[name], atol=0.02, equal_nan=True)
    assert faulty.session.seal["samples_lost"] == 0
    for at_s in (40, 60, 80):
        within = (steps["time_ms"] > 1000 * at_s + 300) & (steps["time_ms"] < 1000 * at_s + 5000)
        assert within.any() and np.isnan(steps["emg_left_uv"][within]).all()
        after = (steps["time_ms"] > 1000 * at_s + 9000) & (steps["time_ms"] < 1000 * at_s + 15000)
        assert np.isfinite(steps["emg_right_uv"][after]).mean() > 0.8
