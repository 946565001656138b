"""ADS1292: samples from the interrupt to the caller, and the exact count and place of those that are lost."""

import gc
import time
from array import array

from bench import raises
from emg_bench import Counting, EmgBench, Steady, interrupts, s
from micropython import heap_lock, heap_unlock
from twin import console_gc, flash


def running(electrodes=None, **chip):
    bench = EmgBench(electrodes or Counting(), **chip)
    bench.sensor.start()
    time.sleep_ms(20)
    assert [gap for gap, _ in bench.drain_all()] == [0]
    return bench


def accounts_agree(bench):
    """What the driver says was offered, read and lost is what the chip says."""
    bench.sensor.stop()
    bench.drain_all()
    sensor, chip = bench.sensor, bench.chip
    assert sensor.offered == chip.edges
    assert sensor.lost == chip.overwritten + sensor.bad
    assert sensor.read == chip.read - sensor.bad
    assert sensor.offered == sensor.read + sensor.lost


def check_places(runs, before):
    """Every run goes on where the one before ended, `gap` samples later; return the last sample."""
    for gap, lefts in runs:
        for left in lefts:
            assert left == (before + 8 * (gap + 1)) % 800000
            before, gap = left, 0
        assert gap == 0
    return before


def test_samples_come_in_order_and_both_channels():
    bench = running()
    time.sleep_ms(77)
    count, gap = bench.drain()
    assert gap == 0 and 76 <= count <= 78
    for k in range(count):
        left, right = bench.samples[2 * k], bench.samples[2 * k + 1]
        assert right == -left - 1
        assert k == 0 or left == bench.samples[2 * k - 2] + 8
    accounts_agree(bench)


def test_decodes_the_ends_of_the_range():
    """Table 11 of SBAS502C: 7FFFFF, 000001, 000000, FFFFFF, 800000."""
    lsb_uv = 2.42e6 / 6 / 8388607
    for uv, expected in ((5e5, 8388607), (lsb_uv, 1), (0.0, 0), (-lsb_uv, -1), (-5e5, -8388608)):
        bench = EmgBench(Steady(uv, -uv))
        bench.sensor.start()
        time.sleep_ms(20)
        bench.drain()
        assert bench.samples[0] == expected
        assert bench.samples[1] == -expected or abs(expected) > 8388606


def test_draining_allocates_nothing():
    bench = running(faults=[{"kind": "emg_bad_status", "from_s": s(255000), "to_s": s(265000)}])
    drain_into, samples, leads = bench.sensor.drain_into, bench.samples, bench.leads
    sleep_ms, stall_us = time.sleep_ms, interrupts.stall_us
    total = 0
    heap_lock()
    for _ in range(4):
        sleep_ms(77)
        stall_us(80000)
        while True:
            count = drain_into(samples, leads)
            total += count
            if not count and not bench.sensor.gap:
                break
    heap_unlock()
    assert total > 300 and bench.sensor.lost > 300 and bench.sensor.bad > 0


def test_the_handler_runs_with_the_heap_locked():
    """So every test here is a proof that it allocates nothing."""
    bench = running()
    bench.sensor._data_ready.irq(lambda pin: bytearray(100), 2)
    raises(MemoryError, time.sleep_ms, 2)


def test_a_stall_loses_what_the_chip_overwrote():
    """80 ms at 1003 Hz: of 80 or 81 conversions the newest is still there."""
    bench = running()
    time.sleep_ms(30)
    interrupts.stall_us(80000)
    time.sleep_ms(30)
    runs = bench.drain_all()
    assert [gap for gap, _ in runs][0] == 0 and len(runs) == 2
    assert runs[1][0] in (79, 80) and runs[1][0] == bench.chip.overwritten == bench.sensor.lost
    check_places(runs, runs[0][1][0] - 8)
    accounts_agree(bench)


def test_a_pause_for_garbage_loses_two():
    """3 ms: three conversions, and all three are queued; the newest is read, the other calls find nothing new."""
    bench = running()
    for _ in range(50):
        time.sleep_ms(20)
        console_gc.collect()
        time.sleep_ms(5)
        runs = bench.drain_all()
        assert [gap for gap, _ in runs] == [0, 2] or [gap for gap, _ in runs] == [0, 3]
        check_places(runs, runs[0][1][0] - 8)
    assert bench.sensor.lost == bench.chip.overwritten
    accounts_agree(bench)


def test_slots_that_are_full_are_left_to_the_caller():
    """A caller that stays away for 400 ms: 255 samples wait, the rest is lost behind them."""
    bench = running()
    time.sleep_ms(400)
    lost = bench.sensor.overruns
    assert 140 <= lost <= 150
    first = bench.drain_all()
    assert [(gap, len(lefts)) for gap, lefts in first] == [(0, 255)]
    time.sleep_ms(10)
    runs = first + bench.drain_all()
    assert runs[1][0] == lost == bench.chip.overwritten
    check_places(runs, runs[0][1][0] - 8)
    accounts_agree(bench)


def test_little_room():
    bench = running()
    time.sleep_ms(50)
    samples, leads = array("i", bytes(8 * 7)), bytearray(300)
    total, before = 0, None
    while True:
        count = bench.sensor.drain_into(samples, leads)
        if not count:
            break
        assert count <= 7
        for k in range(count):
            assert before is None or samples[2 * k] == before + 8
            before = samples[2 * k]
        total += count
    assert 49 <= total <= 51
    time.sleep_ms(50)
    assert bench.sensor.drain_into(bench.samples, bytearray(3)) == 3
    assert bench.sensor.drain_into(array("i"), leads) == 0 and bench.sensor.gap == 0
    accounts_agree(bench)


def test_bad_frames_are_lost_samples():
    bench = running(faults=[{"kind": "emg_bad_status", "from_s": s(300000), "to_s": s(303000)}])
    time.sleep_ms(140)
    runs = bench.drain_all()
    assert bench.sensor.bad == 3 and [gap for gap, _ in runs] == [0, 3]
    check_places(runs, runs[0][1][0] - 8)
    accounts_agree(bench)


def test_only_bad_frames():
    bench = running(faults=[{"kind": "emg_bad_status", "from_s": s(220000), "to_s": s(1000000)}])
    time.sleep_ms(20)
    bench.drain_all()
    time.sleep_ms(50)
    count, gap = bench.drain()
    assert count == 0 and 49 <= gap <= 51
    assert bench.drain() == (0, 0)
    accounts_agree(bench)


def test_lead_off_bits_of_each_sample():
    faults = [
        {"kind": "lead_off", "lead": "IN1N", "from_s": s(300000), "to_s": s(310000)},
        {"kind": "lead_off", "lead": "IN2P", "from_s": s(305000), "to_s": s(310000)},
    ]
    bench = running(faults=faults)
    time.sleep_ms(100)
    count, _ = bench.drain()
    found = list(bench.leads[:count])
    assert (found.count(2), found.count(6)) == (5, 5)
    assert bench.sensor.lead_off == 6
    first = found.index(2)
    assert bench.samples[2 * first] == 8388607 and bench.samples[2 * (first - 1)] != 8388607
    time.sleep_ms(50)
    bench.drain()
    assert bench.sensor.lead_off == 0


def test_a_conversion_within_the_read_is_read_again():
    """At 500 kHz a read takes 144 us; calls come late by 0 to 1 ms, so some reads are torn, and none is handed out."""
    bench = EmgBench(Counting(), clock_hz=500000)
    bench.sensor.start()
    time.sleep_ms(20)
    last = bench.drain_all()[0][1][-1]
    for late_us in range(0, 3000, 37):
        time.sleep_ms(4)
        interrupts.busy_us(2000 + late_us)
        time.sleep_ms(2)
        last = check_places(bench.drain_all(), last)
    assert bench.sensor.lost == bench.chip.overwritten
    accounts_agree(bench)


def test_a_silent_chip():
    bench = running(faults=[{"kind": "emg_silent", "from_s": s(300000), "to_s": s(900000)}])
    time.sleep_ms(100)
    assert bench.drain()[0] > 0
    time.sleep_ms(150)
    assert bench.drain() == (0, 0)
    time.sleep_ms(100)
    assert raises(OSError, bench.drain).args == (5,)
    assert raises(OSError, bench.sensor.start).args == (19, 0xFF)
    time.sleep_ms(500)
    bench.sensor.start()
    time.sleep_ms(20)
    assert bench.drain()[0] > 10


def test_counter_goes_round():
    """16384 edges are 16.3 s."""
    bench = running()
    last = None
    for _ in range(220):
        time.sleep_ms(77)
        ((gap, lefts),) = bench.drain_all()
        assert gap == 0 and (last is None or lefts[0] == (last + 8) % 800000)
        last = lefts[-1]
    assert bench.sensor.offered > 16900
    accounts_agree(bench)


def test_minutes_of_a_board_that_stalls():
    """Two minutes: flash erased for 80 ms every 2 s, a page programmed every 1.2 s, garbage collected every 0.3 s."""
    bench = running()
    chip = flash.Flash("emg.flash", size=16 * 4096, erase_us=80000)
    runs, last = 0, None
    for turn in range(1500):
        time.sleep_ms(77)
        for gap, lefts in bench.drain_all():
            if last is not None and lefts:
                assert lefts[0] == (last + 8 * (gap + 1)) % 800000
            if lefts:
                last = lefts[-1]
            runs += 1
        if turn % 4 == 0:
            console_gc.collect()
        if turn % 26 == 0:
            chip.ioctl(6, turn % 16)
        if turn % 16 == 0:
            chip.writeblocks(turn % 16, bytes(256), 0)
    assert bench.sensor.lost == bench.chip.overwritten > 58 * 79
    assert runs > 400
    accounts_agree(bench)


for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()
        gc.collect()
