"""What a clip does to its flash in its first runs: format, settings, calibration, two sessions. Runs on the twin.

The firmware's own recorder, settings and recovery, with made-up steps at 170 a minute, a cue every 40th; time is
the twin's virtual clock, which goes on while flash is busy.
"""

import os

import esp32
import machine
import vfs
from operations import FILES, NVS, Watched, erased
from twin import clock, nvs

from hipcue import settings
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT
from hipcue.core.emg import Reading
from hipcue.core.step import Step
from hipcue.recorder import Recorder
from hipcue.store import recovery
from hipcue.store.folder import FOLDER, numbers, session_name
from hipcue.store.journal import Journal
from hipcue.store.reset_memory import ResetMemory

CLIP = b"\x02HIPCU"
SECTORS = 64
SIZES = {"readsize": 32, "progsize": 32, "lookahead": 32}  # as the twin and the ESP32 mount it
STEP_MS = 353
SETTLING_MS = 4500  # from a step's contact to where it is logged
CUE_EVERY = 40
STOPPED_BY_HOST = 1
CALIBRATIONS = (
    {
        "mount": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        "gravity_mps2": 9.75,
        "gyro_bias_rads": [0.5, 0.0, -0.25],
    },
    {
        "mount": [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
        "gravity_mps2": 9.875,
        "gyro_bias_rads": [0.0, 0.0, 0.125],
    },
)


class Cue:
    """A cue as the cue rule gives it."""

    side = buzz_side = reason = 1
    value_deg, threshold_deg, duration_ms = 8.1, 7.0, 135
    glute, glute_pct = 2, 74.0


def mount(chip, values):
    """Mount `chip` at "/", formatted where nothing is; return whether it had to be. `values`: the partition `nvs`."""
    nvs.attach(values)
    try:
        vfs.umount("/")
    except OSError:
        pass
    formatted = False
    try:
        system = vfs.VfsLfs2(chip, mtime=False, **SIZES)
    except OSError:
        formatted = True
        vfs.VfsLfs2.mkfs(chip, **SIZES)
        system = vfs.VfsLfs2(chip, mtime=False, **SIZES)
    vfs.mount(system, "/")
    os.chdir("/")
    return formatted


def restart(power_lost=False):
    """Start the firmware's store as the application does; return its recorder."""
    memory = ResetMemory(machine.RTC().memory)
    journal = Journal(lambda: esp32.NVS("hipcue"))
    recovery.close_interrupted(CLIP, journal.tails() + memory.tails, power_lost, 3500)
    settings.count_boot()
    memory.forget()
    about = {"config": settings.load_config()[0], "calibration": settings.load_calibration(), "firmware": {}}
    return Recorder(CLIP, about["config"], lambda: about, "envelope", memory, journal)


def read_session(number):
    """Return the bytes of session `number`."""
    with open(FOLDER + "/" + session_name(number), "rb") as file:
        return file.read()


class Workload:
    """Does it all once, and knows what was promised when.

    `operations` on `chip` and `values`, its partitions; `formatted`: operations that formatting took;
    `commits`: [(operations before, session, bytes committed)];
    `steps`: {session: [(operations before, ms when it was logged), ...]}; `stored`: {name: [(operations before it
    was begun, operations when it was done, value), ...]}; `final`: {session: bytes}; `running_ms`: {session: ms}.
    """

    def __init__(self, minutes):
        self.commits, self.steps, self.final, self.running_ms = [], {}, {}, {}
        self.stored = {"config": [], "calibration": []}
        machine.RTC().memory(b"")
        self.operations = []
        image = erased(SECTORS)
        self.chip, self.values = (Watched(image, number, self.operations) for number in (FILES, NVS))
        mount(self.chip, self.values)
        self.formatted = len(self.operations)
        for run in range(2):
            self._store("config", lambda run=run: settings.change_config({"cue_margin_deg": 3.0 + run}), run)
            self._store("calibration", lambda run=run: settings.store_calibration(CALIBRATIONS[run]), run)
            self._record(restart(), minutes if run == 0 else max(1, minutes // 4))
        for number in numbers():
            self.final[number] = read_session(number)

    def _store(self, name, change, value):
        before = len(self.operations)
        change()
        self.stored[name].append((before, len(self.operations), value))

    def _record(self, recorder, minutes):
        clock.advance(2000 * SETTLING_MS)
        begun_ms = now_ms = clock.now_us() // 1000
        recorder.battery(3987)
        recorder.start(now_ms, None)
        number = numbers()[-1]
        steps = self.steps[number] = []
        while now_ms - begun_ms < 60000 * minutes:
            clock.advance_to((now_ms + STEP_MS) * 1000)
            now_ms = clock.now_us() // 1000
            recorder.step(made_up_step(len(steps), now_ms))
            if len(steps) % CUE_EVERY == 0:
                recorder.cue(Cue, now_ms, 205)
            steps.append((len(self.operations), now_ms))
            self._commit(recorder, number, now_ms)
        self.running_ms[number] = now_ms - begun_ms
        recorder.seal(STOPPED_BY_HOST, now_ms)
        self._promise(number)

    def _commit(self, recorder, number, now_ms):
        before = len(self.operations)
        recorder.commit(now_ms)
        if len(self.operations) != before:
            self._promise(number)

    def _promise(self, number):
        size = os.stat(FOLDER + "/" + session_name(number))[6]
        self.commits.append((len(self.operations), number, size))


def made_up_step(count, now_ms):
    """Return a settled step of alternating sides."""
    step = Step(0, 0.0, 0, 0)
    step.side = 1 + count % 2
    step.contact_at_ms = now_ms - SETTLING_MS
    step.contact_samples = 50.0
    step.peak_drop_deg = step.peak_drop_causal_deg = 5.0 + count % 7 / 10
    step.excursion_deg = 2.0
    step.glutes = {SIDE_LEFT: Reading(0, 400000.0), SIDE_RIGHT: Reading(0, 300000.0)}
    step.interval_us = 4808
    step.outcome = 0
    return step
