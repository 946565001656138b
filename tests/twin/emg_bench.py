"""A bench for the muscle front end: the modelled ADS1292 on the twin's own `machine`, wired as HIPCUE_S3.

Import it first: the scene names the board before the parts are made.
"""

from array import array

from twin import scene

scene.current = scene.Scene({"board": "s3"})

from esp32 import PCNT  # noqa: E402
from machine import SPI, Pin  # noqa: E402
from twin import clock, interrupts, parts  # noqa: E402
from twin.sensors.ads1292 import ADS1292 as Chip  # noqa: E402

from hipcue.drivers import ads1292 as driver  # noqa: E402

LSB_UV = 2.42e6 / 6 / 8388607


class IdlePin:
    """A motor's output, or its timer, that does nothing."""

    def duty_u16(self, duty):
        pass

    def init(self, **_):
        pass

    def deinit(self):
        pass


class Steady:
    """Electrodes with the same voltages at all times, in uV."""

    rate_hz = 1003.0

    def __init__(self, left_uv=0.0, right_uv=0.0, rate_hz=1003.0):
        self.rate_hz = rate_hz
        self._uv = left_uv, right_uv

    def uv(self, index, time_us):
        return self._uv


class Counting:
    """Electrodes whose sample k reads 8 k LSB on the left, -8 k - 1 LSB on the right, k modulo 100000, at gain 6."""

    rate_hz = 1003.0

    def uv(self, index, time_us):
        k = index % 100000
        return 8 * k * LSB_UV, (-8 * k - 1) * LSB_UV


class Bus:
    """What a part sees of the SPI, for tests that go to the chip without a driver."""

    mode = 1
    bit_rate_hz = 1000000


class Caller:
    """Drains `sensor`, an ADS1292 driver, into `samples` and `leads`."""

    def __init__(self, sensor):
        self.sensor = sensor
        self.samples = array("i", bytes(8 * 300))
        self.leads = bytearray(300)

    def drain(self):
        """Return (count, gap) of one drain."""
        count = self.sensor.drain_into(self.samples, self.leads)
        return count, self.sensor.gap

    def drain_all(self):
        """Return [(gap, [left values])] until there is no more."""
        runs = []
        while True:
            count, gap = self.drain()
            if not count and not gap:
                return runs
            runs.append((gap, [self.samples[2 * k] for k in range(count)]))


class EmgBench(Caller):
    """A driver and its `chip`, the model, without noise unless told."""

    def __init__(self, electrodes=None, clock_hz=4000000, phase=1, noise_uv=0.0, **chip):
        self.chip = Chip(electrodes or Steady(), clock.now_us, noise_uv=noise_uv, **chip)
        interrupts.silence()
        parts.spi[(2, 38)] = parts.edges[11] = self.chip
        parts.inputs[11] = self.chip.data_ready_level
        parts.outputs[33] = self.chip.set_reset_pin
        data_ready = Pin(11, Pin.IN)
        sensor = driver.ADS1292(
            SPI(2, baudrate=clock_hz, polarity=0, phase=phase),
            Pin(38, Pin.OUT, value=1),
            data_ready,
            PCNT(0, pin=data_ready, falling=PCNT.INCREMENT, max=driver.EDGE_MODULUS),
            Pin(33, Pin.OUT, value=1),
        )
        super().__init__(sensor)

    def exchange(self, out, bus=Bus):
        """Send `out` to the chip with chip select low, and let the time pass that it takes; return what came back."""
        into = bytearray(len(out))
        self.chip.select()
        self.chip.exchange(bytes(out), into, bus)
        clock.advance(8000000 * len(out) // bus.bit_rate_hz)
        self.chip.deselect()
        clock.advance(8)
        return into

    def register(self, number):
        """Read a register behind the driver's back; the chip must not be in RDATAC."""
        return self.exchange((0x20 | number, 0, 0))[2]


def s(time_us):
    """Return the virtual time `time_us` from now on, in s since power-on, for a fault."""
    return (clock.now_us() + time_us) / 1e6
