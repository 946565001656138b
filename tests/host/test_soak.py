"""`make soak`, shortened: a week of short days of the store, and seven runs of a minute of the whole clip."""


import numpy as np
import pytest
import soak
import whole_week
from halting import stands_at

pytestmark = pytest.mark.usefixtures("binary")


def test_week_of_the_store():
    store = soak.store_week(10, 2, 3)
    assert store["unexplained_gaps"] == store["heap_drift_bytes"] == store["clock_errors"] == 0
    # 7 days, a reset in each and two flat batteries: 16 sessions; two lose a tail, of 10 s at most.
    assert store["sessions"] == 16 and 0 < store["lost_steps"] <= 2 * 28 and 0 < store["worst_tail_ms"] <= 10000
    assert store["steps"] + store["lost_steps"] > 7 * 570 / 0.353
    assert store["most_worn_erases"] < 10 < store["erases"] and 0 < store["values_most_worn_erases"] < 20


def test_gaps_are_seen_and_only_breaks_explain_them():
    truth_s = np.concatenate([np.arange(20.0, 80.0, 0.35), np.arange(500.0, 560.0, 0.35)])
    steps_s = truth_s[(truth_s < 40.0) | (truth_s > 42.0)] + 0.004
    life = whole_week.Life(0, 2, truth_s=truth_s)
    gone_s = whole_week._without(truth_s, steps_s)
    assert len(gone_s) == 5 and gone_s.min() > 40.0 and gone_s.max() < 42.0
    assert not whole_week._explained(gone_s, life, []).any()
    life.resets_s = [40.6]
    assert whole_week._explained(gone_s, life, []).all()


def test_heap_that_differs_in_any_pair_is_drift():
    """Twenty askings after a run and twenty at the stop of the next; now and then a stale reference holds something."""
    steady = [1000] + 19 * [500]
    lives = [whole_week.Life(0, 2, heap_free=steady + steady[::-1]), whole_week.Life(1, 1), whole_week.Life(2, 3)]
    assert whole_week._heap_drift_bytes(lives) == 0
    lives[2].heap_free = 2 * (20 * [900]) + steady + 20 * [968]
    assert whole_week._heap_drift_bytes(lives) == 32
    # More of it that is free would hide as much that is lost.
    lives[2].heap_free[:40] = steady + 20 * [1064]
    assert whole_week._heap_drift_bytes(lives) == 64


def test_a_halt_after_days_is_known_in_single_precision(tmp_path):
    """172716.25 s read from JSON may be the neighbour of that number, 1/64 s before."""
    progress = tmp_path / "progress"
    progress.write_text("   172716234 halted\n")
    assert stands_at(progress, 172716.25) and not stands_at(progress, 172716.3125)
    progress.write_text("       12237 halted\n")
    assert not stands_at(progress, 12.25)


def test_runs_of_the_whole_clip(tmp_path):
    """Of four minutes, with most of an hour on the table after each.

    The schema blocks alone are a third of such short logs, so bytes a step tell nothing here.
    """
    week = whole_week.Week(240.0, tmp_path, 3, day_s=3600.0, days_a_life=(1, 2))
    clip = whole_week.judge(week, week.live())
    assert clip["unexplained"] == clip["not_whole"] == clip["heap_drift_bytes"] == 0
    # Three resets and a loss of power, and none but these.
    assert (clip["interruptions"], clip["interruptions_told"]) == (4, 4)
    assert clip["steps"] > 1700 and clip["missing"] < 100
