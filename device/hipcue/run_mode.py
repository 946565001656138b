"""The run mode: steps held against the cue rule, and what becomes known of the runner, logged when it does.

The log is told that a run begins and pauses, when the programme gives feedback, the baselines and the thresholds
that follow from them, that electrodes are swapped, that a cued side is well again, and how far the programme is.
"""

from hipcue import settings
from hipcue.contract.emg import FRONT_ENDS_UV
from hipcue.contract.record import EVENT_CODES
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT
from hipcue.cue import PAUSE_MS, CueRule
from hipcue.glutes import Glutes
from hipcue.programme import STORED_EVERY_MS

BASELINE_EVENTS = ((SIDE_LEFT, "baseline_set"), (SIDE_RIGHT, "baseline_set_right"))
THRESHOLD_EVENTS = ((SIDE_LEFT, "threshold"), (SIDE_RIGHT, "threshold_right"))


class RunMode:
    """Off until `start`. `programme`: a Programme; `front_end`: the muscle front end's kind.

    `steps`: decided since the start; `running`: steps are coming, as the log has it. Of the last step: `glute_pct` of
    its side's baseline, and `well`, the side that was cued and is under its threshold again; each None otherwise.
    """

    def __init__(self, config, programme, front_end, recorder):
        self._config = config
        self._programme = programme
        self._unit_uv = FRONT_ENDS_UV[front_end]
        self._recorder = recorder
        self._cues = self._glutes = None
        self._feeding = False  # as the log has it
        self._baseline_told = False
        self._untold = []  # of THRESHOLD_EVENTS: not known yet
        self._progress_due_ms = 0
        self._last_ms = 0
        self.steps = 0
        self.running = False
        self.glute_pct = self.well = None

    def __bool__(self):
        return self.steps > 0

    def start(self, unix_ms, now_ms):
        """Begin with the first step of a session: in the programme's present session, or its next one."""
        self._programme.start_run(unix_ms)
        self._cues = CueRule(self._config, self._programme)
        self._glutes = Glutes(self._config["baseline_s"], self._unit_uv)
        self._feeding = False
        self._baseline_told = bool(self._config["cue_absolute_deg"])
        self._untold = list(THRESHOLD_EVENTS)
        self.keep_progress(unix_ms, now_ms)  # that it runs: a start that finds this was not its end

    def hear(self, step):
        """Take a decided step and give it its outcome; return the Cue that is due, or None. Then `tell`."""
        contact_ms = step.contact_at_ms
        event = self._recorder.event
        if not self.running:
            self.running = True
            event(EVENT_CODES["run_started"], self.steps, contact_ms)
        self.steps += 1
        self._last_ms = contact_ms
        cues, glutes = self._cues, self._glutes
        self.glute_pct = glutes.hear(step.side, step.glutes, cues.running_ms / 1000)
        for name, value in glutes.notices:
            event(EVENT_CODES[name], value, contact_ms)
        glutes.notices = []
        step.outcome, cue = cues.step(step.side, step.peak_drop_causal_deg, contact_ms, self.glute_pct)
        self.well = cues.well
        if self.well:
            event(EVENT_CODES["success"], self.well, contact_ms)
        return cue

    def not_given(self, cue):
        """Know that the Cue which `hear` has returned was not felt."""
        self._cues.not_given(cue)

    def tell(self, contact_ms):
        """Log what has become known with the step of `contact_ms`, once its cue, if one was due, is given."""
        if not self._baseline_told and self._cues.baseline_is_set():
            self._baseline_told = True
            for side, name in BASELINE_EVENTS:
                self._tell_deg(name, self._cues.baseline_deg(side), contact_ms)
        if self._untold:
            self._untold = [
                (side, name)
                for side, name in self._untold
                if not self._tell_deg(name, self._cues.threshold_deg(side), contact_ms)
            ]
        if self._config["programme_sessions"] and self._programme.feeding() != self._feeding:
            self._feeding = self._programme.feeding()
            name = "feedback_begins" if self._feeding else "feedback_ends"
            self._recorder.event(EVENT_CODES[name], self._programme.session, contact_ms)

    def threshold_deg(self, side):
        """Return the threshold of a side, or None while it is not known, and for a side that is not."""
        return self._cues.threshold_deg(side) if side else None

    def look(self, now_ms):
        """Log that the run pauses, if no step has come for so long."""
        if self.running and now_ms - self._last_ms > PAUSE_MS:
            self.running = False
            self._recorder.event(EVENT_CODES["run_stopped"], self.steps, self._last_ms)

    def progress_is_due(self, now_ms):
        """Return whether the programme's count has gone on for long enough to be kept."""
        return self.running and now_ms >= self._progress_due_ms

    def keep_progress(self, unix_ms, now_ms, ended=False):
        """Log and store how far the programme is; `ended`: the run has come to its end."""
        self._progress_due_ms = now_ms + STORED_EVERY_MS
        self._recorder.programme(self._programme, now_ms)
        try:
            settings.store_progress(self._programme.progress(unix_ms, ended))
        except OSError as error:
            self._recorder.event(EVENT_CODES["flash_fault"], error.errno, now_ms)

    def end(self):
        """Its session closes; the next one starts with the next step."""
        self.steps = 0
        self.running = False

    def _tell_deg(self, name, value_deg, contact_ms):
        """Log an event whose value is an angle; return whether it is known."""
        if value_deg is None:
            return False
        self._recorder.event(EVENT_CODES[name], round(100 * value_deg), contact_ms)
        return True
