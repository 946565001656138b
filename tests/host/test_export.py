"""The CSV files hold what the session holds, and nothing for what is not known."""

import csv
import json

from synthetic_log import pack, sealed, step

from hipcue.contract import record
from host_tools.decode import decode
from host_tools.export.csv_files import write
from host_tools.export.tables import TABLES, quality_name
from host_tools.output import Output


def rows(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_tables(tmp_path):
    payload = (
        step(-250, side=2, quality=0x42)
        + step(100, 0, 1, -32768, -32768, -32768, 255, 65535, 65535)
        + pack(record.CUE, 40, 1, 1, 2, 812, 700, 215, 136)
        + pack(record.EVENT, 50, 4, 12)
    )
    write(decode(b"".join(sealed(payload))), tmp_path, Output(as_json=True))
    assert rows(tmp_path / "steps.csv") == [
        ["t_s", "stance_side", "peak_drop_deg", "excursion_deg", "peak_drop_causal_deg", "contact_ms", "quality"]
        + ["emg_gmed_left_mv", "emg_gmed_right_mv"],
        ["19.750", "R", "6.12", "1.90", "6.05", "280", "turning+side_unsure", "400.0", "250.0"],
        ["20.100", "", "", "", "", "", "settling", "", ""],
    ]
    assert rows(tmp_path / "cues.csv") == [
        ["t_s", "side", "reason", "value", "threshold", "latency_ms"],
        ["20.040", "L", "drop_over_absolute", "8.12", "7.00", "215"],
    ]
    assert rows(tmp_path / "events.csv")[1] == ["20.050", "samples_lost", "12", "samples lost in this gap"]
    assert not (tmp_path / "obliquity.csv").exists()


def test_trace(tmp_path):
    samples = [-731, -32768] + [0] * (record.TRACE_SAMPLES - 2)
    write(decode(b"".join(sealed(pack(record.TRACE, -500_000, 4755, *samples)))), tmp_path, Output(as_json=True))
    made = rows(tmp_path / "obliquity.csv")
    assert made[:3] == [["t_s", "obliquity_deg"], ["19.500000", "-7.31"], ["19.504755", ""]]
    assert len(made) == 1 + record.TRACE_SAMPLES


def test_every_column_and_code_stands_in_the_dictionary(tmp_path):
    trace = pack(record.TRACE, 0, 4755, *[0] * record.TRACE_SAMPLES)
    paths = write(decode(b"".join(sealed(step(0) + trace))), tmp_path, Output(as_json=True))
    made = json.loads((tmp_path / "columns.json").read_text())
    assert {path.name for path in paths} == {*made["files"], "columns.json"}
    assert list(made["files"]) == [name + ".csv" for name in TABLES]
    for name in made["files"]:
        assert rows(tmp_path / name)[0] == [column["column"] for column in made["files"][name]], name
    assert list(made["quality_codes"])[1:] == [name for _, name, _ in record.QUALITY]


def test_quality_names():
    assert quality_name(0) == "ok"
    assert quality_name(0x300) == "uncalibrated+upside_down"
    assert quality_name(0x8001) == "settling+code_32768"
