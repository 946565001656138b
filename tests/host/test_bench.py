"""The bench's own parts that need no emulator: cut, stages, comparison, figures, and the emulator's answers."""

import struct
from types import SimpleNamespace

import comparison
import cut
import emg_cost
import emulator
import figures
import numpy as np
import pytest
from on_mcu import emg_functions, emg_rows, rows, stages

from host_tools.errors import HipCueError
from host_tools.recording.folder import Recording

MET = {
    "cost": {"push": 119.9e6, "collect": 1e6, "dearest_push": 1e6, "late_blocks": 1},
    "envelopes": 60e6,
    "functions": [[6e6, 60]] * len(stages.STAGES),
    "memory": {
        "state_bytes": [20e3, 21e3, 21e3],
        "peak_bytes": [3e4] * 3,
        "block_bytes": [1e3, 9e3],
        "heap_bytes": 2e5,
    },
    "live_bytes": 40.0 * 1024,
    "smallest_heap_kb": 50,
}


def test_every_function_of_the_stages_is_the_cores():
    for _, module, name in stages.STAGES:
        assert callable(stages.find(module, name)[2])


def test_frames_are_gyroscope_first_in_lsb_and_stop_at_the_range():
    imu = np.array([[9.80665, 0.0, -9.80665e3, np.radians(0.7), np.radians(-7.0), np.radians(1e6)]])
    # 1 g is 2049 LSB of 0.488 mg, 0.7 deg/s are 10 of 70 mdps.
    assert cut.raw_frames(imu).tolist() == [[10, -100, 32767, 2049, 0, -32768]]


def test_rate_is_the_nominal_one_in_whole_steps_of_trim():
    assert cut.trimmed_rate_hz(208.0) == 208.0
    assert cut.trimmed_rate_hz(210.288) == pytest.approx(208 * 1.0105)  # 7 steps of 0.15 %


def recording(seconds, **changes):
    count = int(seconds * 208)
    imu = np.tile((0.0, 0.0, 9.80665, 0.0, 0.0, 0.0), (count, 1))
    return Recording("stand", 208.0, np.arange(count) / 208.0, imu, run_starts_s=10.0, **changes)


def test_cut_says_what_a_recording_lacks():
    with pytest.raises(HipCueError, match="stand is too short"):
        cut.cut(recording(80.0, still_s=(0.0, 5.0), bows_s=(5.0, 9.0)))
    with pytest.raises(HipCueError, match="no still_s and bows_s"):
        cut.cut(recording(120.0))


def packed(*values):
    return struct.pack(rows.FORMAT, *values)


def test_rows_round_trip():
    step = SimpleNamespace(
        first=1200, early=0.25, side=2, quality=64, peak_drop_causal_deg=None, peak_drop_deg=4.5, excursion_deg=-1.25
    )
    memory = bytearray(rows.BYTES)
    rows.pack_into(memory, 0, step)
    (found,) = comparison.steps(bytes(memory))
    assert (found.contact, found.side, found.quality) == (1199.75, 2, 64)
    assert found.logged() == (2, 64, (None, 450, -125))


def test_differences():
    nan = float("nan")
    ours = comparison.steps(packed(100, 0.0, 1, 0, 4.001, 4.004, 1.0) + packed(170, 0.5, 2, 0, nan, 3.0, 1.0))
    theirs = comparison.steps(packed(100, 0.0, 1, 0, 4.001, 4.006, 1.0) + packed(400, 0.5, 2, 0, nan, 3.0, 1.0))
    facts = comparison.differences(ours, theirs)
    assert (facts["steps"], facts["unmatched"], facts["differing"], facts["side_or_quality"]) == (2, 2, 1, 0)
    assert facts["most_deg"] == pytest.approx(0.002, abs=1e-6)
    assert facts["checksum"] != facts["reference_checksum"]
    same = comparison.differences(ours, ours)
    assert (same["unmatched"], same["differing"], same["most_deg"]) == (0, 0, 0.0)
    assert same["checksum"] == same["reference_checksum"]


def test_bars_are_those_of_the_project():
    assert all(met for *_, met in figures.bars(MET, 60.0))
    missed = {
        "cost": MET["cost"] | {"push": 120.1e6, "late_blocks": 2},
        "envelopes": 60.1e6,
        "memory": MET["memory"] | {"state_bytes": [20e3, 21e3, 21.1e3]},
        "live_bytes": 40.0 * 1024 + 1,
    }
    assert not any(met for *_, met in figures.bars(MET | missed, 60.0))


def test_stages_add_up():
    found = figures.stages(MET["functions"], 60.0)
    assert sum(instructions for _, instructions, _ in found) == pytest.approx(len(stages.STAGES) * 0.1e6)
    assert [row[1] for row in found] == sorted([row[1] for row in found], reverse=True)
    assert "\n".join(figures.lines(MET, 60.0)).count("met") == len(figures.bars(MET, 60.0))


def test_answers_are_read_and_errors_told():
    assert emulator.answers(b'>>> raw\r\nOKbench: ["cost", {"push": 1}]\r\nbench: ["rows", "00"]\r\n') == {
        "cost": {"push": 1},
        "rows": "00",
    }
    with pytest.raises(HipCueError, match="MemoryError"):
        emulator.answers(b"OKTraceback (most recent call last):\r\nMemoryError: no\r\n")
    with pytest.raises(HipCueError, match="it said nothing"):
        emulator.answers(b"")


def test_every_function_of_the_emg_table_is_the_cores():
    for module, name in emg_functions.FUNCTIONS:
        assert callable(stages.find(module, name)[2])


def test_emg_readings_round_trip_and_differ_where_they_do():
    reading = SimpleNamespace(
        activation_uv=50.0, peak_uv=80.0, pre_activation_uv=None, onset_ms=-54.0, quality=0
    )
    packed_row = struct.pack(emg_rows.FORMAT, *emg_rows.values(reading))
    ours = emg_cost.unpacked((packed_row * 4).hex())
    assert ours.shape == (2, 2, 5) and np.isnan(ours[0, 0, 2])
    assert emg_cost.difference(ours, ours) == (0.0, 0)
    theirs = ours.copy()
    theirs[0, 0, 0], theirs[0, 1, 3], theirs[1, 0, 3], theirs[1, 1, 4] = 40.0, -42.0, np.nan, 1
    largest, otherwise = emg_cost.difference(ours, theirs)
    assert largest == pytest.approx(0.25) and otherwise == 3


def test_emg_bars():
    memory = {"state_bytes": [9000] * 4, "live_bytes": 12000, "work_bytes": 1}
    cost = {"push": 10e6, "read": 49e6, "median": 1e6}
    assert all(met for *_, met in emg_cost.bars({"cost": cost, "memory": memory}, 2.0e6))
    missed = emg_cost.bars(
        {"cost": cost | {"median": 1.1e6}, "memory": {"state_bytes": [9000, 9000, 9000, 9200], "live_bytes": 14000}},
        2.0e6,
    )
    assert not any(met for *_, met in missed)
