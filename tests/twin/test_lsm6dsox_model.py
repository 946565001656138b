"""The modelled LSM6DSOX itself, at its registers: what no driver of ours touches is held to the datasheet too."""

from bench import Bench, Counting, Still

STILL = (0.0, 0.0, 9.80665, 0.0, 0.0, 0.5)


def chip(scene=None, **options):
    bench = Bench(scene or Still(STILL), **options)
    bench.clock.sleep_ms(10)
    return bench


def read(bench, register, count):
    data = bytearray(count)
    bench.chip.read_into(register, data)
    return data


def word(bench, register):
    data = read(bench, register, 2)
    value = data[0] | data[1] << 8
    return value - 65536 if value > 32767 else value


def test_reset_values():
    bench = chip()
    for register, value in ((0x02, 0x3F), (0x0F, 0x6C), (0x10, 0), (0x11, 0), (0x12, 0x04), (0x18, 0xE0), (0x63, 0)):
        assert bench.register(register) == value


def test_software_reset_takes_its_time():
    bench = chip()
    bench.chip.write(0x10, b"\x54")
    bench.chip.write(0x12, b"\x01")
    assert (bench.register(0x12), bench.register(0x10)) == (0x05, 0x00)
    bench.clock.us += 50
    assert bench.register(0x12) == 0x04


def test_identity_cannot_be_written():
    bench = chip()
    bench.chip.write(0x0F, b"\x00")
    assert bench.register(0x0F) == 0x6C


def test_address_increment_can_be_switched_off():
    bench = chip()
    assert read(bench, 0x0F, 2) == b"\x6c\x00"
    bench.chip.write(0x12, b"\x00")
    assert read(bench, 0x0F, 2) == b"\x6c\x6c"


def test_accelerometer_scales():
    # 1 g over 0.061, 0.488, 0.122 and 0.244 mg
    for code, lsb in ((0, 16393), (1, 2049), (2, 8197), (3, 4098)):
        bench = chip()
        bench.chip.write(0x10, bytes([0x50 | code << 2]))
        assert word(bench, 0x2C) == lsb
        bench = chip(is_dso32=True)
        bench.chip.write(0x10, bytes([0x50 | code << 2]))
        assert abs(word(bench, 0x2C) - lsb / 2) <= 0.5


def test_gyroscope_scales():
    # 0.5 rad/s is 28.6479 deg/s, over 8.75, 4.375, 17.5, 35 and 70 mdps
    for code, lsb in ((0, 3274), (1, 6548), (2, 1637), (4, 819), (6, 409)):
        bench = chip()
        bench.chip.write(0x11, bytes([0x50 | code << 1]))
        assert word(bench, 0x26) == lsb


def test_temperature():
    for temperature_c, lsb in ((25.0, 0), (35.5, 2688), (-10.0, -8960)):
        assert word(chip(temperature_c=temperature_c), 0x20) == lsb


def test_timestamp_counts_25_us_on_the_trimmed_clock():
    for rate_hz, ticks in ((208.0, 40000), (208 * 1.015, 40600)):
        bench = chip(Still(STILL, rate_hz))
        bench.chip.write(0x19, b"\x20")
        bench.clock.sleep_s(1)
        assert read(bench, 0x40, 4) == ticks.to_bytes(4, "little")
        bench.chip.write(0x42, b"\xaa")
        assert read(bench, 0x40, 4) == bytes(4)


def test_ready_bits():
    bench = chip()
    bench.chip.write(0x10, b"\x54")
    bench.chip.write(0x11, b"\x5c")
    bench.clock.sleep_ms(5)
    assert bench.register(0x1E) & 3 == 3
    read(bench, 0x28, 6)
    assert bench.register(0x1E) & 3 == 2
    read(bench, 0x22, 6)
    assert bench.register(0x1E) & 3 == 0
    bench.clock.sleep_ms(5)
    assert bench.register(0x1E) & 3 == 3


def test_block_data_update_keeps_halves_together():
    for control, torn in ((b"\x04", True), (b"\x44", False)):
        bench = chip(Counting())
        bench.chip.write(0x12, control)
        bench.chip.write(0x10, b"\x54")
        bench.clock.us = 255 * 4807 + 3000  # sample 255
        low = bench.register(0x28)
        bench.clock.us += 4807  # sample 256
        assert low == 255
        assert bench.register(0x29) == (1 if torn else 0)


def test_self_test_signs():
    for control, accel, gyro in ((0x05, 820, 5000), (0x0E, -820, -5000)):
        bench = chip(Still((0.0,) * 6))
        bench.chip.write(0x10, b"\x54")
        bench.chip.write(0x11, b"\x5c")
        bench.chip.write(0x14, bytes([control]))
        assert word(bench, 0x28) == accel  # 400 mg over 0.488 mg: 819.67
        assert word(bench, 0x22) == gyro  # 350 deg/s over 70 mdps


def test_words_are_read_byte_by_byte_too():
    bench = chip(Counting())
    for register, value in ((0x09, 0x55), (0x10, 0x54), (0x11, 0x5C), (0x0A, 0x06)):
        bench.chip.write(register, bytes([value]))
    bench.clock.us = 20000  # samples 3 and 4
    assert bench.register(0x3A) == 4
    assert [bench.register(0x78 + k) for k in range(7)] == [0x09, 3, 0, 3, 0, 3, 0]
    assert bench.register(0x3A) == 3
    # A burst wraps from 7Eh to 78h.
    assert read(bench, 0x78, 8) == bytes([0x11, 3, 0, 3, 0, 3, 0, 0x0A])


def test_bypass_empties_the_fifo():
    bench = chip(Counting())
    for register, value in ((0x09, 0x55), (0x10, 0x54), (0x11, 0x5C), (0x0A, 0x06)):
        bench.chip.write(register, bytes([value]))
    bench.clock.sleep_ms(100)
    assert bench.register(0x3A) > 0
    bench.chip.write(0x0A, b"\x00")
    bench.clock.sleep_ms(100)
    assert bench.register(0x3A) == 0
    assert read(bench, 0x78, 7) == bytes(7)


def test_fifo_mode_stops_when_full():
    bench = chip(Counting())
    for register, value in ((0x09, 0x55), (0x10, 0x54), (0x11, 0x5C), (0x0A, 0x01)):
        bench.chip.write(register, bytes([value]))
    bench.clock.sleep_s(5)
    assert (bench.register(0x3A), bench.register(0x3B) & 0x0B) == (0, 0x02)
    assert read(bench, 0x78, 2) == bytes([0x09, 3])


def test_batch_rate_of_one_sensor_alone():
    bench = chip(Counting())
    for register, value in ((0x09, 0x45), (0x10, 0x54), (0x11, 0x5C), (0x0A, 0x06)):
        bench.chip.write(register, bytes([value]))
    bench.clock.us = 10000 + 20 * 4808
    tags = [read(bench, 0x78, 7)[0] >> 3 for _ in range(6)]
    assert tags == [1, 2, 2, 1, 2, 2]


for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()
