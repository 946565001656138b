"""The application: wires sensor, core, cue, motors and log; the only reader of the clock.

One loop: drain muscles and motion sensor -> core -> cue -> motors -> log ->
console -> watchdog -> idle. Nothing in it waits. Flash is written right after a step was
decided: the next decision is then at least 200 ms away, so a stall of up to
80 ms per flash sector delays no cue.
"""

import gc
import json
import select
import sys

import machine
import micropython

import hipcue
from hipcue import faults, firmware, interruption, muscles, room, settings
from hipcue.clock import Clock
from hipcue.contract import config, record
from hipcue.contract.cues import OUTCOME_CODES
from hipcue.contract.live import STATE_CODES
from hipcue.doze import Doze
from hipcue.drill_mode import DrillMode
from hipcue.flash_faults import FlashFaults
from hipcue.live import Live
from hipcue.long_press import LongPress
from hipcue.muscle_minute import MuscleMinute
from hipcue.programme import Programme
from hipcue.recorder import Recorder
from hipcue.run_mode import RunMode
from hipcue.sensing import Sensing
from hipcue.store.folder import room_bytes
from hipcue.store.journal import Journal
from hipcue.store.reset_memory import ResetMemory
from hipcue.words import Speaker, finish

WATCHDOG_MS = 8000
PROMPT_WATCHDOG_MS = 3600 * 1000  # a host that went away without a word: the next run is to be recorded
FAULTY_WATCHDOG_MS = 24 * PROMPT_WATCHDOG_MS  # after faults in a row: to try, and buzz, in every hour helps nobody
BATTERY_PERIOD_MS = 60000
IDLE_SESSION_MS = 300000  # without a step or a repetition: the session is closed
COLLECT_MS = 1000
SENSOR_RESET_MS = 60000  # without the sensor
MOST_SENSOR_RESETS = 2  # in a row
LATEST_CUE_MS = 350  # from the peak: later, the buzz would fall into the next stance of that side
SETTLED_AT_ONCE = 2  # steps, while running goes on
FLASH_STALL_MS = 200  # the next decision is at least so far away when flash is written
INTERRUPT = b"\x03"
ENQUIRY = b"\x05"  # asks a running clip for one line about itself
HEAP_ENQUIRY = b"\x06"  # for its free heap when nothing waits for the collector, which takes some ms to find out

EVENT = record.EVENT_CODES
CUED = OUTCOME_CODES["cued"]
STOPPED_BY_HOST, STOPPED_BY_BUTTON, STOPPED_IDLE, DEVICE_ERROR, STOPPED_BY_RUN = 1, 2, 5, 7, 8


class App:
    """`board` is the board module. Made once per start; `run()` ends with a KeyboardInterrupt or a fault."""

    def __init__(self, board, reset_memory):
        self._board = board
        self._clock = Clock()
        self._begun_ms = self._clock.now_ms()
        self._flash_faults = FlashFaults()
        self._config, problem = self._flash_faults.get(settings.load_config) or (config.defaults(), None)
        if problem:
            print("hipcue:", problem)
        self._calibration = self._flash_faults.get(settings.load_calibration)
        self._boot = self._flash_faults.get(settings.count_boot)
        self._boot_told = False
        self._reset_memory = reset_memory
        if not reset_memory.survived or reset_memory.clock_sets and self._clock.unix_ms() is None:
            reset_memory.begin_clock(self._boot or 0)
        journal = Journal(board.open_nvs)
        power_lost = machine.reset_cause() == machine.PWRON_RESET
        low_mv = self._config["battery_low_mv"]
        interruption.close(board.clip_id, low_mv, power_lost, journal, reset_memory, self._flash_faults)
        self._recorder = Recorder(board.clip_id, self._config, self._about, board.emg.kind, reset_memory, journal)
        if reset_memory.fault:
            self._recorder.event(EVENT["reset_by_fault"], reset_memory.fault, self._begun_ms)
            reset_memory.fault = 0
        self._sensing = Sensing(board, self._config, self._calibration, self._recorder)
        self._muscles = muscles.make(board, self._config, self._recorder)
        self._doze = Doze(self._sensing, self._muscles)
        self._minute = MuscleMinute(self._muscles, self._recorder)
        self._mvic_uv = self._flash_faults.get(settings.load_mvic, board.emg.kind) or {"left": [], "right": []}
        self._speaker = Speaker(board.haptics, self._config["buzz_strength_pct"])
        self._drill = DrillMode(self._config, self._mvic_uv, self._muscles, self._speaker, self._recorder)
        self._programme = self._flash_faults.get(settings.load_programme, self._config) or Programme(self._config, None)
        self._run = RunMode(self._config, self._programme, board.emg.kind, self._recorder)
        self._live = Live(board.emg.kind)
        self._last_step_ms = 0
        self._collected_ms = 0
        self._misplaced = False  # slipped or upside down: no drops, no cues
        self._battery_due_ms = 0
        self._battery_told = False
        self._silence_felt = False  # that the sensor is broken and no log takes it
        self._long_press = LongPress(board.button)
        self._poller = select.poll()
        self._poller.register(sys.stdin, select.POLLIN)
        self._poll = self._poller.poll

    def run(self):
        """Loop until Ctrl-C, which is heard where the console is polled: never in the middle of a write to flash."""
        clock, haptics = self._clock, self._board.haptics
        watchdog = machine.WDT(timeout=WATCHDOG_MS)
        self._sensing.start(clock.now_us())
        self._muscles.start(clock.now_ms())
        room_left = self._flash_faults.get(room_bytes)
        if self._tell_flash(clock.now_ms()):
            self._speaker.say("fault", clock.now_ms())
        elif room_left < room.LOW_BYTES:
            self._speaker.say("flash", clock.now_ms())
        if self._config["drill_at_start"]:
            self._start_drill(clock.now_ms())
        micropython.kbd_intr(-1)
        drains = 0
        while True:
            now_us = clock.now_us()
            now_ms = now_us // 1000
            haptics.step(now_ms)
            if not self._doze.on:
                self._muscles.drain(now_us)
            decided, settled = self._sensing.drain(now_us)
            for step in decided:
                step.glutes = self._muscles.read(step, clock.now_us())  # the motion core has taken its time
                self._decide(step)
                if not self._drill:
                    self._recorder.decided(step)
            for name in self._sensing.notices(now_ms):
                self._feel(name)
            if not self._drill:
                self._log(settled)
            if decided or not self._sensing.running():
                # The next decision is at least 200 ms away: now is the time for what takes long.
                written = self._commit()
                if not self._doze.on:
                    self._muscles.retry(now_ms)
                if not written and self._run.progress_is_due(now_ms):  # one write to flash in a step
                    self._run.keep_progress(self._clock.unix_ms(), now_ms)
            if decided and now_ms - self._collected_ms >= COLLECT_MS:
                self._collected_ms = now_ms
                gc.collect()  # now, when 2-3 ms do not matter, rather than in a drain
            if self._drill:
                self._drill.look(now_us)
                self._last_step_ms = self._drill.last_ms
            self._housekeep(now_ms)
            busy = self._recorder.recording or self._drill or haptics.running or not self._board.button.value()
            self._doze.look(now_us, busy)
            if self._sensing.drains != drains:  # a loop that turns but does not get on is to be bitten
                drains = self._sensing.drains
                watchdog.feed()
            self._idle()

    def stop(self, reason):
        """Settle, seal and switch everything off; the watchdog, which cannot be stopped, leaves the prompt an hour."""
        machine.WDT(timeout=PROMPT_WATCHDOG_MS)
        micropython.kbd_intr(-1)  # a Ctrl-C must not break the seal
        self._board.haptics.stop(self._clock.now_ms())
        try:
            self._muscles.stop(self._clock.now_us())
            self._end(reason, self._clock.now_ms())
            self._sensing.stop()
        finally:
            self._recorder.seal(reason, self._clock.now_ms())  # sealed already, unless what was before has failed
            micropython.kbd_intr(3)

    def fail(self, error):
        """Log the fault that ended the loop, and seal."""
        self._recorder.event(EVENT["error"], faults.code(error), self._clock.now_ms())
        self.stop(DEVICE_ERROR)

    def up_ms(self):
        """Return the time since this start."""
        return self._clock.now_ms() - self._begun_ms

    def _about(self):
        """Return what a log's reader needs to know about this clip, for the schema block."""
        return {
            "runner": self._flash_faults.get(settings.load_runner),
            "config": self._config,
            "calibration": self._calibration,
            "mvic_uv": self._mvic_uv,
            "front_end": {"kind": self._muscles.kind, "chip": self._muscles.chip, "lsb_uv": self._muscles.lsb_uv},
            "clock": {
                "scale": self._reset_memory.clock_scale(),
                "set_unix_ms": self._reset_memory.clock_set_unix_ms or None,
                "rtc_ms": self._clock.rtc_ms(),
                "time_ms": self._clock.now_ms(),
            },
            "firmware": dict(
                firmware.facts(),
                sensor=self._sensing.sensor,
                rate_hz=self._board.imu.rate_hz,
                reset_cause=machine.reset_cause(),
                boot=self._boot,
            ),
        }

    def _tell_flash(self, now_ms):
        """Log that flash has failed since the last call; return whether it has."""
        errno = self._flash_faults.untold()
        if errno is not None:
            self._recorder.event(EVENT["flash_fault"], errno, now_ms)
        return errno is not None

    def _decide(self, step):
        """Let the run hear a decided step, and the wearer feel what comes of it."""
        if self._drill:
            if step.peak_drop_causal_deg is None:
                return  # a step up is no run
            self._end(STOPPED_BY_RUN, self._clock.now_ms())
        self._last_step_ms = step.contact_at_ms
        run = self._run
        if not self._recorder.recording:
            self._begin(self._clock.now_ms())
        if not run:
            run.start(self._clock.unix_ms(), self._clock.now_ms())
            self._speaker.say("started", self._clock.now_ms())
        if self._misplaced and not run.running:
            self._speaker.say("misplaced", self._clock.now_ms())  # a run on without the stand
        self._minute.hear(step, self._clock.now_ms())
        cue = run.hear(step)
        if cue is not None:
            step.outcome = self._give(cue, self._sensing.ms(step.peak))
            if step.outcome != CUED:
                run.not_given(cue)
        elif run.well and self._config["cue_success"]:
            self._speaker.success(run.well, self._clock.now_ms())
        run.tell(step.contact_at_ms)
        self._live.step(step, run.glute_pct, run.threshold_deg(step.side))

    def _give(self, cue, peak_ms):
        """Buzz and log it, unless that would come at the wrong time; return the outcome."""
        now_ms = self._clock.now_ms()
        latency_ms = now_ms - peak_ms
        if latency_ms > LATEST_CUE_MS:
            self._recorder.event(EVENT["late_cue"], latency_ms, now_ms)
            return OUTCOME_CODES["late"]
        if not self._speaker.cue(cue, now_ms):
            return OUTCOME_CODES["motor_busy"]
        self._programme.given()
        self._recorder.cue(cue, now_ms, latency_ms)
        return CUED

    def _feel(self, notice):
        """Let the wearer feel that the clip has slipped or is upside down, and that a stand has put it right."""
        if notice in ("slipped", "upside_down"):
            self._misplaced = True
            self._speaker.say("misplaced", self._clock.now_ms())
        elif notice == "stood":
            self._misplaced = False
            self._speaker.say("stood", self._clock.now_ms())

    def _begin(self, now_ms):
        """Open a session; let the wearer feel it if flash does not take it."""
        if not self._open(now_ms):
            self._speaker.say("fault", now_ms)

    def _open(self, now_ms):
        """Open a session and return whether flash takes it."""
        self._live.begin()
        self._minute.begin(now_ms)
        taken = self._recorder.start(now_ms, self._clock.unix_ms())
        self._tell_flash(now_ms)  # of what its schema should say
        if not self._boot_told:
            self._boot_told = True
            self._recorder.event(EVENT["boot"], machine.reset_cause(), now_ms)
        if self._calibration is None:
            self._recorder.event(EVENT["uncalibrated"], 0, now_ms)
        return taken

    def _end(self, reason, now_ms):
        """Close the session, and the drill in it; the next one starts with the next step."""
        if self._drill:
            self._drill.end(now_ms)
        elif self._run:
            self._log(self._sensing.settle())  # with what is known of them: they belong to the session that ends here
            self._run.keep_progress(self._clock.unix_ms(), now_ms, reason != DEVICE_ERROR)
        self._minute.end(now_ms)
        self._recorder.seal(reason, now_ms)
        self._run.end()

    def _log(self, settled):
        """Log settled steps; where a stretch of running ends, a trace of them all is more than the queue holds."""
        for step in settled:
            self._recorder.step(step)
            if len(settled) > SETTLED_AT_ONCE:
                self._commit()

    def _start_drill(self, now_ms):
        """Begin a session of the exercise that is set; without an MVIC there is nothing to hold it against."""
        if self._drill.missing:
            self._recorder.event(EVENT["mvic_missing"], self._drill.missing, now_ms)
            self._speaker.say("fault", now_ms)
            return
        self._last_step_ms = now_ms
        self._begin(now_ms)
        self._drill.start(now_ms)
        self._speaker.say("drill", self._clock.now_ms())

    def _commit(self):
        """Write what is due, return whether that was anything; a write that took too long is logged."""
        before_ms = self._clock.now_ms()
        written = self._recorder.commit(before_ms)
        now_ms = self._clock.now_ms()
        if now_ms - before_ms > FLASH_STALL_MS:
            self._recorder.event(EVENT["flash_stall"], now_ms - before_ms, now_ms)
        return written

    def _housekeep(self, now_ms):
        """What is due rarely: battery, muscles, button, a session that has run out of steps."""
        if now_ms >= self._battery_due_ms:
            self._battery_due_ms = now_ms + BATTERY_PERIOD_MS
            self._check_battery(now_ms)
        self._minute.look(now_ms)
        if self._sensing.stuck_ms(now_ms) > SENSOR_RESET_MS and self._reset_memory.sensor_resets < MOST_SENSOR_RESETS:
            self._reset_for_sensor(now_ms)
        if self._sensing.silent() and self._recorder.waiting() and not self._recorder.recording:
            self._log_silence(now_ms)
        self._run.look(now_ms)
        if self._recorder.recording and now_ms - self._last_step_ms > IDLE_SESSION_MS:
            self._end(STOPPED_IDLE, now_ms)
        if self._long_press.heard(now_ms):
            self._hear_long_press(now_ms)

    def _log_silence(self, now_ms):
        """Let a broken sensor stand in a log of its own, for no run will come that could hold it.

        Where flash does not take it, it is tried again after IDLE_SESSION_MS, but felt once: the wearer, who cannot
        mend it, must not be buzzed all night.
        """
        self._last_step_ms = now_ms
        if not self._open(now_ms) and not self._silence_felt:
            self._silence_felt = True
            self._speaker.say("fault", now_ms)

    def _reset_for_sensor(self, now_ms):
        """Start the processor and its buses anew, once nothing else has brought the sensor back."""
        self._recorder.event(EVENT["reset_for_sensor"], self._sensing.stuck_ms(now_ms), now_ms)
        self._end(DEVICE_ERROR, now_ms)
        self._reset_memory.sensor_resets += 1
        self._reset_memory.save()
        self._board.haptics.stop(now_ms)  # the PWM goes on through a reset
        machine.reset()

    def _hear_long_press(self, now_ms):
        """End what is recorded; when nothing is, begin a drill."""
        if self._recorder.recording:
            self._end(STOPPED_BY_BUTTON, now_ms)
            self._speaker.say("stopped", self._clock.now_ms())  # flash was written meanwhile
        else:
            self._start_drill(now_ms)

    def _check_battery(self, now_ms):
        if self._reset_memory.sensor_resets and self._sensing.measures():
            self._reset_memory.sensor_resets = 0
            self._reset_memory.save()
        voltage = self._board.battery.voltage_mv()
        self._recorder.battery(voltage)
        if voltage < self._config["battery_low_mv"] and not self._battery_told:
            self._battery_told = True
            self._recorder.event(EVENT["battery_low"], voltage, now_ms)
            self._speaker.say("battery", now_ms)

    def _idle(self):
        """Wait for the next drain or motor switch, or a byte from the console."""
        now_us = self._clock.now_us()
        now_ms = now_us // 1000
        wait = self._sensing.wait_ms(now_us)
        if not self._doze.on:
            wait = min(wait, self._muscles.wait_ms(now_ms))
        switch = self._board.haptics.next_ms(now_ms)
        if switch is not None and switch < wait:
            wait = switch
        if self._poll(wait):
            self._answer(sys.stdin.buffer.read(1))  # not as text: a byte of noise would wait for its fellows

    def _answer(self, byte):
        """Answer an enquiry; other bytes are not for a running clip."""
        if byte == INTERRUPT:
            raise KeyboardInterrupt
        if byte == ENQUIRY:
            now_ms = self._clock.now_ms()
            print(json.dumps({
                "hipcue": hipcue.VERSION,
                "clip": self._board.clip_id.hex(),
                "recording": self._recorder.recording,
                "sensor_silent": self._sensing.silent(),  # then what is recorded is its silence
                "steps": self._recorder.steps(),
                "now_ms": now_ms,
                "live": self._live.line(
                    self._state(), self._misplaced, self._programme, self._config["programme_sessions"], self._drill,
                    now_ms,
                ),
            }, separators=(",", ":")))  # fmt: skip
        elif byte == HEAP_ENQUIRY:
            gc.collect()
            print(json.dumps({"heap_free": gc.mem_free()}))

    def _state(self):
        """Return the code of what the clip is doing: contract.live.STATES."""
        if self._drill:
            return STATE_CODES["drill"]
        if self._run.running:
            return STATE_CODES["running"]
        return STATE_CODES["paused" if self._recorder.recording else "waiting"]


def run(board):
    """Run the application on `board` until Ctrl-C; after a fault the clip starts anew, with the session sealed."""
    memory = ResetMemory(machine.RTC().memory)
    app = None
    try:
        app = App(board, memory)
        app.run()
    except KeyboardInterrupt:
        memory.quick_faults = 0  # a host is there
        memory.save()
        if app:
            app.stop(STOPPED_BY_HOST)
        print("hipcue: stopped")
    except Exception as error:
        # The last resort: keep what was recorded, let the fault be seen, and go on with a clean start.
        sys.print_exception(error)
        _start_anew(board, app, memory, error)


def _start_anew(board, app, memory, error):
    """Close what `app` (None: it was never made) has recorded and reset, unless faults come one after the other."""
    again = faults.note(memory, error, app.up_ms() if app else 0)
    try:
        if app:
            app.fail(error)
    except Exception as second:
        sys.print_exception(second)  # what was not on flash is in the reset memory still
    if again:
        machine.reset()
    machine.WDT(timeout=FAULTY_WATCHDOG_MS)
    print("hipcue: stopped after %d faults in a row; nothing is recorded" % memory.quick_faults)
    _buzz_fault(board.haptics)


def _buzz_fault(haptics):
    """Let the wearer feel that nothing is recorded any more."""
    clock = Clock()
    Speaker(haptics, 100).say("fault", clock.now_ms())
    finish(haptics, clock)
