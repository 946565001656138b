"""Runs on the twin's MicroPython: one runner through one programme, by the firmware's own rule and programme.

Argument: a file with a job in JSON: `settings` of the clip, `runner` (model.py), `seed`, `sessions`, `minutes` of each.
Prints a line of JSON a session. Every other day has a session; the clip is switched off in between.
"""

import json
import math
import sys

from hipcue.contract import config
from hipcue.contract.cues import OFF, OUTCOME_NAMES
from hipcue.contract.signals import MINUTE_MS, SIDE_LEFT, SIDE_RIGHT
from hipcue.cue import CueRule
from hipcue.programme import Programme
from host_tools.programme.false_cue import would_be_false

DAY_MS = 24 * 3600 * 1000
FIRST_UNIX_MS = 1790000000000
FATIGUE_MS = 30 * MINUTE_MS
PERIOD = 1 << 16


class Chance:
    """Random numbers that are the same everywhere: xorshift32 (Marsaglia 2003, J Stat Softw 8(14))."""

    def __init__(self, seed):
        self._state = seed or 1

    def uniform(self):
        """Return a number in (0, 1)."""
        state = self._state
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        self._state = state
        return ((state >> 16) + 0.5) / PERIOD

    def normal(self):
        """Return a standard normal number: Box and Muller."""
        return math.sqrt(-2.0 * math.log(self.uniform())) * math.cos(2.0 * math.pi * self.uniform())


class Runner:
    """The made-up runner's left side; drops in degrees. `chance` gives the runner too: the same for the same seed."""

    def __init__(self, values, chance):
        self._values = values
        self._chance = chance
        self._habit_deg = values["habit_deg"] + values["habit_sd_deg"] * chance.normal()
        self._quick = math.exp(values["gain_spread"] * chance.normal())
        self._slow = 0.0
        self._reliance = 0.0
        self.rest()

    def rest(self):
        """A day or two pass."""
        self._fast = 0.0
        self._slow *= self._values["kept_overnight"]
        self._answers = []  # (steps until it shows, error)

    def level_deg(self, running_ms, feedback):
        """Return what the drop of the next left step is without scatter; `feedback`: a cue could come now."""
        values = self._values
        self._fast *= values["fast_kept"]
        self._slow *= values["slow_kept"]
        self._reliance += (float(feedback) - self._reliance) / values["reliance_steps"]
        waiting = []
        for steps, error_deg in self._answers:
            if steps:
                waiting.append((steps - 1, error_deg))
            else:
                self._learn(error_deg)
        self._answers = waiting
        return self._habit_deg + values["fatigue_deg"] * running_ms / FATIGUE_MS - self._fast - self._slow

    def feel(self, error_deg):
        """A cue: the drop was `error_deg` over the threshold."""
        if self._chance.uniform() < self._values["too_far_share"]:
            error_deg *= 2.0
        self._answers.append((self._values["delay_steps"], error_deg))

    def _learn(self, error_deg):
        values = self._values
        own = 1.0 - values["dependence"] * self._reliance
        self._fast += self._quick * values["fast_gain"] * error_deg
        self._slow += self._quick * values["slow_gain"] * error_deg * own


def session(settings, progress, runner, chance, job, unix_ms):
    """Run one session; return (facts, progress)."""
    values = job["runner"]
    programme = Programme(settings, progress)
    programme.start_run(unix_ms)
    rule = CueRule(settings, programme)
    step_ms = MINUTE_MS / values["cadence_per_min"]
    outcomes = {}
    total_deg = steps = under = false = 0
    for number in range(int(job["minutes"] * values["cadence_per_min"])):
        contact_ms = int(number * step_ms)
        side = SIDE_RIGHT if number % 2 else SIDE_LEFT
        level_deg = values["other_side_deg"]
        if side == SIDE_LEFT:
            level_deg = runner.level_deg(contact_ms, settings["cue_mode"] != OFF and programme.feeding())
        drop_deg = level_deg + values["step_sd_deg"] * chance.normal()
        seen_deg = drop_deg + values["sensor_sd_deg"] * chance.normal()
        outcome, cue = rule.step(side, seen_deg, contact_ms)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        far_under = would_be_false(level_deg, rule.threshold_deg(side))
        under += far_under
        if side == SIDE_LEFT:
            total_deg += drop_deg
            steps += 1
        if cue is not None:
            programme.given()
            false += far_under
            if side == SIDE_LEFT:
                runner.feel(seen_deg - cue.threshold_deg)
    facts = {
        "session": programme.session,
        "share": programme.share,
        "retention": programme.retention(),
        "drop_deg": total_deg / steps,
        "cues": programme.cues,
        "far_under": under,
        "false": false,
        "steps": 2 * steps,
        "delivered": programme.fed_ms / programme.running_ms if programme.running_ms else 0.0,
        "threshold_deg": rule.threshold_deg(SIDE_LEFT),
        "outcomes": {OUTCOME_NAMES[code]: count for code, count in outcomes.items()},
    }
    return facts, json.loads(json.dumps(programme.progress(unix_ms + int(MINUTE_MS * job["minutes"]), True)))


def main():
    """Run the job's programme."""
    with open(sys.argv[1]) as file:
        job = json.load(file)
    settings = config.validate(job["settings"])
    chance = Chance(job["seed"])
    runner, progress = Runner(job["runner"], chance), None
    for number in range(job["sessions"]):
        facts, progress = session(settings, progress, runner, chance, job, FIRST_UNIX_MS + 2 * number * DAY_MS)
        print(json.dumps(facts))
        runner.rest()


main()
