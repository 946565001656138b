"""From the muscle front end's samples to readings: times, losses, motors, electrodes, and a chip that falls silent."""

import math

from emg_bench import LSB_UV, EmgBench, IdlePin, Steady, s
from twin import clock, interrupts

from hipcue.contract.record import EVENT_CODES
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT
from hipcue.core.emg import BRIDGED
from hipcue.drivers.erm import Haptics
from hipcue.muscles import DRAIN_MS, RETRY_MS, RawMuscles

GAP, BLANKED, LEAD_OFF = 0x40, 0x80, 0x01
START_US = 300000


class Bursts:
    """Electrodes with a 100 Hz tone: 20 uV, but 200 uV on the left in [1000, 1200) ms of each second from now on."""

    rate_hz = 1003.0

    def __init__(self):
        self.begun_us = clock.now_us()

    def uv(self, index, time_us):
        phase = time_us - self.begun_us
        tone = math.sin(6.2831853 * (phase % 10000) / 10000)
        return (200.0 if phase % 1000000 < 200000 else 20.0) * tone, 20.0 * tone


class Step:
    def __init__(self, contact_at_us, stance_end_at_us):
        self.contact_at_us = contact_at_us
        self.stance_end_at_us = stance_end_at_us


def silent():
    raise OSError(5)


class Log:
    def __init__(self):
        self.events = []

    def event(self, code, value, now_ms):
        self.events.append((code, value))


class Clip:
    """Muscles on the modelled chip, with a loop that drains them."""

    def __init__(self, electrodes=None, **chip):
        self.log = Log()
        chip.setdefault("noise_uv", 1.6)
        self.bench = EmgBench(electrodes, **chip)
        self.haptics = Haptics(IdlePin(), IdlePin(), IdlePin())
        self.muscles = RawMuscles(self.bench.sensor, self.haptics, 50, self.log)
        self.muscles.start(clock.now_us() // 1000)

    def run(self, ms):
        """Let `ms` pass as the application's loop does."""
        until_us = clock.now_us() + 1000 * ms
        while clock.now_us() < until_us:
            now_ms = clock.now_us() // 1000
            wait_ms = self.muscles.wait_ms(now_ms)
            due_ms = self.haptics.next_ms(now_ms)
            wait_ms = min(wait_ms, DRAIN_MS if due_ms is None else due_ms)
            interrupts.run_until(min(until_us, clock.now_us() + 1000 * max(1, wait_ms)))
            self.haptics.step(clock.now_us() // 1000)
            self.muscles.drain(clock.now_us())

    def read(self, from_ms, to_ms, zero_us):
        """Return the readings, left and right, of a step whose stance was from and to these ms after `zero_us`."""
        readings = self.muscles.read(Step(zero_us + 1000 * from_ms, zero_us + 1000 * to_ms), clock.now_us())
        return readings[SIDE_LEFT], readings[SIDE_RIGHT]


def test_amplitude_of_a_stance_is_that_of_its_time():
    """A tone of 200 uV has 141.4 uV RMS; the front end's rate is 0.3 % off nominal."""
    electrodes = Bursts()
    clip = Clip(electrodes)
    zero_us = electrodes.begun_us
    for second in (2, 8, 20):
        clip.run(1000 * second + 500 - (clock.now_us() - zero_us) // 1000)
        left, right = clip.read(1000 * second + 20, 1000 * second + 190, zero_us)
        assert abs(left.activation_uv / 141.4 - 1) < 0.03, (second, left.activation_uv)
        assert abs(right.activation_uv / 14.14 - 1) < 0.05, (second, right.activation_uv)
        left, _ = clip.read(1000 * second + 230, 1000 * second + 430, zero_us)
        assert left.activation_uv < 20


def test_every_lost_sample_is_counted():
    """Stalls of 80 ms as flash makes them, pauses of 3 ms as the collector makes them: as many as the chip dropped."""
    clip = Clip()
    for _ in range(5):
        clip.run(700)
        interrupts.stall_us(80000)
        clip.run(300)
        interrupts.busy_us(3000)
    clip.run(100)
    clip.muscles.stop(clock.now_us())
    lost = clip.muscles.newly_lost()
    assert lost == clip.bench.chip.overwritten and 5 * 70 < lost < 5 * 85
    assert clip.muscles.newly_lost() == 0


def test_a_pause_of_the_collector_is_no_gap():
    clip = Clip(Bursts())
    zero_us = clip.bench.chip and clock.now_us()
    clip.run(1050)
    interrupts.busy_us(1000 * (BRIDGED - 1))
    clip.run(400)
    left, _ = clip.read(1000, 1200, zero_us)
    assert left.quality & GAP == 0 and left.activation_uv
    interrupts.busy_us(20000)
    clip.run(300)
    left, _ = clip.read(1430, 1600, zero_us)
    assert left.quality & GAP and left.activation_uv is None


def test_a_stance_with_a_motor_in_it_is_blanked_and_the_others_are_not():
    clip = Clip(Bursts())
    zero_us = clock.now_us()
    clip.run(2000)
    clip.haptics.buzz(1, 100, 80, clock.now_us() // 1000)
    clip.run(1000)
    for from_ms, to_ms, blanked in ((1700, 1900, False), (1890, 2050, True), (2050, 2300, True), (2300, 2500, False)):
        left, right = clip.read(from_ms, to_ms, zero_us)
        assert bool(left.quality & BLANKED) == bool(right.quality & BLANKED) == blanked, from_ms


def test_a_lead_that_is_off_marks_its_own_side():
    for electrode, side in (("IN1P", 0), ("IN1N", 0), ("IN2P", 1), ("IN2N", 1)):
        off = {"kind": "lead_off", "from_s": s(1500000), "to_s": s(1800000), "lead": electrode}
        clip = Clip(Bursts(), faults=[off])
        zero_us = clock.now_us()
        clip.run(2500)
        during = clip.read(1500, 1750, zero_us)
        after = clip.read(2100, 2300, zero_us)
        assert during[side].quality & LEAD_OFF and not during[1 - side].quality & LEAD_OFF, electrode
        assert not after[0].quality & LEAD_OFF and not after[1].quality & LEAD_OFF


def test_level_is_that_of_the_last_quarter_second():
    clip = Clip(Steady(0.0, 0.0), noise_uv=50.0)
    clip.run(1500)
    for uv, quality in clip.muscles.levels(clock.now_us()).values():
        assert quality == 0 and 30 < uv < 60


def test_a_chip_that_falls_silent_is_told_once_started_again_and_its_time_is_a_gap():
    clip = Clip(Bursts(), faults=[{"kind": "emg_reset", "at_s": s(2000000)}])
    zero_us = clock.now_us()
    clip.run(3000)
    assert clip.log.events == [(EVENT_CODES["emg_silent"], 5)]
    for _ in range(40):
        clip.muscles.retry(clock.now_us() // 1000)
        clip.run(200)
    assert [code for code, _ in clip.log.events] == [EVENT_CODES["emg_silent"], EVENT_CODES["emg_back"]]
    assert 4000 < clip.log.events[1][1] < 6000
    now_ms = (clock.now_us() - zero_us) // 1000
    left, _ = clip.read(now_ms - 400, now_ms - 200, zero_us)
    assert left.activation_uv is not None and left.quality & GAP == 0


def test_the_time_without_the_chip_is_counted_once_however_often_it_was_tried():
    reset_us = clock.now_us() + 2000000
    clip = Clip(faults=[{"kind": "emg_reset", "at_s": s(2000000)}])
    clip.run(700)
    interrupts.stall_us(80000)
    clip.run(3000 - 780)
    assert clip.log.events[0][0] == EVENT_CODES["emg_silent"]
    since_ms = (clock.now_us() - reset_us) / 1000
    assert abs(clip.muscles.newly_lost() - 80 - since_ms) < 70  # the stall, and since the reset
    identify, clip.bench.sensor.identify = clip.bench.sensor.identify, silent
    for _ in range(3):
        clip.run(6000)
        clip.muscles.retry(clock.now_us() // 1000)
    assert abs(clip.muscles.newly_lost() / (18000 * 1.003) - 1) < 0.01
    clip.bench.sensor.identify = identify
    clip.run(6000)
    clip.muscles.retry(clock.now_us() // 1000)
    clip.run(1000)
    assert clip.log.events[-1][0] == EVENT_CODES["emg_back"]
    assert 6000 < clip.muscles.newly_lost() < 6000 * 1.003 + 350  # starting it takes a quarter of a second


def until_back(clip):
    """Let the loop try again and again until the chip is back, for 20 s at the most; return the event codes."""
    for _ in range(100):
        clip.run(200)
        clip.muscles.retry(clock.now_us() // 1000)
    return [code for code, _ in clip.log.events]


def all_accounted_for(clip, zero_us):
    """Return whether the samples taken and lost are those of the time, within 0.15 s.

    The last drain is up to 50 ms old, and the rate of a young clock is its nominal one, 0.3 % low.
    """
    passed = (clock.now_us() - zero_us) * 1.003 / 1000
    assert clip.muscles._core.index - clip.muscles.lost > 1000
    return abs(clip.muscles._core.index - passed) < 150


def test_data_ready_that_is_stuck_is_told_and_its_time_counted():
    """High or low: no conversion is offered any more. Tried in vain it is not back; when it moves again, it is."""
    for level in (0, 1):
        stuck = {"kind": "emg_drdy_stuck", "from_s": s(2000000), "to_s": s(11000000), "level": level}
        clip = Clip(Bursts(), faults=[stuck])
        zero_us = clock.now_us()
        clip.run(1900)
        assert clip.muscles.newly_lost() == 0 and clip.log.events == []
        assert until_back(clip) == [EVENT_CODES["emg_silent"], EVENT_CODES["emg_back"]]
        assert 9000 < clip.log.events[1][1] < 15000
        lost = clip.muscles.newly_lost()
        assert abs(lost - (clip.log.events[1][1] + 200) * 1.003) < 150, (lost, clip.log.events)
        assert all_accounted_for(clip, zero_us)
        left, right = clip.read(5000, 5200, zero_us)
        assert left.activation_uv is None and left.quality & right.quality & GAP


def test_data_ready_that_toggles_without_data_is_told_and_started_again():
    """The same frame again and again: every one of them is lost, and a reset of the chip mends it."""
    clip = Clip(Bursts(), faults=[{"kind": "emg_repeats", "from_s": s(2000000), "to_s": s(99e6), "until_reset": True}])
    zero_us = clock.now_us()
    assert until_back(clip) == [EVENT_CODES["emg_stale"], EVENT_CODES["emg_back"]]
    assert 500 < clip.log.events[0][1] < 600
    lost = clip.muscles.newly_lost()
    assert abs(lost - (clip.log.events[0][1] + clip.log.events[1][1]) * 1.003) < 150
    assert all_accounted_for(clip, zero_us)


def test_frames_without_their_leading_bits_for_good_are_a_fault():
    """Nothing but bad frames: counted, told after half a second, and tried again."""
    clip = Clip(Bursts(), faults=[{"kind": "emg_bad_status", "from_s": s(2000000), "to_s": s(10000000)}])
    zero_us = clock.now_us()
    assert until_back(clip) == [EVENT_CODES["emg_stale"], EVENT_CODES["emg_back"]]
    assert all_accounted_for(clip, zero_us)
    assert abs(clip.muscles.newly_lost() - (clip.log.events[0][1] + clip.log.events[1][1]) * 1.003) < 150


def test_electrodes_that_are_off_on_both_sides_are_no_stale_chip():
    """Every sample then is the end of the range, on both sides: alike, but new."""
    off = [{"kind": "lead_off", "from_s": s(1000000), "to_s": s(9e6), "lead": lead} for lead in ("IN1P", "IN2P")]
    clip = Clip(Bursts(), faults=off)
    clip.run(5000)
    assert clip.log.events == [] and clip.muscles.newly_lost() == 0


def test_a_chip_that_dozed_measures_again_and_lost_nothing():
    """It stands by for a minute; after that a stance is read at its time, and what was not converted is no loss."""
    electrodes = Bursts()
    clip = Clip(electrodes)
    zero_us = electrodes.begun_us
    clip.run(2000)
    clip.muscles.doze(clock.now_us())
    edges = clip.bench.chip.edges
    interrupts.run_until(clock.now_us() + 60000000)
    assert clip.bench.chip.edges <= edges + 1
    clip.muscles.wake(clock.now_us() // 1000)
    clip.run(3500 - (clock.now_us() - zero_us) // 1000 % 1000)
    second = (clock.now_us() - zero_us) // 1000000 * 1000
    left, right = clip.read(second + 20, second + 190, zero_us)
    assert abs(left.activation_uv / 141.4 - 1) < 0.03 and abs(right.activation_uv / 14.14 - 1) < 0.05
    assert clip.log.events == [] and clip.muscles.newly_lost() <= 2  # converted while it was told to stop
    # The core knows of the minute: within the start's quarter of a second, and 0.3 % of a rate counted on.
    assert abs(clip.muscles._core.index - (clock.now_us() - zero_us) * 1.003 / 1000) < 700
    interval_ns = clip.muscles._clock._interval_ns  # not of a mean over the doze, which would be 0.4 % off
    assert interval_ns == 1000000


def test_a_chip_that_does_not_wake_is_told():
    """What is lost is counted from then on: 10 s of doze are not among it, 5 s until the chip is tried again are."""
    clip = Clip(Bursts())
    clip.run(1000)
    clip.muscles.doze(clock.now_us())
    interrupts.run_until(clock.now_us() + 10000000)
    identify, clip.bench.sensor.identify = clip.bench.sensor.identify, silent
    clip.muscles.wake(clock.now_us() // 1000)
    assert clip.log.events == [(EVENT_CODES["emg_silent"], 5)]
    clip.bench.sensor.identify = identify
    assert until_back(clip) == [EVENT_CODES["emg_silent"], EVENT_CODES["emg_back"]]
    assert RETRY_MS <= clip.muscles.newly_lost() < RETRY_MS + 1000


def test_a_doze_of_a_silent_chip_is_no_loss():
    clip = Clip(Bursts())
    clip.run(1000)
    identify, clip.bench.sensor.identify = clip.bench.sensor.identify, silent
    clip.muscles._fail(OSError(5), clock.now_us() // 1000)
    clip.muscles.doze(clock.now_us())
    interrupts.run_until(clock.now_us() + 60000000)
    clip.muscles.wake(clock.now_us() // 1000)
    clip.run(1000)
    assert abs(clip.muscles.newly_lost() - 1000) < 300
    clip.bench.sensor.identify = identify


def test_an_error_that_the_port_explains_is_no_other_chip():
    clip = Clip()

    def explained(samples, leads):
        raise OSError(-0x103, "ESP_ERR_INVALID_STATE")

    clip.muscles._drain_into = explained
    clip.run(100)
    assert clip.log.events == [(EVENT_CODES["emg_silent"], -0x103)]


def test_another_chip_is_told_and_not_used():
    clip = Clip(identity=0x52)
    clip.run(1000)
    assert clip.log.events == [(EVENT_CODES["emg_wrong"], 0x52)]
    left, right = clip.read(200, 400, clock.now_us() - 900000)
    assert (left.activation_uv, left.quality, right.quality) == (None, 0, 0)


assert 0.0480 < LSB_UV < 0.0481
for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()
