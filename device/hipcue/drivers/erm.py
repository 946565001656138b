"""Two coin vibration motors (ERM), one PWM output each through a MOSFET.

Nothing here waits: `step()` must be called, at the latest when `next_ms()` says. A late step makes a
phase longer, it never skips one. A new buzz or pattern replaces what is being played. Where no step
comes any more, a hardware timer switches the motors off after LIMIT_MS.
"""

from micropython import const

_LEFT = const(1)
_RIGHT = const(2)
_FULL_DUTY = const(65535)
_ONE_SHOT = const(0)  # machine.Timer.ONE_SHOT

LIMIT_MS = 1500  # longer than any pulse; coin motors are made for 2 s at a time


class Haptics:
    """`left_pwm`, `right_pwm`: objects with `.duty_u16(duty)`, such as machine.PWM at 20 kHz; `timer`: a machine.Timer.

    Sides are bits: 1 left, 2 right, 3 both. Times are in ms of any clock that does not run backwards.
    `running`: true while a buzz or a pattern is being played, pauses included.
    """

    def __init__(self, left_pwm, right_pwm, timer):
        self._timer = timer
        self._cut_off = self._on_limit
        self._left_duty = left_pwm.duty_u16
        self._right_duty = right_pwm.duty_u16
        self._pattern = ()
        self._place = 0
        self._duty = 0
        self._off_ms = 0  # the pause after the pulse that is on; unused in a pause
        self._on = False
        self._until_ms = 0
        self._driven = False
        self._driven_ms = None  # since when a motor has been on that ran() has not told of
        self._rested_ms = 0
        self.running = False

    def buzz(self, side, duration_ms, strength_pct, now_ms):
        """Vibrate once, from now on. ValueError for a side other than 1, 2, 3 or a strength not in 0..100."""
        _check(side, strength_pct)
        self._pattern = ()
        self._duty = strength_pct * _FULL_DUTY // 100
        self._start(side, duration_ms, 0, now_ms)

    def play(self, pattern, strength_pct, now_ms):
        """Vibrate in a rhythm: `pattern` is a tuple of (side, on_ms, off_ms). ValueError as `buzz()`."""
        if not pattern:
            raise ValueError("an empty pattern")
        for pulse in pattern:
            _check(pulse[0], strength_pct)
        self._pattern = pattern
        self._place = 0
        self._duty = strength_pct * _FULL_DUTY // 100
        self._next_pulse(now_ms)

    def step(self, now_ms):
        """Switch what is due at `now_ms`. Allocates nothing."""
        if not self.running or now_ms < self._until_ms:
            return
        if self._on and self._off_ms:
            self._drive(0, now_ms)
            self._on = False
            self._until_ms = now_ms + self._off_ms
        elif self._place < len(self._pattern):
            self._next_pulse(now_ms)
        else:
            self.stop(now_ms)

    def stop(self, now_ms):
        """Switch both motors off and forget what was being played."""
        self._drive(0, now_ms)
        self._pattern = ()
        self._place = 0
        self._on = False
        self.running = False

    def next_ms(self, now_ms):
        """Return the ms until `step()` has something to do, or None when nothing is being played."""
        if not self.running:
            return None
        return max(0, self._until_ms - now_ms)

    def ran(self, now_ms):
        """Return (from, to): when, since the last call, a motor was on, what lies between pulses included; or None."""
        if self._driven_ms is None:
            return None
        span = self._driven_ms, now_ms if self._driven else self._rested_ms
        self._driven_ms = now_ms if self._driven else None
        return span

    def _next_pulse(self, now_ms):
        pulse = self._pattern[self._place]
        self._place += 1
        self._start(pulse[0], pulse[1], pulse[2], now_ms)

    def _on_limit(self, _):
        """The program is stuck, or has ended, with a motor on: the timer's call."""
        self._left_duty(0)
        self._right_duty(0)

    def _start(self, side, on_ms, off_ms, now_ms):
        self._drive(side, now_ms)
        self._off_ms = off_ms
        self._until_ms = now_ms + on_ms
        self._on = True
        self.running = True

    def _drive(self, side, now_ms):
        driven = side != 0
        if driven != self._driven:
            self._driven = driven
            if not driven:
                self._rested_ms = now_ms
            elif self._driven_ms is None:
                self._driven_ms = now_ms
        if driven:
            self._timer.init(mode=_ONE_SHOT, period=LIMIT_MS, callback=self._cut_off)
        else:
            self._timer.deinit()
        self._left_duty(self._duty if side & _LEFT else 0)
        self._right_duty(self._duty if side & _RIGHT else 0)


def _check(side, strength_pct):
    if side not in (1, 2, 3):
        raise ValueError("side must be 1 left, 2 right or 3 both, not %s" % side)
    if not 0 <= strength_pct <= 100:
        raise ValueError("strength must be 0 to 100 %%, not %s" % strength_pct)
