"""Repetitions of a home exercise, counted from the activation of both glutes.

A repetition begins where a glute rises over half of the target and ends where
it falls below a third of it (a threshold with hysteresis, as for any envelope
that hovers). It is reached once it was at the target for long enough in all;
the muscle's own flutter around the target does not start that time anew. Both
glutes are watched: in a lateral band walk they work by turns.
"""

from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT, SIDES

BEGINS = 0.5  # of the target
ENDS = 0.35
LEAST_MS = 500  # shorter is a twitch, or a cable that moved
MOST_UNKNOWN_MS = 800  # that count as held between two levels at the target: the buzz itself blanks the EMG


class Repetition:
    """One repetition. `peak_pct`, `target_pct`: of the MVIC; `hold_ms`: at the target; `duration_ms`: begin to end."""

    def __init__(self, side, target_pct, begun_ms):
        self.side = side
        self.target_pct = target_pct
        self.begun_ms = begun_ms
        self.peak_pct = 0.0
        self.hold_ms = 0
        self.duration_ms = 0
        self.reached = False


class Drill:
    """Hears both glutes; `exercise`: code, `target_pct`: of the MVIC, `hold_ms`: that a repetition must last at it."""

    def __init__(self, exercise, target_pct, hold_ms):
        self.exercise = exercise
        self.count = 0
        self._target_pct = target_pct
        self._hold_ms = hold_ms
        self._open = {SIDE_LEFT: None, SIDE_RIGHT: None}
        self._known_ms = {SIDE_LEFT: None, SIDE_RIGHT: None}  # when its level was last known

    def hear(self, now_ms, levels_pct):
        """Take the activations by side, percent of each MVIC, None: not known; return (reached, ended).

        `reached`: sides whose repetition has just been held for long enough; `ended`: Repetitions that are over.
        """
        reached, ended = [], []
        for side, _ in SIDES:
            level_pct = levels_pct[side]
            if level_pct is None:
                continue  # a motor runs, or an electrode is off: what was before goes on
            known_ms, self._known_ms[side] = self._known_ms[side], now_ms
            one = self._open[side]
            if one is None:
                if level_pct >= BEGINS * self._target_pct:
                    self._open[side] = one = Repetition(side, self._target_pct, now_ms)
                else:
                    continue
            one.peak_pct = max(one.peak_pct, level_pct)
            if level_pct >= self._target_pct:
                if known_ms is not None and now_ms - known_ms <= MOST_UNKNOWN_MS:
                    one.hold_ms += now_ms - known_ms
                if one.hold_ms >= self._hold_ms and not one.reached:
                    one.reached = True
                    reached.append(side)
            if level_pct < ENDS * self._target_pct:
                self._open[side] = None
                one.duration_ms = now_ms - one.begun_ms
                if one.duration_ms >= LEAST_MS:
                    self.count += 1
                    ended.append(one)
        return reached, ended
