"""The ledger of a log: a row for every step over its threshold, with reason, rule, version, latency and response."""

import json

import numpy as np
import pytest
from synthetic_log import block, pack, seal_block, sealed, step

from hipcue.contract import config, record
from hipcue.contract.cues import OUTCOME_CODES, OUTCOME_NAMES
from host_tools.log import ledger
from host_tools.log.decode import decode

STEP_MS = 350
FIRST_MS = 20000  # of the first data block of `sealed`


def with_outcome(outcome):
    return OUTCOME_CODES[outcome] << record.OUTCOME_SHIFT


def left_steps(outcomes, drops_cdeg):
    """Return the records of left steps 700 ms apart, in one block."""
    return b"".join(
        step(2 * STEP_MS * k, 1, with_outcome(outcome), drop, drop)
        for k, (outcome, drop) in enumerate(zip(outcomes, drops_cdeg, strict=True))
    )


def cue(offset_ms, side=1, value=900, threshold=700, latency=215, duration=130, glute=(1, 255)):
    return pack(record.CUE, offset_ms, side, side, 1, value, threshold, latency, duration, *glute)


EVENT = record.EVENT_CODES
TOLD = (
    pack(record.EVENT, 0, EVENT["settings"], 0x3C0F)
    + pack(record.EVENT, 0, EVENT["threshold"], 700)
    + pack(record.PROGRAMME, 0, 6, 50, 900, 450, 31, 0)
)


def rows(session, *names):
    return list(zip(*(session.ledger[name].tolist() for name in names), strict=True))


def test_each_step_over_its_threshold_is_a_row():
    outcomes = ["under"] * 3 + ["too_few"] * 3 + ["cued"] + ["refractory"] * 2 + ["under"] * 5
    drops = [600] * 3 + [900, 910, 920, 930, 800, 810] + [610] * 5
    session = decode(b"".join(sealed(TOLD, left_steps(outcomes, drops) + cue(6 * 2 * STEP_MS + 310, value=930))))
    session.config["programme_sessions"] = 8
    assert rows(session, "time_ms", "outcome", "value_deg", "threshold_deg") == [
        (30000 + 700 * k, OUTCOME_CODES[outcomes[k]], drops[k] / 100, 7.0) for k in range(3, 9)
    ]
    assert set(rows(session, "reason", "rule", "version", "programme_session")) == {
        ("drop_over_baseline", "4 of 6 steps; hysteresis 1 deg; refractory 8 steps", "3c0f", 6.0)
    }
    given = rows(session, "latency_ms", "duration_ms", "before_deg", "after_deg")[3]
    # Six up to the cue: 6, 9, 9.1, 9.2, 9.3 and one of the first; six after: 8, 8.1 and four of 6.1.
    assert given == (215.0, 130.0, pytest.approx((9.0 + 9.1) / 2), pytest.approx(6.1))
    assert all(np.isnan(row[:2]).all() for k, row in enumerate(rows(session, "latency_ms", "duration_ms")) if k != 3)


def test_a_cue_says_what_the_glute_did_or_that_it_rests_on_the_drop_alone():
    """Of a withheld step no glute is told: nothing rests on it."""
    steps = left_steps(["cued", "refractory", "cued"], [900] * 3)
    cues = cue(310, glute=(2, 61)) + cue(2 * 700 + 310, glute=(0, 255))
    session = decode(b"".join(sealed(steps + cues)))
    assert session.ledger["glute"].tolist() == ["glute_quiet", "", "glute_unknown"]
    np.testing.assert_array_equal(session.ledger["glute_pct"], [61.0, np.nan, np.nan])


def test_a_cue_whose_step_is_lost_is_a_row_of_its_own():
    session = decode(b"".join(sealed(TOLD + cue(310), left_steps(["too_few"], [900]) + cue(5000, side=2))))
    assert rows(session, "time_ms", "side", "outcome", "value_deg") == [
        (20310, 1, OUTCOME_CODES["cued"], 9.0),
        (30000, 1, OUTCOME_CODES["too_few"], 9.0),
        (35000, 2, OUTCOME_CODES["cued"], 9.0),
    ]


def test_a_cue_belongs_to_the_last_cued_step_of_its_side():
    """The left motor goes on when the right step has begun; the left's next cue comes without refractory steps."""
    steps = b"".join(step(350 * k, 1 + k % 2, with_outcome("cued"), 900, 900) for k in range(3))
    cues = cue(360, latency=211) + cue(640, side=2, latency=212) + cue(1060, latency=213)
    session = decode(b"".join(sealed(steps + cues)))
    assert rows(session, "time_ms", "side", "latency_ms") == [(20000, 1, 211), (20350, 2, 212), (20700, 1, 213)]


@pytest.mark.parametrize(
    "settings, reason, threshold_deg",
    [
        ({}, "drop_over_baseline", np.nan),
        ({"cue_absolute_deg": 6.5}, "drop_over_absolute", 6.5),
        ({"cue_mode": 3}, "glute_quiet", np.nan),
    ],
)
def test_what_a_withheld_step_was_held_against(settings, reason, threshold_deg):
    """Where the log tells of no threshold: a fixed one is the settings'."""
    session = decode(b"".join(sealed(left_steps(["faded"], [900]))))
    session.config |= settings
    (row,) = rows(session, "reason", "threshold_deg", "value_deg", "version")
    value_deg = np.nan if settings.get("cue_mode") == 3 else 9.0
    assert row[0] == reason and row[3] == "%04x" % config.version(config.validate(settings))
    np.testing.assert_array_equal(row[1:3], (threshold_deg, value_deg))


def test_a_threshold_counts_from_when_it_was_told():
    told = pack(record.EVENT, 1000, EVENT["threshold"], 700) + pack(record.EVENT, 2000, EVENT["threshold"], 650)
    steps = left_steps(["too_few"] * 4, [900] * 4)  # at 0, 0.7, 1.4 and 2.1 s
    session = decode(b"".join(sealed(told + steps)))
    np.testing.assert_array_equal(session.ledger["threshold_deg"], [np.nan, np.nan, 7.0, 6.5])


def test_what_is_lost_with_the_logs_head_is_empty():
    blocks = sealed(left_steps(["faded"], [900]))
    session = decode(b"".join(b for b in blocks if b[5] != record.KIND_SCHEMA))
    assert rows(session, "reason", "rule", "version") == [("", "", "")]
    blocks = [block(record.KIND_DATA, 9, 20000, TOLD + left_steps(["faded"], [900]))]
    assert decode(b"".join([*blocks, seal_block(blocks)])).ledger["version"].tolist() == ["3c0f"]


def test_a_log_without_steps_has_no_rows():
    assert all(len(values) == 0 for values in decode(b"".join(sealed())).ledger.values())
    assert set(OUTCOME_NAMES) >= {OUTCOME_NAMES[code] for code in ledger.PLANNED}


BEGINNINGS = ("cue_", "buzz_", "programme_", "fade_", "retention_", "warm_up_", "dose_", "baseline_s", "glute_")


def test_the_version_of_settings_is_that_of_what_cues_hang_on():
    first = config.version(config.defaults())
    assert 0 <= first <= 0xFFFF
    assert config.version(config.validate({"trace": 1, "mains_hz": 60, "drill_target_pct": 40})) == first
    for name, default, least, most, *_ in config.TABLE:
        if name.startswith(BEGINNINGS):
            other = config.defaults() | {name: most if default != most else least}
            assert config.version(other) != first, name
    assert config.version(json.loads(json.dumps(config.defaults()))) == first
