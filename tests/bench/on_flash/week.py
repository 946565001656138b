"""The store through a week: seven runs, idle between, a reset in each, two flat batteries. Runs on the twin.

micropython week.py RUN_MINUTES DAY_HOURS SEED: prints one line of JSON. The firmware's recorder, recovery, clock
and settings on a modelled chip of 2 MB; made-up steps at 170 a minute; the application's loop turns once a second
while the clip is idle.
"""

import gc
import json
import random
import sys
from array import array

sys.path.insert(0, sys.argv[0].rsplit("/", 1)[0])

import machine
from operations import FILES, NVS, erased
from reading import step_times
from twin import clock, power
from twin.flash import Flash
from workload import SETTLING_MS, STEP_MS, STOPPED_BY_HOST, Cue, made_up_step, mount, restart

from hipcue.clock import Clock
from hipcue.store.folder import numbers, size_bytes

SECTORS = 512
DAYS = 7
FLAT_DAYS = (2, 4)  # counted from 0: the battery goes flat in the middle of these runs
CUE_EVERY = 40
LONGEST_TAIL_MS = 10000
NEVER_MS = 1 << 40


class Chip(Flash):
    """A partition that counts the erases of each sector."""

    def __init__(self, image):
        super().__init__(image)
        self.wear = [0] * self.sectors

    def _erase(self, sector):
        self.wear[sector] += 1
        super()._erase(sector)


class Week:
    """`times`: ms on the clip's clock of all steps handed to the recorder; `spans`: session, first and end in it.

    What grows here was made whole before, so that the heap shows the firmware's own drift.
    """

    def __init__(self, run_minutes, day_hours):
        self._run_s, self._day_s = 60 * run_minutes, 3600 * day_hours
        image = erased(SECTORS)
        self.chip, self.values = Chip(image[FILES]), Chip(image[NVS])
        self.clock_errors = 0
        self.times = array("q", bytes(8 * (DAYS * self._run_s * 1000 // STEP_MS + 1)))
        self.spans = array("q", bytes(8 * 3 * 3 * DAYS))
        self.flat_ms = array("q", bytes(8 * 3 * DAYS))  # by session: when the power went in it, 0 if it did not
        self.free_bytes = array("q", bytes(8 * DAYS))
        self._count = self._sessions = 0
        machine.RTC().memory(b"")
        mount(self.chip, self.values)
        self._start(False)

    def live(self):
        """Live through the week."""
        for day in range(DAYS):
            begun_us = clock.now_us()
            breaks = [(random.uniform(0.1, 0.5), False)]
            if day in FLAT_DAYS:
                breaks.append((random.uniform(0.6, 0.9), True))
            self._run(breaks)
            while clock.now_us() - begun_us < self._day_s * 1000000:
                clock.advance(1000000)
                self._check_clock()
                self._recorder.commit(self._clock.now_ms())
            gc.collect()
            self.free_bytes[day] = gc.mem_free()

    def _start(self, power_lost):
        power.record_reset(machine.PWRON_RESET if power_lost else machine.HARD_RESET)
        if power_lost:
            machine.RTC().memory(b"")
            mount(self.chip, self.values)
        self._clock = Clock()
        self._begun_us = clock.now_us()
        self._recorder = restart(power_lost)
        self._recorder.battery(3400 if power_lost else 3987)

    def _check_clock(self):
        if self._clock.now_us() != clock.now_us() - self._begun_us:
            self.clock_errors += 1

    def _run(self, breaks):
        clock.advance(SETTLING_MS * 1000 * 2)
        begun_us = clock.now_us()
        count = 0
        self._begin()
        while clock.now_us() - begun_us < self._run_s * 1000000:
            clock.advance(STEP_MS * 1000)
            self._check_clock()
            if breaks and clock.now_us() - begun_us > breaks[0][0] * self._run_s * 1000000:
                _, power_lost = breaks.pop(0)
                if power_lost:
                    self.flat_ms[self._sessions] = self._clock.now_ms()
                self._end()
                self._start(power_lost)
                clock.advance(SETTLING_MS * 1000 * 2)
                self._begin()
            self._step(count)
            count += 1
        self._recorder.seal(STOPPED_BY_HOST, self._clock.now_ms())
        self._end()

    def _begin(self):
        self._recorder.start(self._clock.now_ms(), None)
        self._number = numbers()[-1]
        self._first = self._count

    def _end(self):
        at = 3 * self._sessions
        self.spans[at], self.spans[at + 1], self.spans[at + 2] = self._number, self._first, self._count
        self._sessions += 1

    def _step(self, count):
        now_ms = self._clock.now_ms()
        step = made_up_step(count, now_ms)
        self._recorder.step(step)
        self.times[self._count] = step.contact_at_ms
        self._count += 1
        if count % CUE_EVERY == 0:
            self._recorder.cue(Cue, now_ms, 205)
        self._recorder.commit(now_ms)

    def result(self):
        """Return the figures as a dict."""
        steps = unexplained = worst_tail_ms = total_bytes = 0
        for session in range(self._sessions):
            number, first, end = self.spans[3 * session : 3 * session + 3]
            kept = step_times(number)
            steps += len(kept)
            total_bytes += size_bytes(number)
            if kept != list(self.times[first : first + len(kept)]):
                unexplained += 1
            elif first + len(kept) < end:
                tail_ms = (self.flat_ms[session] or NEVER_MS) - (self.times[first + len(kept)] + SETTLING_MS)
                worst_tail_ms = max(worst_tail_ms, tail_ms)
                unexplained += tail_ms > LONGEST_TAIL_MS
        return {
            "hours": DAYS * self._day_s / 3600,
            "sessions": self._sessions,
            "steps": steps,
            "lost_steps": self._count - steps,
            "unexplained_gaps": unexplained,
            "worst_tail_ms": worst_tail_ms,
            "bytes_per_step": total_bytes / steps,
            "heap_drift_bytes": max(self.free_bytes) - self.free_bytes[-1],
            "erases": self.chip.erases,
            "most_worn_erases": max(self.chip.wear),
            "values_erases": self.values.erases,
            "values_most_worn_erases": max(self.values.wear),
            "clock_errors": self.clock_errors,
            "clock_wraps": int(DAYS * self._day_s / 1073.741824),
        }


def main(run_minutes, day_hours, seed):
    """Live through the week and print the figures."""
    random.seed(seed)
    week = Week(run_minutes, day_hours)
    week.live()
    print(json.dumps(week.result()))


main(*[float(argument) if "." in argument else int(argument) for argument in sys.argv[1:4]])
