"""When to buzz: decided steps in, an outcome and perhaps a cue out. Time is an argument.

Rule: the present step and at least `cue_over_steps` of the last
`cue_window_steps` same-side steps are over the threshold. With 1.4 deg of
noise per step, 4 of 6 gives 0.05 % false cues 2 deg under the threshold and
finds 85 % of bouts 1 deg over it (`make cues`). A cue that is due may still be
withheld, by the refractory steps or by the programme (programme.py); every
step has exactly one outcome (contract.cues). What the programme withholds
counts as a cue for the refractory steps, so that moments with and without
feedback can be compared. A cue that was due and could not be given (too late,
or a motor was busy) counts as none: `not_given`.

The glute: a drop with a quiet stance-side glute and one with an active glute
are different cues. Quiet is a mean over the window's steps, the present one
included, below a share of the runner's own baseline; a glute tires in any
runner, so the share shrinks with the time into the run (in healthy runners by
30 % within 30 minutes: doi 10.1186/s13102-023-00709-0). Without enough steps
whose EMG can be trusted the cue rests on the drop alone and says so. In the
mode `glute` a quiet glute is what is over, whatever the drop.

Threshold: a fixed drop if one is set, else the runner's own mean drop of the
first minutes of this session, per side, plus a margin (a personal reference
before a universal number: Bramah et al. 2019); less what the programme has
tightened it by. Once a side has been cued its threshold is lower by the
hysteresis until the rule no longer holds, so a drop that hovers at the
threshold is one bout, not many.
"""

from hipcue.contract.cues import DROP_AND_GLUTE, GLUTE, LEAST_MARGIN_DEG, OFF, OUTCOME_CODES
from hipcue.contract.emg import GLUTE_CODES
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT

OVER_BASELINE = 1
OVER_ABSOLUTE = 2
GLUTE_ALONE = 3

# A pause in the steps after which what was seen before says nothing about now.
PAUSE_MS = 2500
# Fewer baseline steps on a side than this (about 30 s) do not make a reference.
LEAST_BASELINE_STEPS = 40
# What a healthy glute loses, and in how long.
TIRED_SHARE = 0.3
TIRED_MS = 30 * 60000
GLUTE_HYSTERESIS_PCT = 5.0
LEAST_PULSE_MS = 60  # a coin motor has hardly started before

GLUTE_UNKNOWN, GLUTE_ACTIVE, GLUTE_QUIET = GLUTE_CODES["unknown"], GLUTE_CODES["active"], GLUTE_CODES["quiet"]
UNDER, CUED, TOO_FEW = OUTCOME_CODES["under"], OUTCOME_CODES["cued"], OUTCOME_CODES["too_few"]
REFRACTORY, CUES_OFF = OUTCOME_CODES["refractory"], OUTCOME_CODES["off"]
UNJUDGED, SIDE_UNSURE = OUTCOME_CODES["unjudged"], OUTCOME_CODES["side_unsure"]


class Cue:
    """One cue to give: side of the drop, side of the motor, reason, numbers in deg, time that the motor is on in ms.

    `value_deg`, `threshold_deg`: None where the cue rests on the glute alone. `glute`: code of the stance side's glute,
    `glute_pct` of its own baseline or None. `pulses` of `pulse_ms`: two tell of a quiet glute, one of a drop.
    """

    def __init__(self, side, buzz_side, reason, value_deg, threshold_deg, duration_ms, glute, glute_pct):
        self.side = side
        self.buzz_side = buzz_side
        self.reason = reason
        self.value_deg = value_deg
        self.threshold_deg = threshold_deg
        self.glute = glute
        self.glute_pct = glute_pct
        self.pulses = 2 if glute == GLUTE_QUIET else 1
        self.pulse_ms = max(LEAST_PULSE_MS, duration_ms // self.pulses)
        self.duration_ms = self.pulses * self.pulse_ms


class _Side:
    """What is carried for one stance side. `baseline`: its entry of the Programme's `baselines`."""

    def __init__(self, baseline):
        self.baseline = baseline
        self.clear()

    def clear(self):
        """Forget the steps before a pause."""
        self.levels = []  # of the last steps, newest last: what is held against the threshold
        self.glutes_pct = []  # of the same steps; None: not known
        self.cued = False
        self.due = False  # the rule held with the last step that could be judged


class CueRule:
    """`config`: values by name; `programme`: a Programme. `step()` takes decided steps in order."""

    def __init__(self, config, programme):
        self._config = config
        self._programme = programme
        if programme.baselines is None:
            programme.baselines = {SIDE_LEFT: [0.0, 0], SIDE_RIGHT: [0.0, 0]}
        self._sides = {side: _Side(baseline) for side, baseline in programme.baselines.items()}
        self._last_ms = None
        self._since_cue = config["cue_refractory_steps"]
        self._cued_before = False  # whether the side of the last cue had been cued already
        self._glute_alone = config["cue_mode"] == GLUTE
        self.well = None  # the side that was cued and is under again since the last step, if one is

    @property
    def running_ms(self):
        """Running time of this session, in its runs."""
        return self._programme.whole_ms

    def step(self, side, drop_deg, contact_ms, glute_pct=None):
        """Return (outcome, Cue or None) of a step.

        `side` 0 and `drop_deg` None mean not known; such a step is counted in
        time but neither fills the baseline nor speaks for a cue. `glute_pct`:
        activation of the stance side's glute, of its own baseline, None: not known.
        """
        self._pass_time(contact_ms)
        self._since_cue += 1
        self.well = None
        if side not in self._sides:
            return (SIDE_UNSURE if any(each.due for each in self._sides.values()) else UNDER), None
        carried = self._sides[side]
        level = self._level(drop_deg, glute_pct)
        if level is None:
            return (UNJUDGED if carried.due else UNDER), None
        if self._fills_baseline():
            carried.baseline[0] += level
            carried.baseline[1] += 1
            return UNDER, None
        for values, value in ((carried.levels, level), (carried.glutes_pct, glute_pct)):
            values.append(value)
            del values[: -self._config["cue_window_steps"]]
        return self._judge(side, carried, level)

    def not_given(self, cue):
        """Know that the Cue of the last step was not felt: the next one waits for no refractory steps.

        Nor is the threshold lower by the hysteresis, unless a cue before has made it so.
        """
        self._since_cue = self._config["cue_refractory_steps"]
        self._sides[cue.side].cued = self._cued_before

    def baseline_is_set(self):
        """Return whether the running time of the baseline has passed."""
        return self.running_ms >= 1000 * self._config["baseline_s"]

    def threshold_deg(self, side):
        """Return the threshold of a side in degrees, or None while it is not known, or the glute alone counts."""
        if self._glute_alone:
            return None
        tightened_deg = self._programme.tightened_deg
        if self._config["cue_absolute_deg"]:
            return self._config["cue_absolute_deg"] - tightened_deg
        if not self.baseline_is_set() or self._sides[side].baseline[1] < LEAST_BASELINE_STEPS:
            return None
        margin_deg = max(LEAST_MARGIN_DEG, self._config["cue_margin_deg"] - tightened_deg)
        return self.baseline_deg(side) + margin_deg

    def baseline_deg(self, side):
        """Return the mean drop of the baseline steps of a side, or None."""
        total_deg, steps = self._sides[side].baseline
        return total_deg / steps if steps else None

    def _level(self, drop_deg, glute_pct):
        """Return what is held against the threshold: the drop in degrees, or by how many percent a glute is quiet."""
        if not self._glute_alone:
            return drop_deg
        return None if glute_pct is None else self._quiet_pct() - glute_pct

    def _quiet_pct(self):
        """Return the activation below which a glute is quiet, so long into the run."""
        rested = 1.0 - TIRED_SHARE * min(1.0, self.running_ms / TIRED_MS)
        return self._config["glute_quiet_pct"] * rested

    def _fills_baseline(self):
        return not (self._config["cue_absolute_deg"] or self._glute_alone or self.baseline_is_set())

    def _pass_time(self, contact_ms):
        """Count running time; forget the steps before a pause."""
        if self._last_ms is not None:
            elapsed_ms = contact_ms - self._last_ms
            if elapsed_ms <= PAUSE_MS:
                self._programme.pass_time(elapsed_ms, not self._fills_baseline())
            else:
                for carried in self._sides.values():
                    carried.clear()
        self._last_ms = contact_ms

    def _judge(self, side, carried, level):
        config = self._config
        threshold_deg = self.threshold_deg(side)
        if threshold_deg is None and not self._glute_alone:
            return UNDER, None
        threshold = threshold_deg or 0.0
        hysteresis = GLUTE_HYSTERESIS_PCT if self._glute_alone else config["cue_hysteresis_deg"]
        limit = threshold - (hysteresis if carried.cued else 0.0)
        over = sum([1 for each in carried.levels if each > limit])
        carried.due = over >= config["cue_over_steps"]
        self._programme.judge(carried.due)
        if not carried.due:
            self.well = side if carried.cued else None
            carried.cued = False
        if level <= limit:
            return UNDER, None
        if not carried.due:
            return TOO_FEW, None
        if config["cue_mode"] == OFF:
            return CUES_OFF, None
        if self._since_cue <= config["cue_refractory_steps"]:
            return REFRACTORY, None
        self._since_cue = 0
        withheld = self._programme.withholds()
        if withheld is not None:
            return withheld, None
        self._cued_before, carried.cued = carried.cued, True
        return CUED, self._cue(side, carried, level, threshold_deg)

    def _cue(self, side, carried, level, threshold_deg):
        config = self._config
        duration = config["buzz_least_ms"]
        if threshold_deg is not None and not config["cue_pattern"]:
            duration += config["buzz_per_deg_ms"] * max(0.0, level - threshold_deg)
        buzz_side = SIDE_LEFT + SIDE_RIGHT - side if config["cue_swing_side"] else side
        reason = OVER_ABSOLUTE if config["cue_absolute_deg"] else OVER_BASELINE
        glute, glute_pct = self._glute(carried.glutes_pct)
        return Cue(
            side, buzz_side, GLUTE_ALONE if self._glute_alone else reason, None if self._glute_alone else level,
            threshold_deg, int(min(duration, config["buzz_most_ms"])), glute, glute_pct,
        )  # fmt: skip

    def _glute(self, glutes_pct):
        """Return (code, mean percent or None) of a side's glute over the window."""
        if self._config["cue_mode"] not in (DROP_AND_GLUTE, GLUTE):
            return GLUTE_UNKNOWN, None
        known = [value for value in glutes_pct if value is not None]
        if len(known) < self._config["cue_over_steps"]:
            return GLUTE_UNKNOWN, None
        mean_pct = sum(known) / len(known)
        return (GLUTE_QUIET if mean_pct < self._quiet_pct() else GLUTE_ACTIVE), mean_pct
