"""An amplitude, why there is none, and an onset in the few bytes of a step's record; drills have sound presets."""

import numpy as np
import pytest

from hipcue.contract import drills, emg
from host_tools.log import emg as host


def unpacked(fields, front_end="raw"):
    table = np.array([(field,) for field in fields], dtype=[("glute_left", "<u2")])
    uv, quality = host.amplitudes_uv(table, "glute_left", front_end)
    return uv.tolist(), quality.tolist()


@pytest.mark.parametrize("front_end, uv", [("raw", 0.0), ("raw", 53.8), ("raw", 3251.1), ("envelope", 3.3e6)])
def test_an_amplitude_comes_back_to_half_a_unit(front_end, uv):
    unit_uv = emg.FRONT_ENDS_UV[front_end]
    (found,), (quality,) = unpacked([emg.packed_amplitude(uv, 0, unit_uv)], front_end)
    assert abs(found - uv) <= unit_uv / 2 * (1 + 1e-9) and quality == 0


def test_what_is_too_large_stays_the_largest():
    assert unpacked([emg.packed_amplitude(9999.0, 0, 0.1)])[0] == pytest.approx([3251.1])


@pytest.mark.parametrize("bits", [1, 0x42, 0xDF, 0xFF])
def test_without_an_amplitude_the_quality_stands_in_its_place(bits):
    (found,), (quality,) = unpacked([emg.packed_amplitude(None, bits, 0.1)])
    assert np.isnan(found) and quality == bits


def test_nothing_measured_is_no_quality():
    (found,), (quality,) = unpacked([emg.packed_amplitude(None, 0, 0.1)])
    assert np.isnan(found) and quality == host.NOT_MEASURED and host.quality_name(quality) == ""


def test_a_low_contrast_goes_along_with_its_amplitude():
    (found,), (quality,) = unpacked([emg.packed_amplitude(53.8, 0x20, 0.1)])
    assert found == pytest.approx(53.8) and host.quality_name(quality) == "low_contrast"


@pytest.mark.parametrize("onset_ms, field", [(None, -128), (-60.0, -30), (3.2, 2), (-999.0, -127), (254.0, 127)])
def test_onset(onset_ms, field):
    assert emg.packed_onset(onset_ms) == field


def test_codes():
    bits = [bit for bit, _, _ in emg.EMG_QUALITY]
    assert bits == [1 << k for k in range(8)]
    assert emg.MOST_AMPLITUDE | emg.LOW_CONTRAST_FLAG < emg.NO_AMPLITUDE
    codes = [code for code, *_ in drills.DRILLS]
    assert codes == list(range(1, 8))
    # Group means of the table in the source: side-lying abduction 81, clamshell 40, lunge 48 % (DiStefano et al. 2009).
    assert (drills.PRESET_PCT[1], drills.PRESET_PCT[2], drills.PRESET_PCT[7]) == (81, 40, 48)
