"""The application on the twin's board at rest, one call at a time: what a run on made-up motion hardly brings about."""

import time

import board
import clip_flash
import machine
from twin import clock

from hipcue import app as application
from hipcue import settings
from hipcue.contract.cues import OUTCOME_CODES
from hipcue.contract.record import EVENT_CODES
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT
from hipcue.core.emg import Reading
from hipcue.core.step import Step
from hipcue.store.reset_memory import ResetMemory
from hipcue.words import WORDS

STEP_MS = 350


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


application.muscles.make = lambda board, config, recorder: Muscles()
clip_flash.as_root(128)
for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()
