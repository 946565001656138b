"""The drill mode: an exercise from the settings, watched, felt and logged while no run is recorded."""

from hipcue.contract.drills import PRESET_PCT
from hipcue.contract.record import EVENT_CODES
from hipcue.contract.signals import SIDES
from hipcue.drill import Drill

LOOK_MS = 100


class DrillMode:
    """Off until `start`. `mvic_uv`: as settings.load_mvic gives it; `last_ms`: when something last happened.

    `levels_pct`: what each side's glute was at when last looked at, of its MVIC, or None; `count` of repetitions.
    """

    def __init__(self, config, mvic_uv, muscles, speaker, recorder):
        self._config = config
        self._muscles = muscles
        self._speaker = speaker
        self._recorder = recorder
        self._mvic_uv = {side: mvic_uv[name][-1][1] for side, name in SIDES if mvic_uv[name]}
        self.missing = sum([side for side, _ in SIDES if side not in self._mvic_uv])
        self._drill = None
        self._due_ms = 0
        self.last_ms = 0
        self.levels_pct = {side: None for side, _ in SIDES}

    def __bool__(self):
        return self._drill is not None

    @property
    def count(self):
        """Repetitions of the drill so far; 0 when it is off."""
        return self._drill.count if self._drill else 0

    def start(self, now_ms):
        """Begin to count; both MVICs must be there (`missing`: 0), and a session be open."""
        config = self._config
        exercise = config["drill_exercise"]
        target_pct = config["drill_target_pct"] or PRESET_PCT[exercise]
        self._drill = Drill(exercise, target_pct, int(1000 * config["drill_hold_s"]))
        self.last_ms = now_ms
        self._recorder.event(EVENT_CODES["drill_started"], exercise, now_ms)

    def look(self, now_us):
        """Look at the glutes if it is time; let the wearer feel what was reached, and log what is over."""
        now_ms = now_us // 1000
        if now_ms < self._due_ms:
            return
        self._due_ms = now_ms + LOOK_MS
        for side, (level_uv, _) in self._muscles.levels(now_us).items():
            self.levels_pct[side] = None if level_uv is None else 100.0 * level_uv / self._mvic_uv[side]
        reached, ended = self._drill.hear(now_ms, self.levels_pct)
        for side in reached:
            self._speaker.reached(side, now_ms)
        for repetition in ended:
            self.last_ms = now_ms
            self._recorder.repetition(self._drill.exercise, repetition, now_ms)

    def end(self, now_ms):
        """Count no more."""
        self._recorder.event(EVENT_CODES["drill_ended"], self._drill.count, now_ms)
        self._drill = None
