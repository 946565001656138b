"""LSM6DSOX: identity, configuration, rate, self-test, silence. Expected values are the datasheet's."""

import math
from array import array

from bench import Bench, Still, raises

STILL = (0.0, 0.0, 9.80665, 0.0, 0.0, 0.0)


def test_construction_touches_no_bus():
    bench = Bench(Still(STILL))
    assert bench.i2c.writes == []
    assert bench.sensor.identity is None


def test_identifies_dso():
    for on_spi in (False, True):
        bench = Bench(Still(STILL), on_spi)
        assert bench.sensor.identify() == "LSM6DSO/DSOX"
        assert bench.sensor.identity == 0x6C
        assert bench.clock.us < 400000


def test_identifies_dso32():
    for values in (STILL, (6.0, -6.0, 4.92, 0.0, 0.0, 0.0)):
        assert Bench(Still(values), is_dso32=True).sensor.identify() == "LSM6DSO32"
        assert Bench(Still(values)).sensor.identify() == "LSM6DSO/DSOX"


class Running:
    """Half-sine pushes off the ground over 60 % of each step of 0.34 s, mean 1 g, from phase `start_s` on."""

    imu_rate_hz = 208.0

    def __init__(self, start_s):
        self._start_s = start_s

    def imu_block(self, first, count, out):
        for k in range(count):
            phase = ((first + k) / 208 + self._start_s) % 0.34 / 0.34
            push = math.pi / 1.2 * math.sin(math.pi * phase / 0.6) if phase < 0.6 else 0.0
            out[6 * k : 6 * k + 6] = array("f", (0.0, 0.0, 9.80665 * push, 0.0, 0.0, 0.0))


def test_identifies_in_mid_run():
    for start_s in (0.0, 0.06, 0.12, 0.18, 0.24, 0.3):
        assert Bench(Running(start_s)).sensor.identify() == "LSM6DSO/DSOX"
        assert Bench(Running(start_s), is_dso32=True).sensor.identify() == "LSM6DSO32"


def test_wrong_identity_is_refused_before_anything_is_written():
    bench = Bench(Still(STILL), identity=0x6A)  # an LSM6DS3TR-C
    for call in (bench.sensor.identify, bench.sensor.self_test, lambda: bench.sensor.start(208)):
        error = raises(OSError, call)
        assert error.args == (19, 0x6A)
    assert bench.i2c.writes == []


def test_empty_spi_bus_is_refused():
    bench = Bench(Still(STILL), True, faults=[{"kind": "imu_silent", "from_s": 0, "to_s": 9}])
    assert raises(OSError, bench.sensor.identify).args == (19, 0xFF)
    assert raises(OSError, bench.sensor.drain_into, bytearray(12)).args[0] == 5


def test_start_writes_the_registers_in_order():
    bench = Bench(Still(STILL))
    bench.sensor.start(208)
    assert bench.i2c.writes == [
        (0x12, 0x01),  # CTRL3_C: software reset
        (0x12, 0x44),  # CTRL3_C: BDU, IF_INC
        (0x18, 0xE2),  # CTRL9_XL: I3C off
        (0x08, 0x00),  # FIFO_CTRL2: watermark, high bit
        (0x07, 0x20),  # FIFO_CTRL1: 32 words
        (0x09, 0x55),  # FIFO_CTRL3: both batched at 208 Hz
        (0x10, 0x54),  # CTRL1_XL: 208 Hz, 16 g
        (0x11, 0x5C),  # CTRL2_G: 208 Hz, 2000 deg/s
        (0x0A, 0x06),  # FIFO_CTRL4: continuous
    ]


def test_spi_switches_i2c_off():
    for on_spi, control in ((False, 0x00), (True, 0x04)):
        bench = Bench(Still(STILL), on_spi)
        bench.sensor.start(208)
        assert bench.register(0x13) == control  # CTRL4_C


def test_start_at_104_hz():
    bench = Bench(Still(STILL))
    bench.sensor.start(104)
    assert bench.i2c.writes[-5:] == [(0x07, 0x10), (0x09, 0x44), (0x10, 0x44), (0x11, 0x4C), (0x0A, 0x06)]
    assert bench.sensor.rate_hz == 104.0


def test_dso32_is_set_to_the_same_range():
    bench = Bench(Still(STILL), is_dso32=True)
    bench.sensor.identify()
    bench.sensor.start(208)
    assert bench.register(0x10) == 0x5C  # 208 Hz, code 3: 16 g on a DSO32
    frames = bytearray(12)
    bench.clock.sleep_s(0.1)
    assert bench.sensor.drain_into(frames) == 1
    assert frames[10] | frames[11] << 8 == 2049  # 1 g at 0.488 mg


def test_other_rates_are_refused():
    bench = Bench(Still(STILL))
    assert "52" in raises(ValueError, bench.sensor.start, 52).args[0]
    assert bench.i2c.writes == []


def test_reset_that_does_not_end():
    bench = Bench(Still(STILL))
    bench.chip._read = lambda register: 0x6C if register == 0x0F else 0x01
    assert raises(OSError, bench.sensor.start, 208).args[0] == 110


def test_scales():
    sensor = Bench(Still(STILL)).sensor
    assert abs(sensor.accel_scale_mps2 / 0.004785645 - 1) < 1e-6  # 0.488 mg
    assert abs(sensor.gyro_scale_rads / 0.0012217305 - 1) < 1e-6  # 70 mdps
    assert sensor.accel_range_raw == 32767


def test_rate_follows_freq_fine():
    # 210.288 Hz is 1.1 % over 208: 7.33 steps of 0.15 %, so 7; 205 Hz is 1.44 % under: -9.6, so -10.
    for true_rate_hz, trim, rate_hz in ((208.0, 0, 208.0), (210.288, 7, 210.184), (205.0, 0xF6, 204.88)):
        bench = Bench(Still(STILL, true_rate_hz))
        bench.sensor.start(208)
        assert bench.register(0x63) == trim
        assert abs(bench.sensor.rate_hz - rate_hz) < 1e-4


def test_self_test_passes():
    result = Bench(Still(STILL)).sensor.self_test()
    assert result["passed"] is True
    # The model adds 400 mg and 350 deg/s; the reading is a whole number of LSB of 0.122 mg and 70 mdps.
    assert all(abs(value - 400) < 0.123 for value in result["accel_mg"])
    assert all(abs(value - 350) < 0.071 for value in result["gyro_dps"])


def test_self_test_of_dso32():
    bench = Bench(Still(STILL), is_dso32=True)
    bench.sensor.identify()
    result = bench.sensor.self_test()
    assert result["passed"] is True
    assert all(abs(value - 400) < 0.123 for value in result["accel_mg"])


def test_self_test_fails_on_either_sensor():
    result = Bench(Still(STILL), faults=[{"kind": "accel_self_test_weak"}]).sensor.self_test()
    assert result["passed"] is False
    assert all(value < 50 for value in result["accel_mg"])
    assert all(150 <= value <= 700 for value in result["gyro_dps"])
    result = Bench(Still(STILL), faults=[{"kind": "gyro_self_test_weak"}]).sensor.self_test()
    assert result["passed"] is False
    assert all(50 <= value <= 1700 for value in result["accel_mg"])
    assert all(value < 150 for value in result["gyro_dps"])


def test_silent_sensor_raises_and_recovers():
    bench = Bench(Still(STILL), faults=[{"kind": "imu_silent", "from_s": 1.0, "to_s": 1.5}])
    frames = bytearray(12 * 128)
    bench.sensor.start(208)
    while bench.clock.us < 1000000:
        bench.sensor.drain_into(frames)
        bench.clock.sleep_ms(50)
    assert raises(OSError, bench.sensor.drain_into, frames).args[0] == 19
    assert raises(OSError, bench.sensor.start, 208).args[0] == 19
    bench.clock.us = 1500000
    # Half a second waited in the FIFO: nothing is lost.
    assert 100 <= bench.sensor.drain_into(frames) <= 128
    assert (bench.sensor.lost, bench.sensor.overrun) == (0, False)


def test_dip_of_the_supply_is_seen():
    for on_spi in (False, True):
        bench = Bench(Still(STILL), on_spi, faults=[{"kind": "imu_reset", "at_s": 1.0}])
        frames = bytearray(12 * 256)
        bench.sensor.start(208)
        bench.clock.us = 999000
        assert bench.sensor.drain_into(frames) > 100
        assert bench.sensor.drain_into(frames) == 0
        bench.clock.us = 1100000
        assert raises(OSError, bench.sensor.drain_into, frames).args == (5,)
        bench.sensor.start(208)
        bench.clock.sleep_ms(100)
        assert bench.sensor.drain_into(frames) in (20, 21)


def test_draining_before_the_start():
    assert raises(OSError, Bench(Still(STILL)).sensor.drain_into, bytearray(12)).args == (5,)


def test_stop_powers_down_and_empties_the_fifo():
    bench = Bench(Still(STILL))
    bench.sensor.start(208)
    bench.clock.sleep_s(0.5)
    bench.sensor.stop()
    assert (bench.register(0x10), bench.register(0x11), bench.register(0x3A)) == (0, 0, 0)


for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()
