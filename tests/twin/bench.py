"""A bench for drivers: the modelled sensor on fake buses, a clock that only sleeping moves."""

from array import array

from twin import clock
from twin.heap import lift_lock, restore_lock
from twin.sensors.lsm6dsox import LSM6DSOX as Chip
from twin.sensors.motion import Motion
from twin.sensors.serial_port import SPIPort

from hipcue.drivers import lsm6dsox as driver


class Clock:
    """Virtual time; stands in for the driver's `time` module as well."""

    def __init__(self):
        self.us = 0

    def now_us(self):
        return self.us

    def sleep_ms(self, ms):
        self.us += ms * 1000

    def sleep_s(self, seconds):
        self.us += int(seconds * 1e6 + 0.5)


class Still:
    """A scene with the same six values (ax ay az gx gy gz) at all times."""

    def __init__(self, values, imu_rate_hz=208.0):
        self.imu_rate_hz = imu_rate_hz
        self._values = array("f", values)

    def imu_block(self, first, count, out):
        for k in range(6 * count):
            out[k] = self._values[k % 6]


class Counting:
    """A scene whose sample k reads k LSB, modulo 1000, on every axis, at 0.488 mg and 70 mdps."""

    def __init__(self, imu_rate_hz=208.0):
        self.imu_rate_hz = imu_rate_hz

    def imu_block(self, first, count, out):
        for k in range(count):
            number = (first + k) % 1000
            for axis in range(3):
                out[6 * k + axis] = number * 0.488e-3 * 9.80665
                out[6 * k + 3 + axis] = number * 0.070 * 0.017453293


class I2C:
    """machine.I2C with one chip at 0x6A; `writes` lists (register, value)."""

    def __init__(self, chip):
        self._chip = chip
        self.writes = []

    def readfrom_mem_into(self, address, register, buffer):
        depth = lift_lock()  # the model is hardware: only the driver may not allocate
        assert address == 0x6A
        self._chip.read_into(register, buffer)
        restore_lock(depth)

    def writeto_mem(self, address, register, data):
        assert address == 0x6A
        for value in data:
            self.writes.append((register, value))
        self._chip.write(register, data)


class SPI:
    """machine.SPI with one chip."""

    def __init__(self, port):
        self._port = port

    def write(self, data):
        depth = lift_lock()
        self._port.exchange(data, None, self)
        restore_lock(depth)

    def readinto(self, buffer, write):
        depth = lift_lock()
        self._port.exchange(bytes([write] * len(buffer)), buffer, self)
        restore_lock(depth)


class Bench:
    """`sensor`: the driver; `chip`: the model; `clock`; `i2c` when on I2C."""

    def __init__(self, scene, on_spi=False, **chip):
        self.clock = Clock()
        driver.time = self.clock
        self.chip = Chip(Motion(scene, noise=0.0), self.clock.now_us, scene.imu_rate_hz, **chip)
        if on_spi:
            port = SPIPort(self.chip)
            bus = driver.SPIBus(SPI(port), lambda level: port.deselect() if level else port.select())
        else:
            self.i2c = I2C(self.chip)
            bus = driver.I2CBus(self.i2c, None)
        self.sensor = driver.LSM6DSOX(bus)

    def register(self, number):
        """Read one of the chip's registers behind the driver's back."""
        byte = bytearray(1)
        self.chip.read_into(number, byte)
        return byte[0]


def raises(kind, function, *arguments):
    """Return the exception of `kind` that the call must raise."""
    try:
        function(*arguments)
    except kind as error:
        return error
    raise AssertionError("nothing raised")


def elapsed_us(function, *arguments):
    """Return the virtual time that the call takes."""
    before_us = clock.now_us()
    function(*arguments)
    return clock.now_us() - before_us
