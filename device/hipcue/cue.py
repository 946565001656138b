"""When to buzz: decided steps in, a cue or None out. Time is an argument.

Rule: the present step and at least `cue_over_steps` of the last
`cue_window_steps` same-side steps are over the threshold. With 1.4 deg of
noise per step, 4 of 6 gives 0.05 % false cues 2 deg under the threshold and
finds 85 % of bouts 1 deg over it (design study of this project).

The glute: a drop with a quiet stance-side glute and one with an active glute
are different cues. Quiet is a mean over the window's steps, the present one
included, below a share of the runner's own baseline; a glute tires in any
runner, so the share shrinks with the time into the run (in healthy runners by
30 % within 30 minutes: doi 10.1186/s13102-023-00709-0). Without
enough steps whose EMG can be trusted the cue rests on the drop alone and says so.

Threshold: a fixed drop if one is set, else the runner's own mean drop of the
first minutes of this session, per side, plus a margin (a personal reference
before a universal number: Bramah et al. 2019). Once a side has been cued its
threshold is lower by the hysteresis until the rule no longer holds, so a drop
that hovers at the threshold is one bout, not many.
"""

from hipcue.contract.emg import GLUTE_CODES
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT

OVER_BASELINE = 1
OVER_ABSOLUTE = 2

# A pause in the steps after which what was seen before says nothing about now.
PAUSE_MS = 2500
# Fewer baseline steps on a side than this (about 30 s) do not make a reference.
LEAST_BASELINE_STEPS = 40
# What a healthy glute loses, and in how long.
TIRED_SHARE = 0.3
TIRED_MS = 30 * 60000
LEAST_PULSE_MS = 60  # a coin motor has hardly started before

GLUTE_UNKNOWN, GLUTE_ACTIVE, GLUTE_QUIET = GLUTE_CODES["unknown"], GLUTE_CODES["active"], GLUTE_CODES["quiet"]


class Cue:
    """One cue to give: side of the drop, side of the motor, reason, numbers in deg, time that the motor is on in ms.

    `glute`: code of the stance side's glute, `glute_pct` of its own baseline or None. `pulses` of `pulse_ms`: two tell
    of a quiet glute, one of a drop.
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
    """What is carried for one stance side."""

    def __init__(self):
        self.baseline_sum = 0.0
        self.baseline_steps = 0
        self.drops = []  # of the last steps, newest last
        self.glutes_pct = []  # of the same steps; None: not known
        self.cued = False


class CueRule:
    """`config`: values by name, of contract.config. `step()` takes decided steps in order."""

    def __init__(self, config):
        self._config = config
        self._sides = {SIDE_LEFT: _Side(), SIDE_RIGHT: _Side()}
        self.running_ms = 0
        self._last_ms = None
        self._since_cue = config["cue_refractory_steps"]

    def step(self, side, drop_deg, contact_ms, glute_pct=None):
        """Return the Cue that this step calls for, or None.

        `side` 0 and `drop_deg` None mean not known; such a step is counted in
        time but neither fills the baseline nor speaks for a cue. `glute_pct`:
        activation of the stance side's glute, of its own baseline, None: not known.
        """
        self._pass_time(contact_ms)
        self._since_cue += 1
        if side not in self._sides or drop_deg is None:
            return None
        carried = self._sides[side]
        if not self._config["cue_absolute_deg"] and not self.baseline_is_set():
            carried.baseline_sum += drop_deg
            carried.baseline_steps += 1
            return None
        for values, value in ((carried.drops, drop_deg), (carried.glutes_pct, glute_pct)):
            values.append(value)
            del values[: -self._config["cue_window_steps"]]
        return self._judge(side, carried, drop_deg)

    def baseline_is_set(self):
        """Return whether the running time of the baseline has passed."""
        return self.running_ms >= 1000 * self._config["baseline_s"]

    def threshold_deg(self, side):
        """Return the threshold of a side in degrees, or None while it is not known."""
        if self._config["cue_absolute_deg"]:
            return self._config["cue_absolute_deg"]
        carried = self._sides[side]
        if not self.baseline_is_set() or carried.baseline_steps < LEAST_BASELINE_STEPS:
            return None
        return carried.baseline_sum / carried.baseline_steps + self._config["cue_margin_deg"]

    def baseline_deg(self, side):
        """Return the mean drop of the baseline steps of a side, or None."""
        carried = self._sides[side]
        return carried.baseline_sum / carried.baseline_steps if carried.baseline_steps else None

    def _pass_time(self, contact_ms):
        """Count running time; forget the steps before a pause."""
        if self._last_ms is not None:
            elapsed = contact_ms - self._last_ms
            if elapsed <= PAUSE_MS:
                self.running_ms += elapsed
            else:
                for carried in self._sides.values():
                    carried.drops = []
                    carried.glutes_pct = []
                    carried.cued = False
        self._last_ms = contact_ms

    def _judge(self, side, carried, drop_deg):
        config = self._config
        threshold = self.threshold_deg(side)
        if threshold is None:
            return None
        level = threshold - (config["cue_hysteresis_deg"] if carried.cued else 0.0)
        over = sum([1 for drop in carried.drops if drop > level])
        if over < config["cue_over_steps"]:
            carried.cued = False
            return None
        if drop_deg <= level or not config["cue_on"] or self._since_cue <= config["cue_refractory_steps"]:
            return None
        carried.cued = True
        self._since_cue = 0
        duration = config["buzz_least_ms"] + config["buzz_per_deg_ms"] * max(0.0, drop_deg - threshold)
        buzz_side = SIDE_LEFT + SIDE_RIGHT - side if config["cue_swing_side"] else side
        reason = OVER_ABSOLUTE if config["cue_absolute_deg"] else OVER_BASELINE
        return Cue(
            side, buzz_side, reason, drop_deg, threshold, int(min(duration, config["buzz_most_ms"])),
            *self._glute(carried.glutes_pct),
        )  # fmt: skip

    def _glute(self, glutes_pct):
        """Return (code, mean percent or None) of a side's glute over the window."""
        known = [value for value in glutes_pct if value is not None]
        if len(known) < self._config["cue_over_steps"]:
            return GLUTE_UNKNOWN, None
        mean_pct = sum(known) / len(known)
        rested = 1.0 - TIRED_SHARE * min(1.0, self.running_ms / TIRED_MS)
        return (GLUTE_QUIET if mean_pct < self._config["glute_quiet_pct"] * rested else GLUTE_ACTIVE), mean_pct
