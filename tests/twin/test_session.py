"""The log on a littlefs: packing allocates nothing, blocks are as in the contract, a full flash leaves a whole log."""

import json
import os
import struct
from array import array
from binascii import crc32

import clip_flash
from bench import raises
from micropython import heap_lock, heap_unlock

from hipcue.contract import record
from hipcue.store import folder as store
from hipcue.store.session import FlashFull, Session

CLIP = b"\x02HIPCU"
ABOUT = {"config": {"cue_on": 1}, "calibration": None}
FOLDER = "/clip/log"
STEP = (1 << 14, 512, 498, 130, 115, 12345, 65535, 20)  # quality and side ... onset, as they lie in the record
STEPS_A_BLOCK = 27  # 475 bytes of payload, 17 bytes a step
QUEUE_BLOCKS = 8
TRACE = list(range(-16, 16))
FRAMES = array("h", range(-32, 32))


def new_session(sectors=64, now_ms=1000):
    clip_flash.new(sectors)
    os.mkdir(FOLDER)
    return Session(1, CLIP, ABOUT, now_ms, FOLDER)


def read(path):
    """Return blocks as (kind, sequence, time_ms, battery, flags, payload), decoded by the contract's prose alone."""
    with open(path, "rb") as file:
        data = file.read()
    assert len(data) % 512 == 0
    blocks = []
    for start in range(0, len(data), 512):
        block = data[start : start + 512]
        magic, version, kind, clip, number, sequence, time_ms, battery, flags, used = struct.unpack(
            "<4sBB6sIIQHBH", block
        )
        assert (magic, version, clip, number) == (b"HIPQ", 2, CLIP, 1)
        assert sequence == len(blocks) and struct.unpack("<I", block[508:])[0] == crc32(block[:508])
        assert block[33 + used : 508] == bytes(475 - used)
        blocks.append((kind, sequence, time_ms, battery, flags, block[33 : 33 + used]))
    return blocks


def data_blocks(path):
    return [block for block in read(path) if block[0] == 1]


def step_times(path):
    """Return the times of all steps, which must be the only records."""
    times = []
    for _, _, time_ms, _, _, payload in data_blocks(path):
        for at in range(0, len(payload), 17):
            assert payload[at] == 1
            times.append(time_ms + struct.unpack("<h", payload[at + 1 : at + 3])[0])
    return times


def add_steps(session, count, first_ms=2000):
    for number in range(count):
        session.add_step(first_ms + 100 * number, *STEP)


def test_packing_allocates_nothing():
    """Nor does moving on to the next block, or running out of them."""
    session = new_session()
    add_step, add_cue, add_event = session.add_step, session.add_cue, session.add_event
    add_clock, add_trace = session.add_clock, session.add_trace
    heap_lock()
    try:
        for time_ms in range(2000, 32000, 100):
            add_step(time_ms, 0x4000, 512, 498, 130, 115, 12345, 65535, 20)
            add_cue(time_ms, 1, 1, 1, 812, 700, 215, 136, 2, 74)
            add_event(time_ms, 4, 12)
            add_clock(time_ms, 1790000000123)
            add_trace(time_ms, 250, 4789, TRACE)
    finally:
        heap_unlock()
    assert session.dropped > 0 and session.steps > 20


def test_packing_allocates_nothing_however_long_the_clip_is_on():
    """Small integers have 63 bits here and 31 on the ESP32, where microseconds outgrow them after 18 minutes.

    So times are taken here whose milliseconds still are small, and whose microseconds are not.
    """
    session = new_session()
    largest_small = (1 << 62) - 1
    begun_ms = largest_small // 1000 + 1000
    add_step, add_trace, add_event, add_emg = session.add_step, session.add_trace, session.add_event, session.add_emg
    heap_lock()
    try:
        for offset_ms in range(0, 5000, 500):
            add_step(begun_ms + offset_ms, 0x4000, 512, 498, 130, 115, 12345, 65535, 20)
            add_event(begun_ms + offset_ms, 4, 12)
            add_trace(begun_ms + offset_ms, 250, 4789, TRACE)
            add_emg(begun_ms + offset_ms, begun_ms - 900, 250, 997009, 0, 0, 0, 0, FRAMES)
    finally:
        heap_unlock()
    assert session.records == 40 and not session.dropped


def test_records_stand_in_the_block_as_the_contract_says():
    session = new_session()
    session.battery_mv = 3987
    session.add_step(2000, 0x4142, -155, 605, 190, 115, 12345, 65535, -20)
    session.add_cue(2210, 2, 1, 1, 812, 700, 215, 136, 2, 74)
    session.add_event(1990, 4, -12)
    session.add_trace(2500, 250, 4789, TRACE)
    session.add_clock(2600, 1790000000123)
    session.add_emg(30900, 1500, 250, 997009, 0x2003, 2, -83000, 5, FRAMES)
    session.commit(1)
    ((_, _, time_ms, battery, flags, payload),) = data_blocks(session.path)
    assert (time_ms, battery, flags) == (2000, 3987, 0)
    assert payload == (
        struct.pack("<BhHhhhBHHb", 1, 0, 0x4142, -155, 605, 190, 115, 12345, 65535, -20)
        + struct.pack("<BhBBBhhHHBB", 2, 210, 2, 1, 1, 812, 700, 215, 136, 2, 74)
        + struct.pack("<BhBi", 3, -10, 4, -12)
        + struct.pack("<BiH32h", 5, 500250, 4789, *TRACE)
        + struct.pack("<Bhq", 4, 600, 1790000000123)
        + struct.pack("<BiIHBii64h", 9, -499750, 997009, 0x2003, 2, -83000, 5, *FRAMES)
    )
    assert (session.steps, session.cues, session.events) == (1, 1, 1)


def test_schema_stands_first_and_decodes_by_itself():
    session = new_session()
    blocks = read(session.path)
    assert blocks and all(block[0] == 0 and block[2] == 1000 and block[4] == 1 for block in blocks)
    head = json.loads(b"".join([block[5] for block in blocks]))
    assert head["schema"] == record.schema() and head["about"] == ABOUT


def test_clock_unknown_until_a_host_has_set_it():
    session = new_session()
    session.add_event(2000, 1, 0)
    session.commit(1)
    session.add_clock(3000, 1790000000123)
    session.commit(1)
    assert [block[4] for block in data_blocks(session.path)] == [1, 0]


def test_due_when_a_record_would_wait_too_long():
    """A record may wait for 10 s, and the next moment to write is up to 0.7 s away."""
    session = new_session()
    assert not session.due(5000, 10)
    session.add_step(5000, *STEP)
    assert not session.due(5100, 10)  # first seen now
    assert not session.due(14399, 10)
    assert session.due(14400, 10)
    session.commit(1)
    assert not session.due(14401, 10) and step_times(session.path) == [5000]


def test_what_is_kept_elsewhere_does_not_wait():
    """What came after it does, from when it was first seen, in whichever block."""
    session = new_session()
    add_steps(session, STEPS_A_BLOCK - 1)
    assert not session.due(5000, 10) and session.due(14300, 10)
    session.note_kept()
    assert not session.due(20000, 10) and session.first_unkept() == 0
    add_steps(session, 1, 20000)
    assert not session.due(20100, 10)
    add_steps(session, 2, 25000)
    assert not session.due(25100, 10) and (session.full(), session.first_unkept()) == (1, 0)
    assert not session.due(29399, 10) and session.due(29400, 10)
    session.commit(session.full())  # the block that is not full waits on: its first record was seen at 25.1 s
    assert (session.full(), session.waiting()) == (0, 1)
    assert not session.due(34399, 10) and session.due(34400, 10)


def test_what_waits_is_given_without_what_is_kept():
    session = new_session()
    add_steps(session, STEPS_A_BLOCK - 2)
    session.note_kept()
    add_steps(session, 5, 5000)
    assert [(time_ms, start, len(payload)) for time_ms, start, payload in map(session.waiting_block, (0, 1))] == [
        (2000, 17 * (STEPS_A_BLOCK - 2), 2 * 17), (5200, 0, 3 * 17)
    ]  # fmt: skip
    session.note_kept()
    assert (session.first_unkept(), len(session.waiting_block(1)[2])) == (1, 0)
    session.seal(1, 9000)
    assert len(step_times(session.path)) == STEPS_A_BLOCK + 3


def test_a_block_spans_no_more_than_its_offsets_can():
    """An offset is 16 bits of ms: what lies 30 s off goes into the next block, either way."""
    session = new_session()
    times = [100000, 129999, 130000, 100001, 159999, 160000, 130000]
    for time_ms in times:
        session.add_step(time_ms, *STEP)
    session.commit(4)
    assert [block[2] for block in data_blocks(session.path)] == [100000, 130000, 160000, 130000]
    assert step_times(session.path) == times


def test_records_are_committed_once_and_in_order():
    session = new_session()
    written = 0
    for number in range(400):
        session.add_step(2000 + 50 * number, *STEP)
        count = session.full()
        if number % 60 == 0 and count:
            session.commit(count)
            written += count
    session.seal(1, 30000)
    assert written and step_times(session.path) == [2000 + 50 * number for number in range(400)]


def test_a_part_of_what_is_full_can_be_committed():
    session = new_session()
    add_steps(session, 3 * STEPS_A_BLOCK + 1)
    session.commit(1)
    add_steps(session, 5, 12000)
    assert (session.full(), session.waiting()) == (2, 3)
    session.seal(1, 22000)
    assert step_times(session.path) == [2000 + 100 * n for n in range(82)] + [12000 + 100 * n for n in range(5)]


def test_what_finds_no_room_in_the_queue_is_counted():
    session = new_session()
    add_steps(session, QUEUE_BLOCKS * STEPS_A_BLOCK + 5)
    assert (session.steps, session.dropped) == (QUEUE_BLOCKS * STEPS_A_BLOCK, 5)
    assert session.full() == QUEUE_BLOCKS - 1
    session.commit(QUEUE_BLOCKS - 1)
    add_steps(session, 1, 19000)  # there is room again
    session.seal(1, 30000)
    assert step_times(session.path) == [2000 + 100 * n for n in range(QUEUE_BLOCKS * STEPS_A_BLOCK)] + [19000]
    assert session.dropped == 5


def test_seal():
    session = new_session()
    add_steps(session, 30)
    session.add_event(6000, 4, 7)
    session.samples_lost = 7
    session.seal(2, 65432)
    blocks = read(session.path)
    kind, sequence, time_ms, _, _, payload = blocks[-1]
    chain = 0
    with open(session.path, "rb") as file:
        data = file.read()
    for start in range(0, len(data) - 512, 512):
        chain = crc32(data[start + 508 : start + 512], chain)
    assert (kind, time_ms) == (2, 65432)
    assert struct.unpack("<BIIIIII", payload) == (2, sequence, 30, 0, 1, 7, chain)
    assert len(step_times_of_steps(session.path)) == 30


def step_times_of_steps(path):
    """The steps among other records: only for blocks that begin with steps."""
    found = []
    for _, _, _, _, _, payload in data_blocks(path):
        at = 0
        while at < len(payload) and payload[at] == 1:
            found.append(at)
            at += 17
    return found


def test_numbers_go_on_from_the_highest():
    clip_flash.new()
    os.mkdir(FOLDER)
    assert store.next_number(FOLDER) == 1
    for name in ("00000003.hcl", "00000011.hcl", "notes.hcl", "00000099.tmp"):
        open(FOLDER + "/" + name, "w").close()
    assert store.next_number(FOLDER) == 12
    assert store.session_name(12) == "00000012.hcl"


def fill(session):
    """Add and commit blocks until the flash is full; return the steps that were committed."""
    committed = 0
    while True:
        add_steps(session, STEPS_A_BLOCK, 2000 + 3000 * session.steps // STEPS_A_BLOCK)
        try:
            session.commit(1)
        except FlashFull:
            return committed
        committed += STEPS_A_BLOCK


def test_a_full_flash_is_sealed_and_whole():
    """64 KB: the log takes what the reserve leaves; the seal and what waited go into the reserve."""
    session = new_session(sectors=16)
    committed = fill(session)
    assert committed > 10 * STEPS_A_BLOCK
    assert store.free_bytes("/clip") >= 5 * 4096
    session.add_event(99000, 9, 0)
    session.seal(4, 99999)
    blocks = read(session.path)
    assert blocks[-1][0] == 2
    reason, count, steps, _, events, _, _ = struct.unpack("<BIIIIII", blocks[-1][5])
    assert (reason, count) == (4, len(blocks) - 1)
    # The seal counts what is in the log: the block that waited, and the event of the full flash.
    assert steps == committed + STEPS_A_BLOCK == len(step_times_of_steps(session.path)) and events == 1
    assert data_blocks(session.path)[-1][5][-8:] == struct.pack(
        "<BhBi", 3, 99000 - data_blocks(session.path)[-1][2], 9, 0
    )
    assert store.free_bytes("/clip") >= 2 * 4096  # for settings still


def test_a_full_flash_starts_no_session():
    """And leaves no empty file in its place."""
    session = new_session(sectors=16)
    fill(session)
    session.seal(4, 99999)
    before = os.listdir(FOLDER)
    assert raises(OSError, Session, 2, CLIP, ABOUT, 100000, FOLDER).errno == 28
    assert os.listdir(FOLDER) == before


def test_what_was_committed_outlives_a_power_cut():
    session = new_session()
    add_steps(session, 60)
    session.commit(2)
    add_steps(session, 60, 9000)
    clip_flash.again()  # the power went; nothing more was written
    assert len(step_times(session.path)) == 2 * STEPS_A_BLOCK


def run():
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test()
    clip_flash.remove()


run()
