"""`machine` on the twin: who answers on which bus, what a transfer takes, resets."""

import errno
import gc
import time

import machine
from bench import elapsed_us, raises
from micropython import heap_lock, heap_unlock
from twin import clock, parts, power
from twin.power import Reset


class Part:
    """Answers with its register number, and allocates while doing so."""

    def __init__(self):
        self.calls = []

    def read_into(self, register, buffer):
        self.calls.append(("read", register, len(buffer)))
        buffer[0] = register

    def write(self, register, data):
        self.calls.append(("write", register, bytes(data)))

    def select(self):
        self.calls.append("select")

    def deselect(self):
        self.calls.append("deselect")

    def exchange(self, out, into, bus):
        self.bus = bus
        self.calls.append((bytes(out), None if into is None else len(into)))
        if into is not None:
            into[0] = 0x55


def test_i2c():
    part = parts.i2c[(3, 0x42)] = Part()
    bus = machine.I2C(3, scl=machine.Pin(22), sda=machine.Pin(21), freq=400000)
    assert bus.scan() == [0x42]
    buffer = bytearray(364)
    # Address, register, address again and 364 bytes of 9 bits, start and stop: 8.26 ms at 400 kHz.
    assert elapsed_us(bus.readfrom_mem_into, 0x42, 0x78, buffer) == 8262
    assert buffer[0] == 0x78
    assert bus.readfrom_mem(0x42, 0x0F, 1) == b"\x0f"
    bus.writeto_mem(0x42, 0x12, b"\x01")
    assert part.calls == [("read", 0x78, 364), ("read", 0x0F, 1), ("write", 0x12, b"\x01")]
    assert raises(OSError, bus.readfrom_mem, 0x43, 0, 1).errno == errno.ENODEV


def test_parts_may_allocate_under_the_clips_heap_lock():
    parts.i2c[(3, 0x42)] = Part()
    read = machine.I2C(3).readfrom_mem_into
    buffer = bytearray(2)
    caught = None
    heap_lock()
    read(0x42, 1, buffer)
    try:
        bytearray(100)
    except MemoryError as error:
        caught = error
    heap_unlock()
    assert buffer[0] == 1 and caught is not None


def test_spi_goes_to_the_selected_part():
    part = parts.spi[(2, 5)] = Part()
    bus = machine.SPI(2, baudrate=8000000, polarity=1, phase=1)
    select = machine.Pin(5, machine.Pin.OUT, value=1)
    assert bus.read(2) == b"\xff\xff"
    select(0)
    assert elapsed_us(bus.write, bytes(100)) == 100
    buffer = bytearray(2)
    bus.write_readinto(b"\x8f\x00", buffer)
    assert buffer[0] == 0x55
    select(1)
    assert bus.read(1) == b"\xff"
    assert (part.bus.bit_rate_hz, part.bus.mode) == (8000000, 3)
    assert part.calls == ["select", (bytes(100), None), (b"\x8f\x00", 2), "deselect"]


def test_pins():
    level = [0]
    parts.inputs[14] = lambda: level[0]
    pin = machine.Pin(14, machine.Pin.IN, machine.Pin.PULL_UP)
    assert pin.value() == 0
    level[0] = 1
    assert pin() == 1
    assert machine.Pin(15, machine.Pin.IN, machine.Pin.PULL_UP).value() == 1
    led = machine.Pin(2, machine.Pin.OUT)
    led.on()
    assert led.value() == 1


def test_adc():
    parts.adc[36] = lambda: 1550000
    adc = machine.ADC(machine.Pin(36), atten=machine.ADC.ATTN_11DB)
    assert elapsed_us(adc.read_uv) == 35
    assert adc.read_uv() == 1550000
    assert adc.read_u16() == 32767


def test_pwm_drives_a_motor_until_reset():
    motor = parts.motors[25]
    pwm = machine.PWM(machine.Pin(25), freq=20000, duty_u16=0)
    pwm.duty_u16(65535)
    started_us = clock.now_us()
    time.sleep_ms(120)
    machine.stop_outputs()
    assert motor.record[-2:] == [(started_us, 1.0), (started_us + 120000, 0.0)]


def test_watchdog():
    dog = machine.WDT(timeout=1000)
    time.sleep_ms(900)
    dog.feed()
    time.sleep_ms(900)
    dog.feed()
    clock.advance(1000001)
    assert raises(Reset, dog.feed).args == (machine.WDT_RESET,)
    power.record_reset(machine.WDT_RESET)
    assert machine.reset_cause() == 3


def test_resets():
    assert raises(SystemExit, machine.reset).args == (machine.HARD_RESET,)
    assert raises(SystemExit, machine.soft_reset).args == (machine.SOFT_RESET,)


def test_rtc_memory():
    machine.RTC().memory(b"kept")
    assert machine.RTC().memory() == b"kept"
    assert raises(ValueError, machine.RTC().memory, bytes(2049))
    assert machine.RTC().memory() == b"kept"


def test_rtc_memory_is_as_large_whatever_it_keeps():
    kept = memoryview(bytes(2048))
    free = []
    for size in (0, 2048, 4):
        machine.RTC().memory(kept[:size])
        gc.collect()
        free.append(gc.mem_free())
    assert len(set(free)) == 1


def run():
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test()


run()
