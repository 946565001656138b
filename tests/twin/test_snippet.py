"""Raw EMG for the log: each frame at its place and time, lost ones and those with a motor told, without allocation."""

from array import array

from emg_bench import Counting, EmgBench, IdlePin, s
from micropython import heap_lock, heap_unlock
from twin import clock, interrupts

from hipcue.contract.signals import UNKNOWN_I16
from hipcue.drivers.erm import Haptics
from hipcue.muscle_minute import SNIPPET_RECORDS, MuscleMinute
from hipcue.muscles import RawMuscles
from hipcue.snippet import FRAMES, RECORDS, Snippet
from hipcue.store.log import Log

RATE_HZ = 1003.0


def next_us(snippet):
    """Return when the first frame of its next record was taken."""
    return 1000 * snippet.next_ms() + snippet.next_more_us()


class Events:
    def event(self, code, value, now_ms):
        pass


class Clip:
    """Muscles with a snippet on the modelled chip, whose sample k reads 8 k LSB left and -8 k - 1 right."""

    def __init__(self, **chip):
        self.bench = EmgBench(Counting(), **chip)
        self.haptics = Haptics(IdlePin(), IdlePin(), IdlePin())
        self.snippet = Snippet()
        self.muscles = RawMuscles(self.bench.sensor, self.haptics, 50, Events(), self.snippet)
        self.muscles.start(clock.now_us() // 1000)

    def run(self, ms):
        until_us = clock.now_us() + 1000 * ms
        while clock.now_us() < until_us:
            interrupts.run_until(min(until_us, clock.now_us() + 20000))
            self.haptics.step(clock.now_us() // 1000)
            self.muscles.drain(clock.now_us())

    def records(self):
        """Return [(first_us, blanked, lead_off, left, right)] of the whole snippet."""
        found = []
        while self.snippet.waiting():
            frames = array("h", bytes(self.snippet.next_frames()))
            found.append((
                next_us(self.snippet), self.snippet.next_blanked(), self.snippet.next_lead_off(),
                [frames[2 * k] for k in range(32)], [frames[2 * k + 1] for k in range(32)],
            ))  # fmt: skip
            self.snippet.give()
        return found


def begun(**chip):
    """Return a Clip whose snippet has begun."""
    clip = Clip(**chip)
    clip.run(6000)
    assert not clip.snippet.taking and not clip.snippet.waiting()
    clip.muscles.want_snippet()
    clip.run(60)
    assert clip.snippet.taking
    return clip


def joined(records, side):
    return [value for row in records for value in row[3 + side]]


def test_frames_count_from_the_first_and_lie_an_interval_apart():
    """8 LSB are one step of the log: both channels count by one, the right one downwards."""
    clip = begun()
    clip.run(2500)
    records = clip.records()
    assert len(records) == RECORDS and not clip.snippet.waiting() and not clip.snippet.taking
    assert joined(records, 0) == list(range(FRAMES))
    assert joined(records, 1) == [-k for k in range(FRAMES)]
    assert {row[1:3] for row in records} == {(0, 0)}
    for before, after in zip(records, records[1:]):  # noqa: B905 - MicroPython's zip
        assert abs(after[0] - before[0] - 32e6 / RATE_HZ) < 10


def test_lost_frames_are_told_one_by_one():
    """A stall of 80 ms and a pause of 3: as many unknown frames as the chip overwrote, those after at their place."""
    clip = begun()
    clip.run(500)
    before = clip.bench.chip.overwritten
    interrupts.stall_us(80000)
    clip.run(300)
    interrupts.busy_us(3000)
    clip.run(2000)
    records = clip.records()
    for side, sign in ((0, 1), (1, -1)):
        values = joined(records, side)
        assert len(values) == FRAMES
        lost = [k for k in range(FRAMES) if values[k] == UNKNOWN_I16]
        assert len(lost) == clip.bench.chip.overwritten - before > 75
        assert all(values[k] == sign * k for k in range(FRAMES) if k not in lost)


def test_a_silent_chip_leaves_no_frame_that_was_not_taken():
    clip = begun(faults=[{"kind": "emg_reset", "at_s": s(7000000)}])
    clip.run(1500)
    for _ in range(40):
        clip.muscles.retry(clock.now_us() // 1000)
        clip.run(200)
    values = joined(clip.records(), 0)
    whole = [value for value in values if value != UNKNOWN_I16]
    assert 500 < len(whole) < 1000 and whole == list(range(len(whole)))
    assert len(values) == FRAMES and set(values[len(whole) :]) == {UNKNOWN_I16}


def test_a_motor_marks_its_frames_and_a_lead_its_records():
    off = {"kind": "lead_off", "from_s": s(7000000), "to_s": s(7100000), "lead": "IN2P"}
    clip = begun(faults=[off])
    clip.run(200)
    started_us = clock.now_us()
    clip.haptics.buzz(1, 100, 80, started_us // 1000)
    clip.run(2500)
    records = clip.records()
    marked = []
    for first_us, blanked, _, _, _ in records:
        for k in range(blanked & 0xFF, blanked >> 8):
            marked.append(first_us + k * 1e6 / RATE_HZ - started_us)
    # Up to 3 ms to either side, and what the sample's time is off.
    assert -5000 < marked[0] < 1500 and 98500 < marked[-1] < 105000
    assert all(980 < later - earlier < 1020 for earlier, later in zip(marked, marked[1:]))  # noqa: B905
    assert {row[2] for row in records} == {0, 2}
    assert 3 <= sum([row[2] == 2 for row in records]) <= 5


def test_a_snippet_does_not_begin_with_a_frame_that_a_motor_marred():
    clip = Clip()
    clip.run(6000)
    clip.haptics.buzz(1, 100, 80, clock.now_us() // 1000)
    clip.muscles.want_snippet()
    clip.run(80)
    assert clip.snippet.wanted and not clip.snippet.taking
    clip.run(150)
    assert clip.snippet.taking
    clip.run(2500)
    assert {row[1] for row in clip.records()} == {0}


def test_what_is_further_than_16_bits_is_held_there():
    snippet = Snippet()
    samples, leads = array("i", (0, 0, 262136, -262136, 262144, -262144, 8388607, -8388608)), bytearray(4)
    snippet.begin(samples, 0, 1000000)
    snippet.take(samples, leads, 4, None)
    snippet.lose(FRAMES)
    frames = array("h", bytes(snippet.next_frames()))
    assert list(frames)[:8] == [0, 0, 32767, -32767, 32767, -32767, 32767, -32767]
    assert set(list(frames)[8:]) == {UNKNOWN_I16}


def keep_and_pack(first_us):
    """Keep a snippet whose first frame was taken then, and pack it; MemoryError where that allocates."""
    snippet, samples, leads = Snippet(), array("i", bytes(8 * 77)), bytearray(77)
    log = Log(1, b"\x02HIPCU", None, queue_blocks=200)
    take, lose, add_emg, give = snippet.take, snippet.lose, log.add_emg, snippet.give
    snippet.begin(samples, first_us, 997009)
    now_ms = first_us // 1000 + 2500
    heap_lock()
    try:
        while snippet.taking:
            take(samples, leads, 77, None)
            lose(3)
        while snippet.waiting():
            add_emg(
                now_ms, snippet.next_ms(), snippet.next_more_us(), snippet.interval_ns, snippet.next_blanked(),
                snippet.next_lead_off(), snippet.origin_left, snippet.origin_right, snippet.next_frames(),
            )  # fmt: skip
            give()
    finally:
        heap_unlock()
    assert log.records == RECORDS


def test_keeping_and_packing_allocate_nothing():
    keep_and_pack(123456)


def test_keeping_and_packing_allocate_nothing_however_long_the_clip_is_on():
    """Microseconds outgrow the small integers of an ESP32 after 18 minutes, as these do those of 64 bits."""
    keep_and_pack(1 << 62)


class Recorder:
    """Hears of the minute's records; `rows`: (time_ms, first_us) of the raw EMG."""

    recording = True

    def __init__(self):
        self.rows = []
        self.commits = 0

    def emg(self, snippet, now_ms):
        self.rows.append((now_ms, next_us(snippet)))
        snippet.give()

    def muscles(self, *_):
        pass

    def commit(self, now_ms):
        self.commits += 1


class Step:
    side = 0


def test_each_minute_with_steps_has_one_snippet_and_its_end_is_not_lost():
    """Two records go with a step; what a session's end leaves is logged then, with commits between."""
    clip, recorder = Clip(), Recorder()
    minute = MuscleMinute(clip.muscles, recorder)
    clip.run(6000)
    begun_ms = clock.now_us() // 1000
    minute.begin(begun_ms)
    for number in range(180):  # 63 s: into the second minute
        minute.hear(Step, clock.now_us() // 1000)
        clip.run(350)
        minute.look(clock.now_us() // 1000)
        if number == 60:
            assert len(recorder.rows) == RECORDS  # of the first 21 s
    clip.run(1000)
    assert RECORDS < len(recorder.rows) < 2 * RECORDS
    minute.end(clock.now_us() // 1000)
    assert len(recorder.rows) == 2 * RECORDS and recorder.commits > 10
    first, second = recorder.rows[0][1], recorder.rows[RECORDS][1]
    assert -60000 < first - 1000 * begun_ms < 60000 and 60000000 <= second - first < 60500000
    per_step = {}
    for now_ms, _ in recorder.rows[:RECORDS]:
        per_step[now_ms] = per_step.get(now_ms, 0) + 1
    assert max(per_step.values()) == SNIPPET_RECORDS
    minute.begin(clock.now_us() // 1000)
    assert not clip.snippet.taking and not clip.snippet.waiting()


for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()
