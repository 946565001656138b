"""`machine` on the twin: an ESP32's pins and buses, dispatched to the parts behind them.

A transfer takes the time that it takes on the wire; a read of the ADC 35 us.
The parts may allocate even while the clip's heap is locked.
"""

import errno

from twin import clock, heap, parts, power, scene, waiting
from twin.power import DEEPSLEEP_RESET, HARD_RESET, PWRON_RESET, SOFT_RESET, WDT_RESET, Reset  # noqa: F401

_TICK_US = 1000  # the operating system's, after which idle() returns at the latest
_ADC_READ_US = 35
_ADC_FULL_SCALE_UV = 3100000  # at 11 dB
_RTC_MEMORY_BYTES = 2048
_DEFAULT_CLIP_ID = b"\x02HIPCU"

_selected = {}  # bus number: the SPI device whose chip select is low
_running_pwms = {}  # pin number: PWM


def unique_id():
    """Return the chip's identity, 6 bytes."""
    clip_id = scene.current.header.get("clip_id")
    return bytes.fromhex(clip_id) if clip_id else _DEFAULT_CLIP_ID


def reset_cause():
    """Return why the program was started: PWRON_RESET, HARD_RESET, WDT_RESET or SOFT_RESET."""
    return power.reset_cause


def reset():
    """Start the processor anew; the other chips keep their power."""
    raise Reset(HARD_RESET)


def soft_reset():
    """Start the program anew."""
    raise Reset(SOFT_RESET)


def freq():
    """Return the processor's clock in Hz."""
    return 240000000


def idle():
    """Wait for the operating system's next tick."""
    waiting.until(clock.now_us() + _TICK_US)


def lightsleep(time_ms):
    """Sleep for `time_ms`."""
    waiting.until(clock.now_us() + time_ms * 1000)


def stop_outputs():
    """Stop every PWM and forget every output, as a reset does."""
    for pwm in list(_running_pwms.values()):
        pwm.deinit()
    Pin.forget_outputs()


class Pin:
    """One pin. An output that is a part's chip select selects it while low."""

    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2

    _levels = {}  # pin number: level of the output

    @classmethod
    def forget_outputs(cls):
        """Let all outputs go; a chip select is pulled up."""
        for number in list(cls._levels):
            Pin(number).value(1)
        cls._levels.clear()

    def __init__(self, number, mode=None, pull=None, *, value=None):
        self.number = number
        self._bus = self._device = None
        for bus, chip_select in parts.spi:
            if chip_select == number:
                self._bus = bus
                self._device = parts.spi[(bus, number)]
        self.init(mode, pull, value=value)

    def init(self, mode=None, pull=None, *, value=None):
        """Set the pin up; `value` is the level of an output."""
        self._pull = pull
        if mode == Pin.IN:
            Pin._levels.pop(self.number, None)
        elif mode is not None:
            self.value(Pin._levels.get(self.number, 0) if value is None else value)

    def value(self, level=None):
        """Return the level, or set the output to `level`."""
        if level is None:
            return self._read()
        level = 1 if level else 0
        before = Pin._levels.get(self.number, 1)
        Pin._levels[self.number] = level
        if self._device is not None and level != before:
            self._select(level)

    __call__ = value

    def on(self):
        """Set the output high."""
        self.value(1)

    def off(self):
        """Set the output low."""
        self.value(0)

    def _read(self):
        if self.number in Pin._levels:
            return Pin._levels[self.number]
        level = parts.inputs.get(self.number)
        if level is None:
            return 1 if self._pull == Pin.PULL_UP else 0
        depth = heap.lift_lock()
        try:
            return level()
        finally:
            heap.restore_lock(depth)

    def _select(self, level):
        depth = heap.lift_lock()
        try:
            if level:
                self._device.deselect()
                _selected.pop(self._bus, None)
            else:
                self._device.select()
                _selected[self._bus] = self._device
        finally:
            heap.restore_lock(depth)


class I2C:
    """One I2C bus; OSError(ENODEV) where no part answers."""

    def __init__(self, bus, *, scl=None, sda=None, freq=400000, timeout=50000):
        self._bus = bus
        self._bit_rate_hz = freq

    def scan(self):
        """Return the addresses that answer."""
        clock.advance(112 * self._us(1))
        return sorted(address for bus, address in parts.i2c if bus == self._bus)

    def readfrom_mem_into(self, address, register, buffer):
        """Fill `buffer` from the part's `register` on."""
        depth = heap.lift_lock()
        try:
            self._part(address).read_into(register, buffer)
        finally:
            clock.advance(self._us(len(buffer) + 3))
            heap.restore_lock(depth)

    def readfrom_mem(self, address, register, count):
        """Return `count` bytes from the part's `register` on."""
        buffer = bytearray(count)
        self.readfrom_mem_into(address, register, buffer)
        return bytes(buffer)

    def writeto_mem(self, address, register, data):
        """Write `data` to the part's `register` on."""
        depth = heap.lift_lock()
        try:
            self._part(address).write(register, data)
        finally:
            clock.advance(self._us(len(data) + 2))
            heap.restore_lock(depth)

    def _part(self, address):
        part = parts.i2c.get((self._bus, address))
        if part is None:
            raise OSError(errno.ENODEV)
        return part

    def _us(self, count):
        """Return how long `count` bytes take: nine bits each, and start and stop."""
        return (9 * count + 2) * 1000000 // self._bit_rate_hz


class SPI:
    """One SPI bus; without a selected part it reads ones."""

    MSB = 0
    LSB = 1

    def __init__(
        self, bus, baudrate=1000000, *, polarity=0, phase=0, bits=8, firstbit=0, sck=None, mosi=None, miso=None
    ):
        self._bus = bus
        self._bit_rate_hz = baudrate

    def write(self, data):
        """Send `data`."""
        self._exchange(data, None, len(data))

    def readinto(self, buffer, write=0):
        """Fill `buffer` while sending the byte `write`."""
        for index in range(len(buffer)):
            buffer[index] = write
        self._exchange(buffer, buffer, len(buffer))

    def read(self, count, write=0):
        """Return `count` bytes, read while sending the byte `write`."""
        buffer = bytearray(count)
        self.readinto(buffer, write)
        return bytes(buffer)

    def write_readinto(self, data, buffer):
        """Send `data` while filling `buffer`, of the same length."""
        if len(data) != len(buffer):
            raise ValueError("buffers must be the same length")
        self._exchange(data, buffer, len(data))

    def _exchange(self, data, buffer, count):
        depth = heap.lift_lock()
        try:
            part = _selected.get(self._bus)
            if part is not None:
                part.exchange(data if buffer is None else bytes(data), buffer)  # the two may share memory
            elif buffer is not None:
                for index in range(count):
                    buffer[index] = 0xFF
        finally:
            clock.advance(8 * count * 1000000 // self._bit_rate_hz)
            heap.restore_lock(depth)


class ADC:
    """One channel of the converter, at 11 dB."""

    ATTN_11DB = 3

    def __init__(self, pin, *, atten=ATTN_11DB):
        self._microvolts = parts.adc[pin.number]

    def read_uv(self):
        """Return the calibrated voltage in uV."""
        clock.advance(_ADC_READ_US)
        depth = heap.lift_lock()
        try:
            return self._microvolts()
        finally:
            heap.restore_lock(depth)

    def read_u16(self):
        """Return the raw reading, scaled to 0..65535."""
        return min(self.read_uv(), _ADC_FULL_SCALE_UV) * 65535 // _ADC_FULL_SCALE_UV


class PWM:
    """A pulse width modulated output; a motor on its pin is told its duty."""

    def __init__(self, pin, *, freq=5000, duty_u16=32768):
        self._number = pin.number
        self._motor = parts.motors.get(pin.number)
        self.init(freq=freq, duty_u16=duty_u16)

    def init(self, *, freq=None, duty_u16=None):
        """Start the output, or change it."""
        _running_pwms[self._number] = self
        if freq is not None:
            self._freq_hz = freq
        if duty_u16 is not None:
            self.duty_u16(duty_u16)

    def freq(self, hz=None):
        """Return the frequency in Hz, or set it."""
        if hz is None:
            return self._freq_hz
        self._freq_hz = hz

    def duty_u16(self, duty=None):
        """Return the duty cycle, 0..65535, or set it."""
        if duty is None:
            return self._duty
        self._duty = duty
        if self._motor is not None:
            depth = heap.lift_lock()
            try:
                self._motor.set(duty / 65535, clock.now_us())
            finally:
                heap.restore_lock(depth)

    def deinit(self):
        """Stop the output: low."""
        self.duty_u16(0)
        _running_pwms.pop(self._number, None)


class WDT:
    """The watchdog: resets the processor unless it is fed in time; it cannot be stopped."""

    def __init__(self, id=0, timeout=5000):
        power.start_watchdog(timeout)

    def feed(self):
        """Give it its full timeout again."""
        power.feed_watchdog()


class RTC:
    """The clock and memory that outlive resets, but not the loss of power."""

    def datetime(self, when=None):
        """Return (year, month, day, weekday, hour, minute, second, microsecond), or set it."""
        import time

        if when is None:
            year, month, day, hour, minute, second, weekday, _ = time.gmtime()
            return year, month, day, weekday, hour, minute, second, clock.now_us() % 1000000
        year, month, day, _, hour, minute, second, _ = when
        seconds = time.mktime((year, month, day, hour, minute, second, 0, 0))
        power.rtc_offset_s = seconds - clock.now_us() // 1000000

    def memory(self, data=None):
        """Return what is kept, or keep `data`, at most 2048 bytes."""
        if data is None:
            return power.rtc_memory
        if len(data) > _RTC_MEMORY_BYTES:
            raise ValueError("buffer too long")
        power.rtc_memory = bytes(data)
