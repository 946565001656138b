"""Pin interrupts on the twin: soft, eight at most wait, one is left of those that come while flash stalls."""

import time

from bench import raises
from machine import Pin, stop_outputs
from micropython import heap_locked
from twin import clock, interrupts, parts


class Pulses:
    """A part with an edge every `period_us`."""

    def __init__(self, period_us):
        self._period_us = period_us
        self.edges = 0
        self.next_edge_us = clock.now_us() + period_us

    def convert(self):
        while self.next_edge_us <= clock.now_us():
            self.edges += 1
            self.next_edge_us += self._period_us


class Listener:
    """Notes when it was called, us since it was made; its first call takes `busy_us`."""

    def __init__(self, busy_us=0):
        self._busy_us = busy_us
        self._began_us = clock.now_us()
        self._times_us = [0] * 20  # nothing may be allocated in a call
        self._count = 0
        self._within = False
        parts.edges[5] = Pulses(1000)
        interrupts.silence()
        self.pin = Pin(5, Pin.IN)
        self.called_method = self.called
        self.pin.irq(self.called_method, Pin.IRQ_FALLING)

    def called(self, pin):
        assert pin is self.pin and heap_locked() == 1 and not self._within
        self._within = True
        self._times_us[self._count] = clock.now_us() - self._began_us
        self._count += 1
        busy_us, self._busy_us = self._busy_us, 0
        interrupts.busy_us(busy_us)
        self._within = False

    def calls(self):
        """Return the times of the calls since the last time."""
        count, self._count = self._count, 0
        return self._times_us[:count]


def test_a_waiting_program_is_called_at_each_edge():
    listener = Listener()
    time.sleep_ms(5)
    assert listener.calls() == [1000, 2000, 3000, 4000, 5000]


def test_calls_that_come_in_a_busy_time_come_after_it():
    listener = Listener()
    interrupts.busy_us(3500)
    assert listener.calls() == [3500, 3500, 3500]
    time.sleep_us(500)
    assert listener.calls() == [4000]


def test_the_queue_holds_eight_and_drops_the_rest_silently():
    listener = Listener()
    dropped = interrupts.dropped
    interrupts.busy_us(12000)
    assert listener.calls() == [12000] * 8
    assert interrupts.dropped - dropped == 4


def test_one_edge_is_left_of_a_stall():
    listener = Listener()
    merged = interrupts.merged
    interrupts.stall_us(80000)
    assert listener.calls() == [80000]
    assert interrupts.merged - merged == 79


def test_a_handler_is_not_called_within_itself():
    listener = Listener(busy_us=2500)
    time.sleep_us(1000)
    assert listener.calls() == [1000, 3500, 3500]


def test_listening_ends():
    listener = Listener()
    listener.pin.irq(None)
    time.sleep_ms(5)
    assert listener.calls() == []
    listener = Listener()
    stop_outputs()  # as a reset does
    time.sleep_ms(5)
    assert listener.calls() == []


def test_edges_of_before_are_not_served():
    listener = Listener()
    interrupts.silence()
    time.sleep_ms(10)
    listener.pin.irq(listener.called_method, Pin.IRQ_FALLING)
    time.sleep_us(500)
    assert listener.calls() == []
    time.sleep_us(500)
    assert listener.calls() == [11000]


def test_what_is_not_modelled_is_refused():
    listener = Listener()
    parts.edges[7] = Pulses(1000)
    raises(NotImplementedError, Pin(7, Pin.IN).irq, print, Pin.IRQ_FALLING)
    raises(NotImplementedError, listener.pin.irq, print, Pin.IRQ_RISING)
    Pin(7, Pin.IN).irq(None)  # another pin's: the listener stays
    time.sleep_ms(1)
    assert listener.calls() == [1000]


def test_an_error_of_the_handler_is_seen():
    listener = Listener()
    listener.pin.irq(lambda pin: 1 // 0, Pin.IRQ_FALLING)
    raises(ZeroDivisionError, time.sleep_ms, 1)
    listener.pin.irq(listener.called_method, Pin.IRQ_FALLING)
    time.sleep_ms(1)
    assert listener.calls() == [2000]
    assert heap_locked() == 0


for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()
