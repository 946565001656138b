"""The recorder on a littlefs: what gives way as the flash fills up, and what a reset's memory saves."""

import io
import os
import struct
from array import array
from binascii import crc32

import clip_flash
import esp32
import machine

from hipcue.contract import config, record
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT
from hipcue.core.emg import Reading
from hipcue.core.step import Step
from hipcue.often import MOST_TOLD
from hipcue.recorder import MOST_UNSETTLED, MOST_WAITING, Recorder
from hipcue.snippet import FRAMES, RECORDS, Snippet
from hipcue.store import recovery, verified
from hipcue.store.folder import FOLDER, free_bytes, next_number, numbers, session_name
from hipcue.store.journal import Journal
from hipcue.store.reset_memory import ResetMemory

CLIP = b"\x02HIPCU"
STEP_MS = 350
EVENTS = {code: name for code, name, _ in record.EVENTS}


def step_at(time_ms, side=1, quality=0):
    step = Step(0, 0.0, 0, quality)
    step.contact_at_ms = time_ms
    step.side = side
    step.outcome = 0
    step.peak_drop_deg = step.peak_drop_causal_deg = 4.0 + side
    step.excursion_deg = 2.0
    step.glutes = {SIDE_LEFT: Reading(0, 400000.0), SIDE_RIGHT: Reading(0, 300000.0)}
    step.interval_us = 4808
    step.trace_at_us = time_ms * 1000
    step.obliquity_deg = [1.0] * 73
    return step


def new_recorder(trace=0):
    memory, journal = ResetMemory(machine.RTC().memory), Journal(open_nvs)
    recorder = Recorder(CLIP, config.validate({"trace": trace}), dict, "envelope", memory, journal)
    recorder.battery(3987)
    return recorder


def open_nvs():
    return esp32.NVS("hipcue")


def close(power_lost=False, low_mv=3500):
    """Close what was interrupted, as the application does at its start; return [(number, records saved)]."""
    tails = Journal(open_nvs).tails() + ResetMemory(machine.RTC().memory).tails
    closed, errno = recovery.close_interrupted(CLIP, tails, power_lost, low_mv)
    assert errno is None
    return [(number, saved) for number, _, saved in closed]


def log_emg(recorder, now_ms):
    """Let the recorder have a snippet of nothing but lost frames."""
    snippet = Snippet()
    snippet.begin(array("i", (0, 0)), 1000 * now_ms, 997009)
    snippet.lose(FRAMES)
    while snippet.waiting():
        recorder.emg(snippet, now_ms)
        recorder.commit(now_ms)


def run(recorder, begin_ms, end_ms):
    """Record steps of alternating sides and commit after each, as the application does; return their number."""
    count = 0
    for time_ms in range(begin_ms, end_ms, STEP_MS):
        recorder.step(step_at(time_ms, 1 + count % 2))
        recorder.commit(time_ms)
        count += 1
    return count


def records(number):
    """Return [(type, time_ms, fields after the offset)] of a session that must be sealed, and the seal's fields."""
    with open(FOLDER + "/" + session_name(number), "rb") as file:
        data = file.read()
    found = []
    for start in range(0, len(data), 512):
        head = struct.unpack_from(record.HEADER_FORMAT, data, start)
        kind, time_ms, used = head[2], head[6], head[9]
        if kind == record.KIND_DATA:
            at, end = start + 33, start + 33 + used
            while at < end:
                fields = struct.unpack_from(record.FORMATS[data[at]], data, at)
                scale = 1000 if fields[0] in (record.TRACE, record.EMG) else 1
                found.append((fields[0], time_ms + fields[1] // scale, fields[2:]))
                at += record.SIZES[fields[0]]
    assert kind == record.KIND_SEAL
    return found, struct.unpack_from(record.SEAL_FORMAT, data, start + 33)


def of(found, kind):
    return [row for row in found if row[0] == kind]


def events(found):
    return [(EVENTS[fields[0]], fields[1]) for _, _, fields in of(found, record.EVENT)]


def fill_file(path, leave_bytes):
    """Fill the flash but for `leave_bytes`, the recorder's reserve and a sector in progress apart."""
    with open(path, "wb") as file:
        while free_bytes("/") > leave_bytes + 6 * 4096:
            file.write(bytes(4096))
            file.flush()


def test_order_of_sacrifice():
    """Trace and raw EMG first, then what was verified, the oldest first; what was not pulled stays."""
    clip_flash.as_root(128)
    machine.RTC().memory(b"")
    recorder = new_recorder(trace=1)
    sizes = {}
    for number in (1, 2, 3, 4):
        recorder.start(1000, None)
        run(recorder, 1000, 61000)
        log_emg(recorder, 61000)
        recorder.seal(1, 61000)
        assert len(of(records(number)[0], record.EMG)) == RECORDS
        sizes[number] = os.stat(FOLDER + "/" + session_name(number))[6]
    for number in (1, 3):
        verified.mark(number, sizes[number], "00")
    fill_file("/filling", 60 * 1024)
    recorder.start(100000, None)
    count = run(recorder, 100000, 100000 + 120000)
    log_emg(recorder, 220000)
    assert numbers() == [2, 4, 5]
    recorder.seal(1, 220000)
    found, seal = records(5)
    names = [name for name, _ in events(found)]
    assert names == ["settings", "flash_low", "trace_stopped", "session_removed", "session_removed", "flash_writes"]
    assert [value for name, value in events(found) if name == "session_removed"] == [1, 3]
    assert not of(found, record.TRACE) and not of(found, record.EMG) and len(of(found, record.STEP)) == count == seal[2]


def test_events_that_waited_for_long_leave_room_for_the_run():
    """Each is further from the one before than a block spans, and more of them than blocks wait."""
    clip_flash.as_root(64)
    recorder = new_recorder()
    for minute in range(MOST_WAITING):
        recorder.event(record.EVENT_CODES["emg_silent"], minute, 60000 * minute)
    begun_ms = 60000 * MOST_WAITING
    recorder.start(begun_ms, 1790000000000)
    steps = run(recorder, begun_ms, begun_ms + 5000)
    recorder.seal(5, begun_ms + 5000)
    found, _ = records(1)
    waited = [(time_ms, fields[1]) for kind, time_ms, fields in found if kind == record.EVENT and fields[0] == 23]
    assert waited == [(60000 * minute, minute) for minute in range(MOST_WAITING)]
    assert len(of(found, record.STEP)) == steps and len(of(found, record.CLOCK)) == 1
    assert "records_dropped" not in [name for name, _ in events(found)]


def test_more_events_than_can_wait_are_counted():
    clip_flash.as_root(64)
    recorder = new_recorder()
    for number in range(MOST_WAITING + 3):
        recorder.event(record.EVENT_CODES["emg_wrong"], number, 1000 * number)
    recorder.start(60000, None)
    recorder.seal(1, 61000)
    told = events(records(1)[0])
    assert [value for name, value in told if name == "emg_wrong"] == list(range(MOST_WAITING))
    assert ("records_dropped", 3) in told


def flap(recorder, begin_ms, end_ms, every_ms=5000):
    """Let the sensor fail and come back, 7 samples and 40 ms each time; return how often."""
    count = 0
    for time_ms in range(begin_ms, end_ms, every_ms):
        recorder.event(record.EVENT_CODES["sensor_silent"], 19, time_ms)
        recorder.event(record.EVENT_CODES["sensor_back"], 40, time_ms + 40)
        recorder.samples_lost(7, time_ms + 40)
        recorder.commit(time_ms + 100)
        count += 1
    return count


def repeated(told, name):
    """Return how many events of that name `repeated` stands for."""
    code = record.EVENT_CODES[name]
    values = [value for each, value in told if each == "repeated"]
    return sum(value & record.REPEATED_MASK for value in values if value >> record.REPEATED_SHIFT == code)


def test_a_sensor_that_fails_all_the_time_is_told_in_a_few_events_and_nothing_is_missing():
    """Twice in ten seconds for an hour: five events a minute of each kind at the most, and they add up to all of it."""
    clip_flash.as_root(128)
    machine.RTC().memory(b"")
    recorder = new_recorder()
    recorder.start(0, None)
    count = flap(recorder, 0, 3600000)
    recorder.seal(1, 3600000)
    found, seal = records(1)
    told = events(found)
    assert count == 720 and len(told) < 5 * 60 * 5
    silent = [value for name, value in told if name == "sensor_silent"]
    assert set(silent) == {19} and len(silent) + repeated(told, "sensor_silent") == count
    for name, total in (("sensor_back", 40 * count), ("samples_lost", 7 * count)):
        assert sum(value for each, value in told if each == name) == total
        one_by_one = [k for k, event in enumerate(told) if event[0] == name and told[k - 1][0] != "repeated"]
        assert len(one_by_one) + repeated(told, name) == count
    assert seal[5] == 7 * count
    # The first ones are told at once, one by one.
    assert [name for name, _ in told[1:10]] == ["sensor_silent", "sensor_back", "samples_lost"] * 3


def test_a_sensor_that_fails_all_night_does_not_begin_a_session_every_few_minutes():
    """The application begins one for an event that waits, and closes it after five minutes: of eight hours, 14."""
    clip_flash.as_root(128)
    machine.RTC().memory(b"")
    recorder = new_recorder()
    begun_ms = None
    total = 0
    for time_ms in range(0, 8 * 3600000, 5000):
        total += flap(recorder, time_ms, time_ms + 1)
        if recorder.waiting() and not recorder.recording:
            recorder.start(time_ms + 200, None)
            begun_ms = time_ms
        if recorder.recording and time_ms - begun_ms > 300000:
            recorder.seal(5, time_ms + 300)
    recorder.start(8 * 3600000, None)
    recorder.seal(1, 8 * 3600000)
    assert len(numbers()) <= 15
    told = [event for number in numbers() for event in events(records(number)[0])]
    assert sum(value for name, value in told if name == "samples_lost") == 7 * total == 7 * 5760


def test_a_reset_loses_no_count_of_faults_that_were_not_told_yet():
    image = clip_flash.as_root(64)
    machine.RTC().memory(b"")
    recorder = new_recorder()
    recorder.start(0, None)
    count = flap(recorder, 0, 110000)
    for number in range(MOST_UNSETTLED):  # as many as there can be beside all the counts
        recorder.decided(step_at(105000 + 250 * number))
    for code in record.OFTEN:
        for _ in range(MOST_TOLD + 1):
            recorder.event(code, 0, 109000)
    recorder.commit(110000)
    clip_flash.as_root(64, image)
    close()
    found, seal = records(1)
    told = events(found)
    for name, total in (("sensor_back", 40 * count), ("samples_lost", 7 * count)):
        assert sum(value for each, value in told if each == name) == total, name
    assert seal[5] == 7 * count and len(of(found, record.STEP)) == MOST_UNSETTLED
    silent = sum(name == "sensor_silent" for name, _ in told)
    assert silent + repeated(told, "sensor_silent") == count + MOST_TOLD + 1


def test_a_fault_now_and_then_is_told_each_time():
    clip_flash.as_root(64)
    machine.RTC().memory(b"")
    recorder = new_recorder()
    recorder.start(0, None)
    count = flap(recorder, 0, 3600000, every_ms=20000)
    recorder.seal(1, 3600000)
    told = events(records(1)[0])
    assert sum(name == "sensor_silent" for name, _ in told) == count and not repeated(told, "sensor_silent")


def on_little_room(filling_kb):
    """Return a Recorder on a chip of which other files hold so much that steps give way to summaries."""
    machine.RTC().memory(b"")
    recorder = new_recorder()
    os.mkdir(FOLDER)
    fill_file("/filling", filling_kb * 1024)
    return recorder


def test_summaries_in_place_of_steps():
    """With less than 48 KB of room: one record a minute, which says what the steps came to; and it is told."""
    clip_flash.as_root(64)
    recorder = on_little_room(56)
    recorder.start(1000, None)
    count = run(recorder, 1000, 900000)
    recorder.seal(1, 900000)
    found, seal = records(1)
    assert [name for name, _ in events(found)] == ["settings", "flash_low", "summaries_begun", "flash_writes"]
    begun_ms = [row[1] for row in of(found, record.EVENT)][2]
    steps = of(found, record.STEP)
    assert 100 < len(steps) == seal[2] and max(row[1] for row in steps) <= begun_ms
    summaries = of(found, record.SUMMARY)
    assert len(steps) + sum(sum(fields[1:4]) for _, _, fields in summaries) == count
    # A minute of 60 s holds 172 steps 350 ms apart, 86 of a side; 5 deg on the left, 6 on the right.
    time_ms, fields = summaries[1][1:]
    assert fields == (171 * STEP_MS, 86, 86, 0, 86, 86, 0, 500, 600, 200, 200)
    assert time_ms - summaries[0][1] == 172 * STEP_MS


def test_a_reset_loses_nothing_of_a_minute_that_is_not_over():
    image = clip_flash.as_root(64)
    recorder = on_little_room(56)
    recorder.start(1000, None)
    count = run(recorder, 1000, 900000)
    settling = [step_at(900000 + STEP_MS * number) for number in range(MOST_UNSETTLED)]
    for step in settling:
        recorder.decided(step)
    recorder.commit(907000)
    clip_flash.as_root(64, image)
    close()
    found, _ = records(1)
    summaries = of(found, record.SUMMARY)
    assert len(of(found, record.STEP)) + sum(sum(fields[1:4]) for _, _, fields in summaries) == count + len(settling)
    # The last one begins where the one before it has ended, 20 s and more before it was kept.
    assert summaries[-1][1] - summaries[-2][1] == 172 * STEP_MS and 0 < sum(summaries[-1][2][1:4]) < 172


def test_summaries_last_for_hours_and_the_flash_is_sealed_when_full():
    clip_flash.as_root(64)
    recorder = on_little_room(40)
    recorder.start(0, None)
    time_ms = 0
    while recorder._session is not None:
        recorder.step(step_at(time_ms))
        recorder.commit(time_ms)
        time_ms += 10 * STEP_MS
    assert time_ms > 4 * 3600000
    found, seal = records(1)
    names = [name for name, _ in events(found)]
    assert names == ["settings", "flash_low", "summaries_begun", "flash_full", "flash_writes"]
    assert seal[0] == 4
    # Nothing more starts, and what is there stays.
    recorder.seal(4, time_ms)
    recorder.start(time_ms, None)
    assert recorder.recording and recorder.steps() == 0 and numbers() == [1]


def test_numbers_are_not_used_again():
    clip_flash.as_root(64)
    machine.RTC().memory(b"")
    recorder = new_recorder()
    for _ in range(2):
        recorder.start(1000, None)
        recorder.seal(1, 2000)
    for number in numbers():
        verified.mark(number, os.stat(FOLDER + "/" + session_name(number))[6], "01")
    for number in numbers():
        os.remove(FOLDER + "/" + session_name(number))
        verified.forget(number)
    assert [entry[0] for entry in verified.entries()] == [2] and next_number() == 3


def test_a_session_that_changed_since_is_not_verified():
    clip_flash.as_root(64)
    verified.mark(1, 4096, "ff")
    assert verified.is_marked(1, 4096) and not verified.is_marked(1, 4608) and not verified.is_marked(2, 4096)
    verified.mark(1, 4608, "07")
    assert verified.entries() == [[1, 4608, "07"]]
    with open(verified.PATH, "w") as file:
        file.write("[[1, 46")
    assert verified.entries() == [] and verified.highest() == 0


def interrupted(memory_bytes=None, low_mv=3500, power_lost=False, battery_mv=3987):
    """Record 40 s and stop as if by a reset; close it and return (answer, records, seal, steps recorded)."""
    image = clip_flash.as_root(64)
    machine.RTC().memory(b"")
    recorder = new_recorder()
    recorder.start(1000, None)
    recorder.battery(battery_mv)
    recorder.samples_lost(7, 1500)
    count = run(recorder, 1000, 41000)
    if memory_bytes is not None:
        machine.RTC().memory(memory_bytes)
    clip_flash.as_root(64, image)
    return (close(power_lost, low_mv),) + records(1) + (count,)


class Programme:
    """One that has gone on for years."""

    session = 300
    share = 1.0
    running_ms = 70000 * 1000
    fed_ms = 1800500
    cues = 70000
    tightened_deg = 0.25


def test_a_programme_of_any_length_fits_its_record():
    clip_flash.as_root(64)
    recorder = new_recorder()
    recorder.start(1000, None)
    recorder.programme(Programme, 1500)
    recorder.seal(1, 2000)
    found, _ = records(1)
    assert of(found, record.PROGRAMME) == [(record.PROGRAMME, 1500, (254, 100, 65534, 1800, 65534, 25))]


def test_a_reset_loses_nothing():
    ((number, saved),), found, seal, count = interrupted()
    assert number == 1 and len(of(found, record.STEP)) == seal[2] == count
    assert saved == len(found) - 1 and events(found)[-1] == ("recovered", saved)  # its file held none of them yet
    assert seal[0] == 6 and seal[4] == len(events(found)) and seal[5] == 7
    # Its end is put where the last record was kept.
    assert of(found, record.EVENT)[-1][1] == 1000 + (count - 1) * STEP_MS


def test_a_power_cut_loses_what_neither_file_nor_journal_had():
    """40 s of steps are less than the file takes at once: the journal alone holds them."""
    ((_, saved),), found, seal, count = interrupted(memory_bytes=b"", power_lost=True)
    steps = of(found, record.STEP)
    assert saved > len(steps) == seal[2] and 0 < count - len(steps) <= 10000 // STEP_MS
    assert seal[0] == 6


def test_nothing_is_lost_or_doubled_wherever_it_ends():
    """Reset and power cut after every fifth step of 150 s, over two commits, with steps that have not settled.

    What a reset leaves is all steps once, in order; what a power cut leaves is their beginning, up to 10 s before.
    """
    image = clip_flash.as_root(64)
    machine.RTC().memory(b"")
    recorder = new_recorder()
    recorder.start(1000, None)
    settling = []
    for count in range(1, 430):
        time_ms = 1000 + count * STEP_MS
        settling.append(step_at(time_ms, 1 + count % 2))
        recorder.decided(settling[-1])
        if len(settling) > 13:
            recorder.step(settling.pop(0))
        recorder.commit(time_ms)
        if count % 5 == 0:
            kept = bytes(machine.RTC().memory())
            truth = [1000 + (k + 1) * STEP_MS for k in range(count)]
            for memory in (kept, b""):
                machine.RTC().memory(memory)
                clip_flash.as_root(64, clip_flash.copy(image))
                close(power_lost=not memory)
                steps = of(records(1)[0], record.STEP)
                times = [row[1] for row in steps]
                assert times == truth[: len(times)], (count, times)
                unsettled = [row[2][0] & record.QUALITY_BITS["settling"] for row in steps]
                if memory:
                    assert len(times) == count and unsettled.count(0) == max(0, count - 13)
                else:
                    assert not any(unsettled) and time_ms - 13 * STEP_MS - (times or [1000])[-1] <= 10000 + STEP_MS
            machine.RTC().memory(kept)
            clip_flash.as_root(64, image)
    assert recorder._session.writes == 3  # the schema, and two commits of the file


def test_a_journal_of_another_session_is_not_believed():
    """An older one of the same clip, and one of the same number before the flash was formatted."""
    image = clip_flash.as_root(64)
    machine.RTC().memory(b"")
    recorder = new_recorder()
    recorder.start(1000, None)
    run(recorder, 1000, 41000)
    assert len(Journal(open_nvs).tails()) == 4
    for older in (clip_flash.copy(image), [clip_flash.as_root(64)[0], image[1]]):
        machine.RTC().memory(b"")
        clip_flash.as_root(64, older)
        close()
        recorder = new_recorder()
        recorder.start(2000, None)
        assert close() == [(numbers()[-1], 2)]
        found, seal = records(numbers()[-1])
        assert not of(found, record.STEP) and seal[0] == 6
        assert [name for name, _ in events(found)] == ["settings", "flash_low", "recovered"]


class Broken:
    """Non-volatile storage with a fault: `refuses` to write, or `forgets` what was written."""

    def __init__(self, fault):
        self._fault = fault

    def set_blob(self, key, value):
        if self._fault == "refuses":
            raise OSError(-0x1105, "ESP_ERR_NVS_NOT_ENOUGH_SPACE")

    def get_blob(self, key, buffer):
        buffer[:4] = bytes(4)
        return 4

    def commit(self):
        pass


def no_nvs():
    raise OSError(-0x1105, "ESP_ERR_NVS_NOT_ENOUGH_SPACE")


def test_without_a_journal_the_file_takes_the_records():
    """It cannot be opened, not be written, or does not hold what was written: a power cut costs no more."""
    for open_broken in (no_nvs, lambda: Broken("refuses"), lambda: Broken("forgets")):
        image = clip_flash.as_root(64)
        machine.RTC().memory(b"")
        journal = Journal(open_broken)
        memory = ResetMemory(machine.RTC().memory)
        recorder = Recorder(CLIP, config.defaults(), dict, "envelope", memory, journal)
        recorder.start(1000, None)
        count = run(recorder, 1000, 51000)
        machine.RTC().memory(b"")
        clip_flash.as_root(64, image)
        assert journal.tails() == [] and close(power_lost=True) == [(1, 0)]
        assert 0 < count - len(of(records(1)[0], record.STEP)) <= 10000 // STEP_MS


def test_a_journal_whose_places_are_all_taken_makes_way():
    """One event every 11 s for six minutes: a block is never full, and each takes a place."""
    image = clip_flash.as_root(64)
    machine.RTC().memory(b"")
    recorder = new_recorder()
    recorder.start(1000, None)
    for time_ms in range(2000, 360000, 350):
        if time_ms % 11000 < 350:
            recorder.event(record.EVENT_CODES["stood"], time_ms, time_ms)
            newest_ms = time_ms
        recorder.commit(time_ms)
    machine.RTC().memory(b"")
    clip_flash.as_root(64, image)
    close(power_lost=True)
    stood = [row[1] for row in of(records(1)[0], record.EVENT) if row[2][0] == record.EVENT_CODES["stood"]]
    assert stood == [time_ms for time_ms in range(2000, 360000, 350) if time_ms % 11000 < 350][: len(stood)]
    assert newest_ms - stood[-1] <= 11000 and recorder._session.writes < 10


def test_a_trace_that_is_too_much_for_the_memory_is_written_before():
    """460 bytes a second: a reset loses none of it, at whatever step."""
    for count in range(40, 56, 3):
        image = clip_flash.as_root(100)
        machine.RTC().memory(b"")
        recorder = new_recorder(trace=1)
        recorder.start(1000, None)
        for number in range(count):
            time_ms = 1000 + number * STEP_MS
            recorder.step(step_at(time_ms))
            recorder.commit(time_ms)
        traces = recorder._session.records - count - 1  # and the event of the settings
        clip_flash.as_root(100, image)
        close()
        found, seal = records(1)
        assert len(of(found, record.STEP)) == count and len(of(found, record.TRACE)) == traces > 2 * (count - 1)


def test_a_power_cut_with_a_low_battery_is_an_empty_battery():
    assert interrupted(memory_bytes=b"", power_lost=True, battery_mv=3420)[2][0] == 3
    assert interrupted(battery_mv=3420)[2][0] == 6  # the program's own reset
    # A brown-out looks like a power-on, and keeps the memory.
    _, found, seal, count = interrupted(power_lost=True, battery_mv=3420)
    assert (seal[0], len(of(found, record.STEP))) == (3, count)


def test_what_is_no_memory_is_not_believed():
    """After a power-on it holds anything: bytes at random, and what was kept with one bit changed."""
    for memory in (b"\x5a" * 300, b"HIPR" + bytes(60), b"\xff" * 2048):
        machine.RTC().memory(memory)
        assert not ResetMemory(machine.RTC().memory).survived
    interrupted()
    kept = bytearray(machine.RTC().memory())
    assert ResetMemory(machine.RTC().memory).survived
    kept[len(kept) // 2] ^= 0x10
    machine.RTC().memory(kept)
    memory = ResetMemory(machine.RTC().memory)
    assert not memory.survived and memory.tails == [] and memory.quick_faults == 0


def test_a_sealed_session_is_left_alone_and_an_empty_one_goes():
    clip_flash.as_root(64)
    machine.RTC().memory(b"")
    recorder = new_recorder()
    recorder.start(1000, None)
    recorder.seal(1, 2000)
    size = os.stat(FOLDER + "/" + session_name(1))[6]
    assert close() == []
    assert os.stat(FOLDER + "/" + session_name(1))[6] == size
    open(FOLDER + "/" + session_name(2), "wb").close()
    assert close() == []
    assert numbers() == [1]


def test_a_session_that_a_host_has_is_closed_though_its_seal_is_damaged():
    clip_flash.as_root(64)
    machine.RTC().memory(b"")
    recorder = new_recorder()
    recorder.start(1000, None)
    recorder.seal(1, 2000)
    path = FOLDER + "/" + session_name(1)
    size = os.stat(path)[6]
    verified.mark(1, size, "07")
    with open(path, "r+b") as file:
        file.seek(-512, 2)
        file.write(b"\x00")
    assert close() == [] and os.stat(path)[6] == size
    verified.mark(1, size + 512, "07")  # of another length it is not the one that the host has
    assert close() == [(1, 0)] and os.stat(path)[6] == size + 1024


def test_a_torn_block_is_written_over():
    image = clip_flash.as_root(64)
    machine.RTC().memory(b"")
    recorder = new_recorder()
    recorder.start(1000, None)
    run(recorder, 1000, 41000)
    clip_flash.as_root(64, image)
    with open(FOLDER + "/" + session_name(1), "ab") as file:
        file.write(b"HIPQ" + bytes(200))
    assert close(power_lost=True)
    found, seal = records(1)
    assert os.stat(FOLDER + "/" + session_name(1))[6] % 512 == 0 and len(of(found, record.STEP)) == seal[2]


def test_a_damaged_block_does_not_stop_the_start():
    """Whatever bytes are in an interrupted session: it is sealed, and the start goes on."""
    for start in range(0, 480, 7):
        image = clip_flash.as_root(64)
        machine.RTC().memory(b"")
        recorder = new_recorder()
        recorder.start(1000, None)
        run(recorder, 1000, 21000)
        clip_flash.as_root(64, image)
        path = FOLDER + "/" + session_name(1)
        with open(path, "r+b") as file:
            file.seek(-512 + start, 2)
            file.write(b"\x03" * 32)
        assert close(power_lost=True)
        with open(path, "rb") as file:
            file.seek(-512, 2)
            seal = file.read(512)
        assert seal[5] == record.KIND_SEAL and struct.unpack("<I", seal[508:])[0] == crc32(seal[:508])


def test_a_damaged_record_ends_the_count_of_its_block():
    """Also where what follows is as long as a whole block's payload, or what the block says of its length is wrong."""
    for used in (1, record.PAYLOAD_BYTES - 1, record.PAYLOAD_BYTES, record.PAYLOAD_BYTES + 1, 65535):
        block = bytearray(record.BLOCK_BYTES)
        struct.pack_into(
            record.HEADER_FORMAT, block, 0,
            record.MAGIC, record.CONTRACT_VERSION, record.KIND_DATA, CLIP, 1, 0, 0, 0, 0, used,
        )  # fmt: skip
        block[record.HEADER_BYTES] = 0xEE
        assert recovery.Written(io.BytesIO(block)).records == 0, used


def test_memory_holds_the_oldest_where_not_all_fits():
    """2048 bytes: what does not fit is what a reset would lose; a trace that could not be written for long."""
    clip_flash.as_root(64)
    machine.RTC().memory(b"")
    recorder = new_recorder(trace=1)
    recorder.start(1000, None)
    for number in range(40):
        recorder.step(step_at(1000 + number * STEP_MS))
    recorder._keep(15000)
    (tail,) = ResetMemory(machine.RTC().memory).tails
    assert 2 <= len(tail.blocks) <= 4 and tail.blocks[0][0] == 1000
    assert len(machine.RTC().memory()) <= 2048


def test_what_could_not_be_closed_is_held_before_what_comes():
    """From start to start until the memory is full; what was closed makes room again."""
    clip_flash.as_root(128)
    machine.RTC().memory(b"")
    counts, keys = [], []
    for _ in range(12):
        recorder = new_recorder()
        memory = ResetMemory(machine.RTC().memory)
        memory.hold([])
        recorder._reset_memory = memory
        recorder.start(1000, None)
        recorder._journal.hold()
        keys.append(recorder._session.key)
        for time_ms in range(1000, 8000, STEP_MS):  # 20 steps of 17 bytes
            step = step_at(time_ms)
            step.obliquity_deg = None
            recorder.step(step)
            recorder.commit(time_ms)
        tails = ResetMemory(machine.RTC().memory).tails
        counts.append(len(tails))
        assert [tail.key for tail in tails] == keys[: len(tails)]
        assert all(sum([len(payload) for _, _, payload in tail.blocks]) >= 20 * 17 for tail in tails[:5])
    # Five of 380 bytes behind 23 of facts; then heads alone, of 20, before the 4 of the CRC-32.
    assert counts == list(range(1, 12)) + [11] and not recorder._all_fit
    memory = ResetMemory(machine.RTC().memory)
    memory.hold(keys[1:3] + keys[5:11])
    assert [tail.key for tail in ResetMemory(machine.RTC().memory).tails] == [keys[0], keys[3], keys[4]]


def test_another_error_than_a_full_flash_is_not_taken_for_one():
    """Measuring goes on, and the next session that flash takes tells of it."""
    clip_flash.as_root(128)
    recorder = new_recorder()
    with open(FOLDER, "w") as file:
        file.write("a file where the folder should be")
    assert recorder.start(1000, None) is False
    assert recorder.recording and recorder.steps() == run(recorder, 1000, 5000) - 12 == 0
    recorder.seal(5, 5000)
    os.remove(FOLDER)
    assert recorder.start(6000, None)
    recorder.seal(5, 7000)
    assert [event for event in events(records(1)[0]) if event[0].startswith("flash")][0] == ("flash_fault", 20)


def run_all():
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test()


run_all()
