"""Stance side by evidence: steps alternate, so every step speaks for or against one assignment.

Three witnesses per step, each compared with the step before so that offsets
cancel (shares of the step, contact to contact):
- mediolateral specific force, 15-45 %: leftward in a left stance;
- yaw rate, 45-80 %: negative in a left stance;
- roll rate, 30-60 %: negative in a left stance (the swing side falls).
Each is capped at one and the same vote. The roll rate alone is the most
certain but is close to what is measured; it cannot outvote the two others.

The votes add up in the log odds of "even steps are left". A small chance of
a slip per step (a missed contact) bounds them, so a mistake is mended within
about 45 steps. Below SURE the side is not given.
"""

import math

from ulab import numpy as np

# Differences between a left and a right step on real running data (RBDS001,
# 2.5 m/s): 0.8 m/s2, 0.46 rad/s, 2.0 rad/s; a witness at this size has its full vote.
FULL_ACCEL_MPS2 = 0.8
FULL_YAW_RADS = 0.4
FULL_ROLL_RADS = 1.5
VOTE = 0.1  # log odds of one full witness
SLIP_CHANCE = 0.0005  # that the alternation was broken unnoticed at a step
SURE = 5.0  # log odds: 99.3 %; 17 full steps at the least, commonly about 20


def _mean_between(x, contact, period, start, stop):
    return float(np.mean(x[int(contact + start * period) : int(contact + stop * period) + 1]))


def witnesses(left_accel, roll_rate, yaw_rate, contact, period):
    """Return (leftward force, -yaw rate, -roll rate) of one step, SI, body frame.

    1-D arrays; `contact` and `period` in samples, within the arrays.
    """
    return (
        _mean_between(left_accel, contact, period, 0.15, 0.45),
        -_mean_between(yaw_rate, contact, period, 0.45, 0.80),
        -_mean_between(roll_rate, contact, period, 0.30, 0.60),
    )


def vote(now, before):
    """Return the log odds that the step `now` is left, given the step `before` was the other side."""
    total = 0.0
    for i, full in enumerate((FULL_ACCEL_MPS2, FULL_YAW_RADS, FULL_ROLL_RADS)):
        total += VOTE * max(-1.0, min(1.0, (now[i] - before[i]) / full))
    return total


def carried_on(log_odds):
    """Return the log odds after one step in which the alternation may have slipped."""
    left = 1.0 / (1.0 + math.exp(-log_odds))
    left = left * (1.0 - SLIP_CHANCE) + (1.0 - left) * SLIP_CHANCE
    return math.log(left / (1.0 - left))
