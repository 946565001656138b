"""The CSV files hold what the session holds, and nothing for what is not known."""

import csv
import json

from synthetic_log import pack, sealed, step

from hipcue.contract import config, record
from hipcue.contract.cues import OUTCOME_NAMES
from hipcue.contract.emg import EMG_QUALITY
from host_tools.export.csv_files import write
from host_tools.export.tables import TABLES, quality_name
from host_tools.log.decode import CUE_REASONS, decode
from host_tools.output import Output


def rows(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_tables(tmp_path):
    payload = (
        step(-250, side=2, quality=0x42, right=0x8000 | 2500)
        + step(100, 0, 1, -32768, -32768, -32768, 255, 0xFF01, 0xFF00, -128)
        + pack(record.CUE, 40, 1, 2, 2, 812, 700, 215, 136, 1, 255)
        + pack(record.EVENT, 50, 4, 12)
    )
    write(decode(b"".join(sealed(payload))), tmp_path, Output(as_json=True))
    assert rows(tmp_path / "steps.csv") == [
        ["t_s", "stance_side", "peak_drop_deg", "excursion_deg", "peak_drop_causal_deg", "contact_ms", "quality"]
        + ["outcome"]
        + ["emg_front_end"]
        + ["emg_gmed_left_" + name for name in ("uv", "pct", "reference", "onset_ms", "quality")]
        + ["emg_gmed_right_" + name for name in ("uv", "pct", "reference", "onset_ms", "quality")],
        ["19.750", "R", "6.12", "1.90", "6.05", "280", "turning+side_unsure", "under", "raw"]
        + ["400.0", "50.0", "mvic", "", "ok", "250.0", "", "", "-60", "low_contrast"],
        ["20.100", "", "", "", "", "", "settling", "under", "raw", "", "", "", "", "lead_off", "", "", "", "", ""],
    ]
    assert rows(tmp_path / "cues.csv") == [
        ["t_s", "side", "reason", "value", "threshold", "latency_ms", "glute_pct", "buzz_side", "duration_ms"],
        ["20.040", "L", "drop_over_absolute+glute_active", "8.12", "7.00", "215", "", "R", "136"],
    ]
    assert rows(tmp_path / "events.csv")[1] == ["20.050", "samples_lost", "12", "samples lost in this gap"]
    for name in ("obliquity.csv", "muscles.csv", "reps.csv"):
        assert not (tmp_path / name).exists()


def test_a_percentage_without_an_mvic_is_of_the_runs_beginning(tmp_path):
    payload = step(0, right=2500) + pack(record.EVENT, 10, 27, 5000)  # glute_baseline_right: 500 uV
    write(decode(b"".join(sealed(payload))), tmp_path, Output(as_json=True))
    cells = dict(zip(*rows(tmp_path / "steps.csv"), strict=True))
    assert (cells["emg_gmed_right_pct"], cells["emg_gmed_right_reference"]) == ("50.0", "baseline")


def test_repetitions(tmp_path):
    payload = pack(record.REPETITION, 100, 1, 1, 93, 81, 2100, 3400)
    write(decode(b"".join(sealed(payload))), tmp_path, Output(as_json=True))
    assert rows(tmp_path / "reps.csv")[1] == ["20.100", "side_lying_abduction", "L", "93", "81", "2100", "3400"]


def test_trace(tmp_path):
    samples = [-731, -32768] + [0] * (record.TRACE_SAMPLES - 2)
    write(decode(b"".join(sealed(pack(record.TRACE, -500_000, 4755, *samples)))), tmp_path, Output(as_json=True))
    made = rows(tmp_path / "obliquity.csv")
    assert made[:3] == [["t_s", "obliquity_deg"], ["19.500000", "-7.31"], ["19.504755", ""]]
    assert len(made) == 1 + record.TRACE_SAMPLES


def test_every_column_and_code_stands_in_the_dictionary(tmp_path):
    payload = (
        step(0, quality=OUTCOME_NAMES.index("faded") << record.OUTCOME_SHIFT)
        + pack(record.TRACE, 0, 4755, *[0] * record.TRACE_SAMPLES)
        + pack(record.MUSCLE, 0, 1, 1, 1, 1, 1, 1, 1)
        + pack(record.REPETITION, 0, 1, 1, 1, 1, 1, 1)
        + pack(record.PROGRAMME, 0, 6, 50, 900, 450, 31, 20)
        + pack(record.SUMMARY, 0, 59_850, 86, 85, 1, 80, 0, 3, 612, -32768, 190, -32768)
        + pack(record.EMG, 0, 1_000_000, 0, 0, 0, 0, *[1, -32768] * record.EMG_FRAMES)
    )
    paths = write(decode(b"".join(sealed(payload))), tmp_path, Output(as_json=True))
    assert rows(tmp_path / "minutes.csv")[1] == (
        ["20.000", "59.850", "86", "85", "1", "80", "0", "3", "6.12", "", "1.90", ""]
    )
    assert rows(tmp_path / "programme.csv")[1] == ["20.000", "6", "0.50", "900", "450", "31", "0.20"]
    settings = ["4 of 6 steps; hysteresis 1 deg; refractory 8 steps", "%04x" % config.version(config.defaults()), ""]
    assert rows(tmp_path / "ledger.csv")[1] == (
        ["20.000", "L", "faded", "drop_over_baseline", "6.05", "", "", "", *settings, "", "", "", ""]
    )
    assert rows(tmp_path / "emg.csv")[:2] == (
        [["t_s", "emg_left_uv", "emg_right_uv", "emg_marks"], ["20.000000", "0.38", "", "0"]]
    )
    made = json.loads((tmp_path / "columns.json").read_text())
    assert {path.name for path in paths} == {*made["files"], "columns.json"}
    assert list(made["files"]) == [name + ".csv" for name in TABLES]
    for name in made["files"]:
        assert rows(tmp_path / name)[0] == [column["column"] for column in made["files"][name]], name
    assert list(made["quality_codes"])[1:] == [name for _, name, _ in record.QUALITY]
    assert list(made["emg_quality_codes"])[1:] == [name for _, name, _ in EMG_QUALITY]
    assert list(made["outcomes"]) == list(OUTCOME_NAMES)
    for reason in CUE_REASONS[1:4]:  # as a cue of such a record is called
        assert made["cue_reasons"][reason]
    assert set(made["glute_states"]) == {"glute_unknown", "glute_active", "glute_quiet"}


def test_quality_names():
    assert quality_name(0) == "ok"
    assert quality_name(0x300) == "uncalibrated+upside_down"
    assert quality_name(0x8001) == "settling+code_32768"
