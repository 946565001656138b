"""What a host that looks on is told: the last step of each side, and what came of it."""

from binascii import b2a_base64
from struct import pack_into

from hipcue.contract.cues import OUTCOME_CODES
from hipcue.contract.emg import FRONT_ENDS_UV, packed_amplitude
from hipcue.contract.live import FORMAT, FRONT_ENDS, SIZE
from hipcue.contract.signals import MINUTE_MS, SIDE_UNKNOWN, SIDES, UNKNOWN_I16, UNKNOWN_U8, UNKNOWN_U16
from hipcue.cue import PAUSE_MS
from hipcue.recorder import centidegrees

CUED, REFRACTORY = OUTCOME_CODES["cued"], OUTCOME_CODES["refractory"]
CADENCE_STEPS = 8


class _Side:
    """Of one side, as it stands in contract.live."""

    def __init__(self):
        self.drop_cdeg = self.threshold_cdeg = UNKNOWN_I16
        self.quality = 0
        self.glute = packed_amplitude(None, 0, 1)
        self.glute_pct = UNKNOWN_U8
        self.cues = 0


class Live:
    """Hears every decided step. `front_end`: the muscle front end's kind."""

    def __init__(self, front_end):
        self._front_end = FRONT_ENDS.index(front_end)
        self._unit_uv = FRONT_ENDS_UV[front_end]
        self._packed = bytearray(SIZE)
        self.begin()

    def begin(self):
        """A session begins."""
        self._sides = {side: _Side() for side, _ in SIDES}
        self._contacts_ms = []  # of the last steps
        self._side = SIDE_UNKNOWN
        self._quality = self._withheld = self._reason = 0

    def step(self, step, glute_pct, threshold_deg):
        """Take a step with its outcome; `glute_pct` of its own baseline and `threshold_deg` of its side, or None."""
        contacts_ms = self._contacts_ms
        if contacts_ms and step.contact_at_ms - contacts_ms[-1] > PAUSE_MS:
            del contacts_ms[:]
        contacts_ms.append(step.contact_at_ms)
        del contacts_ms[: -CADENCE_STEPS - 1]
        self._side, self._quality = step.side, step.quality
        if step.outcome > REFRACTORY:  # the steps right after a cue are no cues that anybody would miss
            self._withheld += 1
            self._reason = step.outcome
        side = self._sides.get(step.side)
        if side is None:
            return
        own = step.glutes[step.side]
        side.drop_cdeg, side.threshold_cdeg = centidegrees(step.peak_drop_causal_deg), centidegrees(threshold_deg)
        side.quality = step.quality
        side.glute = packed_amplitude(own.activation_uv, own.quality, self._unit_uv)
        side.glute_pct = _percent(glute_pct)
        side.cues += step.outcome == CUED

    def line(self, state, misplaced, programme, sessions, drill, now_ms):
        """Return contract.live as base64. `sessions`: of the `programme` with feedback; `drill`: a DrillMode."""
        if drill:
            for side, _ in SIDES:
                self._sides[side].glute_pct = _percent(drill.levels_pct[side])
        contacts_ms = self._contacts_ms
        age_ms = min(UNKNOWN_U16 - 1, now_ms - contacts_ms[-1]) if contacts_ms else UNKNOWN_U16
        values = [
            state, self._front_end, misplaced, age_ms, self._cadence(age_ms), self._side, self._quality,
            min(UNKNOWN_U16, self._withheld), self._reason,
            min(UNKNOWN_U8, programme.session), sessions, round(100 * programme.share), programme.feeding(),
            min(UNKNOWN_U8, drill.count),
        ]  # fmt: skip
        for side, _ in SIDES:
            of = self._sides[side]
            values += (of.drop_cdeg, of.threshold_cdeg, of.quality, of.glute, of.glute_pct, min(UNKNOWN_U16, of.cues))
        pack_into(FORMAT, self._packed, 0, *values)
        return b2a_base64(self._packed)[:-1].decode()

    def _cadence(self, age_ms):
        contacts_ms = self._contacts_ms
        if len(contacts_ms) < 2 or age_ms > PAUSE_MS:
            return UNKNOWN_U8
        return min(UNKNOWN_U8 - 1, round(MINUTE_MS * (len(contacts_ms) - 1) / (contacts_ms[-1] - contacts_ms[0])))


def _percent(value_pct):
    return UNKNOWN_U8 if value_pct is None else max(0, min(UNKNOWN_U8 - 1, round(value_pct)))
