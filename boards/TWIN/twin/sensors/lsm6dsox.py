"""LSM6DSOX, LSM6DSO and LSM6DSO32 at their registers (DS12814; AN5272; DS13225 for the DSO32).

Modelled: identity, software reset, register auto-increment, block data update, output rates and ranges,
output registers and their ready bits, the FIFO (bypass, FIFO and continuous mode, batch rates, temperature
and timestamp words, watermark, overrun and its latch), timestamp, clock trim and self-test. Not modelled:
filters, embedded functions, interrupts on pins; a FIFO mode that is not modelled is refused.

Faults: `imu_silent` (`from_s`, `to_s`): does not answer; `imu_reset` (`at_s`): falls back to its power-on
state, as after a dip of the supply; `imu_stale` (`at_s`): makes no new sample until it is reset;
`imu_repeats` (`at_s`, `for_s`, `slots`, `stays`): makes the same sample again and again, so long or, unless it
`stays`, until it is reset; with time slots that go on or, `slots` being "stand", do not;
`accel_self_test_weak`, `gyro_self_test_weak`: fails its self-test.

Nothing runs by itself: what happened since the last access is made up for at the next one.
"""

from array import array

import uctypes

from twin.sensors.fifo import ACCEL, DEPTH, GYRO, TEMPERATURE, TIMESTAMP, WORD_BYTES, Fifo, tag_byte

STANDARD_GRAVITY_MPS2 = 9.80665
RADIANS_PER_DEGREE = 0.017453293

_ENODEV = 19

_RESET_VALUES = {0x02: 0x3F, 0x12: 0x04, 0x18: 0xE0}
_READ_ONLY = {0x0F, 0x63} | set(range(0x1A, 0x3E)) | set(range(0x40, 0x44)) | set(range(0x78, 0x7F))
_RESET_US = 50

# mg per LSB by the code in CTRL1_XL, and mdps per LSB by the code in CTRL2_G.
_ACCEL_MG = (0.061, 0.488, 0.122, 0.244)
_GYRO_MDPS = {0: 8.75, 1: 4.375, 2: 17.5, 4: 35.0, 6: 70.0}
# The self-test adds this much on every axis: well within 50..1700 mg and 150..700 deg/s; weak: below.
_SELF_TEST_MG = 400.0
_SELF_TEST_DPS = 350.0
_WEAK_SELF_TEST_MG = 20.0
_WEAK_SELF_TEST_DPS = 60.0
_ACCEL_SELF_TEST_SIGNS = (0, 1, -1, 0)  # by ST_XL and by ST_G in CTRL5_C
_GYRO_SELF_TEST_SIGNS = (0, 1, 0, -1)

_TEMPERATURE_TICKS = {0: 0, 1: 128, 2: 16, 3: 4}  # 1.6, 12.5 and 52 Hz when the batch rate is 208 Hz
_TIMESTAMP_TICKS = (0, 1, 8, 32)
_CHUNK = 64


class LSM6DSOX:
    """One chip. `motion`: a Motion; `now_us`: the clock; `is_dso32`; `faults`: a list of dicts as in the scene."""

    def __init__(self, motion, now_us, true_rate_hz, identity=0x6C, is_dso32=False, faults=(), temperature_c=25.0):
        self._motion = motion
        self._now_us = now_us
        self._identity = identity
        self._accel_factor = 2 if is_dso32 else 1
        self._silences = [(int(f["from_s"] * 1e6), int(f["to_s"] * 1e6)) for f in faults if f["kind"] == "imu_silent"]
        self._dips_us = sorted(int(f["at_s"] * 1e6) for f in faults if f["kind"] == "imu_reset")
        self._stale_us = sorted(int(f["at_s"] * 1e6) for f in faults if f["kind"] == "imu_stale")
        self._repeats_us = sorted(
            (int(f["at_s"] * 1e6), int((f["at_s"] + f["for_s"]) * 1e6), f.get("slots") == "stand", f.get("stays"))
            for f in faults
            if f["kind"] == "imu_repeats"
        )
        self._repeats = None  # the fault among them that has come
        kinds = [f["kind"] for f in faults]
        self._self_test_mg = _WEAK_SELF_TEST_MG if "accel_self_test_weak" in kinds else _SELF_TEST_MG
        self._self_test_dps = _WEAK_SELF_TEST_DPS if "gyro_self_test_weak" in kinds else _SELF_TEST_DPS
        self._trim = max(-128, min(127, round((true_rate_hz / motion.nominal_hz - 1) / 0.0015)))
        self._temperature_raw = int(round((temperature_c - 25.0) * 256))
        self._fifo = Fifo()
        self._raw = array("h", bytes(12 * _CHUNK))
        self._repeated = array("h", bytes(12))
        # The same memory, byte by byte: memoryview.cast() is not in MicroPython.
        self._raw_bytes = memoryview(uctypes.bytearray_at(uctypes.addressof(self._raw), 12 * _CHUNK))
        self._reset()

    # The bus.

    def is_silent(self):
        """Return whether the chip does not answer now."""
        now_us = self._now_us()
        return any(start <= now_us < end for start, end in self._silences)

    def read_into(self, register, buffer):
        """Read registers from `register` on; OSError(ENODEV), as an ESP32 gives on a NACK, while silent."""
        if self.is_silent():
            raise OSError(_ENODEV)
        self._catch_up()
        increment = self._registers[0x12] & 0x04
        if register == 0x78 and increment and len(buffer) % WORD_BYTES == 0:
            self._fifo.pop_into(buffer)
            return
        for k in range(len(buffer)):
            buffer[k] = self._read(register)
            if increment:
                register = 0x78 if register == 0x7E else register + 1 & 0x7F

    def write(self, register, data):
        """Write registers from `register` on."""
        if self.is_silent():
            raise OSError(_ENODEV)
        self._catch_up()
        for value in data:
            self._write(register, value)
            if self._registers[0x12] & 0x04:
                register = register + 1 & 0x7F

    # Registers.

    def _reset(self):
        self._stale = False
        if self._repeats and not self._repeats[3]:
            self._repeats = None
        self._registers = bytearray(128)
        for register in _RESET_VALUES:
            self._registers[register] = _RESET_VALUES[register]
        self._registers[0x0F] = self._identity
        self._registers[0x63] = self._trim & 0xFF
        self._reset_until_us = self._now_us() + _RESET_US
        self._timestamp_start_us = None
        self._held = {}  # output words between the reading of their halves
        self._seen = {GYRO: -1, ACCEL: -1}
        self._fifo.clear()
        self._decode()

    def _write(self, register, value):
        if register in _READ_ONLY:
            if register == 0x42 and value == 0xAA and self._timestamp_start_us is not None:
                self._timestamp_start_us = self._now_us()  # TIMESTAMP2: writing AAh starts it anew
            return
        if register == 0x12 and value & 0x01:
            self._reset()
            return
        self._registers[register] = value & 0x7F if register == 0x12 else value  # BOOT ends by itself
        if register == 0x19:
            self._timestamp_start_us = self._now_us() if value & 0x20 else None
        elif register in (0x09, 0x0A, 0x10, 0x11, 0x14):
            self._decode()

    def _read(self, register):
        if register == 0x12:
            return self._registers[0x12] | (1 if self._now_us() < self._reset_until_us else 0)
        if register == 0x1E:
            return self._status()
        if 0x20 <= register <= 0x2D:
            return self._output(register)
        if register == 0x3A:
            return self._fifo.count & 0xFF
        if register == 0x3B:
            return self._fifo_status2()
        if 0x40 <= register <= 0x43:
            return self._timestamp(self._now_us()) >> 8 * (register - 0x40) & 0xFF
        if 0x78 <= register <= 0x7E:
            value = self._fifo.peek(register - 0x78)
            if register == 0x7E:
                self._fifo.pop()
            return value
        return self._registers[register]

    def _decode(self):
        """Work out rates, scales and offsets from the control registers; FIFO batching starts anew."""
        registers = self._registers
        self._accel_rate = registers[0x10] >> 4
        self._gyro_rate = registers[0x11] >> 4
        self._accel_batch = min(registers[0x09] & 0x0F, self._accel_rate)
        self._gyro_batch = min(registers[0x09] >> 4, self._gyro_rate)
        self._batch = max(self._accel_batch, self._gyro_batch)
        mode = registers[0x0A] & 0x07
        if mode not in (0, 1, 6):
            raise NotImplementedError("FIFO mode %d" % mode)
        self._fifo.keeps_oldest = mode == 1
        if mode == 0:
            self._fifo.clear()
            self._ticks = 0
        if self._batch:
            self._batched = self._motion.sample_at(self._now_us(), self._batch)
        mg = _ACCEL_MG[registers[0x10] >> 2 & 3] * self._accel_factor
        mdps = _GYRO_MDPS.get(registers[0x11] >> 1 & 7, 8.75)
        self._gains = (1000 / (mdps * RADIANS_PER_DEGREE), 1000 / (mg * STANDARD_GRAVITY_MPS2))
        accel = self._self_test_mg / mg * _ACCEL_SELF_TEST_SIGNS[registers[0x14] & 3]
        gyro = self._self_test_dps * 1000 / mdps * _GYRO_SELF_TEST_SIGNS[registers[0x14] >> 2 & 3]
        self._offsets = (gyro, gyro, gyro, accel, accel, accel)

    # Output registers.

    def _status(self):
        now_us = self._now_us()
        status = 0x04 if self._accel_rate or self._gyro_rate else 0
        if self._accel_rate and self._motion.sample_at(now_us, self._accel_rate) != self._seen[ACCEL]:
            status |= 0x01
        if self._gyro_rate and self._motion.sample_at(now_us, self._gyro_rate) != self._seen[GYRO]:
            status |= 0x02
        return status

    def _output(self, register):
        pair = register & 0x7E
        if self._registers[0x12] & 0x40:  # BDU: the first half read holds the word until the other is read
            if pair in self._held:
                word = self._held.pop(pair)
            else:
                word = self._held[pair] = self._output_word(pair)
        else:
            word = self._output_word(pair)
        return word >> 8 & 0xFF if register & 1 else word & 0xFF

    def _output_word(self, pair):
        if pair == 0x20:
            return self._temperature_raw
        sensor, rate = (GYRO, self._gyro_rate) if pair < 0x28 else (ACCEL, self._accel_rate)
        if not rate:
            return 0
        sample = self._motion.sample_at(self._now_us(), rate)
        self._seen[sensor] = sample
        self._motion.quantise_into(self._raw, sample, 1, rate, self._gains, self._offsets)
        return self._raw[(pair - 0x22) // 2]

    def _timestamp(self, time_us):
        if self._timestamp_start_us is None:
            return 0
        # 25 us a step, on the same trimmed clock as the output rate.
        return (time_us - self._timestamp_start_us) * (10000 + 15 * self._trim) // 250000 & 0xFFFFFFFF

    # The FIFO.

    def _fifo_status2(self):
        fifo = self._fifo
        watermark = self._registers[0x07] | (self._registers[0x08] & 1) << 8
        value = fifo.count >> 8
        value |= 0x08 if fifo.overrun_latched else 0
        value |= 0x20 if fifo.count >= DEPTH - 2 else 0
        value |= 0x40 if fifo.overrun else 0
        value |= 0x80 if watermark and fifo.count >= watermark else 0
        fifo.overrun_latched = False  # reading this register clears the latch
        return value

    def _catch_up(self):
        """Live through what has happened since the last access: dips of the supply, samples to be batched."""
        while self._dips_us and self._dips_us[0] <= self._now_us():
            self._dips_us.pop(0)
            self._reset()
        while self._stale_us and self._stale_us[0] <= self._now_us():
            self._stale_us.pop(0)
            self._stale = True
        while self._repeats_us and self._repeats_us[0][0] <= self._now_us():
            self._repeats = self._repeats_us.pop(0)
        if self._stale:
            return
        if not self._batch or not self._registers[0x0A] & 0x07:
            return
        newest = self._motion.sample_at(self._now_us(), self._batch)
        due = newest - self._batched
        if due > DEPTH and not self._fifo.keeps_oldest:
            # What would be overwritten again needs no making up.
            self._ticks += due - DEPTH
            self._batched += due - DEPTH
            due = DEPTH
            self._fifo.lose(DEPTH)
        while due > 0:
            run = 1 if self._repeats else min(due, _CHUNK)
            first = self._batched + 1
            self._motion.quantise_into(self._raw, first, run, self._batch, self._gains, self._offsets)
            slot_stands = self._repeats and self._repeat(first, run)
            self._store(first, run)
            if slot_stands:
                self._ticks -= run
            self._batched += run
            due -= run

    def _repeat(self, first, run):
        """Put the sample at which the fault began in place of those since; return whether time slots stand still."""
        begun_us, end_us, slots_stand, _ = self._repeats
        begun, end = (self._motion.sample_at(time_us, self._batch) for time_us in (begun_us, end_us))
        self._motion.quantise_into(self._repeated, begun, 1, self._batch, self._gains, self._offsets)
        for sample in range(max(first, begun), min(first + run, end)):
            at = 6 * (sample - first)
            self._raw[at : at + 6] = self._repeated
        return slots_stand and first < end

    def _store(self, first, run):
        batching = self._registers[0x0A]
        both = self._accel_batch == self._gyro_batch
        if both and batching == 0x06:
            self._fifo.push_frames(self._raw_bytes, run, self._ticks)
            self._ticks += run
            return
        for k in range(run):
            self._store_slot(first + k, k * 12, batching)
            self._ticks += 1

    def _store_slot(self, sample, at, batching):
        """Store all words of one time slot."""
        tick = self._ticks
        push = self._fifo.push
        every = _TEMPERATURE_TICKS[batching >> 4 & 3]
        if every and tick % every == 0:
            push(tag_byte(TEMPERATURE, tick), (self._temperature_raw & 0xFFFF).to_bytes(2, "little") + bytes(4))
        if self._gyro_batch and tick % (1 << self._batch - self._gyro_batch) == 0:
            push(tag_byte(GYRO, tick), self._raw_bytes[at : at + 6])
        if self._accel_batch and tick % (1 << self._batch - self._accel_batch) == 0:
            push(tag_byte(ACCEL, tick), self._raw_bytes[at + 6 : at + 12])
        every = _TIMESTAMP_TICKS[batching >> 6]
        if every and tick % every == 0:
            timestamp = self._timestamp(self._motion.time_us(sample, self._batch))
            push(tag_byte(TIMESTAMP, tick), timestamp.to_bytes(4, "little") + bytes(2))
