"""Whether the electrodes are on the side they are said to be: each gluteus medius bursts in its own stance.

Every step speaks for or against, compared with the step before so that the
electrodes' own gains cancel: a channel rises from the other side's stance to
its own. Rise over sum lies within -1 and 1 and is 0.6 at 12 dB of contrast.
Both channels' votes add up in the log odds of "as said"; one alone is enough.
The past is slowly forgotten, so that chance alone never makes it sure and
electrodes exchanged during a session are found as well.
"""

from hipcue.contract.signals import SIDE_LEFT, SIDE_UNKNOWN

FULL_RISE = 0.4  # over the sum, from which on a channel's vote is full
VOTE = 0.15  # log odds of one channel's full vote
KEPT = 0.98  # of the log odds from step to step
SURE = 4.0  # log odds: 98 %; 16 full steps, 38 of one channel alone
MOST = 5.0  # no surer than this: some 30 steps turn it round


class ElectrodeSides:
    """Hears steps. `swapped`: None not known, False as said, True exchanged."""

    def __init__(self):
        self.log_odds = 0.0
        self._before = None  # (side, left, right) of the step before

    @property
    def swapped(self):
        """True, False, or None until sure."""
        return None if abs(self.log_odds) < SURE else self.log_odds < 0.0

    def hear(self, side, left_uv, right_uv):
        """Hear a step in order: its stance side as in contract.signals and each channel's activation, uV or None."""
        before, self._before = self._before, (side, left_uv, right_uv)
        if before is None or side == before[0] or SIDE_UNKNOWN in (side, before[0]):
            return
        left, right = _vote(left_uv, before[1]), _vote(right_uv, before[2])
        if not (left or right):
            return
        evidence = VOTE * ((left - right) if side == SIDE_LEFT else (right - left))
        self.log_odds = max(-MOST, min(MOST, KEPT * self.log_odds + evidence))


def _vote(now_uv, before_uv):
    """Return how much a channel rose, from -1 to 1; 0 where that is not known."""
    if now_uv is None or before_uv is None:
        return 0.0
    total = now_uv + before_uv
    if total <= 0.0:
        return 0.0
    return max(-1.0, min(1.0, (now_uv - before_uv) / (total * FULL_RISE)))
