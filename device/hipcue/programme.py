"""The clinician's retraining programme over the sessions: how much feedback, and when none. Time is an argument.

Feedback that never stops teaches least: what works is faded over 8 to 18
sessions (Willy et al. 2012, Clin Biomech 27:1045: eight sessions, faded over the
last four, held for three months). Per
session a share of the running time has feedback: all of it before
`fade_from_session`, then evenly less, none in the last. Within a run the time
is cut into blocks; a block has feedback when that brings what was given nearer
to the share, so at any moment it is off by half a block at the most, wherever
the run ends or the clip starts anew. Retention sessions follow: the same
measurement without a cue. The dose is limited per minute and per session.

A session of the programme is a run, or several with less than SESSION_GAP_MS
between them. One of less than SESSION_LEAST_MS goes on another day, and so does
one that a flat battery has cut off from the clock and the run from its end.

What a run did after its progress was last stored is lost with a reset or the
power. The dose is kept all the same: all of that time is taken to have had
feedback, and the minute before to have had all its cues, so that none comes in
the minute after.
"""

from hipcue.contract.config import PROGRAMME
from hipcue.contract.cues import OUTCOME_CODES
from hipcue.contract.signals import MINUTE_MS, SIDE_LEFT, SIDE_RIGHT

SESSION_GAP_MS = 2 * 3600 * 1000
SESSION_LEAST_MS = 10 * 60 * 1000
STORED_EVERY_MS = 300000  # of running at most that a loss of power takes back from the count
TIGHTEN_SHARE = 0.1  # of judged steps with which the rule holds: with fewer the runner has done what was asked

SIDE_KEYS = [str(SIDE_LEFT), str(SIDE_RIGHT)]  # as stored: JSON has no other keys than text
COUNTS = ("session", "whole_ms", "running_ms", "fed_ms", "cues", "judged", "due", "unknown_ms")  # as stored

FADED, WARM_UP, RETENTION = OUTCOME_CODES["faded"], OUTCOME_CODES["warm_up"], OUTCOME_CODES["retention"]
DOSE_MINUTE, DOSE_SESSION = OUTCOME_CODES["dose_minute"], OUTCOME_CODES["dose_session"]


def share_of(config, session):
    """Return the share of running time with feedback in a `session`, from 1; 1.0 without a programme."""
    last, fade = config["programme_sessions"], config["fade_from_session"]
    if not last or session < fade and session <= last:
        return 1.0
    if session >= last:
        return 0.0
    return (last - session) / (last - fade + 1)


def _is_whole(progress):
    """Return whether stored `progress` is as `Programme.progress` gives it: one by another hand must stop no start."""
    return (
        all(isinstance(progress.get(name), int) and progress[name] >= 0 for name in COUNTS)
        and progress["session"] > 0
        and isinstance(progress.get("tightened_deg"), (int, float))
        and isinstance(progress.get("stopped_unix_ms", ""), (int, type(None)))
        and progress.get("ended") in (True, False)
        and "baselines" in progress
        and (progress["baselines"] is None or _are_baselines(progress["baselines"]))
    )


def _are_baselines(value):
    """Return whether `value` is as `Programme.baselines` is, the sides as text."""
    if not isinstance(value, dict) or sorted(value) != SIDE_KEYS:
        return False
    return all(
        isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], (int, float)) and isinstance(pair[1], int)
        for pair in value.values()
    )


class Programme:
    """`config`: values by name; `progress`: what `progress()` gave when it was last stored, or None.

    `session`: number of the present one, from 1. `running_ms`, `fed_ms`: of it, since a cue could have come, and
    with feedback. `tightened_deg`: what the threshold has come down by. `baselines`: of the rule, which adds to them,
    {side: [sum in deg, steps]}; None before the session's first run.
    """

    def __init__(self, config, progress=None):
        self._config = config
        # As text: not every number of single precision comes back from JSON as the same.
        rules = [str(config[name]) for name in PROGRAMME]
        if not progress or progress.get("rules") != rules or not _is_whole(progress):
            progress = {}
        self._rules = rules
        self.session = progress.get("session", 1)
        self.tightened_deg = progress.get("tightened_deg", 0.0)
        stored = progress.get("baselines")
        self.baselines = stored and {int(key): stored[key] for key in stored}
        self._stopped_unix_ms = progress.get("stopped_unix_ms")
        self._ended = progress.get("ended", True)
        self._begin(progress)
        if not self._ended:
            self._unknown_ms += STORED_EVERY_MS
            self._quiet_until_ms = self.whole_ms + MINUTE_MS

    def _begin(self, progress):
        self.share = share_of(self._config, self.session)
        self.whole_ms = progress.get("whole_ms", 0)
        self.running_ms = progress.get("running_ms", 0)
        self.fed_ms = progress.get("fed_ms", 0)
        self.cues = progress.get("cues", 0)
        self.judged = progress.get("judged", 0)
        self.due = progress.get("due", 0)
        self._begin_block()
        self._unknown_ms = progress.get("unknown_ms", 0)  # of running that was never stored, at most
        self._quiet_until_ms = 0  # whole_ms
        self._cued_ms = []  # whole_ms of the cues of the last minute

    def start_run(self, unix_ms):
        """A run begins, at `unix_ms` (None: not known); return whether it belongs to the session before."""
        if unix_ms is None or self._stopped_unix_ms is None:
            apart = self._ended
        else:
            apart = unix_ms - self._stopped_unix_ms >= SESSION_GAP_MS
        if self.whole_ms < SESSION_LEAST_MS or not apart:
            return self.whole_ms > 0
        if self.judged and self.due < TIGHTEN_SHARE * self.judged and not self.retention():
            self.tightened_deg += self._config["cue_tighten_deg"]
        self.session += 1
        self.baselines = None
        self._begin({})
        return False

    def retention(self):
        """Return whether the session is one without cues, after those with feedback."""
        return 0 < self._config["programme_sessions"] < self.session

    def over_and_done(self):
        """Return whether all sessions, those of retention too, have been."""
        last = self._config["programme_sessions"]
        return 0 < last and last + self._config["retention_sessions"] < self.session

    def feeding(self):
        """Return whether this part of the run has feedback."""
        return self._feeding and not self._is_quiet()

    def _is_quiet(self):
        """Return whether the minute after a cut is not over: its dose may have been given before."""
        return self.whole_ms < self._quiet_until_ms

    def pass_time(self, elapsed_ms, ready):
        """Count running time; `ready`: a threshold is known, so that a cue could come."""
        self.whole_ms += elapsed_ms
        if not ready or self._is_quiet() or self.whole_ms < 1000 * self._config["warm_up_s"]:
            return
        while elapsed_ms > 0:
            if self.running_ms >= self._block_ends_ms:
                self._begin_block()
            part_ms = min(elapsed_ms, self._block_ends_ms - self.running_ms)
            elapsed_ms -= part_ms
            self.running_ms += part_ms
            if self._feeding:
                self.fed_ms += part_ms

    def judge(self, due):
        """Count a step that could be judged; `due`: whether the rule held with it."""
        self.judged += 1
        self.due += due

    def withholds(self):
        """Return the outcome with which a due cue is left out, or None when it may come."""
        if self.whole_ms < 1000 * self._config["warm_up_s"]:
            return WARM_UP
        if self.retention():
            return RETENTION
        if self._is_quiet():
            return DOSE_MINUTE
        if not self._feeding:
            return FADED
        if self.fed_ms + self._unknown_ms >= MINUTE_MS * self._config["dose_minutes"]:
            return DOSE_SESSION
        self._cued_ms = [cued_ms for cued_ms in self._cued_ms if cued_ms > self.whole_ms - MINUTE_MS]
        return DOSE_MINUTE if len(self._cued_ms) >= self._config["dose_cues_per_minute"] else None

    def given(self):
        """Count a cue."""
        self.cues += 1
        self._cued_ms.append(self.whole_ms)

    def progress(self, unix_ms, ended):
        """Return what must be stored for it to go on after a loss of power.

        As of `unix_ms` (None: not known); `ended`: the run has come to its end, and was not cut off.
        """
        self._stopped_unix_ms, self._ended = unix_ms, ended
        return {
            "rules": self._rules,
            "session": self.session,
            "whole_ms": self.whole_ms,
            "running_ms": self.running_ms,
            "fed_ms": self.fed_ms,
            "cues": self.cues,
            "judged": self.judged,
            "due": self.due,
            "unknown_ms": self._unknown_ms,
            "tightened_deg": self.tightened_deg,
            "baselines": self.baselines and {str(side): self.baselines[side] for side in self.baselines},
            "stopped_unix_ms": unix_ms,
            "ended": ended,
        }

    def _begin_block(self):
        """Decide on the next block: with it half given, is it the nearer side of the share?"""
        block_ms = 1000 * self._config["fade_block_s"]
        planned_ms = self.share * (self.running_ms + block_ms)
        self._feeding = self.share > 0.0 and planned_ms - self.fed_ms >= 0.5 * block_ms
        self._block_ends_ms = self.running_ms + block_ms
