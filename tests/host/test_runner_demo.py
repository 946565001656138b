"""The made-up runner: its signals must follow from its motion, and its motion be that of a runner."""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from host_tools.runners import demo
from host_tools.runners.demo_run import DEMO
from host_tools.runners.gaits import RUN, harmonics
from host_tools.runners.inertial import true_imu
from host_tools.runners.motion import Motion, clip_orientation
from host_tools.runners.people import IDEAL_CLIP, Clip, Runner, Slip
from host_tools.runners.record import record
from host_tools.runners.scenario import Lean, Scenario, easy_run

GRAVITY_MPS2 = 9.80665
MARKERS = Path(__file__).parents[3] / "shared/data/mocap/RBDS001runT25markers.txt"


@pytest.fixture(scope="module")
def recording():
    return demo()


@pytest.fixture(scope="module")
def motion():
    return Motion(DEMO, Runner())


def ideal_imu(motion, start_s, end_s, rate_hz=208.0, clip=IDEAL_CLIP):
    t_s = np.arange(start_s, end_s, 1 / rate_hz)
    return t_s, true_imu(motion, clip, t_s)


def steps_between(recording, side, start_s, end_s):
    steps = recording.truth_steps
    chosen = (steps["stance_side"] == side) & (steps["t_ic_s"] > start_s) & (steps["t_ic_s"] < end_s)
    return {name: values[chosen] for name, values in steps.items()}


def test_the_recording_is_the_same_every_time(recording):
    again = demo()
    np.testing.assert_array_equal(again.imu, recording.imu)
    np.testing.assert_array_equal(again.envelope_v, recording.envelope_v)


def test_duration_and_rate(recording):
    assert recording.imu_rate_hz == 208 * 1.004
    assert recording.imu.shape == (150359, 6)  # 720 s * 208.832 Hz
    assert np.isfinite(recording.imu).all()


def test_sensor_ranges_are_kept(recording):
    assert np.abs(recording.imu[:, :3]).max() < 16 * GRAVITY_MPS2
    assert np.abs(np.degrees(recording.imu[:, 3:])).max() < 2000


def test_at_rest_the_specific_force_is_gravity_upwards(motion):
    _, imu = ideal_imu(motion, 0.5, 5.5)
    np.testing.assert_allclose(np.linalg.norm(imu[:, :3], axis=1), GRAVITY_MPS2, atol=0.01)
    np.testing.assert_allclose(imu[:, :3].mean(axis=0), (0, 0, GRAVITY_MPS2), atol=0.02)


def test_the_mount_turns_what_the_sensor_sees(recording):
    still = recording.imu[recording.t_s < 5.5, :3].mean(axis=0)
    pitch, roll = np.radians(12), np.radians(3)
    expected = GRAVITY_MPS2 * np.array((-np.sin(pitch), np.cos(pitch) * np.sin(roll), np.cos(pitch) * np.cos(roll)))
    np.testing.assert_allclose(still, expected, atol=0.12)  # biases up to 0.08, scale errors up to 0.4 %


@pytest.mark.parametrize(("start_s", "end_s"), [(25.0, 43.0), (60.0, 200.0), (520.0, 700.0)])
def test_mean_specific_force_over_strides_is_one_g_up(motion, start_s, end_s):
    contact_s = motion.steps.contact_s[::2]
    first, last = contact_s[contact_s > start_s][0], contact_s[contact_s < end_s][-1]
    t_s, imu = ideal_imu(motion, first, last)
    world = motion.orientation(t_s).apply(imu[:, :3]).mean(axis=0)
    np.testing.assert_allclose(world, (0, 0, GRAVITY_MPS2), atol=0.06)


def test_integrating_the_gyroscope_gives_the_orientation(motion):
    clip = Clip(slips=(Slip(102.0, 1.0, (5.0, -3.0, 2.0)),))
    t_s, imu = ideal_imu(motion, 100.0, 110.0, rate_hz=2000.0, clip=clip)
    middle = (imu[:-1, 3:] + imu[1:, 3:]) / 2
    turned = Rotation.identity()
    for turn in Rotation.from_rotvec(middle / 2000.0):
        turned = turned * turn
    orientation = clip_orientation(motion, clip, t_s)
    error = (orientation[0] * turned).inv() * orientation[-1]
    assert np.degrees(error.magnitude()) < 0.01


def test_obliquity_is_the_height_of_the_left_axis(motion):
    t_s = np.arange(295.0, 310.0, 0.01)
    left_axis = motion.orientation(t_s).apply((0.0, 1.0, 0.0))
    np.testing.assert_allclose(np.degrees(np.arcsin(left_axis[:, 2])), motion.obliquity_deg(t_s), atol=1e-9)


def test_running_has_flight_and_walking_has_none(motion):
    _, walk = ideal_imu(motion, 25.0, 44.0)
    _, run = ideal_imu(motion, 60.0, 200.0)
    assert walk[:, 2].min() > 0.6 * GRAVITY_MPS2
    steps = run[: len(run) // 73 * 73, 2].reshape(-1, 73) / GRAVITY_MPS2  # 73 samples: about a step
    assert -0.3 < np.median(np.percentile(steps, 10, axis=1)) < 0.1
    assert 2.4 < np.median(steps.max(axis=1)) < 3.0


def test_force_stands_while_the_foot_does(motion, recording):
    """Contact lasts about 36 % of the stride, and nearly all vertical force falls within it."""
    steps = steps_between(recording, "L", 60, 200)
    contact_s = steps["t_tc_s"] - steps["t_ic_s"]
    assert contact_s.mean() == pytest.approx(0.363 * 120 / 170, rel=0.01)
    t_s, imu = ideal_imu(motion, 60.0, 200.0)
    flight_s = (steps["t_tc_s"] + steps["t_tc_s"] + 0.08) / 2
    stance_s = (steps["t_ic_s"] + steps["t_tc_s"]) / 2
    assert np.median(np.interp(flight_s, t_s, imu[:, 2])) < 0.35 * GRAVITY_MPS2
    assert np.median(np.interp(stance_s, t_s, imu[:, 2])) > 1.8 * GRAVITY_MPS2


@pytest.mark.parametrize(
    ("channel", "start", "end", "sign"),
    [(1, 0.15, 0.45, +1), (5, 0.45, 0.80, -1), (3, 0.30, 0.60, -1)],
    ids=["mediolateral force", "yaw rate", "roll rate"],
)
def test_signs_that_tell_the_sides_apart(motion, recording, channel, start, end, sign):
    t_s, imu = ideal_imu(motion, 50.0, 235.0)
    contacts, sides = recording.truth_steps["t_ic_s"], recording.truth_steps["stance_side"]
    means = {"L": [], "R": []}
    for contact, after, side in zip(contacts[:-1], contacts[1:], sides[:-1], strict=True):
        if contact > 50 and after < 235:
            within = (t_s > contact + start * (after - contact)) & (t_s < contact + end * (after - contact))
            means[str(side)].append(sign * imu[within, channel].mean())
    assert np.mean(np.array(means["L"]) > 0) > 0.95
    assert np.mean(np.array(means["R"]) < 0) > 0.95


def test_step_rate_and_its_variability(recording):
    contacts = recording.truth_steps["t_ic_s"]
    contacts = contacts[(contacts > 60) & (contacts < 230)]
    strides = contacts[2:] - contacts[:-2]
    assert 120 / strides.mean() == pytest.approx(170, abs=2)
    assert strides.std() / strides.mean() == pytest.approx(0.0155, abs=0.003)


def test_peak_drop_is_the_largest_within_stance(recording):
    steps = recording.truth_steps
    for order in range(0, len(steps["t_ic_s"]), 37):
        within = (recording.truth_t_s >= steps["t_ic_s"][order]) & (recording.truth_t_s < steps["t_tc_s"][order])
        sign = 1 if steps["stance_side"][order] == "L" else -1
        drop = sign * recording.truth_obliquity_deg[within]
        assert steps["peak_drop_deg"][order] == drop.max()
        assert steps["t_peak_s"][order] == recording.truth_t_s[within][drop.argmax()]
        assert 0 <= steps["excursion_deg"][order] <= drop.max() - drop[0] + 0.5


def test_the_left_drop_grows_by_four_degrees_and_the_right_stays(recording):
    early, late = (50.0, 400.0), (500.0, 705.0)
    left = [steps_between(recording, "L", *span)["peak_drop_deg"] for span in (early, late)]
    right = [steps_between(recording, "R", *span)["peak_drop_deg"] for span in (early, late)]
    assert np.median(left[1]) - np.median(left[0]) == pytest.approx(4.0, abs=0.2)
    assert np.median(right[1]) - np.median(right[0]) == pytest.approx(0.0, abs=0.2)
    assert left[1].std() == pytest.approx(0.7, abs=0.1)
    excursion = [np.median(steps_between(recording, "L", *span)["excursion_deg"]) for span in (early, late)]
    assert excursion[1] - excursion[0] > 1.0


def test_the_left_envelope_fades_by_two_fifths(recording):
    t_s = np.arange(len(recording.envelope_v)) / recording.envelope_rate_hz
    rest = recording.envelope_v[t_s < 5].mean(axis=0)
    before = recording.envelope_v[(t_s > 60) & (t_s < 230)].mean(axis=0) - rest
    after = recording.envelope_v[(t_s > 500) & (t_s < 700)].mean(axis=0) - rest
    np.testing.assert_allclose(after / before, (0.6, 1.0), atol=0.03)
    assert recording.envelope_v.min() >= 0
    assert recording.envelope_v.max() <= 3.3


def test_each_glute_bursts_in_its_own_stance(recording):
    t_s = np.arange(len(recording.envelope_v)) / recording.envelope_rate_hz
    for channel, side in enumerate("LR"):
        early = steps_between(recording, side, 60, 230)["t_ic_s"] + 0.05
        own = np.interp(early, t_s, recording.envelope_v[:, channel])
        other = np.interp(early, t_s, recording.envelope_v[:, 1 - channel])
        assert own.mean() > 4 * other.mean()


def test_no_running_steps_while_standing_at_the_light(recording):
    contacts = recording.truth_steps["t_ic_s"]
    assert not ((contacts > 242) & (contacts < 254.5)).any()
    light = (recording.t_s > 243) & (recording.t_s < 254)
    assert np.degrees(np.abs(recording.imu[light, 3:])).max() < 12
    assert recording.truth_obliquity_deg[light].max() == pytest.approx(5, abs=0.1)


def test_the_bend_turns_left_by_ninety_degrees(motion):
    t_s, imu = ideal_imu(motion, 296.0, 308.0)
    world = motion.orientation(t_s).apply(imu[:, 3:])
    assert np.degrees(world[:, 2].sum() / 208.0) == pytest.approx(90, abs=6)  # a stride's rotation stays
    assert motion.obliquity_deg(t_s).min() < -10  # leans into it: the left side goes down


def test_five_bows_forward(recording):
    start_s, end_s = recording.bows_s
    pitch = np.degrees(recording.imu[(recording.t_s > start_s) & (recording.t_s < end_s), 4])
    fast = pitch > 40
    assert np.count_nonzero(fast[1:] & ~fast[:-1]) == 5
    assert np.argmax(pitch > 40) < np.argmax(pitch < -40)  # down comes first: positive about y, left


def small_scenario(**changes):
    return Scenario(**({"name": "small", "duration_s": 44.0, "stretches": (easy_run(20.0, 44.0),)} | changes))


@pytest.mark.parametrize("steps_per_min", [140.0, 200.0])
def test_other_step_rates(steps_per_min):
    made = record(small_scenario(stretches=(easy_run(20.0, 44.0, steps_per_min),)))
    assert 60 / np.diff(made.truth_steps["t_ic_s"]).mean() == pytest.approx(steps_per_min, rel=0.015)


def test_a_camber_is_an_offset():
    level = record(small_scenario()).truth_obliquity_deg
    sloped = record(small_scenario(leans=(Lean(20.0, 40.0, -2.0),))).truth_obliquity_deg
    np.testing.assert_allclose((sloped - level)[int(22 * 208.832) : int(39 * 208.832)], -2.0, atol=1e-9)


def test_an_upside_down_clip_sees_gravity_the_other_way():
    made = record(small_scenario(), clip=Clip(mount_deg=(180.0, 0.0, 0.0)))
    assert made.imu[:400, 2].mean() == pytest.approx(-GRAVITY_MPS2, abs=0.1)


def _marker(table, name):
    columns = np.column_stack([table[name + axis] for axis in "XYZ"])
    for column in columns.T:
        missing = np.isnan(column)
        column[missing] = np.interp(np.flatnonzero(missing), np.flatnonzero(~missing), column[~missing])
    return np.column_stack((columns[:, 0], -columns[:, 2], columns[:, 1]))  # x forward, y left, z up


def test_the_running_stride_is_that_of_the_measured_runner():
    """Obliquity from the markers, folded by mirror symmetry, against the table: contacts by force, sides by heel."""
    if not MARKERS.exists():
        pytest.skip("shared/data/mocap is absent: the measured markers are not part of the project")
    table = np.genfromtxt(MARKERS, names=True, delimiter="\t")
    force = np.genfromtxt(str(MARKERS).replace("markers", "forces"), names=True, delimiter="\t")["Fy"]
    loaded = np.convolve(force, np.ones(5) / 5, "same") > 50
    contact_s = (np.flatnonzero(loaded[1:] & ~loaded[:-1]) + 1) / 300
    t_s = np.arange(len(table)) / 150
    left_axis = _marker(table, "LASIS") - _marker(table, "RASIS")
    obliquity = np.degrees(np.arcsin(left_axis[:, 2] / np.linalg.norm(left_axis, axis=1)))
    heels = _marker(table, "LHeelTop")[:, 0] - _marker(table, "RHeelTop")[:, 0]
    first_left = np.interp(contact_s[0], t_s, heels) > 0
    phase = np.interp(t_s, contact_s, 0.5 * np.arange(len(contact_s)) + (0.0 if first_left else 0.5))
    inside = (t_s > contact_s[0]) & (t_s < contact_s[-1])
    grid = np.arange(0, 1, 0.05)
    near = np.abs((phase[None, inside] - grid[:, None] + 0.5) % 1 - 0.5) < 0.01
    mean = np.array([obliquity[inside][chosen].mean() for chosen in near])
    mirrored = (mean - np.roll(mean, 10)) / 2
    np.testing.assert_allclose(mirrored, harmonics(RUN.obliquity_deg, grid), atol=0.35)
