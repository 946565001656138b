"""Every format, read back by a reader that shares no code with its writer, holds what the CSV holds to the last bit."""

import csv
import json
import math
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from synthetic_log import CLIP, SESSION, pack, sealed, step

from hipcue.contract import record
from host_tools import cli
from host_tools.export import FORMATS, edf, sampled, tables
from host_tools.log.decode import decode
from host_tools.log.sampled import on_grid
from host_tools.output import Output

PERIOD_US = 4786
UNIX_MS = 1_764_072_000_250  # 25 November 2025, 12:00:00.25 UTC
UNIX_AT_MS = 20_500
RATE_HZ = 1e6 / PERIOD_US
EMG_PERIOD_US = 997.009
EMG_LENGTH_US = record.EMG_FRAMES * EMG_PERIOD_US
EMG_STEP_UV = 8 * 2.42e6 / (6 * (2**23 - 1))
# Left and right in turn: lost, at both ends of 16 bits, and others.
FRAMES = [0, 0, -32768, -32768, 32767, -32767, *np.random.default_rng(7).integers(-3000, 3000, 58).tolist()]
SUBJECT = "sub-" + CLIP.hex()


def trace(offset_us, samples):
    return pack(record.TRACE, offset_us, PERIOD_US, *samples)


def emg(offset_us, frames):
    """A record of raw EMG: a motor runs in frames 8 and 9, an electrode of the right side is off."""
    return pack(record.EMG, int(offset_us), int(1000 * EMG_PERIOD_US), 8 | 10 << 8, 2, 120_000, -7, *frames)


def log_bytes(with_trace=True, clock=True, **identity):
    """Blocks 10 s apart: steps known and not, a row of every other table, of trace and raw EMG 3 records with gaps."""
    rng = np.random.default_rng(6)
    first = [int(value) for value in rng.integers(-900, 900, record.TRACE_SAMPLES)]
    first[5] = -32768  # not known
    length_us = record.TRACE_SAMPLES * PERIOD_US
    payload = step(-250, side=2, quality=0x42) + step(100, 0, 1, -32768, -32768, -32768, 255, 0xFF01, 0xFF00, -128)
    payload += pack(record.CUE, 40, 1, 1, 2, 812, 700, 215, 136, 1, 255) + pack(record.EVENT, 50, 4, 12)
    if clock:
        payload += pack(record.CLOCK, UNIX_AT_MS - 20000, UNIX_MS)
    payload += pack(record.MUSCLE, 900, 5000, 4000, 300, 200, 810, 65535, 3)
    payload += pack(record.REPETITION, 950, 1, 1, 93, 81, 2100, 3400)
    payload += pack(record.PROGRAMME, 970, 6, 50, 900, 450, 31, 20)
    payload += pack(record.SUMMARY, 990, 59_850, 86, 85, 1, 80, 0, 3, 612, -32768, 190, -32768)
    second = step(0, side=1, peak=-7, excursion=3) + step(355, side=2, contact=131, left=1, right=0x8000 | 2500)
    if with_trace:
        payload += trace(-500_000, first) + trace(-500_000 + length_us, first[::-1])
        second += trace(0, [-100] * record.TRACE_SAMPLES)
    # Opened at 40, 50 and 60 s: two records in a row, and one 20 s later.
    raw = [emg(0, FRAMES), emg(EMG_LENGTH_US - 10e6, FRAMES[::-1]), emg(0, FRAMES)] if with_trace else []
    return b"".join(sealed(payload, second, *raw, **identity))


def cells(path):
    """Return {column: [texts]} of a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    return {name: [row[k] for row in rows[1:]] for k, name in enumerate(rows[0])}


def numbers(texts, unknown=""):
    return np.array([math.nan if text == unknown else float(text) for text in texts])


def export(name, data, folder):
    """Export through the command; return the folder."""
    (folder / "7.hcl").write_bytes(data)
    assert cli.main(["export", str(folder / "7.hcl"), "--format", name, "--out", str(folder / name), "--json"]) == 0
    return folder / name


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The log in every format, each in a folder named after it."""
    folder = tmp_path_factory.mktemp("formats")
    for name in FORMATS:
        export(name, log_bytes(), folder)
    return folder


@pytest.fixture(scope="module")
def as_csv(folder):
    """{table: {column: [texts]}} of the CSV files."""
    return {name: cells(folder / "csv" / (name + ".csv")) for name in tables.TABLES}


def same(texts, values, unknown=""):
    """Compare a CSV column with what another reader gave: numbers to the last bit, or None or NaN for unknown."""
    assert len(texts) == len(values)
    for text, value in zip(texts, values, strict=True):
        if text == unknown:
            assert value is None or value == "" or value != value
        elif isinstance(value, str):
            assert value == text
        else:
            assert float(text) == value


def test_parquet_by_duckdb(folder, as_csv):
    import duckdb

    assert {path.stem for path in (folder / "parquet").iterdir()} == set(as_csv)
    for name, columns in as_csv.items():
        result = duckdb.sql("select * from '%s'" % (folder / "parquet" / (name + ".parquet")))
        assert result.columns == list(columns)
        for texts, values in zip(columns.values(), zip(*result.fetchall(), strict=True), strict=True):
            same(texts, values)


def test_parquet_says_where_it_comes_from(folder):
    import duckdb

    file = folder / "parquet" / "steps.parquet"
    pairs = duckdb.sql("select key, value from parquet_kv_metadata('%s')" % file).fetchall()
    about = {key.decode(): value.decode() for key, value in pairs}
    assert json.loads(about["firmware"])["hipcue"] == "0.1.0" and about["clip"] == CLIP.hex()
    # sha256 of {"mount":[[1,0,0],[0,1,0],[0,0,1]]} as `printf ... | sha256sum` gives it
    assert about["calibration_sha256"] == CALIBRATION_SHA256
    nulls = duckdb.sql("select count(*) from '%s' where peak_drop_deg is null" % file).fetchall()
    assert nulls == [(1,)]  # null, not NaN


CALIBRATION_SHA256 = "ad076e46f449d0052f5e3de1be72586d9f82939c456b884b93ae597aed5622c2"


@pytest.fixture(scope="module")
def read_edf(folder):
    """The EDF+ file as EDFlib reads it."""
    import pyedflib

    with pyedflib.EdfReader(str(folder / "edf" / "obliquity.edf")) as reader:
        yield reader


def test_edf_by_edflib(read_edf, as_csv):
    """Digital values are the CSV's in 0.01 deg; gaps and unknown samples are where the mask is 0."""
    assert read_edf.filetype == 1  # EDF+
    assert read_edf.getSignalLabels() == ["obliquity_deg", "ok obliquity_deg"]
    assert read_edf.getPhysicalDimension(0) == "deg"
    digital, ok = read_edf.readSignal(0, digital=True), read_edf.readSignal(1, digital=True)
    csv_deg, csv_s = (numbers(as_csv["obliquity"][name]) for name in ("obliquity_deg", "t_s"))
    known = np.isfinite(csv_deg)
    assert np.count_nonzero(ok) == np.count_nonzero(known) == 3 * record.TRACE_SAMPLES - 2
    assert np.array_equal(digital[ok == 1] / 100, csv_deg[known])
    assert set(digital[ok == 0].tolist()) == {-32768}
    # EDFlib's own scaling from the header's physical and digital range
    half_step = 0.005
    assert np.abs(read_edf.readSignal(0)[ok == 1] - csv_deg[known]).max() < half_step * 1e-6
    times_s = csv_s[0] + np.flatnonzero(ok) / read_edf.getSampleFrequency(0)
    assert np.abs(times_s - csv_s[known]).max() < 0.5 / RATE_HZ


def test_edf_raw_emg_by_edflib(folder, as_csv):
    """Digital values are the log's own, calibrated by its LSB; the CSV has them to 0.01 uV; lost ones are masked."""
    import pyedflib

    logged = np.array([*FRAMES, *FRAMES[::-1], *FRAMES]).reshape(-1, 2)
    with pyedflib.EdfReader(str(folder / "edf" / "emg.edf")) as reader:
        labels = reader.getSignalLabels()
        assert labels[::2] == ["emg_left_uv", "emg_right_uv", "emg_marks"]
        rate_hz = reader.getSampleFrequency(0)
        assert rate_hz == pytest.approx(1e6 / EMG_PERIOD_US, rel=15e-6)
        for channel, name in enumerate(labels[:4:2]):
            digital, physical = (reader.readSignal(2 * channel, digital=each) for each in (True, False))
            ok = reader.readSignal(2 * channel + 1, digital=True) == 1
            csv_uv = numbers(as_csv["emg"][name])
            known = logged[:, channel] != -32768
            assert np.array_equal(np.isfinite(csv_uv), known) and ok.sum() == known.sum() == 3 * 32 - 3
            assert np.array_equal(digital[ok], logged[known, channel])
            # The header has 8 characters for a range of 12,604.7 uV.
            assert np.abs(physical[ok] - logged[known, channel] * EMG_STEP_UV).max() < 0.1
            assert np.abs(csv_uv[known] - logged[known, channel] * EMG_STEP_UV).max() <= 0.005 + 1e-9
            times_s = 40.0 + np.flatnonzero(ok) / rate_hz
            assert np.abs(times_s - numbers(as_csv["emg"]["t_s"])[known]).max() < 0.5e-6 * EMG_PERIOD_US
        marks, ok = (reader.readSignal(each, digital=True) for each in (4, 5))
        assert marks[ok == 1].tolist() == 3 * ([4] * 8 + [5] * 2 + [4] * 22)
        onsets, durations, texts = reader.readAnnotations()
        (gap,) = np.flatnonzero(texts == "gap")
        assert onsets[gap] == pytest.approx(2e-6 * EMG_LENGTH_US, abs=1e-4)
        assert durations[gap] == pytest.approx(20.0 - 2e-6 * EMG_LENGTH_US, abs=1e-4)


def test_edf_annotations_and_start(read_edf, as_csv):
    # The first sample was taken at 19.5 s of the clip's clock, 1 s before its clock was compared: 11:59:59.25 UTC.
    assert read_edf.getStartdatetime().replace(microsecond=0) == datetime(2025, 11, 25, 11, 59, 59)
    assert read_edf.starttime_subsecond == 2_500_000  # EDFlib: in 100 ns
    onsets, durations, texts = read_edf.readAnnotations()
    found = dict(zip(texts.tolist(), zip(onsets.tolist(), durations.tolist(), strict=True), strict=True))
    cue = "cues side=L reason=drop_over_absolute+glute_active value=8.12 threshold=7.00 latency_ms=215"
    cue_s, _ = found[cue + " buzz_side=L duration_ms=136"]
    assert cue_s == pytest.approx(20.040 - 19.5, abs=1e-4)
    gap_s, long_s = found["gap"]
    assert gap_s == pytest.approx(2 * record.TRACE_SAMPLES / RATE_HZ, abs=1e-4)
    assert long_s == pytest.approx(30.0 - 19.5 - 2 * record.TRACE_SAMPLES / RATE_HZ, abs=1e-4)
    assert sum(text.startswith("steps ") for text in texts) == len(as_csv["steps"]["t_s"])


@pytest.mark.parametrize(("runner", "code"), [("R017", "R017"), (None, CLIP.hex())])
def test_edf_names_the_runner_or_else_the_clip(tmp_path, runner, code):
    import pyedflib

    folder = export("edf", log_bytes(runner=runner), tmp_path)
    with pyedflib.EdfReader(str(folder / "obliquity.edf")) as reader:
        assert reader.getPatientCode() == code


def test_edf_beyond_16_bit_is_off_by_half_a_step_at_most(tmp_path):
    """-400 deg takes more than 16 bit of 0.01 deg: steps of 0.1 deg, and none of a value is cut off."""
    import pyedflib

    session = decode(log_bytes())
    session.trace.values[:3] = -400.04, 400.06, 399.99
    path, _ = edf.write(session, tmp_path, Output(as_json=True))
    with pyedflib.EdfReader(str(path)) as reader:
        read = reader.readSignal(0)[reader.readSignal(1, digital=True) == 1]
    exact = session.trace.values[np.isfinite(session.trace.values)]
    assert 0.03 < np.abs(read - exact).max() <= 0.05 + 1e-9


@pytest.mark.parametrize("hours", [0.1, 1.7, 7.0])
@pytest.mark.parametrize("name, period_us", [("obliquity", 4786.2), ("obliquity", 9615.4), ("emg", 1000.013)])
def test_edf_keeps_the_rate_for_hours(hours, name, period_us):
    """A record's length as the header holds it is right to 15 parts in a million; records begin exactly.

    EDFlib takes no file whose record begins by its text a rounding error away from where the one before ended.
    """
    count = int(hours * 3600e6 / period_us)
    t_s = np.rint(np.arange(count) * period_us) / 1e6
    long = sampled.Samples("long", tables.TABLES[name][1:], on_grid(1000 * t_s, np.zeros(count)), {})
    size, duration_s = edf._record(long)
    assert len(str(duration_s)) <= 8
    assert abs(duration_s / size / (period_us / 1e6) - 1) < 15e-6
    records = -(-count // size)
    assert all(Fraction(k * duration_s) == k * Fraction(str(duration_s)) for k in range(records))
    assert size * 2 * 2 * len(long.columns) < 61440  # bytes of a record (EDF's limit); each signal has a mask
    zeros = np.zeros(-(-count // size) * size, dtype=np.int16)
    signal = edf.edfio.EdfSignal.from_digital(zeros, size / duration_s)
    assert edf.edfio.Edf([signal], data_record_duration=duration_s).num_data_records == len(zeros) // size


def test_edf_without_a_sampled_signal(tmp_path, capsys):
    (tmp_path / "steps.hcl").write_bytes(log_bytes(with_trace=False))
    assert cli.main(["export", str(tmp_path / "steps.hcl"), "--format", "edf"]) == 2
    assert "no sampled signal" in capsys.readouterr().err
    assert not (tmp_path / "steps").exists()


def validate(folder):
    """Return the issues that the BIDS validator finds, [(code, location)] of its errors."""
    program = Path(sys.executable).with_name("bids-validator-deno")
    quiet = {"capture_output": True, "text": True, "timeout": 120}
    answer = subprocess.run([program, str(folder), "--format", "json"], **quiet)
    issues = json.loads(answer.stdout)["issues"]["issues"]
    return [(issue["code"], issue.get("location")) for issue in issues if issue["severity"] == "error"]


def test_bids_by_its_own_validator(folder, tmp_path):
    assert validate(folder / "bids") == []
    spoilt = tmp_path / "spoilt"
    for path in (folder / "bids").rglob("*"):
        if path.is_file() and not path.name.endswith("channels.tsv"):
            to = spoilt / path.relative_to(folder / "bids")
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(path.read_bytes())
    assert validate(spoilt) != []  # the validator does see what is missing


def test_bids_motion_by_numpy(folder, as_csv):
    """No header, columns as channels.tsv names them, equally spaced rows; values are the CSV's."""
    place = folder / "bids" / SUBJECT / "motion"
    stem = "%s_task-running_tracksys-obliquity_run-%d_" % (SUBJECT, SESSION)
    channels = [line.split("\t") for line in (place / (stem + "channels.tsv")).read_text().splitlines()]
    assert channels[0][:5] == ["name", "component", "type", "tracked_point", "units"]
    names = [row[0] for row in channels[1:]]
    columns = dict(zip(names, np.genfromtxt(place / (stem + "motion.tsv"), missing_values="n/a").T, strict=True))
    csv_s, csv_deg = (numbers(as_csv["obliquity"][name]) for name in ("t_s", "obliquity_deg"))
    sampled_rows = np.isfinite(columns["t_s"])
    assert np.array_equal(columns["obliquity_deg"][sampled_rows], csv_deg, equal_nan=True)
    assert np.abs(columns["t_s"][sampled_rows] + csv_s[0] - csv_s).max() < 5e-7
    assert np.array_equal(columns["valid_obliquity_deg"] == 1, np.isfinite(columns["obliquity_deg"]))
    sidecar = json.loads((place / (stem + "motion.json")).read_text())
    assert sidecar["SamplingFrequencyEffective"] == pytest.approx(RATE_HZ, rel=1e-9)
    rows = round((30.0 - 19.5) * RATE_HZ) + record.TRACE_SAMPLES
    assert abs(len(columns["t_s"]) - rows) <= 1


def test_bids_has_no_place_for_raw_emg(folder):
    assert not [path for path in (folder / "bids").rglob("*") if "emg" in path.name]


def test_bids_events_hold_every_row_of_the_other_tables(folder, as_csv):
    (path,) = (folder / "bids").rglob("*_events.tsv")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for name in set(as_csv) - set(tables.SAMPLED):
        own = [row for row in rows if row["trial_type"] == name]
        assert [row["t_s"] for row in own] == as_csv[name].pop("t_s")
        for column, texts in as_csv[name].items():
            assert [row["%s_%s" % (name, column)] for row in own] == [text or "n/a" for text in texts]
    dictionary = json.loads(path.with_suffix(".json").read_text())
    assert set(rows[0]) - {"onset", "duration"} == set(dictionary)
    assert dictionary["trial_type"]["HipCueCodes"] == tables.codes()


def test_bids_keeps_other_sessions_and_works_without_samples(tmp_path):
    """A second session of the same clip, without a trace, joins the data set: one subject, events under beh."""
    folder = export("bids", log_bytes(), tmp_path)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert export("bids", log_bytes(with_trace=False), tmp_path) == folder
    assert {path: path.read_bytes() for path in before} == before
    assert [path.suffix for path in sorted((folder / SUBJECT / "beh").iterdir())] == [".json", ".tsv"]
    assert (folder / "participants.tsv").read_text() == "participant_id\n%s\n" % SUBJECT
    assert validate(folder) == []


def test_bids_has_a_runner_for_a_subject(tmp_path):
    """Session 7 of two clips of one runner stand side by side; a label may hold no hyphen."""
    (tmp_path / "R-17").mkdir()
    for clip in (b"\x02HIPCU", b"\x02OTHER"):
        data = log_bytes(runner="R-17", clip=clip)
        (tmp_path / "R-17" / "7.hcl").write_bytes(data)
        folder = export("bids", data, tmp_path / "R-17")
    assert (folder / "participants.tsv").read_text() == "participant_id\nsub-Rx17\n"
    names = [path.name for path in sorted((folder / "sub-Rx17" / "motion").glob("*_motion.tsv"))]
    stem = "sub-Rx17_task-running_tracksys-obliquity_acq-%s_run-7_motion.tsv"
    assert names == [stem % "024849504355", stem % "024f54484552"]
    assert validate(folder) == []


@pytest.fixture(scope="module")
def read_fit(folder):
    """[(message, {field: value})] of the FIT file as fitdecode reads it, CRC checked."""
    return decode_fit(folder)


def decode_fit(folder):
    import fitdecode

    with fitdecode.FitReader(folder / "fit" / "activity.fit", check_crc=fitdecode.CrcCheck.RAISE) as reader:
        frames = [frame for frame in reader if isinstance(frame, fitdecode.FitDataMessage)]
    return [(frame.name, {field.name: field.value for field in frame.fields}) for frame in frames]


def test_fit_by_fitdecode(read_fit, as_csv):
    for name in set(as_csv) - set(tables.SAMPLED):
        kind, prefix = ("record", "") if name == "steps" else ("event", name + "_")
        own = [fields for message, fields in read_fit if message == kind and prefix + "t_s" in fields]
        for column, texts in as_csv[name].items():
            same(texts, [fields[prefix + column] for fields in own])


def test_fit_is_an_activity(read_fit):
    messages = [name for name, _ in read_fit]
    assert messages[0] == "file_id" and messages[-3:] == ["lap", "session", "activity"]
    fields = dict(read_fit)
    assert (fields["file_id"]["type"], fields["session"]["sport"]) == ("activity", "running")
    stamps = [found["timestamp"] for _, found in read_fit if found.get("timestamp")]
    assert stamps == sorted(stamps)
    step_ms = UNIX_MS + 19_750 - UNIX_AT_MS
    assert fields["file_id"]["time_created"] == datetime.fromtimestamp(step_ms // 1000, UTC)


def test_fit_has_every_field_that_an_activity_must_have(folder):
    from fit_tool.fit_file import FitFile
    from fit_tool.validation import STRICT_LEVELS, validate_fit_file

    read = FitFile.from_file(str(folder / "fit" / "activity.fit"))
    assert list(validate_fit_file(read.records, levels=STRICT_LEVELS).findings) == []


def test_unknown_wall_clock_gives_no_date(tmp_path):
    """FIT counts from power-on, EDF+ has no start date; nothing is dated 1970 or 1989."""
    import pyedflib

    data = log_bytes(clock=False)
    fields = decode_fit(export("fit", data, tmp_path).parent)
    assert {found["timestamp"] for name, found in fields if name == "record"} == {19, 20, 30}
    assert dict(fields)["file_id"]["time_created"] == 19
    path = export("edf", data, tmp_path) / "obliquity.edf"
    assert b"Startdate X " in path.read_bytes()[88:168]
    with pyedflib.EdfReader(str(path)) as reader:
        assert reader.getStartdatetime() == datetime(1985, 1, 1)  # EDF+'s own clipping date


def test_fit_without_a_step(tmp_path, capsys):
    (tmp_path / "none.hcl").write_bytes(b"".join(sealed(pack(record.EVENT, 50, 4, 12))))
    assert cli.main(["export", str(tmp_path / "none.hcl"), "--format", "fit"]) == 2
    assert "no step" in capsys.readouterr().err


def test_a_new_column_and_table_flow_through_every_format(tmp_path, monkeypatch):
    """Formats have no lists of their own: what is added to TABLES is in all of them."""
    import duckdb

    column = tables.Column("made_up_pct", "%", "made up", 1, lambda session: [41.5] * len(session.steps["side"]))
    extra = (
        tables.Column("t_s", "s", "made up", 3, lambda session: [21.5]),
        tables.Column("count", "", "made up", 0, lambda session: [8]),
    )
    added = {**tables.TABLES, "steps": (*tables.TABLES["steps"], column), "extras": extra}
    with monkeypatch.context() as patch:
        for name, columns in added.items():
            patch.setitem(tables.TABLES, name, columns)
        for name in FORMATS:
            export(name, log_bytes(), tmp_path)
    assert cells(tmp_path / "csv" / "extras.csv") == {"t_s": ["21.500"], "count": ["8"]}
    assert duckdb.sql("select count from '%s/parquet/extras.parquet'" % tmp_path).fetchall() == [(8.0,)]
    assert b"extras count=8\x14" in (tmp_path / "edf" / "obliquity.edf").read_bytes()
    assert b"made_up_pct=41.5" in (tmp_path / "edf" / "obliquity.edf").read_bytes()
    (events,) = (tmp_path / "bids").rglob("*_events.tsv")
    assert "steps_made_up_pct" in events.read_text() and "extras_count" in events.read_text()
    decoded = decode_fit(tmp_path)
    assert [found["made_up_pct"] for name, found in decoded if name == "record"] == [41.5] * 4
    assert [found["extras_count"] for name, found in decoded if "extras_count" in found] == [8.0]


@pytest.mark.parametrize("name", [name for name, row in FORMATS.items() if row.library])
def test_a_missing_library_is_named(name, tmp_path, capsys, monkeypatch):
    (tmp_path / "7.hcl").write_bytes(log_bytes())
    package = FORMATS[name].library.replace("-", "_")
    for module in [module for module in sys.modules if module.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, "host_tools.export." + FORMATS[name].module, raising=False)
    assert cli.main(["export", str(tmp_path / "7.hcl"), "--format", name]) == 2
    library = FORMATS[name].library
    expected = "needs %s; `%s -m pip install %s` installs it.\n" % (library, shlex.quote(sys.executable), library)
    assert capsys.readouterr().err.endswith(expected)
