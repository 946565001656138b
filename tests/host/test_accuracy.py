"""The accuracy table's arithmetic: pooling, verdicts, and readings of a filter at the true contacts."""

import numpy as np
import pytest

from host_tools.accuracy.filters import FILTERS
from host_tools.accuracy.measures import filter_errors
from host_tools.accuracy.pooled import Row, passes, pool
from host_tools.accuracy.sacral import _rises_s
from host_tools.log.session import Session
from host_tools.recording.folder import Recording

RATE_HZ = 200.0


def errors(bias, sd, count):
    return {"peak_drop_deg": {"bias": bias, "sd": sd, "count": count}}


def test_the_pooled_sd_is_that_of_all_errors_with_each_recording_weighing_alike():
    first, second = np.array([1.0, 3.0]), np.array([-4.0, -2.0, -4.0, -2.0])
    row = Row("", "deg", ("peak_drop_deg",), "sd", most=0.1)
    by_recording = {
        "first": errors(first.mean(), first.std(), 2),
        "second": errors(second.mean(), second.std(), 4),
    }
    both = np.concatenate((first, first, second))
    assert pool(row, by_recording)[0] == pytest.approx(both.std())


def test_biases_of_opposite_sign_do_not_cancel_in_the_mean_magnitude():
    row = Row("", "deg", ("peak_drop_deg", "bias"), "magnitude", most=0.08)
    pooled, worst, name = pool(row, {"a": errors(0.05, 0.0, 1), "b": errors(-0.15, 0.0, 1)})
    assert (pooled, worst, name) == (pytest.approx(0.10), -0.15, "b")
    assert not passes(row, pooled)


def test_a_recording_without_a_valid_step_is_left_out_of_the_pool_of_its_errors():
    row = Row("", "deg", ("peak_drop_deg",), "sd", most=0.1)
    assert pool(row, {"a": errors(None, None, 0)}) is None
    assert pool(row, {"a": errors(None, None, 0), "b": errors(0.0, 0.05, 9)})[0] == pytest.approx(0.05)


def test_the_worst_share_of_sides_is_the_lowest():
    row = Row("", "%", ("side_right_share",), "share", least=99.0)
    pooled, worst, name = pool(row, {"a": {"side_right_share": 1.0}, "b": {"side_right_share": 0.5}})
    assert (pooled, worst, name) == (75.0, 50.0, "b")
    assert not passes(row, pooled)


def read(name, gyro, accel):
    """Return the last obliquity (deg) by the filter of this name; skips without its package."""
    try:
        return FILTERS[name](gyro, accel, RATE_HZ)[-1]
    except ModuleNotFoundError as error:
        pytest.skip("%s is not installed; `make accuracy` installs it" % error.name)


@pytest.mark.parametrize("name", FILTERS)
def test_a_lean_to_the_right_lifts_the_left_side(name):
    lean_rad = np.radians(5.0)
    accel = np.tile((0.0, 9.81 * np.sin(lean_rad), 9.81 * np.cos(lean_rad)), (4000, 1))
    assert read(name, np.zeros((4000, 3)), accel) == pytest.approx(5.0, abs=0.05)


@pytest.mark.parametrize("name", FILTERS)
def test_a_roll_lifts_the_left_side(name):
    """By 10 deg in 0.5 s about x, forward, the accelerometer with it."""
    roll_rad = np.radians(20.0) * np.maximum(0.0, np.arange(-1900, 100) / RATE_HZ)
    gyro = np.zeros((2000, 3))
    gyro[1900:, 0] = np.radians(20.0)
    accel = 9.81 * np.stack((0.0 * roll_rad, np.sin(roll_rad), np.cos(roll_rad)), axis=1)
    assert read(name, gyro, accel) == pytest.approx(9.9, abs=0.2)


def test_a_filter_is_read_at_the_true_contacts_on_the_steps_the_clip_gives():
    t_s = np.arange(0.0, 30.0, 1 / RATE_HZ)
    truth_deg = 3.0 * np.sin(2 * np.pi * 1.4 * t_s)
    contact_s = np.arange(12.0, 28.0, 1 / 1.4)
    left = np.ones(len(contact_s), bool)
    recording = Recording(
        "made up", RATE_HZ, t_s, np.zeros((len(t_s), 6)), run_starts_s=0.0,
        truth_t_s=t_s, truth_obliquity_deg=truth_deg,
        truth_steps={
            "t_ic_s": contact_s, "t_tc_s": contact_s + 0.25, "stance_side": np.where(left, "L", "R"),
            "peak_drop_deg": np.full(len(contact_s), np.nan), "excursion_deg": np.full(len(contact_s), np.nan),
        },
    )  # fmt: skip
    steps = recording.truth_steps
    for index, start_s in enumerate(contact_s):
        stance = (t_s >= start_s) & (t_s < start_s + 0.25)
        steps["peak_drop_deg"][index] = truth_deg[stance].max()
        steps["excursion_deg"][index] = truth_deg[stance].max() - np.interp(start_s, t_s, truth_deg)
    quality = np.zeros(len(contact_s), int)
    quality[0] = 4
    session = Session(steps={"time_ms": contact_s * 1000, "quality": quality})
    found = filter_errors(truth_deg + 0.5, recording, session)
    assert found["peak_drop_deg"]["count"] == len(contact_s) - 1
    assert found["peak_drop_deg"]["bias"] == pytest.approx(0.5)
    assert found["excursion_deg"]["rms"] == pytest.approx(0.0, abs=1e-9)
    assert found["obliquity_zero_mean_rmse_deg"] == pytest.approx(0.0, abs=1e-9)
    assert found["obliquity_rmse_deg"] == pytest.approx(0.5)
    assert found["growth_deg"] is None


def test_the_ringing_of_a_force_plate_is_no_contact():
    force_bw = np.concatenate((np.zeros(50), np.full(5, 0.06), np.zeros(20), np.linspace(0.0, 2.0, 41), np.zeros(50)))
    assert _rises_s(force_bw) == pytest.approx([76 / 500], abs=1e-9)
