"""LSM6DSOX: samples through the FIFO, paired, counted, without allocating."""

import struct

from bench import Bench, Counting, Still, raises
from micropython import heap_lock, heap_unlock

# FIFO_DATA_OUT_TAG by time slot, even parity in bit 0 (DS12814).
GYRO = (0x09, 0x0A, 0x0C, 0x0F)
ACCEL = (0x11, 0x12, 0x14, 0x17)
TEMPERATURE, TIMESTAMP, CFG_CHANGE = 0x18, 0x21, 0x28


def running(scene, **options):
    bench = Bench(scene, **options)
    bench.sensor.start(208)
    return bench


def push(bench, *words):
    """Put words (tag, number) into the FIFO: number, number + 1, number + 2 on the axes."""
    for tag, number in words:
        bench.chip._fifo.push(tag, struct.pack("<3h", number, number + 1, number + 2))


def drain(bench, most=200):
    """Return all frames of one drain as tuples."""
    frames = bytearray(12 * most)
    return [struct.unpack_from("<6h", frames, 12 * k) for k in range(bench.sensor.drain_into(frames))]


def counted(bench, most=200):
    """Drain a Counting scene; return the sample numbers, every axis alike."""
    numbers = []
    for frame in drain(bench, most):
        assert frame == (frame[0],) * 6, frame
        numbers.append(frame[0])
    return numbers


def test_si_units_become_exact_lsb():
    # 1 g / 0.488 mg = 2049.18; 0.5 g = 1024.59; 1 rad/s / 70 mdps = 818.51; 0.1 rad/s = 81.85
    bench = running(Still((9.80665, -9.80665, 4.903325, 1.0, -1.0, 0.1)))
    bench.clock.sleep_ms(20)
    assert drain(bench)[0] == (819, -819, 82, 2049, -2049, 1025)


def test_out_of_range_saturates():
    bench = running(Still((200.0, -200.0, 0.0, 41.0, -41.0, 0.0)))
    bench.clock.sleep_ms(20)
    assert drain(bench)[0] == (32767, -32768, 0, 32767, -32768, 0)


def test_samples_are_those_taken_since_the_start():
    for on_spi in (False, True):
        bench = running(Counting(), on_spi=on_spi)
        assert bench.clock.us == 101000  # sample 21 was taken at 100.96 ms
        assert counted(bench) == []
        bench.clock.sleep_ms(100)  # sample 41 at 197.12 ms
        assert counted(bench) == list(range(22, 42))
        assert counted(bench) == []


def test_true_rate():
    bench = running(Counting(210.288))
    bench.clock.us = 1100000  # 231.3 periods; the FIFO started after 21.2
    assert counted(bench, 256) == list(range(22, 232))


def test_half_rate_takes_every_second_sample():
    bench = Bench(Counting())
    bench.sensor.start(104)
    bench.clock.us = 201000
    assert counted(bench) == list(range(22, 42, 2))


def test_double_rate_holds():
    bench = running(Counting(104.0))
    bench.clock.us = 151000
    assert counted(bench) == [11, 11, 12, 12, 13, 13, 14, 14, 15, 15]


def test_no_sample_is_lost_or_doubled_over_uneven_drains():
    bench = running(Counting())
    numbers = []
    for turn in range(60):
        bench.clock.sleep_ms(7 + turn * 37 % 150)
        numbers += counted(bench, 1 + turn * 13 % 60)
    while True:
        more = counted(bench, 5)
        if not more:
            break
        numbers += more
    assert numbers == [k % 1000 for k in range(22, 22 + len(numbers))]
    assert len(numbers) > 900
    assert (bench.sensor.lost, bench.sensor.unpaired, bench.sensor.misread) == (0, 0, 0)
    assert not bench.sensor.overrun


def test_small_buffer_leaves_the_rest():
    bench = running(Counting())
    bench.clock.sleep_ms(100)
    assert counted(bench, 0) == []
    assert counted(bench, 3) == [22, 23, 24]
    assert bench.register(0x3A) == 34
    assert counted(bench) == list(range(25, 42))


def test_pair_split_across_two_drains():
    bench = running(Still((0,) * 6))
    push(bench, (GYRO[0], 10), (ACCEL[0], 20), (GYRO[1], 30))
    assert drain(bench) == [(10, 11, 12, 20, 21, 22)]
    assert drain(bench) == []
    push(bench, (ACCEL[1], 40), (GYRO[2], 50), (ACCEL[2], 60))
    assert drain(bench) == [(30, 31, 32, 40, 41, 42), (50, 51, 52, 60, 61, 62)]
    assert (bench.sensor.lost, bench.sensor.unpaired) == (0, 0)


def test_split_pair_with_room_for_one_frame():
    bench = running(Still((0,) * 6))
    push(bench, (GYRO[0], 10))
    assert drain(bench, 1) == []
    push(bench, (ACCEL[0], 20), (GYRO[1], 30), (ACCEL[1], 40))
    assert drain(bench, 1) == [(10, 11, 12, 20, 21, 22)]
    assert drain(bench, 1) == [(30, 31, 32, 40, 41, 42)]


def test_accelerometer_word_first():
    bench = running(Still((0,) * 6))
    push(bench, (ACCEL[0], 20), (GYRO[0], 10))
    assert drain(bench) == [(10, 11, 12, 20, 21, 22)]


def test_other_words_are_skipped():
    bench = running(Still((0,) * 6))
    push(bench, (TIMESTAMP, 1), (GYRO[0], 10), (TEMPERATURE, 2), (ACCEL[0], 20), (CFG_CHANGE, 3))
    assert drain(bench) == [(10, 11, 12, 20, 21, 22)]
    assert (bench.sensor.misread, bench.sensor.unpaired) == (0, 0)


def test_batched_timestamps_and_temperatures_are_skipped():
    bench = running(Counting(), temperature_c=30.0)
    bench.chip.write(0x19, b"\x20")  # CTRL10_C: timestamp on
    bench.chip.write(0x0A, b"\x76")  # FIFO_CTRL4: timestamp with every sample, temperature at 52 Hz
    bench.clock.sleep_ms(100)
    assert bench.register(0x3A) == 20 * 3 + 5
    assert counted(bench) == list(range(22, 42))


def test_bad_parity_costs_its_sample():
    bench = running(Still((0,) * 6))
    push(bench, (GYRO[0], 10), (ACCEL[0], 20))
    push(bench, (GYRO[1] ^ 1, 30), (ACCEL[1], 40))
    push(bench, (GYRO[2], 50), (ACCEL[2], 60))
    assert drain(bench) == [(10, 11, 12, 20, 21, 22), (50, 51, 52, 60, 61, 62)]
    assert (bench.sensor.misread, bench.sensor.unpaired, bench.sensor.lost) == (1, 1, 1)


def test_words_of_different_slots_are_not_paired():
    bench = running(Still((0,) * 6))
    push(bench, (GYRO[0], 10), (ACCEL[0], 20), (GYRO[1], 30), (ACCEL[2], 40), (GYRO[3], 50), (ACCEL[3], 60))
    assert drain(bench) == [(10, 11, 12, 20, 21, 22), (50, 51, 52, 60, 61, 62)]
    assert (bench.sensor.unpaired, bench.sensor.lost) == (2, 2)


def test_overrun_is_seen_and_counted_modulo_four():
    for sleep_ms in (1300, 1304, 1309, 1314, 1319, 2000, 60000):
        bench = running(Counting())
        bench.clock.sleep_ms(100)
        last = counted(bench)[-1]
        bench.clock.sleep_ms(sleep_ms)
        numbers = counted(bench, 300)
        assert len(numbers) == 256
        gap = (numbers[0] - last - 1) % 1000
        assert gap > 0
        assert bench.sensor.overrun
        assert 1 <= bench.sensor.lost <= 4
        assert (gap - bench.sensor.lost) % 4 == 0
        bench.sensor.clear_overrun()
        assert not bench.sensor.overrun
        lost = bench.sensor.lost
        bench.clock.sleep_ms(100)
        assert counted(bench)[0] == (numbers[-1] + 1) % 1000
        assert (bench.sensor.lost, bench.sensor.overrun) == (lost, False)


def test_overrun_drops_the_half_that_waited():
    bench = running(Still((0,) * 6))
    push(bench, (GYRO[0], 10))
    assert drain(bench) == []
    bench.chip._fifo.overrun_latched = True
    push(bench, (ACCEL[0], 20), (GYRO[1], 30), (ACCEL[1], 40))  # slot 0 of a later round
    assert drain(bench) == [(30, 31, 32, 40, 41, 42)]
    assert bench.sensor.unpaired == 2


def test_status_bits_of_the_fifo():
    bench = running(Counting())
    bench.clock.sleep_ms(70)  # up to 171 ms: 14 samples, 28 words
    assert (bench.register(0x3A), bench.register(0x3B)) == (28, 0x00)
    bench.clock.sleep_ms(10)
    assert (bench.register(0x3A), bench.register(0x3B)) == (32, 0x80)  # watermark
    bench.clock.sleep_ms(2000)
    assert (bench.register(0x3A), bench.register(0x3B)) == (0, 0x80 | 0x40 | 0x20 | 0x08 | 0x02)
    assert bench.register(0x3B) == 0x80 | 0x40 | 0x20 | 0x02  # the latch went with the reading


def test_failure_of_the_bus_in_mid_drain_keeps_what_was_read():
    bench = running(Counting())
    bench.clock.sleep_ms(300)  # up to 401 ms: samples 22 to 83
    read_into = bench.chip.read_into

    class Failing:
        bursts = 0

        def __call__(self, register, buffer):
            if register == 0x78:
                self.bursts += 1
                if self.bursts > 1:
                    raise OSError(19)
            read_into(register, buffer)

    bench.chip.read_into = Failing()
    assert counted(bench) == list(range(22, 40))
    assert raises(OSError, drain, bench).args == (19,)
    bench.chip.read_into = read_into
    assert counted(bench) == list(range(40, 84))
    assert bench.sensor.lost == 0


def test_failed_burst_drops_the_half_that_waited():
    bench = running(Still((0,) * 6))
    push(bench, (GYRO[0], 10))
    assert drain(bench) == []
    push(bench, (ACCEL[0], 20))
    read_into = bench.chip.read_into

    def lose_burst(register, buffer):
        read_into(register, buffer)  # the sensor has sent its words, but they did not arrive
        if register == 0x78:
            raise OSError(110)

    bench.chip.read_into = lose_burst
    assert raises(OSError, drain, bench).args == (110,)
    bench.chip.read_into = read_into
    push(bench, (ACCEL[0], 21), (GYRO[1], 30), (ACCEL[1], 40))  # slot 0 of a later round
    assert drain(bench) == [(30, 31, 32, 40, 41, 42)]
    assert bench.sensor.unpaired == 2


def test_drain_allocates_nothing():
    for on_spi in (False, True):
        bench = running(Counting(), on_spi=on_spi)
        frames = bytearray(12 * 300)
        drain_into = bench.sensor.drain_into
        clock = bench.clock
        for sleep_ms, expected in ((100, 20), (3, 1), (2000, 256)):  # 22..41, 42, an overrun
            clock.sleep_ms(sleep_ms)
            heap_lock()
            count = drain_into(frames)
            heap_unlock()
            assert count == expected


for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()
