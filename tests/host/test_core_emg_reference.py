"""References: an MVIC of three good holds, each bad hold refused with its reason; a run's own baseline."""

import math

import pytest

from hipcue.contract.emg import EMG_QUALITY_BITS as BITS
from hipcue.core.emg_reference import LEAST_STEPS, Baseline, Mvic, Refused, percent

PARTS = 20  # of 0.25 s: 5 s


def held(mvic, level_uv, rest_uv=5.0, marred=0, bits=0, parts=PARTS, best=None):
    mvic.begin(rest_uv)
    for i in range(parts):
        value = best[i - 8] if best and 8 <= i < 8 + len(best) else level_uv
        mvic.add(None if i < marred else value, bits if i < marred else 0)
    return mvic.end()


def test_the_best_half_second_of_three_holds():
    mvic = Mvic()
    assert held(mvic, 100.0) == pytest.approx(100.0)
    assert mvic.value_uv is None
    # The two best quarters of a second in a row; one alone does not make it.
    assert held(mvic, 100.0, best=[300.0, 10.0, 150.0, 140.0]) == pytest.approx(math.sqrt((300.0**2 + 100.0**2) / 2))
    assert held(mvic, 110.0) == pytest.approx(110.0)
    assert mvic.value_uv == pytest.approx(math.sqrt(50_000.0)) and len(mvic.tries_uv) == 3


@pytest.mark.parametrize(
    "bits, why",
    [("lead_off", "came off"), ("at_rail", "clipped"), ("mains", "noisy"), ("motion", "noisy"), ("gap", "not usable")],
)
def test_a_bad_hold_is_refused_and_does_not_count(bits, why):
    mvic = Mvic()
    with pytest.raises(Refused, match=why):
        held(mvic, 100.0, marred=5, bits=BITS[bits])
    assert mvic.tries_uv == []
    assert held(mvic, 100.0, marred=4, bits=BITS[bits]) == pytest.approx(100.0)


def test_a_flat_or_short_hold_is_refused():
    mvic = Mvic()
    with pytest.raises(Refused, match="hardly rose over rest"):
        held(mvic, 19.0)
    with pytest.raises(Refused, match="hold for 5 s"):
        held(mvic, 100.0, parts=PARTS - 1)
    with pytest.raises(Refused, match="not usable"):
        held(mvic, 1.0, marred=PARTS, bits=BITS["flat"])
    assert mvic.value_uv is None and mvic.tries_uv == []


def test_percent_names_and_needs_its_reference():
    mvic = Mvic()
    assert percent(50.0, mvic) is None
    for _ in range(3):
        held(mvic, 200.0)
    assert percent(50.0, mvic) == pytest.approx(25.0) and percent(None, mvic) is None
    assert (mvic.name, Baseline(60.0).name) == ("mvic", "baseline")


def test_baseline_is_the_mean_of_the_first_minutes_good_steps():
    baseline = Baseline(180.0)
    for step in range(1000):
        run_s = 0.7 * step
        if step % 10 == 0:
            baseline.add(None, BITS["mains"], run_s)
        elif step % 10 == 1:
            baseline.add(1000.0, BITS["low_contrast"], run_s)
        else:
            baseline.add(80.0 if run_s < 180.0 else 40.0, 0, run_s)
    assert baseline.value_uv == pytest.approx(80.0, rel=0.01)


def test_baseline_waits_for_enough_steps():
    baseline = Baseline(10.0)
    for step in range(LEAST_STEPS):
        assert baseline.value_uv is None
        baseline.add(60.0, 0, 100.0 + step)
    assert baseline.value_uv == pytest.approx(60.0)
