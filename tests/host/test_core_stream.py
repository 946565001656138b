"""How the samples come changes no step: blocks of any size, halves with the state carried over; losses are told."""

import copy

import numpy
import pytest
from core_run import calibrated, contact_s, matched, push

from hipcue.contract.record import QUALITY_BITS
from hipcue.contract.signals import FRAME_BYTES, SIDE_LEFT, SIDE_RIGHT, SIDE_UNKNOWN
from hipcue.core.gravity import SETTLED_STEPS
from hipcue.core.pelvis import Pelvis

GAP = QUALITY_BITS["gap"]
STAND_S = 15  # standing and walking, then running from 26 s on


@pytest.fixture(scope="module")
def params(minute, frames):
    return calibrated(minute, frames, trace=True)


def fields(step):
    """Everything a step holds, for comparing bit for bit."""
    return {
        name: numpy.asarray(value).tolist() if isinstance(value, numpy.ndarray) else value
        for name, value in vars(step).items()
    }


def at_decision(step):
    """What the cue is decided by; it may change when the step settles."""
    return step.first, step.early, step.stance_end, step.peak, step.side, step.peak_drop_causal_deg


def streamed(core, frames, block):
    """Push `frames` in blocks; return (what was decided, fields of the settled steps)."""
    data = frames.tobytes()
    decided, settled = [], []
    for start in range(0, len(frames), block):
        count = min(block, len(frames) - start)
        new = core.push(data[start * FRAME_BYTES : (start + count) * FRAME_BYTES], count)
        decided += [at_decision(step) for step in new[0]]
        settled += [fields(step) for step in new[1]]
    return decided, settled


def whole_run(params, frames, block):
    core = Pelvis(params)
    decided, settled = streamed(core, frames, block)
    return decided, settled + [fields(step) for step in core.finish()]


@pytest.fixture(scope="module", params=[STAND_S, 35], ids=["from a stand", "from mid-run"])
def stretch(request, params, frames):
    """Frames, and what comes of them in blocks of 16."""
    frames = frames[request.param * 208 :]
    return frames, whole_run(params, frames, 16)


@pytest.mark.parametrize("block", [1, 3, 37, 64, 100, 250])
def test_the_size_of_blocks_changes_no_step(params, stretch, block):
    """Bit for bit, decided and settled: one sample, odd sizes that part pairs, more than a step, a full FIFO."""
    frames, expected = stretch
    assert len(expected[1]) > 60
    assert whole_run(params, frames, block) == expected


def cuts(count):
    """Samples to cut at: in standing, walking and the first steps, then anywhere."""
    given = [round(second * 208) for second in (0.5, 8.0, 13.3, 13.41, 13.52, 13.63)]
    return given + numpy.random.default_rng(4).integers(11 * 208, 24 * 208, count).tolist()


def test_one_run_equals_two_halves(params, frames):
    """Cut anywhere, and in other blocks after the cut; bit for bit, decided and settled."""
    frames = frames[STAND_S * 208 : 40 * 208]
    expected = whole_run(params, frames, 16)
    assert len(expected[0]) > 25
    for cut in cuts(20):
        first = Pelvis(params)
        decided, settled = streamed(first, frames[:cut], 16)
        second = Pelvis(params, copy.deepcopy(first.state))
        after = streamed(second, frames[cut:], 61)
        settled += after[1] + [fields(step) for step in second.finish()]
        assert (decided + after[0], settled) == expected, cut


def test_a_step_is_decided_within_a_block_of_its_stance_and_settled_once(params, frames):
    """Sample by sample: decided at most a watermark of 16 samples after the stance's end, settled 12 steps later."""
    core, data = Pelvis(params), frames.tobytes()
    decided, settled = [], []
    for number in range(len(frames)):
        new = core.push(data[number * FRAME_BYTES : (number + 1) * FRAME_BYTES], 1)
        assert all(0 <= number - step.stance_end <= 16 for step in new[0] if step.first > 30 * 208)
        decided += new[0]
        settled += new[1]
        assert len(core.state.steps) <= SETTLED_STEPS // 2 + 2
    settled += core.finish()
    assert [id(step) for step in settled] == [id(step) for step in decided]


def test_a_stop_settles_the_steps_before_it(params, frames):
    """Some 20 s of running, then 3 s of standing: nothing is left to finish."""
    core = Pelvis(params)
    settled = push(core, numpy.concatenate((frames[: 50 * 208], frames[: 3 * 208])))[1]
    assert settled[-1].first > 49 * 208 and core.finish() == []


@pytest.mark.parametrize("lost", [1, 20, 300])
def test_lost_samples_are_flagged_and_time_goes_on(params, frames, minute, lost):
    start = 45 * 208
    core = Pelvis(params)
    before = push(core, frames[:start])[1] + core.lost(lost)
    after = push(core, frames[start + lost :])[1] + core.finish()
    assert before[-1].quality & GAP and before[-1].peak_drop_deg is None and before[-1].excursion_deg is None
    assert not any(step.quality & GAP for step in before[:-1])
    assert after[0].quality & GAP and after[0].peak_drop_deg is None
    assert not any(step.quality & GAP for step in after[1:])
    steps = [step for step in before + after if 33.0 < contact_s(step, minute.imu_rate_hz) < 59.0]
    for step, true in matched(steps, minute):
        right_side = SIDE_LEFT if true["stance_side"] == "L" else SIDE_RIGHT
        assert step.side == right_side or (lost == 300 and step.side == SIDE_UNKNOWN)  # four steps are bridged
        if step.peak_drop_deg is not None:
            assert abs(step.peak_drop_deg - true["peak_drop_deg"]) < 0.3
    assert sum(step.peak_drop_deg is not None for step in after) >= (30 if lost < 300 else 10)


def test_lost_samples_give_the_same_steps_in_any_blocks(params, frames):
    start = 45 * 208
    runs = []
    for block in (16, 100):
        core = Pelvis(params)
        settled = streamed(core, frames[30 * 208 : start], block)[1]
        settled += [fields(step) for step in core.lost(20)]
        runs.append(settled + streamed(core, frames[start + 20 :], block)[1])
    assert runs[0] == runs[1]


def test_too_large_a_block_is_refused(params, frames):
    with pytest.raises(ValueError, match="more than the core holds"):
        Pelvis(params).push(frames[:1000].tobytes(), 1000)
