"""LSM6DSOX, LSM6DSO and LSM6DSO32 motion sensors: accelerometer and gyroscope through the FIFO.

Limits, first:
- 104 or 208 Hz, +-16 g and +-2000 deg/s, both sensors always together.
- LSM6DSO/DSOX and LSM6DSO32 answer WHO_AM_I alike and differ in the accelerometer's ranges alone;
  `identify()` tells them apart by weighing gravity, so it wants the clip at rest or running, not falling.
- The FIFO holds 256 samples: 1.23 s at 208 Hz. What is lost beyond that is seen, but only
  known modulo four samples (the 2-bit time slot of a FIFO word); see `lost`.
- One caller: nothing here may be called from an interrupt.

Sources: ST DS12814 (LSM6DSOX datasheet), registers named as there; ST AN5272 (application note),
chapters "FIFO" and "Self-test"; ST DS13225 (LSM6DSO32) for the ranges of CTRL1_XL.
"""

import time

from micropython import const

from hipcue.drivers import i2c_bus

FRAMES_PER_WATERMARK = 16  # samples at 208 Hz between two drains: 77 ms; half of it at 104 Hz

_EIO = const(5)
_ENODEV = const(19)
_ETIMEDOUT = const(110)

# Registers (DS12814, register mapping).
_FIFO_CTRL1 = const(0x07)
_FIFO_CTRL2 = const(0x08)
_FIFO_CTRL3 = const(0x09)
_FIFO_CTRL4 = const(0x0A)
_WHO_AM_I = const(0x0F)
_CTRL1_XL = const(0x10)
_CTRL2_G = const(0x11)
_CTRL3_C = const(0x12)
_CTRL4_C = const(0x13)
_CTRL5_C = const(0x14)
_CTRL6_C = const(0x15)
_CTRL9_XL = const(0x18)
_STATUS_REG = const(0x1E)
_OUTX_L_G = const(0x22)
_OUTX_L_A = const(0x28)
_FIFO_STATUS1 = const(0x3A)
_INTERNAL_FREQ_FINE = const(0x63)
_FIFO_DATA_OUT_TAG = const(0x78)

_IDENTITY = const(0x6C)
_SW_RESET = const(0x01)
_BDU_IF_INC = const(0x44)
_I2C_DISABLED = const(0x04)
_I3C_DISABLED = const(0xE2)  # the reset value of CTRL9_XL and its I3C_disable bit
_FIFO_BYPASS = const(0x00)
_FIFO_CONTINUOUS = const(0x06)
_GYRO_2000DPS = const(0x0C)
_ACCEL_26HZ = const(0x20)
_ACCEL_LOW_POWER = const(0x10)  # XL_HM_MODE of CTRL6_C: at 26 Hz some 25 uA in place of 550 (DS12814, LA_IddLP)
_STATUS2_DIFF = const(0x03)
_STATUS2_ALWAYS_ZERO = const(0x04)
_STATUS2_OVERRUN_LATCHED = const(0x08)
_ACCEL_READY = const(0x01)
_GYRO_READY = const(0x02)

_FIFO_WORDS = const(512)
_WORD_BYTES = const(7)
_BURST_WORDS = const(36)  # a watermark's worth and what arrives while the loop turns round to it
_FRAME_BYTES = const(12)
_TURN_ON_MS = const(100)  # until both outputs have settled (AN5272, "Self-test", the same wait)

# What the tag byte of a FIFO word says (FIFO_DATA_OUT_TAG, 78h).
_MISREAD = const(0)
_GYRO = const(1)
_ACCEL = const(2)
_BOTH = const(3)
_OTHER = const(4)

_STANDARD_GRAVITY_MPS2 = 9.80665
_ACCEL_16G_MG = 0.488  # per LSB (DS12814, mechanical characteristics, LA_So)
_ACCEL_4G_MG = 0.122
_GYRO_2000DPS_DPS = 0.070  # per LSB (the same table, G_So)
_RADIANS_PER_DEGREE = 0.017453293

_STEP_READINGS = const(73)  # at 208 Hz: one running step
_HALF_GRAVITY_LSB = 1449.0  # 1 g / sqrt(2) at 0.488 mg: halfway between 1 g as read by a DSO and a DSO32


def _tag_kinds():
    """Return what each of the 256 tag bytes means: TAG_SENSOR in bits 7:3, even parity over all eight."""
    kinds = bytearray(256)
    for tag in range(256):
        ones = 0
        for bit in range(8):
            ones += tag >> bit & 1
        sensor = tag >> 3
        if ones & 1 == 0 and 1 <= sensor <= 5:
            kinds[tag] = sensor if sensor <= 2 else _OTHER  # 3 temperature, 4 timestamp, 5 CFG_CHANGE
    return bytes(kinds)


_KINDS = _tag_kinds()


class I2CBus:
    """Registers over I2C; `i2c` is a machine.I2C of at most 400 kHz, `free` what i2c_bus.free() needs for it."""

    is_spi = False

    def __init__(self, i2c, free, address=0x6A):
        self._i2c = i2c
        self._free = free
        self._address = address
        self._byte = bytearray(1)

    def read_into(self, register, buffer):
        """Fill `buffer` from `register` on; OSError when the chip does not answer. Allocates nothing."""
        self._i2c.readfrom_mem_into(self._address, register, buffer)

    def write(self, register, value):
        """Write one byte; OSError when the chip does not answer."""
        self._byte[0] = value
        self._i2c.writeto_mem(self._address, register, self._byte)

    def free(self):
        """Have a part that holds the bus let go of it; return as i2c_bus.free()."""
        return i2c_bus.free(*self._free)


class SPIBus:
    """Registers over SPI mode 0 or 3, at most 10 MHz; `chip_select` is an output machine.Pin, active low."""

    is_spi = True

    def __init__(self, spi, chip_select):
        self._spi = spi
        self._chip_select = chip_select
        self._command = bytearray(1)
        self._pair = bytearray(2)

    def read_into(self, register, buffer):
        """Fill `buffer` from `register` on. A missing chip cannot be told here: it reads all ones or zeros."""
        self._command[0] = register | 0x80
        self._chip_select(0)
        self._spi.write(self._command)
        self._spi.readinto(buffer, 0)
        self._chip_select(1)

    def write(self, register, value):
        """Write one byte."""
        self._pair[0] = register
        self._pair[1] = value
        self._chip_select(0)
        self._spi.write(self._pair)
        self._chip_select(1)

    def free(self):
        """Return 0: the chip select ends whatever a part is in the middle of."""
        self._chip_select(1)
        return 0


class LSM6DSOX:
    """The sensor behind `bus` (I2CBus or SPIBus); making one does not touch the bus.

    `accel_scale_mps2`, `gyro_scale_rads`: per LSB.
    `lost`: samples known to be lost; after an overrun the least number above zero that fits the time
    slots on both sides, so short by a multiple of four. `overrun`: latched until `clear_overrun()`.
    `unpaired`: words whose partner never came. `misread`: words with a wrong parity or an unknown tag.
    `identity`: WHO_AM_I as last read, None before.
    """

    accel_range_raw = 32767

    def __init__(self, bus):
        self._bus = bus
        self._nominal_hz = 208
        self._trim = 0  # of the oscillator, in 0.15 %
        self.accel_scale_mps2 = _ACCEL_16G_MG * _STANDARD_GRAVITY_MPS2 / 1000
        self.gyro_scale_rads = _GYRO_2000DPS_DPS * _RADIANS_PER_DEGREE
        self.lost = 0
        self.overrun = False
        self.unpaired = 0
        self.misread = 0
        self.identity = None
        self._is_dso32 = False
        self._byte = bytearray(1)
        self._status = bytearray(2)
        self._vector = bytearray(6)
        self._half = bytearray(_FRAME_BYTES)  # the frame that waits for its other word
        self._have = 0  # which of _GYRO and _ACCEL it holds
        self._slot = 0  # and of which time slot
        self._last_slot = -1  # of the last whole frame; -1: none since start()
        self._overran = False  # since the last whole frame
        self._burst = bytearray(_BURST_WORDS * _WORD_BYTES)
        view = memoryview(self._burst)
        # One view for every length of burst: slicing at the time would allocate.
        self._bursts = tuple(view[: words * _WORD_BYTES] for words in range(_BURST_WORDS + 1))

    @property
    def rate_hz(self):
        """The output rate as the oscillator's trim makes it, true after `start()`."""
        return self._nominal_hz * (1 + 0.0015 * self._trim)

    def identify(self):
        """Return "LSM6DSO/DSOX" or "LSM6DSO32" after one running step's worth (0.4 s) of acceleration.

        The mean specific force over a step is 1 g within a few tenths, standing or running; a DSO32 reads
        it half as large, for the same code of CTRL1_XL is twice the range there. Leaves the sensor powered
        down. Raises OSError(ENODEV, identity) when another chip answers, before anything is written; the
        bus's own OSError when none does.
        """
        self._check_identity()
        self._bus.write(_CTRL3_C, _BDU_IF_INC)
        self._bus.write(_CTRL1_XL, 0x54)
        time.sleep_ms(20)
        x_sum = y_sum = z_sum = 0
        for _ in range(_STEP_READINGS):
            time.sleep_ms(5)
            x, y, z = self._read_vector(_OUTX_L_A)
            x_sum += x
            y_sum += y
            z_sum += z
        self._bus.write(_CTRL1_XL, 0)
        length = (float(x_sum) ** 2 + float(y_sum) ** 2 + float(z_sum) ** 2) ** 0.5 / _STEP_READINGS
        self._is_dso32 = length < _HALF_GRAVITY_LSB
        return "LSM6DSO32" if self._is_dso32 else "LSM6DSO/DSOX"

    def start(self, rate_hz):
        """Reset, configure and run both sensors into an empty FIFO at `rate_hz`, nominal 104 or 208.

        Takes about 0.1 s for the outputs to settle. Raises ValueError for another rate, OSError(ENODEV,
        identity) when another chip answers, OSError when none does or its reset does not end.
        """
        if rate_hz not in (104, 208):
            raise ValueError("the motion sensor runs at 104 or 208 Hz, not %s" % rate_hz)
        self._check_identity()
        self._reset()
        write = self._bus.write
        write(_CTRL3_C, _BDU_IF_INC)
        write(_CTRL9_XL, _I3C_DISABLED)
        if self._bus.is_spi:
            write(_CTRL4_C, _I2C_DISABLED)  # or it takes another chip's SPI traffic for I2C meant for it
        write(_FIFO_CTRL2, 0)
        write(_FIFO_CTRL1, 2 * FRAMES_PER_WATERMARK * rate_hz // 208)
        rate_code = 5 if rate_hz == 208 else 4
        write(_FIFO_CTRL3, rate_code << 4 | rate_code)
        write(_CTRL1_XL, rate_code << 4 | self._accel_range(1, 3))
        write(_CTRL2_G, rate_code << 4 | _GYRO_2000DPS)
        time.sleep_ms(_TURN_ON_MS)
        # The trim, a signed byte of 0.15 % steps, is that of an oscillator which must be running by now.
        trim = self._read_byte(_INTERNAL_FREQ_FINE)
        self._trim = trim - 256 if trim > 127 else trim
        self._nominal_hz = rate_hz
        self._have = 0
        self._last_slot = -1
        self._overran = False
        # Last, so that the first word is a settled one; no timestamps: they would take a third of the FIFO.
        write(_FIFO_CTRL4, _FIFO_CONTINUOUS)

    def stop(self):
        """Empty the FIFO and power both sensors down."""
        self._bus.write(_FIFO_CTRL4, _FIFO_BYPASS)
        self._bus.write(_CTRL1_XL, 0)
        self._bus.write(_CTRL2_G, 0)

    def doze(self):
        """Sample for the FIFO no more: gyroscope off, accelerometer at 26 Hz and low power, for `acceleration_into()`.

        Raises OSError when the sensor does not answer. `start()` ends it.
        """
        self._bus.write(_FIFO_CTRL4, _FIFO_BYPASS)
        self._bus.write(_CTRL2_G, 0)
        self._bus.write(_CTRL6_C, _ACCEL_LOW_POWER)
        self._bus.write(_CTRL1_XL, _ACCEL_26HZ | self._accel_range(1, 3))

    def acceleration_into(self, vector):
        """Fill `vector`, bytearray of 6, with the newest acceleration, int16 little-endian ax ay az; else OSError."""
        self._bus.read_into(_OUTX_L_A, vector)

    def free_bus(self):
        """Have a part that holds the bus let go; return the clocks it took, 0 if none holds it, -1 if it holds on."""
        return self._bus.free()

    def clear_overrun(self):
        """Forget the latched `overrun`."""
        self.overrun = False

    def drain_into(self, frames):
        """Move whole samples from the FIFO into `frames`; return how many. Allocates nothing.

        `frames`: bytearray or memoryview, one sample each 12 bytes, int16 little-endian gx gy gz ax ay az
        in the sensor's frame. What does not fit stays in the FIFO. Raises OSError when the sensor does not
        answer, samples read before it fell silent being returned first, or when it is not running: not
        started, or fallen back to its power-on state by a dip of its supply. Start it again then.
        """
        room = len(frames) // _FRAME_BYTES
        waiting = self._words_waiting()
        words = waiting
        count = 0
        if room and self._have:
            _copy(self._half, 0, frames, 0)
        while words:
            burst_words = min(words, 2 * (room - count) - (1 if self._have else 0), _BURST_WORDS)
            if burst_words <= 0:
                break
            try:
                self._bus.read_into(_FIFO_DATA_OUT_TAG, self._bursts[burst_words])
            except OSError:
                self._drop_half()  # words may have gone with the burst
                if words == waiting:
                    raise
                break
            count = self._unpack(burst_words, frames, count)
            words -= burst_words
        if room and self._have:
            _copy(frames, count * _FRAME_BYTES, self._half, 0)
        return count

    def self_test(self):
        """Run the sensor's self-test; return dict(accel_mg=(x, y, z), gyro_dps=(x, y, z), passed=bool).

        The clip must lie still. Positive self-test of both sensors, mean of five readings with it less
        without it, against 50..1700 mg and 150..700 deg/s (DS12814, LA_ST and G_ST; AN5272, "Self-test").
        Takes about 1 s and leaves the sensor powered down: call `start()` after it.
        """
        self._check_identity()
        self._reset()
        self._bus.write(_CTRL3_C, _BDU_IF_INC)
        self._bus.write(_CTRL1_XL, 0x30 | self._accel_range(2, 0))  # 52 Hz, 4 g
        accel = self._self_test_response(_OUTX_L_A, _ACCEL_READY, 0x01)
        self._bus.write(_CTRL1_XL, 0)
        self._bus.write(_CTRL2_G, 0x5C)  # 208 Hz, 2000 deg/s
        gyro = self._self_test_response(_OUTX_L_G, _GYRO_READY, 0x04)
        self._bus.write(_CTRL2_G, 0)
        accel_mg = tuple(value * _ACCEL_4G_MG for value in accel)
        gyro_dps = tuple(value * _GYRO_2000DPS_DPS for value in gyro)
        passed = all(50 <= abs(value) <= 1700 for value in accel_mg)
        passed = passed and all(150 <= abs(value) <= 700 for value in gyro_dps)
        return {"accel_mg": accel_mg, "gyro_dps": gyro_dps, "passed": passed}

    def _words_waiting(self):
        self._bus.read_into(_FIFO_STATUS1, self._status)
        high = self._status[1]
        words = self._status[0] | (high & _STATUS2_DIFF) << 8
        if words > _FIFO_WORDS or high & _STATUS2_ALWAYS_ZERO:
            raise OSError(_EIO)  # an SPI bus with no chip on it reads all ones
        if words == 0 and self._read_byte(_FIFO_CTRL4) != _FIFO_CONTINUOUS:
            raise OSError(_EIO)
        if high & _STATUS2_OVERRUN_LATCHED:
            self.overrun = True
            self._overran = True
            self._drop_half()
        return words

    def _drop_half(self):
        """Give up the word that waits: where words were lost, a later one may bear its two-bit time slot."""
        if self._have:
            self.unpaired += 1
            self._have = 0

    def _unpack(self, words, frames, count):
        burst = self._burst
        have = self._have
        at = 0
        to = count * _FRAME_BYTES
        for _ in range(words):
            tag = burst[at]
            kind = _KINDS[tag]
            if kind == _GYRO or kind == _ACCEL:
                slot = tag >> 1 & 3
                if have and (have & kind or slot != self._slot):
                    self.unpaired += 1
                    have = 0
                self._slot = slot
                start = to if kind == _GYRO else to + 6
                for k in range(6):
                    frames[start + k] = burst[at + 1 + k]
                have |= kind
                if have == _BOTH:
                    self._count_missing(slot)
                    have = 0
                    to += _FRAME_BYTES
                    count += 1
            elif kind == _MISREAD:
                self.misread += 1
            at += _WORD_BYTES
        self._have = have
        return count

    def _count_missing(self, slot):
        if self._last_slot < 0:
            missing = 0
        else:
            missing = (slot - self._last_slot - 1) & 3
        if self._overran:
            self._overran = False
            missing = missing or (1 if self._last_slot < 0 else 4)
        self.lost += missing
        self._last_slot = slot

    def _check_identity(self):
        self.identity = self._read_byte(_WHO_AM_I)
        if self.identity != _IDENTITY:
            raise OSError(_ENODEV, self.identity)

    def _reset(self):
        self._bus.write(_CTRL3_C, _SW_RESET)
        for _ in range(20):
            time.sleep_ms(1)
            if not self._read_byte(_CTRL3_C) & _SW_RESET:
                return
        raise OSError(_ETIMEDOUT)

    def _accel_range(self, dso_code, dso32_code):
        return (dso32_code if self._is_dso32 else dso_code) << 2

    def _read_byte(self, register):
        self._bus.read_into(register, self._byte)
        return self._byte[0]

    def _read_vector(self, register):
        self._bus.read_into(register, self._vector)
        return tuple(_int16(self._vector, at) for at in (0, 2, 4))

    def _self_test_response(self, register, ready, self_test_bit):
        """Return what the self-test adds to the three axes, in LSB."""
        time.sleep_ms(_TURN_ON_MS)
        without = self._mean_of_five(register, ready)
        self._bus.write(_CTRL5_C, self_test_bit)
        time.sleep_ms(_TURN_ON_MS)
        with_it = self._mean_of_five(register, ready)
        self._bus.write(_CTRL5_C, 0)
        return tuple(with_it[axis] - without[axis] for axis in range(3))

    def _mean_of_five(self, register, ready):
        self._read_when_ready(register, ready)  # the first may be from before the change
        readings = [self._read_when_ready(register, ready) for _ in range(5)]
        return tuple(sum(reading[axis] for reading in readings) / 5 for axis in range(3))

    def _read_when_ready(self, register, ready):
        for _ in range(50):
            if self._read_byte(_STATUS_REG) & ready:
                return self._read_vector(register)
            time.sleep_ms(2)
        raise OSError(_ETIMEDOUT)


def _int16(buffer, at):
    value = buffer[at] | buffer[at + 1] << 8
    return value - 65536 if value > 32767 else value


def _copy(source, source_at, target, target_at):
    for k in range(_FRAME_BYTES):
        target[target_at + k] = source[source_at + k]
