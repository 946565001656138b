"""Stance side by evidence: steps alternate, so every stride speaks for or against one assignment.

Three witnesses per step, each compared with the stride's other step so that
offsets cancel (shares of the step, contact to contact):
- rise of the mediolateral specific force from the flight before (20 % to the
  contact) to 20-35 %: leftward in a left stance, as the stance hip takes the
  weight (Lee et al. 2010, J Sports Sci 28:1389, take its peak);
- yaw rate from 35 % before the contact to 20 % after it: positive at a left
  one, as the left side swings forwards;
- roll rate, 30-60 %: negative in a left stance (the swing side, which hangs
  lowest before, comes up again).
A step's part in each is capped, so that no single stride counts for much.

Windows were chosen on 26 runners at 2.5 to 4.5 m/s (78 virtual recordings from
Fukuchi et al. 2017, PeerJ 5:e3298): a stride speaks the right way in 100.0,
99.5 and 100.0 % of them, in the worst recording in 100, 80 and 100 %. In two
runners of another laboratory (Hamner & Delp 2013, J Biomech 46:780; 2 to 5 m/s)
force and roll are right in every stride but for some at 2 m/s, while the yaw
rate says nothing in one and is contrary below 5 m/s in the other: when the
pelvis turns back, against its drop, varies with runner and speed.

Votes add up, per witness, in the log odds of "even steps are left". However
long a run, a witness is never trusted beyond the chance that it is contrary in
this very runner: of 28 runners, none was in force or roll and two in the yaw
rate, which by Laplace's rule of succession leaves 1 and 3 in 30, log odds ln 29
and ln 9. So force and roll together are sure even against the yaw rate, but
neither of them against the other: a runner who is unlike the others there
remains unsure, and the roll rate, which is close to what is measured, never
decides alone. Below SURE the side is not given, nor before LEAST_STRIDES. A
left-foot check (left_foot.py) tells more of a runner: its template takes the
place of POPULATION.

Where the alternation breaks (a missed contact) or ends (hopping, jumping on
both feet), the strides of now no longer support what the sum says: a running
mean of each witness's votes falls below LEAST_SUPPORT within two strides, and
no side is given until two witnesses support it again. Where the
sides have turned over, the sum follows within 17 full strides. One alone will not do: a
body that leans to one side in every second jump looks like a stance in the
force, but not in the turns.
"""

import math

import micropython

from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT, SIDE_UNKNOWN

# Half of what a left and a right step of a slow run (2 m/s) differ by; a witness at this size has its full vote.
FULL_ACCEL_MPS2 = 1.5
FULL_YAW_RADS = 0.3
FULL_ROLL_RADS = 0.75
VOTES = (0.3, 0.2, 0.3)  # log odds of a full witness
SURE = 4.5  # log odds: 98.9 %
LEAST_STRIDES = 10
SUPPORT_GAIN = 0.6  # of a new stride in a witness's running mean
LEAST_SUPPORT = 0.06  # of 0.3, or of the yaw rate's 0.2

# Windows of the witnesses, in shares of the step from its contact.
WINDOWS = (
    (-0.20, 0.0, 0.20, 0.35),  # mediolateral force: from, to
    (-0.35, 0.20),  # yaw rate
    (0.30, 0.60),  # roll rate
)

# Template: the most that each witness may add to the log odds; negative: it speaks the other way in this runner.
POPULATION = (math.log(29.0), math.log(9.0), math.log(29.0))

_PER_SIZE = (VOTES[0] / FULL_ACCEL_MPS2, VOTES[1] / FULL_YAW_RADS, VOTES[2] / FULL_ROLL_RADS)


class Sides:
    """The evidence so far. `template`: as POPULATION."""

    def __init__(self, template=POPULATION):
        self._limits = [abs(limit) for limit in template]
        self._per_size = [math.copysign(_PER_SIZE[i], limit) if limit else 0.0 for i, limit in enumerate(template)]
        self.forget()

    def forget(self):
        """The alternation was lost: nothing is known any more."""
        # Each number is an object of its own, here and in `hear`: what is held is as large whatever the evidence says.
        self._evidence = [0.0 * limit for limit in self._limits]
        self._support = [0.0 * limit for limit in self._limits]
        self._strides = 0
        self._contrary = 0  # strides in succession against the side that was given in them
        self._told = 0  # what was sure last
        self.sign = 0  # 1: even steps are left, -1: right, 0: not sure

    @micropython.native
    def hear(self, even, odd):
        """Take the witnesses of a stride's two steps; return (event name, value) where the sides become sure, or None.

        Witnesses: (rise of leftward force m/s2, yaw rate rad/s, -roll rate rad/s). Events: `sides_sure`, value the
        steps that it took; `sides_corrected`, value the steps that were given the other side.
        """
        # Comparisons, for a call of min() or max() costs the clip as much as ten of them.
        evidence, support, per_size = self._evidence, self._support, self._per_size
        total = votes = 0.0
        left = right = 0  # witnesses that support even steps as left, as right
        for i, limit in enumerate(self._limits):
            vote, most = (even[i] - odd[i]) * per_size[i], VOTES[i]
            if vote > most:
                vote = most
            elif vote < -most:
                vote = -most
            votes += vote
            heard = evidence[i] + vote
            if heard > limit:
                heard = 1.0 * limit
            elif heard < -limit:
                heard = -limit
            evidence[i] = heard
            total += heard
            heard = support[i] + SUPPORT_GAIN * (vote - support[i])
            support[i] = heard
            if heard >= LEAST_SUPPORT:
                left += 1
            elif heard <= -LEAST_SUPPORT:
                right += 1
        self._strides += 1
        if self.sign:
            self._contrary = self._contrary + 1 if self.sign * votes < 0.0 else 0
        if self._strides < LEAST_STRIDES:
            sign = 0
        elif total >= SURE and left > 1:
            sign = 1
        elif total <= -SURE and right > 1:
            sign = -1
        else:
            sign = 0
        self.sign = sign
        return self._tell() if sign and sign != self._told else None

    @micropython.native
    def side(self, parity):
        """Return the stance side of a step of `parity` as the evidence stands, or SIDE_UNKNOWN."""
        if not self.sign:
            return SIDE_UNKNOWN
        return SIDE_LEFT if (self.sign > 0) == (parity == 0) else SIDE_RIGHT

    def _tell(self):
        told, self._told = self._told, self.sign
        # Of the last stride only the first step: its second was heard before its side was given.
        return ("sides_corrected", 2 * self._contrary - 1) if told else ("sides_sure", 2 * self._strides)
