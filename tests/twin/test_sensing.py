"""Sensing on the twin's board at rest, through a sensor that comes and goes and a loop that comes late."""

import struct
import time

import board
from twin import clock

from hipcue.contract import config
from hipcue.contract.record import EVENT_CODES
from hipcue.sensing import MOST_FRAMES, RETRY_MS, STALE_MS, WATCH_MS, Sensing

NAMES = {code: name for name, code in EVENT_CODES.items()}
drain_into = board.imu.drain_into


class Recorder:
    def __init__(self):
        self.events = []
        self.values = []
        self.lost = 0

    def event(self, code, value, now_ms):
        self.events.append(NAMES[code])
        self.values.append(value)

    def samples_lost(self, count, now_ms):
        self.lost += count


def new_sensing():
    recorder = Recorder()
    sensing = Sensing(board, config.defaults(), None, recorder)
    sensing.start(clock.now_us())
    return sensing, recorder


def run(sensing, ms):
    """Drain as the application does for `ms`."""
    until_us = clock.now_us() + 1000 * ms
    while clock.now_us() < until_us:
        sensing.drain(clock.now_us())
        time.sleep_ms(max(1, sensing.wait_ms(clock.now_us())))


def broken(buffer):
    raise OSError(19)


def same():
    """Return a drain that hands out the sensor's first sample from now on again and again, as many as there are new."""
    frame = bytearray(12)

    def drain(buffer):
        count = drain_into(buffer)
        if not any(frame):
            frame[:] = buffer[:12]
        for at in range(0, 12 * count, 12):
            buffer[at : at + 12] = frame
        return count

    return drain


def test_a_sensor_that_is_gone_again_before_its_first_sample_is_not_back():
    """A loose wire: each start is answered, the drain after it is not. Every sample of the pause is counted."""
    sensing, recorder = new_sensing()
    run(sensing, 1000)
    begun_us = clock.now_us()
    sensing._drain_into = broken
    run(sensing, 3 * (RETRY_MS + 100))
    assert recorder.events == ["sensor_silent"] and sensing.stuck_ms(clock.now_us() // 1000) > 3 * RETRY_MS
    sensing._drain_into = drain_into
    run(sensing, 2 * RETRY_MS)
    assert recorder.events == ["sensor_silent", "sensor_back"] and not sensing.silent()
    gap_ms = (clock.now_us() - begun_us) // 1000 - RETRY_MS
    assert 0.6 * gap_ms < recorder.lost * 1000 / board.imu.rate_hz < 1.4 * gap_ms


def test_the_same_sample_again_and_again_is_none():
    """A sensor that repeats itself: not one of its samples is believed, it is started anew, and all are counted."""
    sensing, recorder = new_sensing()
    run(sensing, 1000)
    begun_us, taken = clock.now_us(), sensing._count
    sensing._drain_into = same()
    run(sensing, STALE_MS + 200)
    assert recorder.events == ["sensor_stale"] and STALE_MS < recorder.values[0] < STALE_MS + 200
    assert sensing.silent() and sensing._count == taken
    sensing._drain_into = drain_into
    run(sensing, 2 * RETRY_MS)
    assert recorder.events == ["sensor_stale", "sensor_back"] and not sensing.silent()
    passed = (clock.now_us() - begun_us) * board.imu.rate_hz / 1e6
    assert abs(sensing._count - taken - passed) < 25
    back_ms = recorder.values[1] + recorder.values[0]
    assert abs(recorder.lost * 1000 / board.imu.rate_hz - back_ms) < 120


def test_a_sensor_that_repeats_itself_for_good_is_never_back():
    """Started anew each second, it goes on so: told once, and how long it lasts is known."""
    sensing, recorder = new_sensing()
    run(sensing, 1000)
    sensing._drain_into = same()
    run(sensing, 10000)
    assert recorder.events == ["sensor_stale"] and not sensing.measures()
    assert 9000 < sensing.stuck_ms(clock.now_us() // 1000) < 10000


def test_a_sensor_that_repeats_itself_from_the_start_does_not_measure():
    sensing, recorder = new_sensing()
    sensing._drain_into = same()
    assert not sensing.measures()
    run(sensing, 2000)
    assert recorder.events == ["sensor_stale"] and not sensing.measures() and recorder.lost == 0


def test_a_hiccup_costs_its_samples_alone():
    """Repeated for 0.2 s: as many are lost, the sensor is not started again, and later samples keep their times."""
    sensing, recorder = new_sensing()
    run(sensing, 1000)
    sensing._drain_into = same()
    run(sensing, 200)
    sensing._drain_into = drain_into
    run(sensing, 1000)
    assert recorder.events == [] and 32 <= recorder.lost <= 64
    assert 0 <= clock.now_us() // 1000 - sensing.ms(sensing._count - 1) < 100


def test_noise_at_rest_is_no_repetition():
    """The twin's sensor at rest, with the noise of the datasheet: a minute without a notice."""
    sensing, recorder = new_sensing()
    run(sensing, 60000)
    assert recorder.events == [] and recorder.lost == 0


def test_a_sensor_that_is_lost_before_its_very_first_sample():
    sensing, recorder = new_sensing()
    sensing._drain_into = broken
    run(sensing, 3 * RETRY_MS)
    sensing._drain_into = drain_into
    run(sensing, 2 * RETRY_MS)
    assert not sensing.silent() and recorder.lost == 0


def test_an_error_that_the_port_explains_is_no_other_chip():
    """ESP-IDF's errors come as (code, name) from MicroPython's check_esp_err: ports/esp32/mphalport.c."""
    sensing, recorder = new_sensing()

    def explained(buffer):
        raise OSError(-0x103, "ESP_ERR_INVALID_STATE")

    sensing._drain_into = explained
    run(sensing, 200)
    assert (recorder.events, recorder.values) == (["sensor_silent"], [-0x103])


def test_a_bus_on_which_nothing_answers_is_no_other_chip():
    """SPI reads all ones there, or zeros: the sensor is silent, which a reset of the processor may mend."""
    start = board.imu.start
    for read, events in ((0xFF, ["sensor_silent"]), (0x00, ["sensor_silent"]), (0x6B, ["sensor_wrong"])):

        def absent(rate_hz, read=read):
            raise OSError(19, read)

        board.imu.start = absent
        sensing, recorder = new_sensing()
        run(sensing, 3000)
        board.imu.start = start
        assert recorder.events == events
        assert (sensing.stuck_ms(clock.now_us() // 1000) > 2000) == (events == ["sensor_silent"])


def test_a_first_drain_that_comes_after_the_fifo_ran_over():
    """A flash of 12 MB takes its time to say how much room there is."""
    sensing, recorder = new_sensing()
    time.sleep_ms(MOST_FRAMES * 1000 // 208 + 500)
    sensing.drain(clock.now_us())
    run(sensing, 500)
    assert not sensing.silent() and recorder.lost > 0
    assert 0 <= clock.now_us() // 1000 - sensing.ms(sensing._count - 1) < 100


def given(*accel):
    """Return a sensor's acceleration_into() that gives these levels."""

    def into(vector):
        vector[:] = struct.pack("<3h", *accel)

    return into


def dozing(ms=20000):
    """Return a sensing that has measured for a second and then dozed for `ms`, and its recorder."""
    sensing, recorder = new_sensing()
    run(sensing, 1000)
    sensing.doze(clock.now_us())
    drains = sensing.drains
    run(sensing, ms)
    assert sensing.dozing and abs(sensing.drains - drains - ms // WATCH_MS) <= 1  # the watchdog hears of each
    assert recorder.events == []
    return sensing, recorder


def measures_again(sensing):
    """Return whether samples come, at the time that it is, and in full number."""
    run(sensing, 2000)
    count, begun_us = sensing._count, clock.now_us()
    run(sensing, 1000)
    fresh = 0 <= clock.now_us() // 1000 - sensing.ms(sensing._count - 1) < 100
    taken = sensing._count - count
    return fresh and abs(taken - (clock.now_us() - begun_us) * board.imu.rate_hz / 1e6) < 20 and sensing.measures()


def test_a_clip_that_lies_still_is_known_to():
    sensing, _ = new_sensing()
    assert sensing.still_ms(clock.now_us()) == 0
    run(sensing, 10000)
    assert 9500 < sensing.still_ms(clock.now_us()) <= 10000


def test_a_doze_ends_when_the_clip_is_moved_and_nothing_was_lost():
    """By 80 mg: within half a second and the sensor's start it measures again; what was not sampled is no loss."""
    sensing, recorder = dozing()
    read = board.imu.acceleration_into
    board.imu.acceleration_into = given(164, 0, 2049)
    run(sensing, WATCH_MS + 20)
    board.imu.acceleration_into = read
    assert not sensing.dozing and sensing.still_ms(clock.now_us()) < 1000
    assert measures_again(sensing)
    assert recorder.events == [] and recorder.lost == 0


def test_a_doze_right_after_a_hiccup_counts_its_samples_once():
    """0.4 s of the same sample, 83 at 208 Hz, and a block more or less; then no sample's number is off for good."""
    sensing, recorder = new_sensing()
    run(sensing, 1000)
    count, begun_us = sensing._count, clock.now_us()
    sensing._drain_into = same()
    run(sensing, 400)
    sensing.doze(clock.now_us())
    sensing._drain_into = drain_into
    run(sensing, 5000)
    sensing.wake(clock.now_us())
    assert measures_again(sensing)
    assert 83 - 16 <= recorder.lost <= 83 + 16
    passed = (clock.now_us() - begun_us) * board.imu.rate_hz / 1e6
    assert abs(sensing._count - count - passed) < 20


def test_noise_and_drift_do_not_end_a_doze():
    """40 mg on one axis."""
    sensing, recorder = dozing()
    read = board.imu.acceleration_into

    def raised(vector):
        read(vector)
        x, y, z = struct.unpack("<3h", vector)
        vector[:] = struct.pack("<3h", x, y, z + 82)

    board.imu.acceleration_into = raised
    run(sensing, 5000)
    board.imu.acceleration_into = read
    assert sensing.dozing
    sensing.wake(clock.now_us())
    assert measures_again(sensing) and recorder.events == [] and recorder.lost == 0


def test_a_sensor_that_falls_back_while_dozing_wakes():
    """A dip of its supply powers the accelerometer down: it reads zero."""
    sensing, recorder = dozing()
    board.imu._bus.write(0x10, 0)
    run(sensing, WATCH_MS + 20)
    assert not sensing.dozing and measures_again(sensing) and recorder.events == []


def test_a_sensor_that_repeats_itself_while_dozing_is_started_again():
    """No run is missed for its sake: told after 20 s; and what it did not sample before is no loss."""
    sensing, recorder = dozing()
    read = board.imu.acceleration_into
    board.imu.acceleration_into = given(1, 2, 2049)
    run(sensing, 25000)
    board.imu.acceleration_into = read
    assert recorder.events == ["sensor_stale", "sensor_back"] and 20000 <= recorder.values[0] <= 21000
    assert measures_again(sensing)
    assert recorder.lost * 1000 / board.imu.rate_hz < RETRY_MS + 400


def test_a_sensor_that_falls_silent_while_dozing_is_told():
    sensing, recorder = dozing()
    read = board.imu.acceleration_into
    board.imu.acceleration_into = broken
    run(sensing, WATCH_MS + 20)
    board.imu.acceleration_into = read
    assert recorder.events == ["sensor_silent"] and not sensing.dozing
    assert measures_again(sensing) and recorder.events == ["sensor_silent", "sensor_back"]
    assert recorder.lost * 1000 / board.imu.rate_hz < RETRY_MS + 400


for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()
