"""How the stance side's glute works against this run's own beginning, and whether the electrodes are swapped.

One per session: skin and electrodes change what a muscle reads from day to day.
"""

from hipcue.contract.emg import EMG_INVALID
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT
from hipcue.core.emg_reference import Baseline, percent
from hipcue.core.emg_sides import ElectrodeSides


class Glutes:
    """Hears every step. `notices`: [(event name, value)] since the last look of whoever tells of them."""

    def __init__(self, baseline_s, unit_uv):
        self._baselines = {SIDE_LEFT: Baseline(baseline_s), SIDE_RIGHT: Baseline(baseline_s)}
        self._unit_uv = unit_uv
        self._electrodes = ElectrodeSides()
        self._swapped = False
        self._steps = 0  # heard since the electrodes were last where they were told to be
        self.notices = []

    def hear(self, side, readings, run_s):
        """Take a step's Readings by side, `run_s` into the run; return its side's percent of its baseline, or None."""
        self._electrodes.hear(side, readings[SIDE_LEFT].activation_uv, readings[SIDE_RIGHT].activation_uv)
        self._steps += 1
        if self._electrodes.swapped is not None and self._electrodes.swapped != self._swapped:
            self._swapped = self._electrodes.swapped
            self.notices.append(("electrodes_swapped" if self._swapped else "electrodes_right", self._steps))
            self._steps = 0
        if side not in self._baselines:
            return None
        own, baseline = readings[side], self._baselines[side]
        if baseline.value_uv is None:
            baseline.add(own.activation_uv, own.quality, run_s)
            if baseline.value_uv is not None:
                name = "glute_baseline" if side == SIDE_LEFT else "glute_baseline_right"
                self.notices.append((name, round(baseline.value_uv / self._unit_uv)))
        return None if self._swapped or own.quality & EMG_INVALID else percent(own.activation_uv, baseline)
