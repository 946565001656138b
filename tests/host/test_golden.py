"""Logs of every contract version decode for ever: each was recorded by the firmware of its time on the twin.

A minute of a made-up runner (stand, bows, walk, run) whose left drop grows, with cues over 6 deg; the figures were read
from each log by the host tools of its time.
"""

from pathlib import Path

import numpy as np
import pytest

from hipcue.contract import record
from host_tools.log.decode import decode
from host_tools.log.session import DAMAGED, WHOLE

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
# version: steps, valid ones, cues, sum of the valid peak drops in degrees
FIGURES = {1: (91, 79, 5, 434.67), 2: (92, 80, 5, 438.14)}


def read(version):
    return (GOLDEN / ("contract_%d.hcl" % version)).read_bytes()


def test_every_version_has_one():
    assert sorted(FIGURES) == list(range(1, record.CONTRACT_VERSION + 1))


@pytest.mark.parametrize("version", FIGURES)
def test_golden_log(version):
    data = read(version)
    session = decode(data)
    assert data[4] == version and (session.verdict, session.problems) == (WHOLE, [])
    assert session.runner is None  # logs of that time bore none
    steps = session.steps
    ok = steps["quality"] == 0
    found = len(ok), int(ok.sum()), len(session.cues["time_ms"]), round(float(steps["peak_drop_deg"][ok].sum()), 2)
    assert found == FIGURES[version]
    assert session.cues["reason"].tolist() == ["drop_over_absolute"] * 5 and set(session.cues["side"]) == {1}
    assert set(np.diff(steps["side"][ok].astype(int))) == {1, -1}


def test_golden_log_of_raw_emg():
    """A run of 18 s on the science build with trace=1: the contract knows raw EMG as a further record since then."""
    session = decode((GOLDEN / "contract_2_emg.hcl").read_bytes())
    assert (session.contract, session.verdict, session.problems) == (2, WHOLE, [])
    emg = session.emg
    lost, marked = np.isnan(emg["left_uv"]), emg["marks"] != 0
    assert (len(session.steps["time_ms"]), len(lost), lost.sum(), marked.sum()) == (53, 2016, 48, 67)
    assert np.array_equal(lost, np.isnan(emg["right_uv"])) and round(emg["time_ms"][0]) == 21490
    sums_uv = [float(np.nansum(abs(emg[name]))) for name in ("left_uv", "right_uv")]
    assert sums_uv == pytest.approx([703_565.2, 731_491.9], abs=0.1)


@pytest.mark.parametrize("version", FIGURES)
def test_golden_log_without_its_schema(version):
    """Its blocks still say by which contract they are to be read."""
    data = read(version)
    heads = sum(data[at + 5] == record.KIND_SCHEMA for at in range(0, len(data), record.BLOCK_BYTES))
    session, whole = decode(data[heads * record.BLOCK_BYTES :]), decode(data)
    assert session.verdict == DAMAGED
    for name in ("time_ms", "side", "quality", "peak_drop_deg", "excursion_deg", "contact_ms"):
        np.testing.assert_array_equal(session.steps[name], whole.steps[name])
    np.testing.assert_array_equal(session.cues["value_deg"], whole.cues["value_deg"])
