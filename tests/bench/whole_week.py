"""A week of the whole clip on the twin: a run a day, a reset in each, the power lost in two; what its logs hold."""

import json
import time
from dataclasses import dataclass, field

import numpy as np
from halting import wait_for_halt

from host_tools.archive import logs
from host_tools.calibrate import command as calibrate
from host_tools.clip.transport import Clip
from host_tools.output import Output
from host_tools.pull.command import pull_all
from host_tools.runners.record import record
from host_tools.runners.scenario import Bows, Scenario, easy_run
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_rest_scene, write_scene

PREPARED_S = 16.0  # stand and bows
DAY_S = 86400.0
HEAP_ENQUIRY = b"\x06"  # as device/hipcue/app.py has it
HARD_RESET = 2  # machine.reset_cause() on the ESP32
DAYS_A_LIFE = (3, 2, 2)
NOON_MS = 1_790_000_000_000
LIFE_MS = 10_000_000_000  # between the wall clocks of two lives: sessions are told apart by theirs
NEAR_S = 0.03
# In the midst of a run what the steps need comes and goes by 3 KB. So the clip is asked for its free heap when a run is
# over and at the stop of the next one. It must hold the very same there: a session is open, its baseline is made, and
# the last step is the same, since a run's second half is its first again. Between the two lie a session's end, a night,
# the next session's begin and half a run, but no reset, which would free what has leaked.
STOP_SHARE = 0.5  # of the run
RESET_SHARES = (0.55, 0.7)  # within which the reset comes
POWER_LOST_SHARES = (0.75, 0.95)
STOP_S = 150.0
ASKED_S = np.arange(125.0, 145.0)  # after the last step
# So that the shortest soak makes its baseline too; of a run of an hour the setting's default.
BASELINE_SHARE, LEAST_BASELINE_S = 0.05, 30
# What a break may cost: of a reset the step under way, of a power loss steps that had not settled (13 of 0.36 s) and
# what was not committed; after it, until a run is known as one.
DECIDING_S = 0.45
SETTLING_S = 5.5
COMMIT_S = 10.0
STARTING_S = 6.0


@dataclass
class Life:
    """From one power-on to the next: `days` runs, the first after `wait_s` on the table; times in s of its scene."""

    number: int
    days: int
    wait_s: float = 0.0
    resets_s: list = field(default_factory=list)
    power_lost_s: float | None = None
    set_s: float = 0.0  # when its wall clock was set
    heap_free: list = field(default_factory=list)  # bytes, after a run and at the stop of the next
    truth_s: np.ndarray = field(default_factory=lambda: np.zeros(0))


class Week:
    """`run_s`: length of a run, its stop apart; `day_s`: from one to the next; `work`: folder; `days_a_life`: runs from
    one power-on to the next, at whose last the power is lost, but for the last life's. `lives` after `live()`.
    """

    def __init__(self, run_s, work, seed, day_s=DAY_S, days_a_life=DAYS_A_LIFE):
        self._run_s = run_s
        self.day_s = day_s
        self._days_a_life = days_a_life
        self._stop_s = STOP_SHARE * run_s
        self._work = work
        self._rng = np.random.default_rng(seed)
        self._recording = record(Scenario(  # the run up to its stop; what comes after it is the end of this again
            name="soak",
            duration_s=PREPARED_S + self._stop_s + STOP_S,
            still_s=(0.0, 5.0),
            bows=Bows(5.0, PREPARED_S),
            stretches=(easy_run(PREPARED_S + 1.0, PREPARED_S + self._stop_s),),
        ))  # fmt: skip
        rate_hz = self._recording.imu_rate_hz
        first, again = (round((PREPARED_S + at_s) * rate_hz) for at_s in (0.0, 2 * self._stop_s - run_s))
        self._prepared = self._recording.imu[:first]
        self._run = np.concatenate((self._recording.imu[first:], self._recording.imu[again:]))
        contacts_s = self._recording.truth_steps["t_ic_s"]
        again_s = (len(self._recording.imu) - again) / rate_hz
        self._contacts_s = np.concatenate((contacts_s, contacts_s[contacts_s >= again / rate_hz] + again_s))
        self.lives = []

    def live(self):
        """Live through all of it; return the sessions, in order."""
        for number, days in enumerate(self._days_a_life):
            self.lives.append(self._plan(number, days))
            self._live(self.lives[-1])
        write_rest_scene(self._work / "scene", halts_s=[0.0])
        with Twin(scene=self._work / "scene", flash=self._work / "flash") as twin, Clip(twin.port) as clip:
            clip.enter()
            rows = pull_all(clip, clip.hello()["clip"], self._work / "pulled", Output(as_json=True))
        return [logs.read_log(row["path"]) for row in rows]

    def _plan(self, number, days):
        # A battery that went flat in a run is charged at once: the rest of that day the clip lies on the table.
        wait_s = exact(self.day_s - self._run_s) if number else 0.0
        life = Life(number, days, wait_s)
        runs = [wait_s + self._contacts_s + day * self.day_s for day in range(days)]
        life.truth_s = np.concatenate(runs)
        starts_s = self._starts_s(life, days)
        life.resets_s = [self._after_the_stop_s(start_s, *RESET_SHARES) for start_s in starts_s]
        if number < len(self._days_a_life) - 1:
            life.power_lost_s = self._after_the_stop_s(starts_s[-1], *POWER_LOST_SHARES)
            life.truth_s = life.truth_s[life.truth_s < life.power_lost_s]
        return life

    def _after_the_stop_s(self, start_s, least, most):
        """Return a random time between two shares of a run, which lie behind its stop."""
        return exact(start_s + self._run_s * self._rng.uniform(least, most) + STOP_S)

    def _asked_s(self, life):
        """Return when the clip is asked for its heap."""
        starts_s = self._starts_s(life, life.days - 1)
        moments_s = (self._run_s + STOP_S, self.day_s + self._stop_s)
        return [exact(start_s + at_s + asked_s) for start_s in starts_s for at_s in moments_s for asked_s in ASKED_S]

    def _end_s(self, life):
        return exact(life.wait_s + PREPARED_S + life.days * self.day_s)

    def hours(self):
        """Return for how long the clip was on."""
        return sum(life.power_lost_s or self._end_s(life) for life in self.lives) / 3600

    def _starts_s(self, life, days):
        return [life.wait_s + PREPARED_S + day * self.day_s for day in range(days)]

    def _live(self, life):
        rate_hz, run, first = self._recording.imu_rate_hz, self._run, len(self._prepared)
        parts = [self._prepared] + [run] * life.days
        # After each run the clip lies on the table, in the file's last sample of it.
        idle = round(self.day_s * rate_hz) - len(run)
        holds = [[0, round(life.wait_s * rate_hz)]]
        holds += [[first + day * len(run) - 1, idle] for day in range(1, life.days + 1)]
        asked_s = self._asked_s(life)
        end_s = life.power_lost_s or self._end_s(life) - 5.0
        halts_s = [*asked_s, end_s]
        write_scene(
            self._work / "scene", np.concatenate(parts), rate_hz, halts_s=[0.0, *halts_s], holds=holds,
            faults=[{"kind": "reset", "at_s": at_s, "cause": HARD_RESET} for at_s in life.resets_s],
            progress=str(self._work / "progress"),
        )  # fmt: skip
        (self._work / "progress").unlink(missing_ok=True)
        with Twin(scene=self._work / "scene", flash=self._work / "flash") as twin, Clip(twin.port) as clip:
            clip.enter()
            if life.number == 0:
                baseline_s = max(LEAST_BASELINE_S, round(BASELINE_SHARE * self._run_s))
                clip.exec_json("from hipcue import console; console.configure({'baseline_s': %d})" % baseline_s)
                calibrate.stand(clip, 4.5)
                calibrate.bows(clip, 10.5)
                calibrate.keep(clip)
            base_ms = NOON_MS + life.number * LIFE_MS
            answer = clip.exec_json("from hipcue import console; console.clock(%d)" % base_ms)
            life.set_s = (answer["now_ms"] - (answer["unix_ms"] - base_ms)) / 1000
            clip.start_app()
            for halt_s in halts_s:
                wait_for_halt(self._work / "progress", halt_s, lambda: self._attend(twin, clip))
                if halt_s in asked_s:
                    life.heap_free.append(ask(clip)["heap_free"])

    @staticmethod
    def _attend(twin, clip):
        """Take what the clip says, so that the line does not fill up, and see that it still runs."""
        clip.overhear()
        twin.check()


def exact(time_s):
    """Return a time near `time_s` that the twin's single precision holds as it is."""
    return round(time_s * 16) / 16


def judge(week, sessions):
    """Return the figures as a dict: steps, steps missing, of these unexplained, interruptions told, bytes a step ..."""
    steps_s = [[] for _ in week.lives]
    lost_s = [[] for _ in week.lives]
    for session in sessions:
        number, offset_s = _placed(session, week.lives)
        steps_s[number].append(session.steps["time_ms"] / 1000 + offset_s)
        lost_s[number] += [row["time_ms"] / 1000 + offset_s for row in session.events if row["name"] == "samples_lost"]
    missing = unexplained = 0
    for life, steps, lost in zip(week.lives, steps_s, lost_s, strict=True):
        gone_s = _without(life.truth_s, np.sort(np.concatenate(steps)))
        missing += len(gone_s)
        unexplained += int(np.count_nonzero(~_explained(gone_s, life, lost)))
    count = sum(len(session.steps["time_ms"]) for session in sessions)
    return {
        "hours": week.hours(),
        "steps": count,
        "missing": missing,
        "unexplained": unexplained,
        "interruptions": sum(len(life.resets_s) + (life.power_lost_s is not None) for life in week.lives),
        "interruptions_told": sum(row["name"] == "recovered" for session in sessions for row in session.events),
        "not_whole": sum(session.blocks_bad > 0 or session.seal is None for session in sessions),
        "bytes_per_step": sum(session.log_bytes for session in sessions) / count,
        "heap_drift_bytes": _heap_drift_bytes(week.lives),
    }


def _heap_drift_bytes(lives):
    """Return by how much the free heap differs between a run and the stop of the next, either way, in the worst pair.

    The most of the askings is what is free: the collector may take a stale word for a reference, never the reverse.
    """
    pairs = np.concatenate([life.heap_free for life in lives]).reshape(-1, 2, len(ASKED_S))
    before, after = pairs.max(axis=2).T
    return int(np.abs(before - after).max())


def _placed(session, lives):
    """Return the number of the life that the session lies in, and its clock's 0 in s of that life's scene."""
    pair_ms, unix_ms = session.clocks[0]
    number = round((unix_ms - NOON_MS) / LIFE_MS)
    return number, lives[number].set_s + (unix_ms - NOON_MS - number * LIFE_MS - pair_ms) / 1000


def _without(truth_s, steps_s):
    """Return the contacts of `truth_s` that have no step near them."""
    at = np.clip(np.searchsorted(steps_s, truth_s), 1, len(steps_s) - 1)
    nearest = np.minimum(np.abs(steps_s[at] - truth_s), np.abs(steps_s[at - 1] - truth_s))
    return truth_s[nearest > NEAR_S]


def _explained(gone_s, life, lost_s):
    """Return which of the missing contacts lie where a break that is known takes steps."""
    breaks = [(at_s - DECIDING_S, at_s + STARTING_S) for at_s in life.resets_s]
    breaks += [(at_s - 1.5, at_s + 1.5) for at_s in lost_s]
    if life.power_lost_s is not None:
        breaks.append((life.power_lost_s - SETTLING_S - COMMIT_S, life.power_lost_s))
    pauses = np.flatnonzero(np.diff(life.truth_s) > 10.0)
    begins_s = life.truth_s[np.append(0, pauses + 1)]
    ends_s = life.truth_s[np.append(pauses, len(life.truth_s) - 1)]
    breaks += [(at_s, at_s + STARTING_S) for at_s in begins_s] + [(at_s - 2.0, at_s) for at_s in ends_s]
    explained = np.zeros(len(gone_s), dtype=bool)
    for from_s, until_s in breaks:
        explained |= (gone_s >= from_s) & (gone_s <= until_s)
    return explained


def ask(clip):
    """Return what the running application answers when it is asked for its heap."""
    clip._transport.serial.write(HEAP_ENQUIRY)
    until, said = time.monotonic() + 10.0, ""
    while "}" not in said and time.monotonic() < until:
        said += clip.overhear()
        time.sleep(0.01)
    return json.loads(said[said.index("{") : said.index("}") + 1])
