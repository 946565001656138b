"""Every bad recording folder gets its own sentence and exit code 2."""

import json

import numpy as np
import pytest

from host_tools.errors import USAGE, HipCueError
from host_tools.recording.checks import nominal_rate_hz
from host_tools.recording.folder import IMU_COLUMNS, load

RATE_HZ = 208.0


@pytest.fixture
def folder(tmp_path):
    """A good recording: 4 s still, then 4 s of a slow turn."""
    write(tmp_path)
    return tmp_path


def write(folder, imu=None, header=IMU_COLUMNS, **meta):
    """Write imu.csv and meta.json; `imu` (N, 7) defaults to a good one."""
    np.savetxt(
        folder / "imu.csv",
        good() if imu is None else imu,
        delimiter=",",
        fmt="%.6f",
        header=",".join(header),
        comments="",
    )
    meta = {"name": "made", "imu_rate_hz": RATE_HZ, "still_s": [0, 4], "bows_s": [4, 8], "run_starts_s": 8} | meta
    (folder / "meta.json").write_text(json.dumps(meta))


def good(rate_hz=RATE_HZ):
    t_s = np.arange(8 * round(rate_hz)) / rate_hz
    imu = np.zeros((len(t_s), 7))
    imu[:, 0] = t_s
    imu[:, 3] = 9.81
    imu[t_s >= 4, 5] = 1.0
    return imu


def refusal(folder):
    with pytest.raises(HipCueError) as caught:
        load(folder)
    assert caught.value.exit_code == USAGE
    assert caught.value.message.endswith(".") and "\n" not in caught.value.message
    return caught.value.message.replace(str(folder) + "/", "")


def test_good(folder):
    recording = load(folder)
    assert recording.name == "made"
    assert recording.imu.shape == (1664, 6)
    assert recording.imu[0].tolist() == [0, 0, 9.81, 0, 0, 0]
    assert recording.end_s == 8.0
    assert (recording.still_s, recording.bows_s, recording.run_starts_s) == ((0, 4), (4, 8), 8)
    assert recording.emg is None and recording.truth_steps is None


def test_columns_may_stand_in_any_order(folder):
    order = [3, 0, 1, 2, 6, 5, 4]
    write(folder, good()[:, order], [IMU_COLUMNS[k] for k in order])
    assert load(folder).imu[0].tolist() == [0, 0, 9.81, 0, 0, 0]


def test_no_folder(tmp_path):
    assert refusal(tmp_path / "none").startswith("There is no recording folder ")


@pytest.mark.parametrize("name", ["meta.json", "imu.csv"])
def test_missing_file(folder, name):
    (folder / name).unlink()
    assert refusal(folder) == "%s is missing from the recording folder; put it there, or name another folder." % name


def test_missing_emg_file(folder):
    write(folder, emg_rate_hz=1000)
    assert refusal(folder) == "emg.csv is missing from the recording folder; put it there, or name another folder."


def test_meta_that_is_no_json(folder):
    (folder / "meta.json").write_text("{")
    assert refusal(folder) == "meta.json is not JSON; correct it or write it anew."


def test_meta_without_rate(folder):
    (folder / "meta.json").write_text('{"name": "made", "rate_hz": 208}')
    assert refusal(folder) == "meta.json has no imu_rate_hz; found name, rate_hz."


@pytest.mark.parametrize("segment", [[2, 1], [0, 99], [0], "0-4", [0, None]])
def test_segment_outside_the_recording(folder, segment):
    write(folder, still_s=segment)
    assert refusal(folder).startswith(
        "meta.json: still_s must be two times [from, to] within the recording's 8.0 s, not "
    )


def test_missing_column(folder):
    write(folder, good()[:, :6], IMU_COLUMNS[:6])
    expected = "imu.csv has no column gz_rads; found t_s, ax_mps2, ay_mps2, az_mps2, gx_rads, gy_rads."
    assert refusal(folder) == expected


def test_renamed_column(folder):
    write(folder, header=[name.replace("az_mps2", "az_g") for name in IMU_COLUMNS])
    expected = "imu.csv has no column az_mps2; found t_s, ax_mps2, ay_mps2, az_g, gx_rads, gy_rads, gz_rads."
    assert refusal(folder) == expected


def test_nan(folder):
    imu = good()
    imu[10, 2] = np.nan
    write(folder, imu)
    assert refusal(folder) == "imu.csv, line 12: ay_mps2 is nan, not a number; correct the file."


@pytest.mark.parametrize("cell", ["", "abc"])
def test_cell_that_is_no_number(folder, cell):
    lines = (folder / "imu.csv").read_text().splitlines()
    lines[5] = ",".join([cell if k == 3 else word for k, word in enumerate(lines[5].split(","))])
    (folder / "imu.csv").write_text("\n".join(lines))
    assert refusal(folder) == "imu.csv, line 6: az_mps2 is %r, not a number; correct the file." % cell


def test_row_that_is_cut_short(folder):
    text = (folder / "imu.csv").read_text()
    (folder / "imu.csv").write_text(text[:-30])
    assert refusal(folder) == "imu.csv, line 1665: 4 cells, where the first row names 7 columns; correct the file."


def test_empty_file(folder):
    (folder / "imu.csv").write_text("")
    assert refusal(folder) == "imu.csv holds fewer than two rows of data."


def test_time_running_backwards(folder):
    imu = good()
    imu[[100, 101], 0] = imu[[101, 100], 0]
    write(folder, imu)
    assert refusal(folder) == "imu.csv, line 103: time does not increase (0.480769 s after 0.485577 s)."


def test_time_with_a_gap(folder):
    write(folder, np.delete(good(), slice(200, 210), axis=0))
    assert refusal(folder).startswith("imu.csv, line 202: time is not uniform at the stated 208 Hz (1.00961 s;")


def test_time_at_another_rate(folder):
    write(folder, imu_rate_hz=200.0)
    assert "time is not uniform at the stated 200 Hz" in refusal(folder)
    assert "the file's mean rate is 208.00 Hz" in refusal(folder)


def test_time_that_starts_late(folder):
    imu = good()
    imu[:, 0] += 100
    write(folder, imu)
    assert refusal(folder) == "imu.csv starts at 100 s; a recording's clock starts at 0."


@pytest.mark.parametrize(
    ("scale", "hint"), [(1 / 9.81, "; it looks like g"), (1000 / 9.81, "; it looks like mg"), (1.2, "")]
)
def test_acceleration_in_other_units(folder, scale, hint):
    imu = good()
    imu[:, 1:4] *= scale
    write(folder, imu)
    found = "%.4g" % (9.81 * scale)
    assert refusal(folder) == "imu.csv: the acceleration of the still segment is %s m/s2, not 9.81%s." % (found, hint)


def test_gyroscope_in_degrees(folder):
    imu = good()
    imu[:, 4:] *= 180 / np.pi
    write(folder, imu)
    assert refusal(folder) == "imu.csv: angular rates reach 57.3 rad/s; they look like deg/s: convert."


def test_gyroscope_bias_in_degrees(folder):
    imu = good()
    imu[:, 4] = 0.8  # 0.8 deg/s of bias, taken for rad/s
    write(folder, imu)
    assert refusal(folder) == "imu.csv: the clip turns at 0.8 rad/s in the still segment; it looks like deg/s: convert."


# 104 or 208 Hz, trimmed by -128..127 steps of 0.15 %.
@pytest.mark.parametrize(
    ("rate_hz", "nominal_hz"),
    [(84.04, 104), (100, 104), (123.81, 104), (168.07, 208), (200, 208), (210.288, 208), (247.62, 208)],
)
def test_rates_that_the_sensor_can_run_at(rate_hz, nominal_hz):
    assert nominal_rate_hz(rate_hz) == nominal_hz


@pytest.mark.parametrize("rate_hz", [0, -208, 50, 84.0, 123.9, 150, 168.0, 247.7, 1000, float("nan")])
def test_rates_that_it_cannot(folder, rate_hz):
    write(folder, imu_rate_hz=rate_hz)
    expected = "The sensor cannot run at %g Hz (imu_rate_hz in meta.json); it can at 84.0 to 123.8 Hz (nominal 104)"
    assert refusal(folder) == (expected + " or 168.1 to 247.6 Hz (nominal 208).") % rate_hz


def test_emg_and_truth(folder):
    write(folder, emg_rate_hz=1000)
    t_s = np.arange(8000) / 1000
    emg = np.column_stack([t_s, np.full(8000, 10.0), np.full(8000, -20.0)])
    np.savetxt(folder / "emg.csv", emg, delimiter=",", header="t_s,left_uv,right_uv", comments="")
    (folder / "truth_obliquity.csv").write_text("t_s,obliquity_deg,running\n0,1.5,0\n1,2.5,1\n")
    (folder / "truth_steps.csv").write_text(
        "t_ic_s,t_tc_s,stance_side,peak_drop_deg,excursion_deg,t_peak_s\n1,1.2,L,5,2,1.1\n1.4,1.6,R,6,3,1.5\n"
    )
    recording = load(folder)
    assert recording.emg.shape == (8000, 2) and recording.emg_rate_hz == 1000.0
    assert recording.truth_obliquity_deg.tolist() == [1.5, 2.5]
    assert recording.truth_running.tolist() == [False, True]
    assert recording.truth_steps["stance_side"].tolist() == ["L", "R"]
    assert recording.truth_steps["peak_drop_deg"].tolist() == [5.0, 6.0]


def test_renamed_truth_column(folder):
    (folder / "truth_obliquity.csv").write_text("t_s,obliquity\n0,1\n1,2\n")
    assert refusal(folder) == "truth_obliquity.csv has no column obliquity_deg; found t_s, obliquity."


def test_truth_that_is_no_text(folder):
    (folder / "truth_obliquity.csv").write_bytes(b"t_s,\xff\n0,1\n1,2\n")
    assert refusal(folder) == "truth_obliquity.csv is not a text file; save it as CSV in UTF-8."


def test_truth_of_another_side(folder):
    (folder / "truth_steps.csv").write_text(
        "t_ic_s,t_tc_s,stance_side,peak_drop_deg,excursion_deg,t_peak_s\n1,1.2,L,5,2,1.1\n1.4,1.6,left,6,3,1.5\n"
    )
    assert refusal(folder) == "truth_steps.csv, line 3: stance_side is 'left', not L or R."


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "8", True])
def test_start_of_the_run_that_is_no_number(folder, value):
    write(folder, run_starts_s=value)
    assert refusal(folder) == "meta.json: run_starts_s must be a number, not %r." % value


@pytest.mark.parametrize("value", [0, -1000])
def test_emg_rate_that_is_none(folder, value):
    write(folder, emg_rate_hz=value)
    assert refusal(folder) == "meta.json: emg_rate_hz must be above 0, not %d." % value
