"""ADS1292 at its registers and opcodes (TI SBAS502C: 8.3.8 data format, 8.5 programming, 8.6 register map).

Modelled: power-up and reset by pin and opcode, continuous and commanded data reads, conversions on the
chip's own clock with the settling after START, DRDY, the output register that a conversion overwrites whether
it was read or not, a read that a conversion tears, register access ignored in RDATAC, the decoding time of
4 tCLK between the bytes of a command, SPI mode, gains, power-down, input short, test signal, noise,
saturation, DC lead-off. Not modelled: GPIO, respiration, AC lead-off, offset calibration; an input
multiplexer setting that is not modelled is refused.

Faults: `emg_silent` (`from_s`, `to_s`): does not answer or convert; `emg_reset` (`at_s`): falls back to its
power-on state; `emg_bad_status` (`from_s`, `to_s`): frames without their leading 1100; `emg_drdy_stuck` (`from_s`,
`to_s`, `level`): DRDY stays there, while conversions go on; `emg_repeats` (`from_s`, `to_s`, `until_reset`): DRDY
toggles, but the output register keeps its frame, so long or, with `until_reset`, not after a reset; `lead_off`
(`lead`: IN1P, IN1N, IN2P, IN2N or RLD, `from_s`, `to_s`): that electrode has no contact.
"""

from twin.sensors.noise import gaussian

_CLOCK_NS = 1953  # tCLK of 512 kHz
_DECODE_NS = 4 * _CLOCK_NS  # SBAS502C 6.6, tSDECODE
_RESET_US = 36  # 18 tCLK, SBAS502C 8.5.2, RESET
_POWER_UP_US = 32000  # 2^12 tMOD
_POWER_DOWN_US = 4000  # 2^9 tMOD: a longer pulse on PWDN/RESET switches off
_SETTLING_CONVERSIONS = 4  # from START to the first DRDY, sinc3 and one (SBAS502C 8.4)

_RESET_VALUES = b"\x00\x02\x80\x10\x00\x00\x00\x00\x00\x00\x02\x0c"  # SBAS502C 8.6
_ID, _CONFIG1, _CONFIG2, _LOFF, _CH1SET, _RLD_SENS, _LOFF_SENS, _LOFF_STAT = 0, 1, 2, 3, 4, 6, 7, 8
_READ_ONLY = (_ID,)
_GAINS = (6, 1, 2, 3, 4, 8, 12)
_REFERENCE_UV = 2420000
_FULL_SCALE = (1 << 23) - 1
_TEST_UV = _REFERENCE_UV / 2420  # SBAS502C 8.3.2.2
_TEST_HALF_PERIOD_US = 512000  # 2^19 tCLK a period
# SBAS502C front page: 8 uVpp within 150 Hz at gain 6, 6.6 times the RMS (7.1); as its bandwidth to 262 Hz.
_NOISE_UV = 8 / 6.6 * (262 / 150) ** 0.5
# Where the chip is in a command of several bytes: the opcodes themselves while their count is awaited.
_RREG, _WREG, _READING, _WRITING, _DATA = 0x20, 0x40, 1, 2, 3
_LEADS = ("IN1P", "IN1N", "IN2P", "IN2N", "RLD")  # by bit of LOFF_STAT
_FRAME_BYTES = 9
_NEVER_US = 1 << 60


class ADS1292:
    """One chip, its SPI port and pins. `electrodes`: an Electrodes; `now_us`: the clock; `faults`: as in the scene;
    `noise_uv`: RMS, at the input.

    `edges`: falling edges of DRDY, which are conversions, since power-on; `next_edge_us`: when the next one comes.
    `read`: conversions that were read whole; `overwritten`: that were gone before they were.
    `undecoded`: command bytes that came too soon after the one before.
    """

    def __init__(self, electrodes, now_us, identity=0x53, faults=(), noise_uv=_NOISE_UV):
        self._electrodes = electrodes
        self._now_us = now_us
        self._identity = identity
        self._silences = _spans(faults, "emg_silent")
        self._bad_frames = _spans(faults, "emg_bad_status")
        self._stuck = [
            (int(fault["from_s"] * 1e6), int(fault["to_s"] * 1e6), fault["level"])
            for fault in faults
            if fault["kind"] == "emg_drdy_stuck"
        ]
        self._repeats = [
            (int(fault["from_s"] * 1e6), int(fault["to_s"] * 1e6), fault.get("until_reset"))
            for fault in faults
            if fault["kind"] == "emg_repeats"
        ]
        self._edgeless = self._silences + [(start_us, end_us) for start_us, end_us, _ in self._stuck]
        self._dips_us = sorted(int(fault["at_s"] * 1e6) for fault in faults if fault["kind"] == "emg_reset")
        self._off = [
            (_LEADS.index(fault["lead"]), int(fault["from_s"] * 1e6), int(fault["to_s"] * 1e6))
            for fault in faults
            if fault["kind"] == "lead_off"
        ]
        self._rate_mhz = int(electrodes.rate_hz * 1000 + 0.5)
        self._noise = gaussian(1009, noise_uv)
        self._frame = bytearray(_FRAME_BYTES)
        self.edges = 0
        self.read = 0
        self.overwritten = 0
        self.undecoded = 0
        self._selected = False
        self._low_since_us = None
        self._ready_us = now_us() + _POWER_UP_US
        self._is_new = self._is_unread = False
        self._reset()

    # Pins.

    def select(self):
        """Chip select goes low."""
        self._selected = True
        self._command = None
        self._position = 0

    def deselect(self):
        """Chip select goes high."""
        self._selected = False

    def set_reset_pin(self, level):
        """PWDN/RESET: a short low resets, a long one powers down."""
        self.convert()
        now_us = self._now_us()
        if not level:
            self._low_since_us = now_us
        elif self._low_since_us is not None:
            down = now_us - self._low_since_us >= _POWER_DOWN_US
            self._ready_us = now_us + (_POWER_UP_US if down else _RESET_US)
            self._low_since_us = None
        self._reset()

    def data_ready_level(self):
        """Return DRDY: low from a conversion until its first bit is clocked out."""
        self.convert()
        now_us = self._now_us()
        for start_us, end_us, level in self._stuck:
            if start_us <= now_us < end_us:
                return level
        return 0 if self._is_new else 1

    # Conversions.

    def convert(self):
        """Bring `edges`, `next_edge_us` and `overwritten` up to now."""
        now_us = self._now_us()
        while self.next_edge_us <= now_us:
            if self._dips_us and self._dips_us[0] <= self.next_edge_us:
                self._dips_us.pop(0)
                self._reset()
                return
            if self._is_unread:
                self.overwritten += 1
            self.edges += 1
            self._conversion += 1
            self._is_new = self._is_unread = True
            self._converted_us = self.next_edge_us
            self._schedule()

    def _schedule(self):
        """Work out when the next conversion ends; a silent chip, or a DRDY that is stuck, leaves its edges out."""
        if not self._converting:
            self.next_edge_us = _NEVER_US
            return
        while True:
            self.next_edge_us = self._started_us + self._conversion * 1000000000 // self._sps_mhz
            for start_us, end_us in self._edgeless:
                if start_us <= self.next_edge_us < end_us:
                    self._conversion += 1
                    break
            else:
                return

    def _start(self):
        self._stop()
        self._converting = True
        code = min(self._registers[_CONFIG1] & 7, 6)
        self._sps_mhz = self._rate_mhz << code >> 3
        self._started_us = self._now_us()
        self._start_index = self._started_us * self._rate_mhz // 1000000000
        self._conversion = _SETTLING_CONVERSIONS  # the number of the next one, counted from START
        self._schedule()

    def _stop(self):
        if self._is_unread:
            self.overwritten += 1
        self._converting = False
        self._is_new = self._is_unread = False
        self.next_edge_us = _NEVER_US

    def _reset(self):
        self._repeats = [span for span in self._repeats if not (span[2] and span[0] <= self._now_us())]
        self._registers = bytearray(_RESET_VALUES)
        self._registers[_ID] = self._identity
        self._continuous = True  # SBAS502C 8.5.2: RDATAC is the default mode at power-up
        self._command = None
        self._position = 0
        self._byte_end_ns = 0
        self._frame[:] = bytes(_FRAME_BYTES)
        self._latched = self.edges
        self._stop()

    # The bus.

    def exchange(self, out, into, bus):
        """Clock `out` in and fill `into`, of the same length; either may be None. All ones where nothing answers."""
        self.convert()
        if not self._selected or bus.mode != 1 or not self._answers():
            if into is not None:
                into[:] = b"\xff" * len(into)
        elif self._continuous and into is not None and not any(out):
            self._shift_frame(into, bus.bit_rate_hz)
        else:
            self._exchange_bytes(out, into, 8000000000 // bus.bit_rate_hz)

    def _answers(self):
        now_us = self._now_us()
        if self._low_since_us is not None or now_us < self._ready_us:
            return False
        while self._dips_us and self._dips_us[0] <= now_us:
            self._dips_us.pop(0)
            self._reset()
        return not any(start_us <= now_us < end_us for start_us, end_us in self._silences)

    def _shift_frame(self, into, bit_rate_hz):
        """Read on in the frame; what a conversion falls into gets the rest of the new one, and counts as unread."""
        self._latch()
        count = len(into)
        now_us = self._now_us()
        first = self._position
        self._position += count
        if self.next_edge_us <= now_us + 8000000 * count // bit_rate_hz:
            kept = (self.next_edge_us - now_us) * bit_rate_hz // 8000000
            self._copy_frame(into, first, 0, kept)
            self._latch_next()
            self._copy_frame(into, first, kept, count)
            return
        self._copy_frame(into, first, 0, count)
        self._is_new = False
        if self._is_unread and first == 0 and count >= _FRAME_BYTES:
            self._is_unread = False
            self.read += 1

    def _copy_frame(self, into, first, begin, end):
        """Write bytes `begin` to `end` of a read that started at byte `first`; after its last byte a frame repeats."""
        if first == begin == 0 and end == _FRAME_BYTES:
            into[:] = self._frame
            return
        for k in range(begin, end):
            into[k] = self._frame[(first + k) % _FRAME_BYTES]

    def _exchange_bytes(self, out, into, byte_ns):
        end_ns = self._now_us() * 1000
        for k in range(len(out)):
            end_ns += byte_ns
            answer = self._answer()
            if self._command not in (_READING, _DATA):
                self._take(out[k], end_ns)
            elif self._command == _READING:
                self._count_register()
            if into is not None:
                into[k] = answer

    def _answer(self):
        """Return the byte that goes out now."""
        if self._command == _READING:
            return self._read_register(self._register)
        if not self._continuous and self._command != _DATA:
            return 0
        self._latch()
        self._position += 1
        return self._frame[(self._position - 1) % _FRAME_BYTES]

    def _take(self, byte, end_ns):
        """Take in a byte of a command that ended at `end_ns`, unless it came too soon after the one before."""
        too_soon = end_ns - self._byte_end_ns < _DECODE_NS
        self._byte_end_ns = end_ns
        if not too_soon:
            self._decode(byte)
        elif byte or self._command:
            self.undecoded += 1
            self._command = None

    def _decode(self, byte):
        if self._command == _WRITING:
            self._write_register(self._register, byte)
            self._count_register()
        elif self._command is not None:
            self._left = (byte & 0x1F) + 1
            self._command = _READING if self._command == _RREG else _WRITING
        elif byte == 0x11:
            self._continuous = False
        elif byte == 0x10:
            self._continuous = True
        elif byte == 0x06:
            self._reset()
            self._ready_us = self._now_us() + _RESET_US
        elif byte == 0x08:
            self._start()
        elif byte in (0x0A, 0x04):
            self._stop()
        elif not self._continuous:
            self._begin(byte)  # SBAS502C, table 15, note 2: RREG is ignored in RDATAC

    def _begin(self, opcode):
        """Begin a command of several bytes."""
        if opcode == 0x12:
            self._position = 0
            self._command = _DATA
            self._is_new = False
            if self._is_unread:
                self._is_unread = False
                self.read += 1
        elif opcode & 0xE0 in (_RREG, _WREG):
            self._register = opcode & 0x1F
            self._command = opcode & 0xE0

    def _count_register(self):
        self._register += 1
        self._left -= 1
        if not self._left:
            self._command = None

    # Registers.

    def _read_register(self, register):
        if register >= len(self._registers):
            return 0
        if register == _LOFF_STAT:
            return self._registers[_LOFF_STAT] & 0x40 | self._leads_off(self._now_us())
        return self._registers[register]

    def _write_register(self, register, value):
        if register < len(self._registers) and register not in _READ_ONLY:
            self._registers[register] = value & 0x40 if register == _LOFF_STAT else value

    # Frames.

    def _latch(self):
        """Have the newest conversion in the output register."""
        if self._latched != self.edges:
            self._latched = self.edges
            self._fill(self._conversion - 1, self._converted_us)

    def _latch_next(self):
        self._fill(self._conversion, self.next_edge_us)
        self._latched = self.edges + 1

    def _fill(self, conversion, time_us):
        """Write the frame of `conversion`, which ended at `time_us`: SBAS502C 8.5.1, data output."""
        if any(start_us <= time_us < end_us for start_us, end_us, _ in self._repeats):
            return
        leads = self._leads_off(time_us)
        frame = self._frame
        bad = self._bad_frames and any(start_us <= time_us < end_us for start_us, end_us in self._bad_frames)
        frame[0] = (0x30 if bad else 0xC0) | leads >> 1
        frame[1] = (leads & 1) << 7
        frame[2] = 0
        index = self._start_index + (conversion << 3 >> (self._registers[_CONFIG1] & 7))
        uv = self._electrodes.uv(index, time_us)
        at = 3
        for channel in (0, 1):
            raw = self._raw(channel, uv[channel], conversion, time_us)
            frame[at] = raw >> 16 & 0xFF
            frame[at + 1] = raw >> 8 & 0xFF
            frame[at + 2] = raw & 0xFF
            at += 3

    def _raw(self, channel, uv, conversion, time_us):
        """Return what the converter makes of `uv` at the electrodes, LSB, at the ends of its range at most."""
        setting = self._registers[_CH1SET + channel]
        if setting & 0x80:
            return 0
        config2 = self._registers[_CONFIG2]
        if not config2 & 0x20:
            return _FULL_SCALE  # without its reference buffer
        multiplexer = setting & 0x0F
        if multiplexer == 0:
            if self._contact_lost(channel, time_us):
                return _FULL_SCALE  # current source and sink pull the inputs apart
        elif multiplexer == 1:
            uv = 0.0
        elif multiplexer == 5:
            falling = config2 & 0x01 and time_us // _TEST_HALF_PERIOD_US & 1
            uv = (-_TEST_UV if falling else _TEST_UV) if config2 & 0x02 else 0.0
        else:
            raise NotImplementedError("input multiplexer %d" % multiplexer)
        uv += self._noise[(conversion * 2 + channel * 503) % len(self._noise)]
        level = uv * _GAINS[setting >> 4 & 7] * _FULL_SCALE / _REFERENCE_UV
        if level >= _FULL_SCALE:
            return _FULL_SCALE
        if level <= -_FULL_SCALE - 1:
            return -_FULL_SCALE - 1
        return int(level + 0.5) if level >= 0 else -int(0.5 - level)

    def _contact_lost(self, channel, time_us):
        return any(lead >> 1 == channel and start_us <= time_us < end_us for lead, start_us, end_us in self._off)

    def _leads_off(self, time_us):
        """Return the lead-off comparators' bits, those that are sensed: LOFF_STAT[4:0]."""
        if not self._off or not self._registers[_CONFIG2] & 0x40:
            return 0
        sensed = self._registers[_LOFF_SENS] & 0x0F | self._registers[_RLD_SENS] & 0x10
        bits = 0
        for lead, start_us, end_us in self._off:
            if start_us <= time_us < end_us:
                bits |= 1 << lead
        return bits & sensed


def _spans(faults, kind):
    return [(int(fault["from_s"] * 1e6), int(fault["to_s"] * 1e6)) for fault in faults if fault["kind"] == kind]
