"""Cuts the power, and resets, at every flash operation of the workload; checks what the next start finds.

micropython power_cuts.py MINUTES STRIDE SEED: every STRIDE-th operation, from one chosen by SEED on. Prints one
line of JSON.
"""

import json
import random
import sys

sys.path.insert(0, sys.argv[0].rsplit("/", 1)[0])

import machine
from operations import FILES, NVS, WAYS, apply, copy, erased, tear
from reading import Finding, step_times
from twin import nvs
from twin.flash import Flash
from workload import (
    CALIBRATIONS,
    SECTORS,
    SETTLING_MS,
    STEP_MS,
    STOPPED_BY_HOST,
    Workload,
    made_up_step,
    mount,
    read_session,
    restart,
)  # fmt: skip

from hipcue import settings
from hipcue.store.folder import numbers

COUNTS = (
    "cuts", "resets", "unmountable", "committed", "settings", "whole", "next", "worst_tail_ms", "lost_by_reset",
)  # fmt: skip
NEXT_STEPS = 30
LONGEST_TAIL_MS = 10000
CONFIGS = {None: {}, 0: {"cue_margin_deg": 3.0}, 1: {"cue_margin_deg": 4.0}}
STORED_CALIBRATIONS = {None: None, 0: CALIBRATIONS[0], 1: CALIBRATIONS[1]}


class Start:
    """The start after operation `at` of `work` was cut short on `image`; `memory`: the reset memory's content.

    `lost`: steps that were logged and are gone; `tail_ms`: age of the oldest of them at the cut.
    """

    def __init__(self, work, at, image, memory):
        self._work, self._at = work, at
        self.lost = self.tail_ms = 0
        if mount(Flash(image[FILES]), Flash(image[NVS])) and at >= work.formatted:
            raise Finding("unmountable", "the volume does not mount")
        self._check_settings()
        self._check_committed()
        machine.RTC().memory(memory)
        recorder = restart(power_lost=not memory)
        self._check_steps()
        if work.operations[at][0] == NVS and not memory:
            _check_journal(recorder)
        else:
            _check_next(recorder)

    def _check_settings(self):
        config, problem = settings.load_config()
        if problem or config not in [settings.config.validate(CONFIGS[value]) for value in self._allowed("config")]:
            raise Finding("settings", problem or "the configuration is neither the old nor the new one")
        allowed = [STORED_CALIBRATIONS[value] for value in self._allowed("calibration")]
        if settings.load_calibration() not in allowed:
            raise Finding("settings", "the calibration is neither the old nor the new one")

    def _allowed(self, name):
        """Return the values that may be stored: the last one done, and the one that was being stored."""
        allowed = [None]
        for begun, done, value in self._work.stored[name]:
            if done <= self._at:
                allowed = [value]
            elif begun <= self._at:
                allowed.append(value)
        return allowed

    def _check_committed(self):
        committed = {number: size for operations, number, size in self._work.commits if operations <= self._at}
        here = numbers()
        for number, size in committed.items():
            if number not in here or read_session(number)[:size] != self._work.final[number][:size]:
                raise Finding("committed", "of %d committed bytes of session %d some are gone" % (size, number))

    def _check_steps(self):
        cut_ms = self._work.operations[self._at][4] // 1000
        here = numbers()
        for number, steps in self._work.steps.items():
            logged = [when for operations, when in steps if operations <= self._at]
            times = step_times(number) if number in here else []
            if times != [when - SETTLING_MS for when in logged[: len(times)]]:
                raise Finding("whole", "session %d holds other steps than were logged, or in another order" % number)
            if len(times) < len(logged):
                self.lost += len(logged) - len(times)
                self.tail_ms = max(self.tail_ms, cut_ms - logged[len(times)])


def _check_next(recorder):
    recorder.start(1000, None)
    recorder.step(made_up_step(0, 5500))
    recorder.seal(STOPPED_BY_HOST, 6000)
    if step_times(numbers()[-1]) != [1000]:
        raise Finding("next", "the next session is not recorded")


def _check_journal(recorder):
    """What a cut has left of the journal keeps the next session through a second one."""
    recorder.start(1000, None)
    times = []
    for count in range(NEXT_STEPS):
        now_ms = 1000 + SETTLING_MS + STEP_MS * count
        recorder.step(made_up_step(count, now_ms))
        recorder.commit(now_ms)
        times.append(now_ms - SETTLING_MS)
    nvs.forget()
    machine.RTC().memory(b"")
    restart(power_lost=True)
    kept = step_times(numbers()[-1])
    if kept != times[: len(kept)] or not kept or times[-1] - times[len(kept)] > LONGEST_TAIL_MS:
        raise Finding("next", "of %d steps after the next start a second cut leaves %d" % (NEXT_STEPS, len(kept)))


def run(minutes, stride, seed):
    """Return the figures as a dict."""
    random.seed(seed)
    work = Workload(minutes)
    operations = work.operations
    hours = sum(work.running_ms.values()) / 3600000
    result = dict.fromkeys(COUNTS, 0)
    result["findings"] = []
    result["operations"], result["ways"] = len(operations), len(WAYS)
    result["on_values"] = sum(operation[0] == NVS for operation in operations)
    result["erases_per_hour"] = round(work.chip.erases / hours)
    result["values_erases_per_hour"] = round(work.values.erases / hours)
    result["kb_per_hour"] = round((work.chip.programmed_bytes + work.values.programmed_bytes) / hours / 1000)
    base = erased(SECTORS)
    offset = random.randrange(stride)
    for at in range(len(operations)):
        if at % stride == offset:
            for way in WAYS:
                _try(work, at, base, way, b"", result)
                _try(work, at, base, way, operations[at][5], result)
        apply(base, operations[at])
    return result


def _try(work, at, base, way, memory, result):
    image = copy(base)
    tear(image, work.operations[at], way, random.getrandbits)
    try:
        start = Start(work, at, image, memory)
    except Finding as finding:
        figure, sentence = finding.args
        result[figure] += 1
        result["findings"].append("operation %d, %s: %s" % (at, way, sentence))
        return
    if memory:
        result["resets"] += 1
        result["lost_by_reset"] += start.lost
    else:
        result["cuts"] += 1
        result["worst_tail_ms"] = max(result["worst_tail_ms"], start.tail_ms)


print(json.dumps(run(*[int(argument) for argument in sys.argv[1:4]])))
