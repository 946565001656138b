"""Envelopes, battery and button: what the drivers make of modelled pins."""

from array import array

from bench import Clock
from micropython import heap_lock, heap_unlock
from twin.heap import lift_lock, restore_lock
from twin.sensors import analog, button

from hipcue.drivers.battery import Battery
from hipcue.drivers.myoware import MyoWare


class Pin:
    """machine.ADC on a modelled pin."""

    def __init__(self, microvolts):
        self._microvolts = microvolts

    def read_uv(self):
        depth = lift_lock()
        value = self._microvolts()
        restore_lock(depth)
        return value


class Envelopes:
    """A scene whose left envelope rises by 0.1 V a second from 0.25 V; the right one is far out of range."""

    def envelope_volts(self, t_us):
        return 0.25 + t_us / 10000000, 9.9


def myoware():
    clock = Clock()
    scene = Envelopes()
    pins = [Pin(analog.envelope_uv(scene, channel, clock.now_us)) for channel in (0, 1)]
    return MyoWare(*pins), clock


def test_envelopes_in_tenths_of_a_millivolt():
    sensors, clock = myoware()
    envelope = array("H", bytes(12))
    sensors.read_into(envelope, 0)
    clock.sleep_s(5)
    sensors.read_into(envelope, 2)
    assert list(envelope) == [2500, 31000, 0, 0, 7500, 31000]  # the ADC ends at 3.1 V


def test_reading_allocates_nothing():
    sensors, clock = myoware()
    envelope = array("H", bytes(8))
    heap_lock()
    sensors.read_into(envelope, 1)
    heap_unlock()
    assert list(envelope) == [0, 0, 2500, 31000]


def test_battery_through_its_divider():
    assert Battery(Pin(analog.battery_uv(4000, 2)), 2.0).voltage_mv() == 4000
    assert Battery(Pin(analog.battery_uv(3512, 2)), 2.0).voltage_mv() == 3512
    # FeatherS3: 442 kohm over 160 kohm; 1.1163 V at the pin is 4.2 V (Unexpected Maker's own figures).
    assert Battery(Pin(lambda: 1116279), (442 + 160) / 160).voltage_mv() == 4200


def test_battery_averages():
    readings = [2000000, 1996000, 2004000, 2000000, 1992000, 2008000, 2000000, 2000000]
    assert Battery(Pin(readings.pop), 2.0).voltage_mv() == 4000


def test_button_is_low_while_pressed():
    clock = Clock()
    level = button.level([[1.0, 1.5]], clock.now_us)
    levels = []
    for us in (0, 999999, 1000000, 1499999, 1500000):
        clock.us = us
        levels.append(level())
    assert levels == [1, 1, 0, 0, 1]


for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()
