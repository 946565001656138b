"""The footfalls of a scenario: when each comes and how it differs from the mean stride."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from host_tools.runners.gaits import GAITS
from host_tools.runners.scenario import (
    CHANGE_S,
    STANDING_STEPS_PER_MIN,
    drop_growth_deg,
    glute_share,
    running_weight,
    stretch_weight,
)

_GRID_S = 0.1
_WANDER_S = 47.0  # period of the slow wander of the step rate
RUNNING_WEIGHT = 0.7  # from here on there is flight between the steps


@dataclass(frozen=True)
class Steps:
    """All footfalls of a recording, left and right in turn; arrays of shape (K,).

    While the runner stands the clock of steps runs on, without effect.
    """

    contact_s: np.ndarray
    left: np.ndarray  # bool: left stance
    drop_change_deg: np.ndarray  # against the mean stride
    bounce: np.ndarray  # share of the mean stride's vertical motion
    burst_share: np.ndarray  # height of this side's glute burst against the first minutes
    running: np.ndarray  # bool: a step of running, with flight

    def phase(self):
        """Return the stride phase as a smooth function of time: 0 at left contacts, 0.5 at right."""
        return CubicSpline(self.contact_s, 0.5 * np.arange(len(self.contact_s)))


def make_steps(scenario, runner):
    """Return the Steps of `scenario` as `runner` takes them; the same arguments give the same steps."""
    random = np.random.default_rng(runner.seed)
    contact_s = _contact_times(scenario, runner, random)
    count = len(contact_s)
    left = np.arange(count) % 2 == 0
    drop = np.where(left, drop_growth_deg(scenario, "L", contact_s), drop_growth_deg(scenario, "R", contact_s))
    share = np.where(left, glute_share(scenario, "L", contact_s), glute_share(scenario, "R", contact_s))
    return Steps(
        contact_s=contact_s,
        left=left,
        drop_change_deg=drop + runner.drop_sd_deg * random.standard_normal(count),
        bounce=runner.bounce * (1.0 + runner.bounce_sd_share * random.standard_normal(count)),
        burst_share=share * np.clip(1.0 + runner.burst_sd_share * random.standard_normal(count), 0.4, 1.6),
        running=running_weight(scenario, contact_s) > RUNNING_WEIGHT,
    )


def _contact_times(scenario, runner, random):
    grid_s = np.arange(0.0, scenario.duration_s + 10.0, _GRID_S)
    rate = _steps_per_min(scenario, grid_s) + runner.step_rate_swing_per_min * np.sin(2 * np.pi * grid_s / _WANDER_S)
    times = [-5.0]
    while times[-1] < scenario.duration_s + 5.0:
        step_s = 60.0 / np.interp(times[-1], grid_s, rate)
        times.append(times[-1] + step_s * (1.0 + runner.step_time_sd_share * random.standard_normal()))
    return np.array(times)


def _steps_per_min(scenario, t_s):
    """Return the step rate: that of the stretches under way, else of the last or next one."""
    if not scenario.stretches:
        return np.full_like(t_s, STANDING_STEPS_PER_MIN)
    weights = np.array([stretch_weight(stretch, t_s) + 1e-9 * _near(stretch, t_s) for stretch in scenario.stretches])
    rates = np.array([stretch.steps_per_min for stretch in scenario.stretches])
    return (weights * rates[:, None]).sum(axis=0) / weights.sum(axis=0)


def _near(stretch, t_s):
    outside_s = np.maximum(stretch.start_s - t_s, 0.0) + np.maximum(t_s - stretch.end_s - CHANGE_S, 0.0)
    return 1.0 / (1.0 + outside_s)


def true_steps(steps, obliquity_deg, t_s):
    """Return the truth of every running step as a dict of arrays, from the obliquity (N,) at times `t_s` (N,).

    Keys: t_ic_s, t_tc_s, stance_side ("L" or "R"), peak_drop_deg (largest within stance),
    excursion_deg (that less the drop at contact), t_peak_s.
    """
    phase = steps.phase()
    orders = np.flatnonzero(steps.running & (steps.contact_s > t_s[0]) & (steps.contact_s < t_s[-1] - 1.0))
    leave_s = np.interp(0.5 * orders + GAITS["run"].contact_share, phase(t_s), t_s)
    rows = []
    for order, t_tc_s in zip(orders, leave_s, strict=True):
        t_ic_s = steps.contact_s[order]
        stance = slice(np.searchsorted(t_s, t_ic_s), np.searchsorted(t_s, t_tc_s))
        sign = 1.0 if steps.left[order] else -1.0
        drop = sign * obliquity_deg[stance]
        peak = int(np.argmax(drop))
        at_contact = sign * np.interp(t_ic_s, t_s, obliquity_deg)
        rows.append((t_ic_s, t_tc_s, drop[peak], drop[peak] - at_contact, t_s[stance][peak]))
    t_ic_s, t_tc_s, peak_drop, excursion, t_peak_s = np.array(rows).reshape(-1, 5).T
    return {
        "t_ic_s": t_ic_s,
        "t_tc_s": t_tc_s,
        "stance_side": np.where(steps.left[orders], "L", "R"),
        "peak_drop_deg": peak_drop,
        "excursion_deg": excursion,
        "t_peak_s": t_peak_s,
    }
