"""What the motors say: one table of words, none like another, and which may interrupt which.

Nothing here waits, except for callers that have no loop: see `finish`.
"""

from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT

BOTH = SIDE_LEFT | SIDE_RIGHT

# Name, priority, pulses (side, on, off) in ms; a word interrupts those of its own priority and below, and is left out
# while a more urgent one is being said.
WORDS = (
    ("fault", 3, ((BOTH, 400, 200),) * 2),
    # From side to side: the clip does not sit as it was calibrated.
    ("misplaced", 3, ((SIDE_LEFT, 250, 50), (SIDE_RIGHT, 250, 50)) * 3),
    # Cues, on one side, have priority 2: see Speaker.cue.
    ("started", 1, ((BOTH, 60, 0),)),
    ("stopped", 1, ((BOTH, 60, 90), (BOTH, 240, 0))),
    ("stood", 1, ((BOTH, 150, 150),) * 2),  # it is known again how the clip sits
    ("battery", 1, ((BOTH, 60, 120),) * 3),
    ("flash", 1, ((BOTH, 60, 120),) * 4),  # less than an hour's room: pull
    ("drill", 1, ((SIDE_LEFT, 60, 60), (SIDE_RIGHT, 60, 60))),
)
CUE = 2
ASIDE = 0
QUIET_PAUSE_MS = 90  # between the two pulses that tell of a quiet glute
REACHED_MS = 250  # a target that was held
SUCCESS_MS = 60
LIGHT = 0.6  # of the strength that is set

_PRIORITY = {name: priority for name, priority, _ in WORDS}
_PULSES = {name: pulses for name, _, pulses in WORDS}


class Speaker:
    """Says words on `haptics` with `strength_pct`, the most urgent first."""

    def __init__(self, haptics, strength_pct):
        self._haptics = haptics
        self._strength_pct = strength_pct
        self._priority = ASIDE

    def say(self, name, now_ms):
        """Say a word of WORDS unless something more urgent is being said; return whether it is."""
        return self._play(_PRIORITY[name], _PULSES[name], self._strength_pct, now_ms)

    def cue(self, cue, now_ms):
        """Say a Cue on its side: one buzz for a drop, two for a drop with a quiet glute; return whether it is said."""
        pulses = ((cue.buzz_side, cue.pulse_ms, QUIET_PAUSE_MS),) * cue.pulses
        return self._play(CUE, pulses, self._strength_pct, now_ms)

    def reached(self, side, now_ms):
        """Say that a drill's target was held on a side."""
        return self._play(CUE, ((side, REACHED_MS, 0),), self._strength_pct, now_ms)

    def success(self, side, now_ms):
        """Say lightly that a side is well again."""
        return self._play(ASIDE, ((side, SUCCESS_MS, 0),), int(LIGHT * self._strength_pct), now_ms)

    def _play(self, priority, pulses, strength_pct, now_ms):
        if self._haptics.running and priority < self._priority:
            return False
        self._priority = priority
        self._haptics.play(pulses, strength_pct, now_ms)
        return True


def finish(haptics, clock):
    """Let the board's time pass until the motors have said what they are saying."""
    while haptics.running:
        clock.wait_ms(haptics.next_ms(clock.now_ms()))
        haptics.step(clock.now_ms())
