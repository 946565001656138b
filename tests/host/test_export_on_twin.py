"""What the firmware itself has recorded, trace included, in every format."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from host_tools import cli
from host_tools.export import FORMATS
from host_tools.output import Output
from host_tools.runners.record import record
from host_tools.runners.scenario import Scenario, easy_run
from host_tools.sim.command import replay

RUN = Scenario(
    name="short",
    duration_s=45.0,
    stretches=(easy_run(20.0, 43.0),),
)


@pytest.fixture(scope="module")
def folder(binary, tmp_path_factory):
    """The exports of a run on the twin, each in a folder named after its format."""
    folder = tmp_path_factory.mktemp("run")
    log, _ = replay(record(RUN), folder, Output(as_json=True), trace=True)
    for name in FORMATS:
        assert cli.main(["export", str(log), "--format", name, "--out", str(folder / name), "--json"]) == 0
    return folder


def column(folder, table, name):
    with (folder / "csv" / (table + ".csv")).open(newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


def test_steps(folder):
    import duckdb
    import fitdecode

    csv_s = [float(text) for text in column(folder, "steps", "t_s")]
    assert 55 < len(csv_s) < 70  # 23 s at 170 steps a minute
    read = duckdb.sql("select t_s from '%s/parquet/steps.parquet'" % folder).fetchall()
    assert [row[0] for row in read] == csv_s
    with fitdecode.FitReader(folder / "fit" / "activity.fit", check_crc=fitdecode.CrcCheck.RAISE) as reader:
        frames = [frame for frame in reader if isinstance(frame, fitdecode.FitDataMessage) and frame.name == "record"]
    assert [frame.get_value("t_s") for frame in frames] == csv_s


def test_trace(folder):
    import pyedflib

    texts = column(folder, "obliquity", "obliquity_deg")
    with pyedflib.EdfReader(str(folder / "edf" / "obliquity.edf")) as reader:
        digital, ok = reader.readSignal(0, digital=True), reader.readSignal(1, digital=True)
        assert 104 < reader.getSampleFrequency(0) < 220
    assert len(texts) > 4000
    assert np.array_equal(digital[ok == 1] / 100, [float(text) for text in texts if text])


def test_bids(folder):
    program = Path(sys.executable).with_name("bids-validator-deno")
    done = subprocess.run([program, str(folder / "bids"), "--format", "json"], capture_output=True, timeout=120)
    issues = json.loads(done.stdout)["issues"]["issues"]
    assert [issue["code"] for issue in issues if issue["severity"] == "error"] == []
