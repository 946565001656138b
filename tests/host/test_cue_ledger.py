"""The ledger over random programmes and runs: every step has one outcome, and none breaks a promise."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipcue.contract import config
from hipcue.contract.cues import OUTCOME_CODES, OUTCOMES
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT, SIDE_UNKNOWN
from hipcue.cue import PAUSE_MS, CueRule
from hipcue.programme import Programme

CUED = OUTCOME_CODES["cued"]
STEP_MS = 353

PROGRAMMES = st.fixed_dictionaries(
    {
        "cue_mode": st.integers(0, 3),
        "cue_absolute_deg": st.sampled_from([0.0, 6.0]),
        "cue_refractory_steps": st.integers(0, 10),
        "cue_swing_side": st.integers(0, 1),
        "programme_sessions": st.sampled_from([0, 4, 8]),
        "fade_from_session": st.integers(1, 4),
        "fade_block_s": st.integers(10, 60),
        "warm_up_s": st.sampled_from([0, 60]),
        "dose_cues_per_minute": st.integers(1, 20),
        "dose_minutes": st.integers(1, 6),
        "baseline_s": st.just(40),
    }
)


def steps_of(seed, count=2500):
    """Return [(side, drop or None, contact_ms, glute or None)]: bouts of drop, unsure sides, bad steps, pauses."""
    random = np.random.default_rng(seed)
    bout = np.repeat(random.random(count // 50 + 1) < 0.5, 50)[:count]
    drops = 4.0 + 5.0 * bout + 1.4 * random.standard_normal(count)
    quiet = np.repeat(random.random(count // 80 + 1) < 0.4, 80)[:count]
    time_ms, steps = 0, []
    for k in range(count):
        time_ms += STEP_MS + (int(random.integers(3000, 900000)) if random.random() < 0.002 else 0)
        side = SIDE_UNKNOWN if random.random() < 0.03 else SIDE_LEFT if k % 2 else SIDE_RIGHT
        drop = None if side == SIDE_UNKNOWN or random.random() < 0.05 else float(drops[k])
        glute = None if random.random() < 0.1 else float(100.0 - 40.0 * quiet[k] + 10.0 * random.standard_normal())
        steps.append((side, drop, time_ms, glute))
    return steps


@settings(max_examples=60, deadline=None, derandomize=True)
@given(PROGRAMMES, st.integers(1, 10), st.integers(0, 2**16))
def test_every_step_has_one_outcome_and_no_promise_is_broken(changes, session, seed):
    values = config.validate(changes)
    programme = Programme(values)
    programme.session = session
    programme._begin({})
    rule = CueRule(values, programme)
    outcomes, cued_at = Counter(), []
    glute_alone = values["cue_mode"] == 3
    last_ms = 0
    for side, drop, contact_ms, glute in steps_of(seed):
        due = {each: contact_ms - last_ms <= PAUSE_MS and rule._sides[each].due for each in (SIDE_LEFT, SIDE_RIGHT)}
        last_ms = contact_ms
        outcome, cue = rule.step(side, drop, contact_ms, glute)
        outcomes[outcome] += 1
        assert (cue is not None) == (outcome == CUED)
        threshold = None if side == SIDE_UNKNOWN else rule.threshold_deg(side)
        over = not glute_alone and threshold is not None and drop is not None and drop > threshold
        if over:  # accounted for, whatever becomes of it
            assert outcome != OUTCOME_CODES["under"]
        if side == SIDE_UNKNOWN:
            assert outcome == OUTCOME_CODES["side_unsure" if any(due.values()) else "under"]
        elif (glute if glute_alone else drop) is None:
            assert outcome == OUTCOME_CODES["unjudged" if due[side] else "under"]
        if cue is None:
            continue
        programme.given()
        assert values["cue_mode"] and side == cue.side != SIDE_UNKNOWN
        assert cue.buzz_side == (SIDE_LEFT + SIDE_RIGHT - side if values["cue_swing_side"] else side)
        assert programme.share > 0 and not programme.retention() and programme.feeding()
        assert programme.whole_ms >= 1000 * values["warm_up_s"]
        assert programme.fed_ms <= 60000 * values["dose_minutes"]
        cued_at.append(programme.whole_ms)
        assert sum(at > programme.whole_ms - 60000 for at in cued_at) <= values["dose_cues_per_minute"]
    assert sum(outcomes.values()) == 2500 and set(outcomes) <= {row[0] for row in OUTCOMES}
    assert outcomes[CUED] == len(cued_at) == programme.cues
    if not values["cue_mode"]:
        assert not cued_at


@pytest.mark.parametrize("seed", range(5))
def test_the_dose_of_a_session_is_its_minutes_with_feedback(seed):
    values = config.validate({"cue_absolute_deg": 4.0, "dose_minutes": 3, "cue_refractory_steps": 0})
    programme = Programme(values)
    rule = CueRule(values, programme)
    last = max(programme.fed_ms for step in steps_of(seed) if rule.step(*step)[1])
    assert last < 3 * 60000
    assert programme.fed_ms > 6 * 60000
