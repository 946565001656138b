"""The application on the twin's board at rest, one call at a time: what a run on made-up motion hardly brings about."""

import struct
import time

import board
import clip_flash
import machine
from twin import clock

from hipcue import app as application
from hipcue import doze, settings
from hipcue.contract import record as record_contract
from hipcue.contract.cues import OUTCOME_CODES
from hipcue.contract.record import EVENT_CODES
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT
from hipcue.core.emg import Reading
from hipcue.core.step import Step
from hipcue.store.folder import FOLDER, is_sealed, numbers, session_name
from hipcue.store.reset_memory import ResetMemory
from hipcue.words import WORDS, Speaker

STEP_MS = 350
CALIBRATION = {
    "mount": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    "gravity_mps2": 9.75,
    "gyro_bias_rads": [0.0, 0.0, 0.0],
    "roll_pitch_yaw_deg": [0.0, 0.0, 0.0],
}


class Heard:
    """Stands between the application and the recorder and hears of every event."""

    def __init__(self, app):
        self.codes = []
        self._event = app._recorder.event
        app._recorder.event = self.event

    def event(self, code, value, now_ms):
        self.codes.append(code)
        self._event(code, value, now_ms)

    def count(self, name):
        return self.codes.count(EVENT_CODES[name])


class Muscles:
    """Muscles with nothing to read; `lost` samples since the last call, `read_at`: [(time told, time it was)]."""

    kind = "envelope"
    chip = "MyoWare 2.0"
    snippet = lsb_uv = None

    def __init__(self):
        self.lost = 0
        self.read_at = []

    def start(self, now_ms):
        pass

    def stop(self, now_us):
        pass

    def drain(self, now_us):
        pass

    def retry(self, now_ms):
        pass

    def wait_ms(self, now_ms):
        return 10

    def want_snippet(self):
        pass

    def newly_lost(self):
        lost, self.lost = self.lost, 0
        return lost

    def median_frequencies_hz(self):
        return None, None

    def read(self, step, now_us):
        self.read_at.append((now_us, clock.now_us()))
        return {SIDE_LEFT: Reading(0), SIDE_RIGHT: Reading(0)}

    def levels(self, now_us):
        self.read_at.append((now_us, clock.now_us()))
        return {SIDE_LEFT: (None, 0), SIDE_RIGHT: (None, 0)}


def new_app(**changes):
    settings.change_config(changes)
    return application.App(board, ResetMemory(machine.RTC().memory))


def step_at(time_ms, side):
    step = Step(0, 0.0, 0, 0)
    step.contact_at_ms = time_ms
    step.peak = 0
    step.side = side
    step.outcome = 0
    step.peak_drop_deg = step.peak_drop_causal_deg = 1.0
    step.excursion_deg = 1.0
    step.glutes = {SIDE_LEFT: Reading(0), SIDE_RIGHT: Reading(0)}
    step.interval_us = 4808
    return step


def run(app, steps):
    for number in range(steps):
        time.sleep_ms(STEP_MS)
        app._decide(step_at(clock.now_us() // 1000, 1 + number % 2))


def test_muscles_are_read_at_the_time_that_it_is():
    """The motion core has worked meanwhile: a sample's place in time is counted from the newest one."""
    app = new_app()

    def drain(now_us):
        time.sleep_ms(30)
        app._sensing.drains += 1
        if len(muscles.read_at) == 3:
            raise KeyboardInterrupt
        return (step_at(clock.now_us() // 1000 - 300, 1),), ()

    muscles = app._muscles
    app._sensing.drain = drain
    try:
        app.run()
    except KeyboardInterrupt:
        pass
    assert len(muscles.read_at) == 3
    assert all(abs(told - at) < 1000 for told, at in muscles.read_at)  # the clip's clock starts at a whole ms
    app.stop(application.STOPPED_BY_HOST)


def test_a_log_begins_without_the_losses_before_it():
    app = new_app()
    app._muscles.lost = 1000
    logged = []
    app._recorder.muscles = lambda minute, frequencies, lost, now_ms: logged.append(lost)
    run(app, 4)
    app._muscles.lost += 7
    app.stop(application.STOPPED_BY_HOST)
    assert logged == [7]


def test_a_cue_that_comes_late_does_not_keep_the_next_one_back():
    """Every step drops too far; the cues of the first two would come 400 ms after the peak."""
    app = new_app(cue_absolute_deg=2.0, cue_over_steps=1, cue_window_steps=1)
    given = []
    app._recorder.cue = lambda cue, now_ms, latency_ms: given.append(latency_ms)
    outcomes = []
    for number in range(14):
        time.sleep_ms(STEP_MS)
        now_ms = clock.now_us() // 1000
        app._sensing.ms = lambda peak, number=number, now_ms=now_ms: now_ms - (400 if number < 2 else 200)
        step = step_at(now_ms, 1)
        step.peak_drop_causal_deg = 9.0
        app._decide(step)
        outcomes.append(step.outcome)
        board.haptics.stop(now_ms)
    late, cued, refractory = (OUTCOME_CODES[name] for name in ("late", "cued", "refractory"))
    assert outcomes == [late] * 2 + [cued] + [refractory] * 8 + [cued] + [refractory] * 2
    assert len(given) == 2
    app.stop(application.STOPPED_BY_HOST)
    settings.change_config({"cue_absolute_deg": 0.0, "cue_over_steps": 4, "cue_window_steps": 6})


def test_every_log_of_a_programme_says_that_feedback_begins():
    """Two sessions of one start: the second is read by itself."""
    app = new_app(programme_sessions=8, fade_from_session=5)
    for _ in range(2):
        heard = Heard(app)
        run(app, 10)
        app._end(application.STOPPED_BY_BUTTON, clock.now_us() // 1000)
        assert heard.count("feedback_begins") == 1
    app.stop(application.STOPPED_BY_HOST)


def test_a_run_is_known_to_have_begun_when_it_is_cut_off_soon():
    """Or the next start would give what was given all over again."""
    app = new_app()
    run(app, 3)
    kept = settings.load_programme(app._config)
    assert kept.withholds() == OUTCOME_CODES["dose_minute"]
    app.stop(application.STOPPED_BY_HOST)
    assert settings.load_programme(app._config).withholds() is None


def test_a_host_ends_the_row_of_quick_faults_though_nothing_is_recorded():
    memory = ResetMemory(machine.RTC().memory)
    memory.quick_faults = 2
    memory.save()
    start, application.App.run = application.App.run, interrupted
    application.run(board)
    application.App.run = start
    assert ResetMemory(machine.RTC().memory).quick_faults == 0


def interrupted(_):
    raise KeyboardInterrupt


def test_the_third_quick_fault_is_felt_also_where_the_application_could_not_be_made():
    memory = ResetMemory(machine.RTC().memory)
    memory.quick_faults = 2
    memory.save()
    made, application.App.__init__ = application.App.__init__, unmade
    begun_ms = clock.now_us() // 1000
    application.run(board)
    application.App.__init__ = made
    pulses = {name: pulses for name, _, pulses in WORDS}["fault"]
    assert clock.now_us() // 1000 - begun_ms >= sum(on_ms + off_ms for _, on_ms, off_ms in pulses)
    assert not board.haptics.running and ResetMemory(machine.RTC().memory).quick_faults == 3


def unmade(self, board, memory):
    raise ValueError("no settings")


def test_no_motor_is_on_through_a_reset():
    """The ESP32's PWM goes on through a reset of the processor, until the board is made anew."""
    app = new_app()
    app._speaker.say("fault", clock.now_us() // 1000)
    resets = []
    reset, machine.reset = machine.reset, lambda: resets.append(board.haptics.running)
    app._reset_for_sensor(clock.now_us() // 1000)
    machine.reset = reset
    assert resets == [False]


def start(image, memory_bytes, **faults):
    """Start on a copy of `image` with these faults of its flash, run a little; return (app, events heard of)."""
    clip_flash.as_root(32, clip_flash.copy(image), **faults)
    machine.RTC().memory(memory_bytes)
    app = application.App(board, ResetMemory(machine.RTC().memory))
    heard = Heard(app)
    app._idle = interrupted_idle
    try:
        app.run()
    except KeyboardInterrupt:
        pass
    run(app, 12)
    return app, heard


def interrupted_idle():
    raise KeyboardInterrupt


def test_a_flash_that_fails_in_part_does_not_keep_the_clip_from_measuring():
    """Each used sector in turn can be neither read nor written: the clip comes up and cues; what it lacks, it tells.

    On the flash are settings, a calibration, the count of boots and a session that a reset has interrupted. Where a
    folder's own sector fails, littlefs does not mount at all: that is MicroPython's to tell.
    """
    image = clip_flash.as_root(32)
    settings.store_calibration(CALIBRATION)
    app = new_app(cue_margin_deg=3.5)
    run(app, 60)
    app._recorder.commit(clock.now_us() // 1000 + 60000)
    memory_bytes, file = machine.RTC().memory(), image[0].getvalue()
    used = [n for n in range(32) if file[4096 * n : 4096 * n + 4096] != b"\xff" * 4096]
    told = stored = 0
    for sector in used:
        try:
            clip_flash.as_root(32, clip_flash.copy(image), bad_sectors=(sector,))
        except OSError:
            continue
        app, heard = start(image, memory_bytes, bad_sectors=(sector,))
        assert app._run.steps == 12 and app._recorder.recording
        whole = app._config["cue_margin_deg"] == 3.5 and app._calibration == CALIBRATION and app._boot == 2
        whole = whole and sessions_are_closed()
        assert whole or heard.count("flash_fault") == 1
        told += heard.count("flash_fault")
        stored += app._recorder._session is not None
    assert told >= 2 and stored >= 1  # the calibration's sector, and the session's
    app, heard = start(image, memory_bytes)
    assert sessions_are_closed() and app._boot == 2 and not heard.count("flash_fault")
    clip_flash.as_root(128)


def test_a_flash_that_fails_at_the_start_loses_nothing_that_a_reset_left():
    """Each used sector in turn fails at one start only, in which a second session is recorded and interrupted too.

    Then, and where that start's flash took nothing at all, both are closed with every step: those that were in the
    file, those in the journal, and those that the reset's memory alone held.
    """
    image = clip_flash.as_root(64)
    machine.RTC().memory(b"")
    app = new_app()
    run(app, 1)
    record(app, 60)
    memory_bytes, file = bytes(machine.RTC().memory()), image[0].getvalue()
    used = [n for n in range(64) if file[4096 * n : 4096 * n + 4096] != b"\xff" * 4096]
    kept = 0
    for fault in [{"read_only": True}] + [{"bad_sectors": (sector,)} for sector in used]:
        failing = clip_flash.copy(image)
        try:
            clip_flash.as_root(64, failing, **fault)
        except OSError:
            continue
        machine.RTC().memory(memory_bytes)
        failed = application.App(board, ResetMemory(machine.RTC().memory))
        kept += not (numbers() and is_sealed_here(1))
        run(failed, 1)
        record(failed, 60)
        stored = failed._recorder._session is not None
        clip_flash.as_root(64, failing)
        application.App(board, ResetMemory(machine.RTC().memory))
        assert [steps_in(number) for number in numbers()] == [60] * (1 + stored), (fault, stored)
    assert kept >= 2  # and the session's own sector
    clip_flash.as_root(128)


def record(app, steps):
    """Log settled steps as they come."""
    for number in range(steps):
        time.sleep_ms(STEP_MS)
        now_ms = clock.now_us() // 1000
        app._recorder.step(step_at(now_ms, 1 + number % 2))
        app._recorder.commit(now_ms)


def steps_in(number):
    """Return how many steps the seal of session `number` counts."""
    with open(FOLDER + "/" + session_name(number), "rb") as file:
        file.seek(-record_contract.BLOCK_BYTES, 2)
        block = file.read()
    assert block[5] == record_contract.KIND_SEAL
    return struct.unpack_from(record_contract.SEAL_FORMAT, block, record_contract.HEADER_BYTES)[2]


def is_sealed_here(number):
    try:
        return is_sealed(number)
    except OSError:
        return False


def sessions_are_closed():
    try:
        return numbers() == [1, 2] and is_sealed(1)
    except OSError:
        return False


def test_a_flash_that_takes_nothing_is_told_and_felt():
    """It can be read: settings and calibration are used, every run begins with the word for a fault."""
    image = clip_flash.as_root(32)
    settings.store_calibration(CALIBRATION)
    settings.change_config({"cue_margin_deg": 3.5})
    said = []
    say, Speaker.say = Speaker.say, lambda speaker, name, now_ms: said.append(name)
    app, heard = start(image, b"", read_only=True)
    Speaker.say = say
    assert app._config["cue_margin_deg"] == 3.5 and app._calibration == CALIBRATION and app._boot is None
    assert heard.count("flash_fault") and app._run.steps == 12 and app._recorder._session is None
    assert said == ["fault", "fault", "started"]  # the last is left out while the one before is being said
    app.stop(application.STOPPED_BY_HOST)
    clip_flash.as_root(128)


def test_a_broken_sensor_that_no_log_takes_is_felt_once():
    """The flash is full, and no reset has mended it: 20 minutes are four times what such a log is open for."""
    clip_flash.as_root(12)
    memory = ResetMemory(machine.RTC().memory)
    memory.sensor_resets = application.MOST_SENSOR_RESETS
    memory.save()
    app = new_app()
    app._sensing._drain_into = silent
    said, tries = [], []
    say, Speaker.say = Speaker.say, lambda speaker, name, now_ms: said.append(name)
    started = app._recorder.start
    app._recorder.start = lambda *times: tries.append(times) or started(*times)
    run_for(app, 20 * 60000)
    Speaker.say = say
    assert app._sensing.silent() and len(tries) >= 4  # it might have been erased meanwhile
    assert said == ["flash", "fault"]
    app.stop(application.STOPPED_BY_HOST)
    machine.RTC().memory(b"")
    clip_flash.as_root(128)


def test_every_log_tells_that_the_runner_could_not_be_read():
    """A drill's as a run's: it bears no name, and why."""
    for name in ("left", "right"):
        settings.add_mvic("envelope", name, None, 400.0)
    app = new_app()
    heard = Heard(app)
    load, settings.load_runner = settings.load_runner, unreadable
    app._start_drill(clock.now_us() // 1000)
    assert app._drill and app._recorder.recording and heard.count("flash_fault") == 1
    app._end(application.STOPPED_BY_BUTTON, clock.now_us() // 1000)
    app._decide(step_at(clock.now_us() // 1000, 1))
    assert heard.count("flash_fault") > 1
    settings.load_runner = load
    app.stop(application.STOPPED_BY_HOST)


def unreadable():
    raise OSError(5)


def silent(buffer):
    raise OSError(19)


class RawMuscles(Muscles):
    """Notes what is asked of them, by time of the first and the last."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def drain(self, now_us):
        self.calls.append("drain")

    def doze(self, now_us):
        self.calls.append("doze")

    def wake(self, now_ms):
        self.calls.append("wake")


def run_for(app, ms):
    """Let the application's loop run for `ms`."""
    until_us = clock.now_us() + 1000 * ms
    idle = application.App._idle

    def idle_until(self):
        if clock.now_us() >= until_us:
            raise KeyboardInterrupt
        idle(self)

    application.App._idle = idle_until
    try:
        app.run()
    except KeyboardInterrupt:
        pass
    application.App._idle = idle


def app_with(muscles):
    make, application.muscles.make = application.muscles.make, lambda board, config, recorder: muscles
    app = new_app()
    application.muscles.make = make
    return app


def dozing_app(muscles):
    """Return an application that lies still for as long as it takes to doze, 3 s here, and 30 s more."""
    app = app_with(muscles)
    after, doze.AFTER_MS = doze.AFTER_MS, 3000
    run_for(app, 33000)
    doze.AFTER_MS = after
    return app


def test_a_clip_that_lies_still_dozes():
    """Muscles and motion sensor are left alone; twice a second it looks, which feeds the watchdog."""
    assert doze.AFTER_MS == 300000
    muscles = RawMuscles()
    app = dozing_app(muscles)
    assert app._doze.on and app._sensing.dozing
    assert muscles.calls[-1] == "doze" and muscles.calls.count("drain") < 6000 // 10
    app.stop(application.STOPPED_BY_HOST)


def test_the_button_ends_a_doze():
    muscles = RawMuscles()
    app = dozing_app(muscles)
    released, board.button.value = board.button.value, lambda: 0
    run_for(app, 1000)
    board.button.value = released
    assert not app._doze.on and not app._sensing.dozing and "wake" in muscles.calls[-200:]
    app.stop(application.STOPPED_BY_HOST)


def test_no_doze_while_something_is_recorded():
    muscles = RawMuscles()
    app = app_with(muscles)
    run_for(app, 100)
    app._begin(clock.now_us() // 1000)
    app._last_step_ms = clock.now_us() // 1000
    after, doze.AFTER_MS = doze.AFTER_MS, 3000
    run_for(app, 10000)
    doze.AFTER_MS = after
    assert app._recorder.recording and not app._doze.on and "doze" not in muscles.calls
    app.stop(application.STOPPED_BY_HOST)


def traced(time_ms, side):
    """Return a step with the trace of its 350 ms."""
    step = step_at(time_ms, side)
    step.trace_at_us = 1000 * time_ms
    step.obliquity_deg = [1.0] * 73
    return step


class Stretch:
    """Stands in for the sensing of `steps` steps that settle 14 later, but where they end all others at once.

    With those the first step of the next stretch may be decided: `again`.
    """

    def __init__(self, app, steps, again):
        self._sensing = app._sensing
        self._left = steps
        self._again = again
        self._unsettled = []
        app._sensing.drain, app._sensing.running = self.drain, self.running

    def running(self):
        return bool(self._unsettled)

    def drain(self, now_us):
        time.sleep_ms(STEP_MS)
        self._sensing.drains += 1
        self._left -= 1
        if self._left < -1:
            raise KeyboardInterrupt
        settled, decided = (), ()
        if self._left < 0:
            settled, self._unsettled = self._unsettled, []
        elif len(self._unsettled) > 14:
            settled = (self._unsettled.pop(0),)
        if self._left >= 0 or self._again:
            decided = (traced(clock.now_us() // 1000 - 200, 1 + self._left % 2),)
            self._unsettled += decided
        return decided, settled


def test_a_trace_is_whole_where_a_stretch_ends():
    """The steps that settle there all at once are more than the queue holds, wherever it stands then."""
    for steps in range(40, 48):
        app = new_app(trace=1)
        Stretch(app, steps, again=steps % 2)
        try:
            app.run()
        except KeyboardInterrupt:
            pass
        assert app._recorder.steps() == steps and app._recorder._session.dropped == 0
        app.stop(application.STOPPED_BY_HOST)
    settings.change_config({"trace": 0})


application.muscles.make = lambda board, config, recorder: Muscles()
clip_flash.as_root(128)
for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()
