"""The programme: shares by a published schedule, delivered whatever happens to a run; dose, sessions, tightening."""

import json

import numpy as np
import pytest

from hipcue.contract import config
from hipcue.contract.cues import OUTCOME_CODES
from hipcue.cue import CueRule
from hipcue.programme import SESSION_GAP_MS, Programme, share_of

STEP_MS = 353
WILLY = {"programme_sessions": 8, "fade_from_session": 5}
HOUR_MS = 3600 * 1000


def values(**changes):
    return config.validate(changes)


def run(programme, minutes, ready=True):
    for _ in range(int(60000 * minutes / STEP_MS)):
        programme.pass_time(STEP_MS, ready)


def in_session(session):
    """Return a Programme of WILLY that is in this session."""
    settings = values(**WILLY)
    return Programme(settings, Programme(settings).progress(None, True) | {"session": session})


def stored(programme, unix_ms=None, ended=True):
    """As it comes back from flash."""
    return json.loads(json.dumps(programme.progress(unix_ms, ended)))


def test_shares_of_eight_sessions_faded_over_the_last_four():
    settings = values(**WILLY)
    assert [share_of(settings, session) for session in range(1, 11)] == [1, 1, 1, 1, 0.75, 0.5, 0.25, 0, 0, 0]


@pytest.mark.parametrize("sessions, fade", [(1, 1), (8, 8), (18, 9), (12, 1)])
def test_shares_fall_evenly_to_none(sessions, fade):
    settings = values(programme_sessions=sessions, fade_from_session=fade)
    shares = [share_of(settings, session) for session in range(1, sessions + 1)]
    assert shares[-1] == 0.0 and shares[: fade - 1] == [1.0] * (fade - 1)
    steps = np.diff([1.0, *shares[fade - 1 :]])
    assert np.allclose(steps, steps[0]) and steps[0] < 0


def test_without_a_programme_all_of_every_run_has_feedback():
    programme = Programme(values())
    for _ in range(30):
        run(programme, 20)
        assert programme.withholds() is None and programme.fed_ms == programme.running_ms
        programme.progress(None, True)
        programme.start_run(None)


@pytest.mark.parametrize("session", [5, 6, 7, 8])
@pytest.mark.parametrize("minutes", [12, 20.3, 31.7, 45])
def test_the_share_is_delivered_within_two_percent(session, minutes):
    programme = in_session(session)
    run(programme, minutes)
    assert programme.running_ms > 0.99 * 60000 * minutes
    assert abs(programme.fed_ms / programme.running_ms - share_of(values(**WILLY), session)) <= 0.02


@pytest.mark.parametrize("seed", range(12))
def test_stops_resets_and_flat_batteries_change_nothing_of_the_share(seed):
    """Progress is stored every five minutes and at each end; what came after is lost twice in this session."""
    random = np.random.default_rng(seed)
    settings = values(**WILLY)
    session = int(random.integers(5, 8))
    programme = in_session(session)
    share, true_run, true_fed, unix_ms = share_of(settings, session), 0, 0, 1_790_000_000_000
    kept, losses = stored(programme, unix_ms), 0
    while true_run < 35 * 60000:
        for _ in range(int(random.integers(100, 1800))):
            outcome = programme.withholds()
            true_fed += STEP_MS * (outcome is None)
            true_run += STEP_MS * (outcome in (None, OUTCOME_CODES["faded"]))  # a cue could come
            programme.pass_time(STEP_MS, True)
            unix_ms += STEP_MS
            if programme.running_ms // 300000 > kept["running_ms"] // 300000:
                kept = stored(programme, unix_ms, ended=False)
        losses += 1
        what = random.integers(1, 3) if losses <= 2 else 0
        if what == 0:  # stopped, and resumed within the hour
            kept = stored(programme, unix_ms)
            unix_ms += int(random.integers(1, HOUR_MS))
            programme.start_run(unix_ms)
        elif what == 1:  # a reset: the clock goes on
            programme = Programme(settings, kept)
            programme.start_run(unix_ms)
        else:  # a flat battery: the clock is lost
            programme = Programme(settings, kept)
            programme.start_run(None)
    assert programme.session == session
    assert abs(true_fed / true_run - share) <= 0.02


def test_time_before_a_cue_could_come_is_not_counted():
    programme = Programme(values(warm_up_s=300, **WILLY))
    run(programme, 4.9)
    assert programme.running_ms == 0 and programme.withholds() == OUTCOME_CODES["warm_up"]
    run(programme, 3)
    assert programme.withholds() is None and abs(programme.running_ms - 60000 * 2.9) < 1000
    run(programme, 1, ready=False)
    assert abs(programme.running_ms - 60000 * 2.9) < 1000


def test_sessions_follow_one_another_and_end_in_retention():
    settings = values(retention_sessions=2, **WILLY)
    programme, unix_ms, seen = Programme(settings), 1_790_000_000_000, []
    for _ in range(12):
        programme.start_run(unix_ms)
        run(programme, 20)
        seen.append((programme.session, programme.retention(), programme.over_and_done()))
        unix_ms += 20 * 60000
        programme = Programme(settings, stored(programme, unix_ms))
        unix_ms += 24 * HOUR_MS
    assert [session for session, _, _ in seen] == list(range(1, 13))
    assert [retention for _, retention, _ in seen] == [False] * 8 + [True] * 4
    assert [done for _, _, done in seen] == [False] * 10 + [True] * 2
    programme.start_run(unix_ms)
    assert programme.withholds() == OUTCOME_CODES["retention"]


# (minutes run, hours until the next run or None: clock lost, had it ended), whether the next run is a new session
NEXT = (
    ((20, 24, True), True),
    ((20, 24, False), True),
    ((20, 1, True), False),
    ((20, 1, False), False),
    ((20, None, True), True),
    ((20, None, False), False),
    ((5, 24, True), False),
    ((5, None, True), False),
)


@pytest.mark.parametrize("case, new", NEXT)
def test_what_is_a_new_session(case, new):
    minutes, hours, ended = case
    programme = Programme(values(**WILLY))
    run(programme, minutes)
    programme.baselines = {1: [400.0, 100], 2: [300.0, 100]}
    again = Programme(values(**WILLY), stored(programme, 1_790_000_000_000, ended))
    assert again.start_run(None if hours is None else 1_790_000_000_000 + int(hours * HOUR_MS)) is not new
    assert again.session == (2 if new else 1)
    assert again.baselines == (None if new else programme.baselines)
    assert SESSION_GAP_MS == 2 * HOUR_MS


def test_another_programme_begins_anew():
    programme = Programme(values(**WILLY))
    run(programme, 20)
    again = Programme(values(programme_sessions=12, fade_from_session=5), stored(programme))
    assert (again.session, again.whole_ms) == (1, 0)


def test_dose_of_a_minute_and_of_a_session():
    programme = Programme(values(dose_cues_per_minute=3, dose_minutes=2))
    for _ in range(3):
        assert programme.withholds() is None
        programme.given()
        run(programme, 0.1)
    assert programme.withholds() == OUTCOME_CODES["dose_minute"]
    run(programme, 0.75)
    assert programme.withholds() is None
    run(programme, 2)
    assert programme.withholds() == OUTCOME_CODES["dose_session"]


def test_after_a_cut_the_dose_is_kept_whatever_was_lost():
    """Up to five minutes of feedback and all cues of a minute may have been given since progress was stored."""
    dose = {"dose_cues_per_minute": 3, "dose_minutes": 8}
    programme = Programme(values(**dose))
    run(programme, 1)
    cut, ended = stored(programme, ended=False), stored(programme)
    for again, quiet in ((Programme(values(**dose), cut), True), (Programme(values(**dose), ended), False)):
        again.start_run(None)
        assert again.withholds() == (OUTCOME_CODES["dose_minute"] if quiet else None)
        assert again.feeding() is not quiet
        before_ms = again.running_ms
        run(again, 1.01)
        assert abs(again.running_ms - before_ms - (600 if quiet else 60600)) <= STEP_MS  # in which a cue could come
        run(again, 1.94)  # of 8 minutes: one stored, five unknown, two since
        assert again.withholds() is None
        run(again, 0.1)
        assert again.withholds() == (OUTCOME_CODES["dose_session"] if quiet else None)
    twice = Programme(values(**dose), stored(Programme(values(**dose), cut), ended=False))
    run(twice, 1.01)
    assert twice.withholds() == OUTCOME_CODES["dose_session"]


def test_a_new_session_has_all_of_its_dose():
    programme = Programme(values(dose_minutes=1))
    run(programme, 20)
    again = Programme(values(dose_minutes=1), stored(programme, 1_790_000_000_000, ended=False))
    assert again.withholds() is not None
    assert not again.start_run(1_790_000_000_000 + 24 * HOUR_MS)
    assert again.withholds() is None


@pytest.mark.parametrize("over_share, tightened_deg", [(0.05, 0.25), (0.15, 0.0)])
def test_the_threshold_is_tightened_after_a_session_with_few_steps_over(over_share, tightened_deg):
    programme = Programme(values(cue_tighten_deg=0.25, **WILLY))
    run(programme, 20)
    for number in range(1000):
        programme.judge(number < 1000 * over_share)
    again = Programme(values(cue_tighten_deg=0.25, **WILLY), stored(programme))
    again.start_run(None)
    assert again.tightened_deg == tightened_deg


BASELINES = {"1": [180.5, 40], "2": [0.0, 0]}


@pytest.mark.parametrize(
    "name, value",
    [
        ("session", None), ("session", "2"), ("session", 0), ("session", 2.5), ("whole_ms", [1]), ("whole_ms", -1),
        ("running_ms", None), ("fed_ms", {}), ("cues", "many"), ("judged", None), ("due", "x"), ("unknown_ms", None),
        ("tightened_deg", None), ("tightened_deg", "0.25"), ("stopped_unix_ms", "yesterday"), ("ended", None),
        ("baselines", 5), ("baselines", [1, 2]), ("baselines", {}), ("baselines", {"left": [1.0, 2]}),
        ("baselines", BASELINES | {"2": None}), ("baselines", BASELINES | {"2": [1.0]}),
        ("baselines", BASELINES | {"2": [1.0, "2"]}), ("baselines", BASELINES | {"3": [1.0, 2]}),
    ],
)  # fmt: skip
def test_progress_that_cannot_be_counted_on_begins_anew(name, value):
    """Whole JSON with a value of another kind, or without it: the programme begins, where the clip could not start."""
    settings = values(**WILLY)
    programme = in_session(3)
    run(programme, 20)
    programme.baselines = {int(side): baseline for side, baseline in BASELINES.items()}
    whole = stored(programme)
    assert Programme(settings, whole).session == 3
    without = {key: whole[key] for key in whole if key != name}
    for progress in (whole | {name: value}, without):
        again = Programme(settings, progress)
        assert (again.session, again.whole_ms, again.tightened_deg, again.baselines) == (1, 0, 0.0, None)
        CueRule(settings, again)


def test_progress_survives_flash():
    programme = Programme(values(**WILLY))
    run(programme, 7)
    programme.given()
    again = Programme(values(**WILLY), stored(programme))
    assert stored(again) == stored(programme)
