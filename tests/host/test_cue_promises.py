"""What a cue must never be, over random programmes, runs and faults, through the core, the rule and the programme.

A run of two minutes is pushed through the core as the clip does, with lost samples, a sensor at its range, a clip that
turns on the body, bends, resets, stops and losses of power where a random seed puts them; then many random programmes
have the steps that the core has made of each.
"""

import json
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from core_run import ACCEL_SCALE_MPS2, GYRO_SCALE_RADS, calibrated, raw_frames
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from hipcue.contract import config
from hipcue.contract.cues import OUTCOME_CODES
from hipcue.contract.record import QUALITY
from hipcue.core.pelvis import Pelvis
from hipcue.cue import PAUSE_MS, CueRule
from hipcue.programme import Programme
from host_tools.runners.record import record
from host_tools.runners.scenario import Bows, DropGrowth, Scenario, Stretch

RUN = Scenario(
    name="promises",
    duration_s=132.0,
    still_s=(0.0, 6.0),
    bows=Bows(6.0, 18.0),
    stretches=(
        Stretch("run", 20.0, 84.0, 170.0, 2.9),
        Stretch("walk", 85.0, 91.0, 112.0, 1.4),
        Stretch("run", 92.0, 130.0, 176.0, 3.0),
    ),
    drop_growths=(DropGrowth("L", 50.0, 10.0, 4.0),),
)
BLOCK = 16
HISTORIES = 6
ROUNDS = 4
CUED, UNDER = OUTCOME_CODES["cued"], OUTCOME_CODES["under"]
PROGRAMMES = st.fixed_dictionaries(
    {
        "cue_mode": st.sampled_from([0, 1, 1, 1, 2]),
        "cue_absolute_deg": st.sampled_from([0.0, 2.0, 4.0, 6.0]),
        "cue_margin_deg": st.sampled_from([0.5, 2.0]),
        "cue_over_steps": st.integers(1, 4),
        "cue_refractory_steps": st.integers(0, 10),
        "cue_swing_side": st.integers(0, 1),
        "programme_sessions": st.sampled_from([0, 0, 4, 8]),
        "fade_from_session": st.integers(1, 4),
        "fade_block_s": st.integers(10, 30),
        "warm_up_s": st.sampled_from([0, 0, 30]),
        "dose_cues_per_minute": st.integers(1, 12),
        "dose_minutes": st.sampled_from([1, 2, 3, 6, 7, 30]),
        "baseline_s": st.just(30),
    }
)


def with_faults(frames, params, rate_hz, random):
    """Return (frames with faults in them, {sample: samples lost from there}, {sample: what happens to the clip})."""
    frames = frames.astype(float)
    for _ in range(random.integers(0, 3)):  # at its range
        at = int(random.integers(25, 125) * rate_hz)
        frames[at : at + random.integers(1, 300), random.integers(0, 6)] = 32767
    for _ in range(random.integers(0, 3)):  # a bend: turning about what is up
        at, length = int(random.integers(25, 120) * rate_hz), int(random.uniform(2, 8) * rate_hz)
        up = np.array(params.mount[2])
        frames[at : at + length, :3] += np.radians(random.uniform(-90, 90)) / GYRO_SCALE_RADS * up
    if random.random() < 0.4:  # it turns on the body, at worst upside down
        at, turn = int(random.integers(30, 120) * rate_hz), random.choice([3.0, 8.0, 20.0, 60.0, 180.0])
        axis = random.standard_normal(3)
        matrix = Rotation.from_rotvec(np.radians(turn) * axis / np.linalg.norm(axis)).as_matrix()
        for part in (slice(0, 3), slice(3, 6)):
            frames[at:, part] = frames[at:, part] @ matrix.T
    if random.random() < 0.4:  # shaken
        at = int(random.integers(25, 120) * rate_hz)
        frames[at : at + 400, 3:] += random.uniform(0.5, 8.0) / ACCEL_SCALE_MPS2 * random.standard_normal((400, 3))
    gaps = {int(random.integers(25, 125) * rate_hz): int(random.integers(1, 600)) for _ in range(random.integers(0, 4))}
    kinds = ("stop", "reset", "power cut")
    events = {int(random.integers(30, 120) * rate_hz): str(random.choice(kinds)) for _ in range(random.integers(0, 4))}
    return np.clip(np.rint(frames), -32768, 32767).astype("<i2"), gaps, events


@dataclass(frozen=True)
class Decided:
    """A step at the moment of its decision; `true_side`: of the contact within 80 ms, or None."""

    contact_ms: int
    side: int
    quality: int
    drop_deg: float | None
    true_side: int | None


@cache
def run():
    return record(RUN)


@cache
def history(seed):
    """Return what a clip goes through: Decided steps, and the words stop, reset and power cut between them."""
    made = run()
    random, rate_hz = np.random.default_rng(seed), made.imu_rate_hz
    clean = raw_frames(made)
    params = calibrated(made, clean)
    frames, gaps, events = with_faults(clean, params, rate_hz, random) if seed else (clean, {}, {})
    core, first, at, told = Pelvis(params), 0, 0, []
    while at < len(frames):
        for sample in sorted(sample for sample in events if sample < at + BLOCK):
            told.append(events.pop(sample))
            if told[-1] != "stop":
                core, first = Pelvis(params), at
        for sample in sorted(sample for sample in gaps if sample < at + BLOCK):
            core.lost(gaps[sample])
            at += gaps.pop(sample)
        block = frames[at : at + BLOCK]
        decided = core.push(block.tobytes(), len(block))[0] if len(block) else ()
        told += [_decided(made, step, first + step.first - step.early) for step in decided]
        at += BLOCK
    return told


def _decided(made, step, contact):
    contacts_s, contact_s = made.truth_steps["t_ic_s"], contact / made.imu_rate_hz
    nearest = int(np.argmin(np.abs(contacts_s - contact_s)))
    true_side = " LR".index(made.truth_steps["stance_side"][nearest])
    near = abs(contacts_s[nearest] - contact_s) < 0.08
    return Decided(
        int(1000 * contact_s), step.side, step.quality, step.peak_drop_causal_deg, true_side if near else None
    )


class Clip:
    """Rule and programme as the application has them; what they truly do is counted beside them."""

    def __init__(self, changes, session, random):
        self.values, self._random = config.validate(changes), random
        self._stored = Programme(self.values).progress(None, True) | {"session": session}
        self.outcomes, self.cues = Counter(), []  # (running_ms, fed_ms, Decided, Cue)
        self._running_ms = self._fed_ms = 0
        self._last_ms = 0
        self._restart(None)

    def happen(self, what):
        if what == "stop":
            self._store(ended=True)
            self._begin(self._unix_ms())
        else:
            self._restart(self._unix_ms() if what == "reset" else None)

    def decide(self, step):
        if self._random.random() < 0.004:
            self._store(ended=False)  # as every five minutes
        if self._last_step_ms is not None and step.contact_ms - self._last_step_ms <= PAUSE_MS:
            self._running_ms += step.contact_ms - self._last_step_ms
        self._last_ms = self._last_step_ms = step.contact_ms
        fed_ms = self._programme.fed_ms
        outcome, cue = self._rule.step(step.side, step.drop_deg, step.contact_ms)
        self._fed_ms += self._programme.fed_ms - fed_ms
        self.outcomes[outcome] += 1
        threshold_deg = self._rule.threshold_deg(step.side) if step.side else None
        if None not in (threshold_deg, step.drop_deg) and step.drop_deg > threshold_deg:
            assert outcome != UNDER  # every step over its threshold is accounted for
        assert (cue is not None) == (outcome == CUED)
        if cue:
            self._programme.given()
            self.cues.append((self._running_ms, self._fed_ms, step, cue))

    def _unix_ms(self):
        return 1_790_000_000_000 + self._last_ms

    def _restart(self, unix_ms):
        """Switched on, or after a reset: there is what is on flash."""
        self._programme = Programme(self.values, json.loads(json.dumps(self._stored)))
        self._begin(unix_ms)

    def _begin(self, unix_ms):
        self._programme.start_run(unix_ms)
        self._rule = CueRule(self.values, self._programme)
        self._last_step_ms = None
        self._store(ended=False)

    def _store(self, ended):
        self._stored = self._programme.progress(self._unix_ms(), ended)


def act(told, changes, session, seed):
    """Let a clip go through a history ROUNDS times; return it."""
    clip = Clip(changes, session, np.random.default_rng(seed))
    for number in range(ROUNDS):
        for each in told:
            if isinstance(each, str):
                clip.happen(each)
            else:
                clip.decide(replace(each, contact_ms=each.contact_ms + int(1000 * RUN.duration_s) * number))
    return clip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(PROGRAMMES, st.integers(0, HISTORIES - 1), st.integers(1, 9), st.integers(0, 2**16))
def test_no_cue_breaks_a_promise(changes, number, session, seed):
    clip = act(history(number), changes, session, seed)
    values, at_ms = clip.values, np.array([cue[0] for cue in clip.cues])
    for running_ms, fed_ms, step, cue in clip.cues:
        assert step.quality == 0 and cue.side == step.side == (step.true_side or step.side) != 0
        assert (cue.buzz_side == step.side) == (not values["cue_swing_side"])
        in_a_minute = np.count_nonzero((at_ms > running_ms - 60000) & (at_ms <= running_ms))
        assert in_a_minute <= values["dose_cues_per_minute"]
        assert fed_ms <= 60000 * values["dose_minutes"]
    assert clip.outcomes[CUED] == len(clip.cues)
    assert sum(clip.outcomes.values()) == ROUNDS * sum(isinstance(each, Decided) for each in history(number))
    if not values["cue_mode"] or 0 < values["programme_sessions"] <= session:
        assert not clip.cues


def test_the_histories_hold_faults_and_cues():
    """What the promises are held against: every kind of fault, and cues in spite of them."""
    histories = [history(seed) for seed in range(HISTORIES)]
    happened = {each for told in histories for each in told if isinstance(each, str)}
    steps = [[each for each in told if isinstance(each, Decided)] for told in histories]
    codes = {bit for told in steps for step in told for bit in (1 << k for k in range(10)) if step.quality & bit}
    names = {name for bit, name, _ in QUALITY if bit in codes}
    assert happened == {"stop", "reset", "power cut"}
    assert names >= {"turning", "clipped", "gap", "not_running", "accelerating", "slipped"}, names
    assert any(not step.side for told in steps for step in told)
    sensitive = {"cue_absolute_deg": 2.0, "dose_cues_per_minute": 60, "dose_minutes": 240}
    cues = [len(act(told, sensitive, 1, 0).cues) for told in histories]
    assert cues[0] > 100 and sum(count > 0 for count in cues) > HISTORIES / 2
