"""Vibration motors: exact times of switching, on the model that records them."""

from bench import raises
from micropython import heap_lock, heap_unlock
from twin.sensors.motors import Motor, MotorLog

from hipcue.drivers.erm import Haptics


class PWM:
    """machine.PWM on a modelled motor; the test moves `now_us`."""

    now_us = 0

    def __init__(self, motor):
        self._motor = motor

    def duty_u16(self, duty):
        self._motor.set(duty / 65535, PWM.now_us)


class Timer:
    """machine.Timer, once: the test lets its time come with `run_out`."""

    def __init__(self):
        self.due = None

    def init(self, mode, period, callback):
        assert mode == 0
        self.due = period, callback

    def deinit(self):
        self.due = None

    def run_out(self):
        self.due[1](self)


class Bench:
    def __init__(self):
        self.left = Motor("left", MotorLog())
        self.right = Motor("right", MotorLog())
        self.timer = Timer()
        self.haptics = Haptics(PWM(self.left), PWM(self.right), self.timer)

    def run(self, from_ms, to_ms, step_ms=1):
        for now_ms in range(from_ms, to_ms, step_ms):
            PWM.now_us = now_ms * 1000
            self.haptics.step(now_ms)


def test_buzz_on_each_side():
    for side, left, right in ((1, True, False), (2, False, True), (3, True, True)):
        bench = Bench()
        PWM.now_us = 1000000
        bench.haptics.buzz(side, 120, 80, 1000)
        assert bench.haptics.running
        assert bench.haptics.next_ms(1000) == 120
        assert bench.haptics.next_ms(1100) == 20
        assert bench.haptics.next_ms(1130) == 0
        bench.run(1000, 1300)
        pulse = [(1000000, 0.8), (1120000, 0.0)]
        assert bench.left.record == (pulse if left else [])
        assert bench.right.record == (pulse if right else [])
        assert not bench.haptics.running
        assert bench.haptics.next_ms(1300) is None


def test_pattern():
    bench = Bench()
    PWM.now_us = 0
    bench.haptics.play(((1, 100, 50), (2, 60, 0), (3, 40, 10)), 100, 0)
    bench.run(0, 400)
    assert bench.left.record == [(0, 1.0), (100000, 0.0), (210000, 1.0), (250000, 0.0)]
    assert bench.right.record == [(150000, 1.0), (250000, 0.0)]
    assert not bench.haptics.running


def test_late_steps_lengthen_but_never_skip():
    bench = Bench()
    PWM.now_us = 0
    bench.haptics.play(((1, 100, 100), (1, 100, 0)), 50, 0)
    bench.run(0, 900, 80)  # off is due at 100, on 100 after the off, off 100 after the on
    assert bench.left.record == [(0, 0.5), (160000, 0.0), (320000, 0.5), (480000, 0.0)]


def test_new_buzz_replaces_the_old():
    bench = Bench()
    PWM.now_us = 0
    bench.haptics.play(((1, 100, 50), (1, 100, 0)), 80, 0)
    bench.run(0, 50)
    PWM.now_us = 50000
    bench.haptics.buzz(2, 30, 40, 50)
    bench.run(50, 300)
    assert bench.left.record == [(0, 0.8), (50000, 0.0)]
    assert bench.right.record == [(50000, 0.4), (80000, 0.0)]


def test_stop():
    bench = Bench()
    PWM.now_us = 0
    bench.haptics.buzz(3, 100, 80, 0)
    PWM.now_us = 10000
    bench.haptics.stop(10)
    assert bench.left.record == [(0, 0.8), (10000, 0.0)]
    bench.run(10, 300)
    assert len(bench.left.record) == 2
    assert not bench.haptics.running


def test_ran_tells_when_a_motor_was_on_once():
    bench = Bench()
    haptics = bench.haptics
    PWM.now_us = 0
    assert haptics.ran(5) is None
    haptics.play(((1, 100, 50), (2, 60, 0)), 80, 10)
    assert haptics.ran(40) == (10, 40)
    bench.run(40, 130)
    assert haptics.ran(130) == (40, 110)
    assert haptics.ran(140) is None
    bench.run(140, 300)
    assert haptics.ran(300) == (160, 220)
    assert haptics.ran(310) is None
    haptics.buzz(1, 20, 80, 320)
    bench.run(320, 350)
    haptics.buzz(1, 20, 80, 360)
    bench.run(360, 400)
    assert haptics.ran(400) == (320, 380)  # and what lies between
    haptics.buzz(1, 100, 80, 500)
    haptics.stop(530)
    assert haptics.ran(600) == (500, 530)


def test_a_program_that_is_stuck_leaves_no_motor_on():
    """The timer runs from each switching on, for longer than the longest buzz, and is off with the motors."""
    bench = Bench()
    PWM.now_us = 0
    bench.haptics.buzz(3, 1000, 80, 0)
    period_ms, _ = bench.timer.due
    assert 1000 < period_ms <= 2000
    PWM.now_us = period_ms * 1000
    bench.timer.run_out()
    assert bench.left.record == bench.right.record == [(0, 0.8), (1500000, 0.0)]
    bench.haptics.step(period_ms + 1)  # the program goes on
    assert bench.timer.due is None and not bench.haptics.running


def test_callers_mistakes():
    haptics = Bench().haptics
    assert "side" in raises(ValueError, haptics.buzz, 0, 100, 80, 0).args[0]
    assert "strength" in raises(ValueError, haptics.buzz, 1, 100, 101, 0).args[0]
    assert "side" in raises(ValueError, haptics.play, ((1, 10, 10), (4, 10, 10)), 80, 0).args[0]
    raises(ValueError, haptics.play, (), 80, 0)
    assert not haptics.running


def test_step_allocates_nothing():
    class Quiet:
        def duty_u16(self, duty):
            pass

    class Never:
        def init(self, mode, period, callback):
            pass

        def deinit(self):
            pass

    haptics = Haptics(Quiet(), Quiet(), Never())
    haptics.play(((1, 2, 1), (3, 2, 0)), 80, 0)
    step = haptics.step
    heap_lock()
    now_ms = 0
    while now_ms < 10:
        step(now_ms)
        now_ms += 1
    heap_unlock()
    assert not haptics.running


for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()
