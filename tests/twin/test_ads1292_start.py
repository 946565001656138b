"""ADS1292: identity, configuration, self-test, silence. Expected values are the datasheet's (TI SBAS502C)."""

import time

from bench import raises
from emg_bench import EmgBench, Steady, clock, s
from micropython import heap_lock, heap_unlock

CONFIGURED = [0x53, 0x03, 0xE0, 0x10, 0x00, 0x00, 0x2F, 0x0F, 0x00, 0x02, 0x03]
RESET = [0x02, 0x80, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02]  # from CONFIG1 on


def registers(bench, first, count):
    bench.exchange((0x11,))
    return list(bench.exchange([0x20 | first, count - 1] + count * [0])[2:])


def test_construction_touches_no_bus():
    before_us = clock.now_us()
    bench = EmgBench()
    assert clock.now_us() == before_us
    assert bench.sensor.identity is None


def test_says_what_it_gives():
    sensor = EmgBench().sensor
    assert (sensor.kind, sensor.rate_hz, sensor.range_raw) == ("raw", 1000.0, 8388607)
    assert abs(sensor.lsb_uv * 1000 - 48.08) < 0.01  # nV


def test_identifies():
    for identity, name in ((0x53, "ADS1292"), (0x73, "ADS1292R")):
        bench = EmgBench(identity=identity)
        before_us = clock.now_us()
        assert bench.sensor.identify() == name
        assert bench.sensor.identity == identity
        assert clock.now_us() - before_us < 60000


def test_wrong_identity_is_refused_before_anything_is_written():
    bench = EmgBench(identity=0x52)  # an ADS1291
    for call in (bench.sensor.identify, bench.sensor.self_test, bench.sensor.start):
        assert raises(OSError, call).args == (19, 0x52)
    assert registers(bench, 1, 10) == RESET


def test_empty_bus_is_refused():
    bench = EmgBench(faults=[{"kind": "emg_silent", "from_s": 0, "to_s": 1e6}])
    assert raises(OSError, bench.sensor.start).args == (19, 0xFF)
    assert raises(OSError, EmgBench(phase=0).sensor.start).args == (19, 0xFF)  # mode 0, which it does not speak


def test_configuration():
    """The bus runs at 4 MHz: the driver leaves the gaps that multi-byte commands need then."""
    for clock_hz in (1000000, 4000000, 20000000):
        bench = EmgBench(clock_hz=clock_hz)
        bench.sensor.start()
        assert registers(bench, 0, 11) == CONFIGURED
        assert bench.chip.undecoded == 0


def test_starts_anew_whatever_state_the_chip_is_in():
    bench = EmgBench()
    bench.sensor.start()
    time.sleep_ms(100)
    bench.sensor.start()
    time.sleep_ms(100)
    assert 94 <= bench.drain()[0] <= 100
    assert (bench.sensor.lost, bench.sensor.bad) == (0, 0)


def test_a_register_that_does_not_read_back():
    bench = EmgBench()
    write = bench.chip._write_register
    bench.chip._write_register = lambda register, value: write(register, value & 0x7F)
    assert raises(OSError, bench.sensor.start).args == (5,)


def test_start_takes_no_longer_than_it_says():
    bench = EmgBench()
    before_us = clock.now_us()
    bench.sensor.start()
    assert 150000 < clock.now_us() - before_us < 250000


def test_self_test_passes():
    result = EmgBench(noise_uv=1.6).sensor.self_test()
    assert result["passed"] is True
    assert all(1.4 < noise < 1.8 for noise in result["noise_uv"])
    assert all(1000 <= half < 1010 for half in result["test_uv"])  # its peaks bear the noise


def test_self_test_fails_with_noise_or_a_wrong_gain():
    result = EmgBench(noise_uv=6.0).sensor.self_test()
    assert result["passed"] is False
    bench = EmgBench()
    raw = bench.chip._raw
    bench.chip._raw = lambda *arguments: raw(*arguments) * 9 // 10
    result = bench.sensor.self_test()
    assert result["passed"] is False
    assert all(abs(half - 900) < 1 for half in result["test_uv"])


def test_self_test_of_a_chip_that_does_not_convert():
    bench = EmgBench()
    bench.chip._start = lambda: None
    assert raises(OSError, bench.sensor.self_test).args == (5,)


def test_samples_after_the_self_test_are_the_electrodes():
    bench = EmgBench(Steady(100.0, -200.0))
    bench.sensor.self_test()
    bench.sensor.start()
    time.sleep_ms(20)
    assert bench.drain()[0] > 10
    assert (bench.samples[0], bench.samples[1]) == (2080, -4160)  # over 48.08 nV


def test_stop_stands_by():
    bench = EmgBench()
    bench.sensor.start()
    time.sleep_ms(50)
    bench.sensor.stop()
    edges = bench.chip.edges
    time.sleep_ms(500)
    bench.chip.convert()
    assert bench.chip.edges == edges
    assert len(bench.drain_all()[0][1]) > 40
    assert bench.sensor.offered == bench.sensor.read + bench.sensor.lost == edges
    assert bench.sensor.lost == bench.chip.overwritten
    assert bench.drain() == (0, 0)


def test_dip_of_the_supply_is_seen():
    bench = EmgBench(faults=[{"kind": "emg_reset", "at_s": s(1000000)}])
    bench.sensor.start()
    dead_us = clock.now_us() + 1300000
    while clock.now_us() < dead_us - 400000:
        time.sleep_ms(77)
        bench.drain()
    time.sleep_ms(400)
    error = None
    drain_into = bench.sensor.drain_into
    heap_lock()
    try:
        while drain_into(bench.samples, bench.leads):
            pass
    except OSError as caught:
        error = caught
    heap_unlock()
    assert error.args == (5,)
    bench.sensor.start()
    time.sleep_ms(77)
    assert bench.drain()[0] > 70


for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()
