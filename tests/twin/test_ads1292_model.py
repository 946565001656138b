"""The modelled ADS1292 itself, at its opcodes and registers. Expected values are the datasheet's (TI SBAS502C)."""

import math

from emg_bench import Bus, Counting, EmgBench, Steady, clock
from twin.sensors.electrodes import Electrodes
from twin.sensors.motors import Motor, MotorLog

SDATAC, RDATAC, START, STOP, RDATA, RESET = 0x11, 0x10, 0x08, 0x0A, 0x12, 0x06


def awake(electrodes=None, **chip):
    """Return a bench whose chip has powered up and takes registers."""
    bench = EmgBench(electrodes, **chip)
    clock.advance(40000)
    bench.exchange((SDATAC,))
    return bench


def running(electrodes=None, settings=((1, 0x03), (2, 0xA0)), **chip):
    """Return a bench whose chip converts at 1000 samples/s and reads on in RDATAC, its first conversion just over."""
    bench = awake(electrodes, **chip)
    for register, value in settings:
        bench.exchange((0x40 | register, 0, value))
    bench.exchange((START,))
    bench.exchange((RDATAC,))
    to_next_conversion(bench)
    return bench


def to_next_conversion(bench, count=1):
    for _ in range(count):
        clock.advance_to(bench.chip.next_edge_us)
        bench.chip.convert()


def frame(bench, count=9):
    return bench.exchange(bytes(count), Bus)


def values(data):
    left, right = (data[at] << 16 | data[at + 1] << 8 | data[at + 2] for at in (3, 6))
    return tuple(value - 0x1000000 if value & 0x800000 else value for value in (left, right))


def pairwise(row):
    return [(row[k - 1], row[k]) for k in range(1, len(row))]


def code(uv, gain=6):
    return round(uv * gain * 8388607 / 2420000)


def test_reset_values():
    bench = awake()
    assert list(bench.exchange([0x20, 11] + 12 * [0])[2:]) == [
        0x53, 0x02, 0x80, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x0C,
    ]  # fmt: skip


def test_nothing_answers_before_power_up():
    bench = EmgBench()
    clock.advance(31000)
    bench.exchange((SDATAC,))
    assert bench.register(0) == 0xFF
    clock.advance(1000)
    bench.exchange((SDATAC,))
    assert bench.register(0) == 0x53


def test_registers_in_a_row_and_read_only_ones():
    bench = awake()
    bench.exchange((0x40, 3, 0xAA, 0x03, 0xE0, 0x10))
    assert list(bench.exchange((0x20, 3, 0, 0, 0, 0))[2:]) == [0x53, 0x03, 0xE0, 0x10]


def test_rreg_and_wreg_are_ignored_in_rdatac():
    bench = awake()
    bench.exchange((RDATAC,))
    bench.exchange((0x41, 0, 0x03))
    assert list(bench.exchange((0x20, 0, 0))) == [0, 0, 0]
    bench.exchange((SDATAC,))
    assert bench.register(1) == 0x02


def test_bytes_of_a_command_that_come_too_soon_are_not_decoded():
    """4 tCLK of 512 kHz are 7.8 us: 1 MHz gives 8 us a byte, 1.1 MHz only 7.3."""

    class Fast(Bus):
        bit_rate_hz = 1100000

    bench = awake()
    assert bench.exchange((0x20, 0, 0), Fast)[2] == 0
    assert bench.chip.undecoded == 1
    assert bench.register(0) == 0x53
    assert bench.chip.undecoded == 1


def test_other_spi_modes_read_nothing():
    class Mode0(Bus):
        mode = 0

    assert awake().exchange((0x20, 0, 0), Mode0) == b"\xff\xff\xff"


def test_reset_takes_18_clocks_and_leaves_rdatac():
    bench = awake()
    bench.exchange((0x41, 0, 0x03))
    bench.exchange((RESET,))
    assert bench.register(1) == 0xFF  # it does not listen yet
    clock.advance(36)
    assert bench.register(1) == 0x00  # RDATAC
    bench.exchange((SDATAC,))
    assert bench.register(1) == 0x02


def test_a_long_reset_pulse_powers_down():
    for pulse_us, ready_us in ((10, 36), (4100, 32000)):
        bench = awake()
        bench.chip.set_reset_pin(0)
        clock.advance(pulse_us)
        bench.chip.set_reset_pin(1)
        clock.advance(ready_us - 10)
        assert bench.exchange((SDATAC,)) == b"\xff"
        clock.advance(20)
        assert bench.exchange((SDATAC,)) == b"\x00"


def test_data_rates():
    for rate_code, per_s in ((0, 125), (2, 500), (3, 1000), (6, 8000)):
        bench = running(Steady(rate_hz=1000.0), ((1, rate_code),))
        before = bench.chip.edges
        clock.advance(2000000)
        bench.chip.convert()
        assert abs(bench.chip.edges - before - 2 * per_s) <= 1


def test_conversions_follow_the_chips_own_clock_for_an_hour():
    bench = running(Steady(rate_hz=1004.0))
    clock.advance(3600000000)
    bench.chip.convert()
    assert bench.chip.edges == 1 + 3600 * 1004


def test_the_first_conversion_has_settled():
    """SBAS502C 8.4: data ready four conversions after START."""
    bench = awake(Steady(rate_hz=1000.0))
    bench.exchange((0x41, 0, 0x03))
    bench.exchange((START,))
    assert 3900 < bench.chip.next_edge_us - clock.now_us() <= 4000


def test_data_ready_goes_high_with_the_first_bit():
    bench = running()
    assert bench.chip.data_ready_level() == 0
    frame(bench, 1)
    assert bench.chip.data_ready_level() == 1
    to_next_conversion(bench)
    assert bench.chip.data_ready_level() == 0


def test_format_and_repetition_of_a_frame():
    bench = running(Steady(1000.0, -1000.0))
    data = frame(bench, 18)
    assert data[:9] == b"\xc0\x00\x00" + code(1000).to_bytes(3, "big") + (code(-1000) & 0xFFFFFF).to_bytes(3, "big")
    assert data[9:] == data[:9]


def test_commanded_read():
    bench = running(Steady(1000.0))
    bench.exchange((SDATAC,))
    to_next_conversion(bench)
    assert values(bench.exchange([RDATA] + 9 * [0])[1:]) == (code(1000), 0)


def test_what_is_not_read_is_overwritten_and_counted():
    bench = running(Counting())
    first = values(frame(bench))[0]
    to_next_conversion(bench, 7)
    assert values(frame(bench))[0] == first + 7 * 8
    assert (bench.chip.edges, bench.chip.read, bench.chip.overwritten) == (8, 2, 6)
    frame(bench)  # the same one again
    to_next_conversion(bench)
    assert (bench.chip.edges, bench.chip.read, bench.chip.overwritten) == (9, 2, 6)
    bench.exchange((STOP,))
    assert (bench.chip.edges, bench.chip.read, bench.chip.overwritten) == (9, 2, 7)


class Alternating:
    """Electrodes at 1 mV and 2 mV in every other sample, and at their negatives in the rest."""

    rate_hz = 1003.0

    def uv(self, index, time_us):
        return (1000.0, 2000.0) if index & 1 else (-1000.0, -2000.0)


def test_a_conversion_tears_a_read():
    """40 of the 72 us before it: the first five bytes are old, the rest new, and the old one counts as lost."""
    bench = running(Alternating())
    expected = [frame(bench)]
    for _ in range(2):
        to_next_conversion(bench)
        expected.append(frame(bench))
    assert expected[0] == expected[2] != expected[1]
    to_next_conversion(bench)
    clock.advance_to(bench.chip.next_edge_us - 40)
    assert frame(bench) == expected[1][:5] + expected[2][5:]
    bench.chip.convert()
    assert (bench.chip.read, bench.chip.overwritten, bench.chip.data_ready_level()) == (3, 1, 0)


def test_gains():
    """CHnSET[6:4]: 6, 1, 2, 3, 4, 8, 12."""
    for setting, gain in enumerate((6, 1, 2, 3, 4, 8, 12)):
        bench = running(Steady(1234.5, -4321.0), ((2, 0xA0), (4, setting << 4), (5, setting << 4)))
        assert values(frame(bench)) == (code(1234.5, gain), code(-4321.0, gain))


def test_saturation():
    """403.3 mV at gain 6."""
    bench = running(Steady(403400.0, -403400.0))
    assert frame(bench)[3:] == b"\x7f\xff\xff\x80\x00\x00"


def test_power_down_short_and_missing_reference():
    loud = Steady(1000.0, 1000.0)
    assert values(frame(running(loud, ((2, 0xA0), (4, 0x81), (5, 0x01))))) == (0, 0)
    assert values(frame(running(loud, ((4, 0x01), (5, 0x01))))) == (0x7FFFFF, 0x7FFFFF)


def test_test_signal():
    """SBAS502C 8.3.2.2: plus and minus 1/2420 of the reference, at DC or 1 Hz."""
    bench = running(None, ((1, 0x03), (2, 0xA2), (4, 0x05), (5, 0x05)))
    assert values(frame(bench)) == (code(1000), code(1000))
    bench = running(None, ((1, 0x03), (2, 0xA3), (4, 0x05), (5, 0x05)))
    seen = []
    for _ in range(2048):
        seen.append(values(frame(bench))[0])
        to_next_conversion(bench)
    assert set(seen) == {code(1000), code(-1000)}
    changes = [k for k in range(1, 2048) if seen[k] != seen[k - 1]]
    assert len(changes) in (3, 4) and all(abs(b - a - 513.5) <= 1 for a, b in pairwise(changes))


def test_noise():
    """8 uVpp over 6.6 in 150 Hz, so 1.6 uV RMS in 262 Hz; the channels have their own."""
    bench = running(None, ((1, 0x03), (2, 0xA0), (4, 0x01), (5, 0x01)), noise_uv=1.6)
    pairs = []
    for _ in range(1000):
        pairs.append(values(frame(bench)))
        to_next_conversion(bench)
    for channel in (0, 1):
        rms = math.sqrt(sum(pair[channel] ** 2 for pair in pairs) / 1000) * 0.048080
        assert abs(rms - 1.6) < 0.1
    together = sum(left * right for left, right in pairs) / 1000 * 0.04808**2
    assert abs(together) < 0.3


def test_lead_off_bits():
    """LOFF_STAT[4:0] follows the leading 1100; an input without contact goes to the end of its range."""
    for lead, bits, at_end in (
        ("IN1P", (0xC0, 0x80), (True, False)),
        ("IN1N", (0xC1, 0x00), (True, False)),
        ("IN2P", (0xC2, 0x00), (False, True)),
        ("IN2N", (0xC4, 0x00), (False, True)),
        ("RLD", (0xC8, 0x00), (False, False)),
    ):
        fault = {"kind": "lead_off", "lead": lead, "from_s": 0, "to_s": 1e6}
        bench = running(None, ((1, 0x03), (2, 0xE0), (6, 0x3F), (7, 0x0F)), faults=[fault])
        data = frame(bench)
        assert (data[0], data[1]) == bits
        assert tuple(value == 0x7FFFFF for value in values(data)) == at_end
        bench.exchange((SDATAC,))
        assert bench.register(8) == (bits[0] & 0x0F) << 1 | bits[1] >> 7


def test_lead_off_is_not_seen_without_comparator_or_sense_bit():
    fault = {"kind": "lead_off", "lead": "IN1P", "from_s": 0, "to_s": 1e6}
    for settings in (((2, 0xA0), (7, 0x0F)), ((2, 0xE0), (7, 0x0E))):
        assert frame(running(None, settings, faults=[fault]))[:2] == b"\xc0\x00"


def test_bad_status():
    now_s = clock.now_us() / 1e6
    fault = {"kind": "emg_bad_status", "from_s": now_s, "to_s": now_s + 1}
    bench = running(faults=[fault])
    assert frame(bench)[0] == 0x30
    clock.advance(1000000)
    to_next_conversion(bench)
    assert frame(bench)[0] == 0xC0


class Scene:
    emg_rate_hz = 1000.0

    def emg_uv(self, index):
        return 10.0, -20.0


def test_motors_disturb_both_channels_while_they_run():
    """30 mV at 180 Hz."""
    motor = Motor("left", MotorLog())
    electrodes = Electrodes(Scene(), (motor, Motor("right", MotorLog())))
    assert electrodes.uv(0, 999) == (10.0, -20.0)
    motor.set(0.8, 1000000)
    motor.set(0.0, 1100000)
    assert electrodes.uv(0, 999999) == electrodes.uv(0, 1100000) == (10.0, -20.0)
    noise = [electrodes.uv(0, 1000000 + k * 100)[0] - 10.0 for k in range(1000)]
    assert abs(max(noise) - 30000) < 30 and abs(min(noise) + 30000) < 30
    assert sum(a < 0 <= b for a, b in pairwise(noise)) in (17, 18)  # in 0.1 s
    assert electrodes.uv(0, 1012345)[1] - electrodes.uv(0, 1012345)[0] == -30.0


for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()
