"""Scenario recordings: their truth and spans hold together; the judge counts as its docstring says."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from hipcue.contract.record import QUALITY_BITS
from host_tools.output import plain
from host_tools.runners.expected import Mishap, Span, as_meta, from_meta
from host_tools.runners.motion import Motion, clip_orientation
from host_tools.runners.people import Clip, Runner
from host_tools.runners.scenario import Scenario, easy_run
from host_tools.runners.scenarios import SCENARIOS
from host_tools.sim.abstaining import judge

GRAVITY_MPS2 = 9.80665


@pytest.fixture(scope="module", params=SCENARIOS)
def recording(request):
    return SCENARIOS[request.param]()


def test_name_length_and_meta(recording):
    assert SCENARIOS[recording.name]
    assert 40 <= recording.end_s <= 100
    assert json.loads(json.dumps(plain(recording.meta))) == plain(recording.meta)


def test_spans_are_in_the_recording_and_their_codes_in_the_contract(recording):
    spans, mishaps = from_meta(recording.meta)
    assert spans
    for span in spans:
        assert 0 < span.from_s < span.to_s <= recording.end_s + 0.01  # whole samples
        assert set(span.codes) <= set(QUALITY_BITS) | {"any"}
    for one in spans:
        assert not any(other.from_s < one.to_s and one.from_s < other.to_s for other in spans if other is not one)
    assert all(mishap.at_s < recording.end_s for mishap in mishaps)


def test_only_hard_impacts_leave_the_sensor_range(recording):
    over = np.abs(recording.imu[:, :3]).max() > 16 * GRAVITY_MPS2
    assert over == (recording.name == "hard_impacts")
    assert np.degrees(np.abs(recording.imu[:, 3:])).max() < 2000


def test_no_true_running_step_where_nobody_runs(recording):
    spans, _ = from_meta(recording.meta)
    contacts = recording.truth_steps["t_ic_s"]
    for span in spans:
        if "not_running" in span.codes:
            assert not ((contacts > span.from_s) & (contacts < span.to_s)).any()


def test_a_slipped_clip_leaves_the_truth_of_the_body_alone():
    slipped, plain_run = SCENARIOS["slip_sideways"](), SCENARIOS["lost_samples"]()
    np.testing.assert_array_equal(slipped.truth_obliquity_deg, plain_run.truth_obliquity_deg)
    assert not np.allclose(slipped.imu[-2000:], plain_run.imu[-2000:], atol=0.5)


def test_a_loose_clip_wobbles_by_one_degree_about_each_axis():
    t_s = np.arange(30.0, 80.0, 0.02)
    motion = Motion(Scenario("loose", 85.0, stretches=(easy_run(20.0, 85.0),)), Runner())
    firm, loose = (clip_orientation(motion, clip, t_s) for clip in (Clip(), Clip(loose_deg=1.0)))
    wobble_deg = np.degrees((firm.inv() * loose).as_rotvec())
    np.testing.assert_allclose(wobble_deg.std(axis=0), 1.0, atol=0.1)


def session(times_s, quality, drops, cue_s=(), events=()):
    cue_s = np.array(cue_s, float)
    return SimpleNamespace(
        steps={
            "time_ms": 1000 * np.array(times_s, float),
            "quality": np.array(quality, int),
            "peak_drop_deg": np.array(drops, float),
        },
        cues={
            "time_ms": 1000 * cue_s,
            "threshold_deg": np.full(len(cue_s), 5.0),
            "latency_ms": np.full(len(cue_s), 200.0),
            "side": np.full(len(cue_s), 2),
        },
        events=list(events),
    )


def expecting(spans, mishaps=(), truth_s=(1.0, 2.0, 3.0), drop_deg=6.0):
    truth_s = np.array(truth_s)
    truth = {"t_ic_s": truth_s, "t_peak_s": truth_s + 0.1, "peak_drop_deg": np.full(len(truth_s), drop_deg)}
    pelvis = {"truth_t_s": np.array([0.0, 20.0]), "truth_obliquity_deg": np.array([-4.0, -4.0])}
    return SimpleNamespace(truth_steps=truth, **pelvis, meta=as_meta(spans, mishaps) | {"config": {}})


def test_codes_are_counted_on_the_steps_concerned_and_on_the_others():
    clipped, turning = QUALITY_BITS["clipped"], QUALITY_BITS["turning"]
    spans = [Span(0.5, 2.5, ("clipped",), drop_known=False), Span(2.5, 9.0)]
    verdict = judge(session([1, 2, 3], [clipped, 0, turning], [np.nan, 4, np.nan]), expecting(spans))
    assert (verdict.concerned, verdict.right, verdict.others, verdict.wrong) == (2, 1, 1, 1)
    assert verdict.wrong_drops == 1
    assert verdict.shortcomings() == ["drops", "codes missing", "codes wrong"]


def test_a_true_step_that_the_log_does_not_hold_lacks_its_code():
    spans = [Span(0.5, 9.0, ("slipped",), drop_known=False)]
    verdict = judge(session([1], [QUALITY_BITS["slipped"]], [np.nan]), expecting(spans))
    assert (verdict.concerned, verdict.right, verdict.codes) == (3, 1, {"missed": 2})


def test_a_clip_that_sees_no_running_falls_short():
    verdict = judge(None, expecting([Span(0.5, 9.0)]))
    assert (verdict.missed, verdict.shortcomings()) == (3, ["steps missing"])


def test_nothing_recorded_passes_where_nothing_is_to_be_seen():
    spans = [Span(0.5, 9.0, ("not_running",), drop_known=False, cues=False)]
    assert judge(None, expecting(spans, truth_s=())).shortcomings() == []


@pytest.mark.parametrize(
    ("cue_s", "drop_deg", "cues", "wrong"),
    [
        (1.3, 6.0, True, 0),
        (1.3, 3.6, True, 0),  # over the threshold less hysteresis and margin: 3.5
        (1.3, 3.4, True, 1),
        (1.3, 6.0, False, 1),  # within a span without cues
        (1.8, 6.0, True, 1),  # at no step
        (10.0, 0.0, True, 0),  # outside of all spans: the pelvis itself hangs by 4 deg in a right stance
    ],
)
def test_cues_that_should_not_be(cue_s, drop_deg, cues, wrong):
    spans = [Span(0.5, 9.0, cues=cues)]
    verdict = judge(session([1], [0], [4.0], cue_s=[cue_s]), expecting(spans, drop_deg=drop_deg))
    assert verdict.wrong_cues == wrong


@pytest.mark.parametrize(("drop_deg", "wrong"), [(6.0, 0), (3.0, 1)])
def test_a_cue_after_the_last_true_step_is_held_against_the_pelvis(drop_deg, wrong):
    """The truth of steps ends a second before the recording; the truth of the pelvis does not."""
    recording = expecting([Span(0.5, 9.0)], drop_deg=0.0)
    recording.truth_obliquity_deg = np.array([-drop_deg, -drop_deg])  # in a right stance, as the cue's
    assert judge(session([1], [0], [4.0], cue_s=[4.0]), recording).wrong_cues == wrong


def test_steps_until_a_mishap_was_noticed():
    told = {"name": "slipped", "time_ms": 2500, "value": 100}
    noticed = judge(session([1], [0], [4.0], events=[told]), expecting([], [Mishap(0.5, "slipped")])).noticed
    assert noticed == [2]
    verdict = judge(session([1], [0], [4.0]), expecting([], [Mishap(0.5, "slipped")]))
    assert verdict.noticed == [None] and verdict.shortcomings() == ["noticed late"]
