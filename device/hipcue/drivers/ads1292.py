"""ADS1292 and ADS1292R muscle front end: two channels of raw EMG, sample by sample through DRDY.

Limits, first:
- 1000 samples/s, gain 6, both channels, DC lead-off; the chip's filter is 3 dB down at 262 Hz.
- The chip keeps one sample: what is not read before the next conversion is gone. A pulse counter on DRDY
  (esp32.PCNT: MicroPython 1.26 or newer) says which, exactly, as long as no gap exceeds 16 s.
- The interrupt is a soft one, so samples are lost while flash is written (up to 80 ms) and garbage is
  collected (2 to 3 ms, of which the last sample is still there).
- The chip needs an SPI bus of its own: the interrupt may come in the midst of another chip's transfer.
- The decode is viper code: MicroPython must have a native emitter for the processor.
- `drain_into()` must come at least every 250 ms.

Sources: TI SBAS502C (ADS1292 datasheet), sections named as there.
"""

# ruff: noqa: F821 - ptr8, ptr16, ptr32 and the decorator are viper's; nothing is imported for them

import time
from array import array

from micropython import const

EDGE_MODULUS = 16384  # of the pulse counter: `max` of esp32.PCNT, which then counts 0 to 16383

_EIO = const(5)
_ENODEV = const(19)

# Opcodes (SBAS502C 8.5.2).
_STANDBY = const(0x04)
_START = const(0x08)
_STOP = const(0x0A)
_RDATAC = const(0x10)
_SDATAC = const(0x11)
_RREG = const(0x20)
_WREG = const(0x40)

# Registers (SBAS502C 8.6).
_ID = const(0x00)
_CONFIG2 = const(0x02)
_CH1SET = const(0x04)
_CH2SET = const(0x05)

_NAMES = {0x53: "ADS1292", 0x73: "ADS1292R"}
_SETTINGS = (
    (0x01, 0x03),  # CONFIG1: continuous, 1000 SPS
    (0x02, 0xE0),  # CONFIG2: lead-off comparators and reference buffer on, 2.42 V, no test signal
    (0x03, 0x10),  # LOFF: DC, 6 nA, thresholds 95 and 5 %
    (0x04, 0x00),  # CH1SET: gain 6, electrodes
    (0x05, 0x00),  # CH2SET: the same
    (0x06, 0x2F),  # RLD_SENS: right-leg drive on, from all four inputs
    (0x07, 0x0F),  # LOFF_SENS: all four inputs, current not flipped
    (0x09, 0x02),  # RESP1: as it must be in an ADS1292
    (0x0A, 0x03),  # RESP2: right-leg drive reference inside
)
_MUX_SHORTED = const(0x01)
_MUX_TEST = const(0x05)
_TEST_SQUARE_WAVE = const(0xE3)  # CONFIG2 as above, with a test signal of 1 Hz

_DECODE_US = const(8)  # 4 tCLK: between the bytes of a command, and before chip select (6.6, tSDECODE)
_RESET_US = const(10)  # the pulse: over 1 tMOD, 7.8 us, and far below 4 ms, which would power down
_POWER_UP_MS = const(40)  # 2^12 tMOD, 32 ms, from PWDN/RESET high
_REFERENCE_MS = const(150)  # until the reference has settled on 10 uF
_SILENT_MS = const(200)  # without a conversion: the chip does not run

_FRAME_BYTES = const(9)
_SLOTS = const(256)  # a power of two: a quarter of a second, three times what a drain finds
_LAST_SLOT = const(255)
_LAST_EDGE = const(16383)
_STATUS_MASK = const(0xF0)
_STATUS = const(0xC0)

_FULL_SCALE = const(0x7FFFFF)
_REFERENCE_UV = 2420000.0
_GAIN = 6
_TEST_UV = 1000.0  # 2.42 V / 2420 (8.3.2.2)
_TEST_TOLERANCE = 0.04  # the datasheet's 2 %, and the reference's and the gain's
_MOST_NOISE_UV = 5.0  # RMS; the datasheet's is 1.6 in 262 Hz (7.1)
_TEST_READINGS = const(1100)  # more than one period of the test signal


class ADS1292:
    """The chip behind `spi` (mode 1, at most 20 MHz), with a bus of its own; making one does not touch it.

    `chip_select`, `reset`: output machine.Pin, active low, the latter on PWDN/RESET; `data_ready`: input Pin on
    DRDY; `edges`: counts its falling edges modulo EDGE_MODULUS, such as esp32.PCNT. START is tied to ground.

    `kind`: "raw", samples and not envelopes. `rate_hz`: nominal, the chip's oscillator being within some
    percent. `lsb_uv`: per LSB. `range_raw`: at and beyond it, or below minus it, the input is at its end.
    `offered`: conversions since `start()` up to the last drain; `read`: samples handed out; `lost`: known to
    be missing between these, bad ones included; `bad`: frames without their leading bits; `overruns`: interrupts
    that found all slots full. `gap`: samples lost just before the first one of the last drain.
    `lead_off`: lead-off bits of all samples of the last drain, ORed. `identity`: ID as last read, None before.
    """

    kind = "raw"
    rate_hz = 1000.0
    lsb_uv = _REFERENCE_UV / (_GAIN * _FULL_SCALE)
    range_raw = _FULL_SCALE

    def __init__(self, spi, chip_select, data_ready, edges, reset):
        self._write = spi.write
        self._read_into = spi.readinto
        self._select = chip_select
        self._reset = reset
        self._data_ready = data_ready
        self._edges = edges
        self._edge = edges.value
        self._byte = bytearray(1)
        self._frames = bytearray(_SLOTS * _FRAME_BYTES)
        self._numbers = array("H", bytes(2 * _SLOTS))  # of the edge that offered the frame, per slot
        view = memoryview(self._frames)
        # One view for every slot, and the handler bound once: in the interrupt both would allocate.
        self._slots = tuple(view[at : at + _FRAME_BYTES] for at in range(0, _SLOTS * _FRAME_BYTES, _FRAME_BYTES))
        self._handler = self._on_data_ready
        self._running = False
        self.identity = None
        self._clear(0)

    def identify(self):
        """Return "ADS1292" or "ADS1292R" after a reset (0.05 s); the chip is left awake and idle.

        Raises OSError(ENODEV, identity) when another chip answers, or none (0xFF or 0x00), before anything is written.
        """
        self._silence()
        self._power_up()
        self._command(_SDATAC)  # or RREG is ignored (8.5.2, table 15)
        self.identity = self._read_register(_ID)
        if self.identity not in _NAMES:
            raise OSError(_ENODEV, self.identity)
        return _NAMES[self.identity]

    def start(self):
        """Reset, configure and convert into empty slots.

        Takes about 0.2 s for the reference to settle. Raises OSError(ENODEV, identity) as `identify()`,
        OSError(EIO) when a register does not read back as written.
        """
        self.identify()
        self._configure()
        self._edges.start()
        self._clear(self._edge())
        self._data_ready.irq(self._handler, self._data_ready.IRQ_FALLING)
        self._command(_START)
        self._command(_RDATAC)
        self._running = True

    def stop(self):
        """Convert no more and stand by. What waits in the slots, and the last gap, can still be drained."""
        self._silence()
        self._command(_SDATAC)
        self._command(_STOP)
        self._count_offered()
        self._running = False
        self._command(_STANDBY)

    def drain_into(self, samples, leads):
        """Move consecutive samples into `samples`; return how many, `gap` having been lost before. Allocates nothing.

        `samples`: array('i'), left and right (IN1 and IN2) of each sample in LSB; `leads`: bytearray, a byte a
        sample, LOFF_STAT[4:0]: 1 IN1P, 2 IN1N, 4 IN2P, 8 IN2N, 16 right-leg drive, set where there is no contact.
        The run ends before the next lost sample, or when either is full: drain until 0 is returned without a `gap`.
        Raises OSError(EIO) when the chip has stopped converting by itself: it is gone, or has fallen back to its
        power-on state by a dip of its supply. Start it again then.
        """
        self.lead_off = 0
        waiting = (self._head - self._tail) & _LAST_SLOT
        if self._running and not self._count_offered() and not waiting:
            self._check_alive()
        waiting = self._pass_gap(waiting)
        run = min(waiting, len(samples) >> 1, len(leads))
        if run:
            found = _unpack(self._frames, self._numbers, self._tail, run, samples, leads)
            run = found & 0xFFFF
            self.lead_off = found >> 16
            self._tail = (self._tail + run) & _LAST_SLOT
            self._expected = (self._expected + run) & _LAST_EDGE
            self.read += run
        return run

    def self_test(self):
        """Measure noise and test signal; return dict(noise_uv=(l, r), test_uv=(l, r), passed=bool).

        Noise with the inputs shorted inside, RMS; half the height of the internal square wave, nominally 1000 uV
        (SBAS502C 8.3.2.1 and 8.3.2.2). Takes about 2.5 s and leaves the chip standing by: call `start()` after it.
        Raises OSError as `start()`, and OSError(EIO) when the chip does not convert.
        """
        self.identify()
        self._configure()
        noise_uv = tuple(sd for _, sd in self._measure(_MUX_SHORTED))
        self._write_register(_CONFIG2, _TEST_SQUARE_WAVE)
        test_uv = tuple(half for half, _ in self._measure(_MUX_TEST))
        self._command(_STANDBY)
        passed = all(sd <= _MOST_NOISE_UV for sd in noise_uv)
        passed = passed and all(abs(half / _TEST_UV - 1) <= _TEST_TOLERANCE for half in test_uv)
        return {"noise_uv": noise_uv, "test_uv": test_uv, "passed": passed}

    def _on_data_ready(self, _):
        """Read the newest sample into the next slot: the interrupt's handler."""
        number = self._edge()
        if number == self._newest:
            return  # it waited behind another call, which has read this sample
        head = self._head
        following = (head + 1) & _LAST_SLOT
        if following == self._tail:
            self.overruns += 1
            return
        slot = self._slots[head]
        for _attempt in range(2):
            self._select(0)
            self._read_into(slot, 0)
            self._select(1)
            read_at = self._edge()
            if read_at == number:
                self._numbers[head] = number
                self._newest = number
                self._head = following
                return
            number = read_at  # a conversion has ended meanwhile and may have torn the frame: read the new one

    def _clear(self, edge):
        """Begin with empty slots; the next conversion is the one after `edge`."""
        self._head = self._tail = 0
        self._newest = self._counted = edge
        self._expected = (edge + 1) & _LAST_EDGE
        self._heard_ms = time.ticks_ms()
        self.offered = self.read = self.lost = self.bad = self.overruns = 0
        self.gap = self.lead_off = 0

    def _count_offered(self):
        """Return the conversions since the last call."""
        edge = self._edge()
        new = (edge - self._counted) & _LAST_EDGE
        self._counted = edge
        self.offered += new
        if new:
            self._heard_ms = time.ticks_ms()
        return new

    def _check_alive(self):
        if time.ticks_diff(time.ticks_ms(), self._heard_ms) > _SILENT_MS:
            raise OSError(_EIO)

    def _pass_gap(self, waiting):
        """Skip bad frames and count them and what is missing as `gap`; return how many slots wait behind."""
        self.gap = 0
        while waiting:
            tail = self._tail
            number = self._numbers[tail]
            self.gap += (number - self._expected) & _LAST_EDGE
            self._expected = number
            if self._frames[tail * _FRAME_BYTES] & _STATUS_MASK == _STATUS:
                break
            self.bad += 1
            self.gap += 1
            self._expected = (number + 1) & _LAST_EDGE
            self._tail = (tail + 1) & _LAST_SLOT
            waiting -= 1
        if not waiting and not self._running:
            after = (self._counted + 1) & _LAST_EDGE
            self.gap += (after - self._expected) & _LAST_EDGE
            self._expected = after
        self.lost += self.gap
        return waiting

    def _silence(self):
        """Take no more interrupts."""
        self._data_ready.irq(None)
        time.sleep_ms(1)  # calls that waited already come now, not between the bytes of a command

    def _power_up(self):
        self._reset(1)
        time.sleep_ms(_POWER_UP_MS)
        self._reset(0)
        time.sleep_us(_RESET_US)
        self._reset(1)
        time.sleep_ms(1)

    def _configure(self):
        for register, value in _SETTINGS:
            self._write_register(register, value)
            if self._read_register(register) != value:
                raise OSError(_EIO)
        time.sleep_ms(_REFERENCE_MS)

    def _measure(self, multiplexer):
        """Return (half of the height, standard deviation) of both channels in uV, over a period of the test signal."""
        self._write_register(_CH1SET, multiplexer)
        self._write_register(_CH2SET, multiplexer)
        self._command(_START)
        self._command(_RDATAC)
        readings = array("i")
        for _ in range(_TEST_READINGS):
            readings.extend(self._next_reading())
        self._command(_SDATAC)
        self._command(_STOP)
        return [self._spread(readings, channel) for channel in (0, 1)]

    def _spread(self, readings, channel):
        """Return (half of the height, standard deviation) of one channel of interleaved `readings`, in uV."""
        lowest = highest = readings[channel]
        mean = square = 0.0
        for k in range(_TEST_READINGS):
            value = readings[2 * k + channel]
            lowest, highest = min(lowest, value), max(highest, value)
            mean += value / _TEST_READINGS
        for k in range(_TEST_READINGS):
            square += (readings[2 * k + channel] - mean) ** 2
        return (highest - lowest) / 2 * self.lsb_uv, (square / _TEST_READINGS) ** 0.5 * self.lsb_uv

    def _next_reading(self):
        for _ in range(100):
            if not self._data_ready():
                break
            time.sleep_us(100)
        else:
            raise OSError(_EIO)
        slot = self._slots[0]
        self._select(0)
        self._read_into(slot, 0)
        self._select(1)
        return array("i", (_int24(slot, 3), _int24(slot, 6)))

    def _command(self, opcode):
        self._select(0)
        self._send(opcode)
        self._select(1)

    def _read_register(self, register):
        self._select(0)
        self._send(_RREG | register)
        self._send(0)
        self._read_into(self._byte, 0)
        time.sleep_us(_DECODE_US)
        self._select(1)
        return self._byte[0]

    def _write_register(self, register, value):
        self._select(0)
        self._send(_WREG | register)
        self._send(0)
        self._send(value)
        self._select(1)

    def _send(self, byte):
        """Send one byte and wait until it is decoded, so that the bus may run faster than a command."""
        self._byte[0] = byte
        self._write(self._byte)
        time.sleep_us(_DECODE_US)


@micropython.viper
def _unpack(frames, numbers, first: int, run: int, samples, leads) -> int:
    """Decode up to `run` frames from slot `first` on, until one is bad or not the next; return count | leads << 16."""
    frame_bytes = ptr8(frames)
    number_words = ptr16(numbers)
    sample_words = ptr32(samples)
    lead_bytes = ptr8(leads)
    number = number_words[first]
    all_leads = 0
    count = 0
    while count < run:
        slot = (first + count) & _LAST_SLOT
        at = slot * _FRAME_BYTES
        status = frame_bytes[at]
        if status & _STATUS_MASK != _STATUS or number_words[slot] != number:
            break
        number = (number + 1) & _LAST_EDGE
        off = (status & 0x0F) << 1 | frame_bytes[at + 1] >> 7
        lead_bytes[count] = off
        all_leads |= off
        value = frame_bytes[at + 3] << 16 | frame_bytes[at + 4] << 8 | frame_bytes[at + 5]
        sample_words[2 * count] = value if value <= _FULL_SCALE else value - 0x1000000
        value = frame_bytes[at + 6] << 16 | frame_bytes[at + 7] << 8 | frame_bytes[at + 8]
        sample_words[2 * count + 1] = value if value <= _FULL_SCALE else value - 0x1000000
        count += 1
    return count | all_leads << 16


def _int24(buffer, at):
    value = buffer[at] << 16 | buffer[at + 1] << 8 | buffer[at + 2]
    return value - 0x1000000 if value & 0x800000 else value
