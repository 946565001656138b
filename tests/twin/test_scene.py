"""Scene files: samples in and out of range, envelopes on their own rate, halts."""

import array
import json
import os

from twin import scene

PATH = "scene"
SAMPLES = 10
PAIRS = 1000


def write_scene(**header):
    header.update(
        imu_rate_hz=210.288, imu_samples=SAMPLES, envelope_rate_hz=100.0, envelope_samples=PAIRS,
        emg_rate_hz=1003.0, emg_samples=PAIRS,
    )  # fmt: skip
    with open(PATH, "wb") as file:
        file.write(json.dumps(header).encode() + b"\n")
        file.write(array.array("f", [float(k) for k in range(6 * SAMPLES)]))
        file.write(array.array("f", [k / 1000 for k in range(2 * PAIRS)]))
        file.write(array.array("f", [-k for k in range(2 * PAIRS)]))
    scene.load(PATH)
    os.remove(PATH)
    return scene.current


def frames(first, count):
    """Return the number of the sample that each frame holds."""
    out = scene.current.imu_block(first, count, array.array("f", bytes(24 * count)))
    for k in range(count):
        assert [out[6 * k + i] - out[6 * k] for i in range(6)] == [0, 1, 2, 3, 4, 5]
    return [int(out[6 * k]) // 6 for k in range(count)]


def test_a_scene_stands_still_where_it_is_told():
    """At sample 3 for 1000 samples and at sample 5 for 20; what comes after is later, what is no motion too."""
    now = write_scene(holds=[[3, 1000], [5, 20]])
    assert frames(1, 4) == [1, 2, 3, 3] and frames(500, 4) == [3] * 4
    assert frames(1001, 7) == [3, 3, 3, 4, 5, 5, 5]
    assert frames(1020, 8) == [5, 5, 5, 5, 5, 5, 6, 7]
    period_us = 1000000 / 210.288
    plain = write_scene()
    before = [plain.envelope_volts(int((3 + k) * period_us)) for k in range(3)]
    now = write_scene(holds=[[3, 1000]])
    assert [now.envelope_volts(int((1003 + k) * period_us + 2)) for k in range(3)] == before
    assert now.envelope_volts(int(700 * period_us)) == before[0]
    assert now.emg_uv(int(1003 * 1003.0 / 210.288) + 2) == plain.emg_uv(int(3 * 1003.0 / 210.288) + 2)


def test_edges_are_held():
    write_scene()
    assert frames(3, 4) == [3, 4, 5, 6]
    assert frames(-2, 4) == [0, 0, 0, 1]
    assert frames(-9, 3) == [0, 0, 0]
    assert frames(8, 4) == [8, 9, 9, 9]
    assert frames(50, 2) == [9, 9]
    assert frames(-1, 12) == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]


def test_envelope():
    now = write_scene()
    for t_us, index in ((0, 0), (9999, 0), (10000, 1), (5115000, 511), (5120000, 512), (0, 0), (10**9, 999)):
        left, right = now.envelope_volts(t_us)
        assert abs(left - 2 * index / 1000) < 1e-6 and abs(right - (2 * index + 1) / 1000) < 1e-6


def test_emg():
    now = write_scene()
    assert abs(now.emg_rate_hz - 1003.0) < 1e-4
    for index, at in ((0, 0), (1, 1), (511, 511), (512, 512), (-3, 0), (5000, 999)):
        assert now.emg_uv(index) == (-2.0 * at, -2.0 * at - 1)


def test_rate_keeps_single_precision():
    assert abs(write_scene().imu_rate_uhz - 210288000) <= 8  # half of float32's step there, 15.3 uHz


def test_halts():
    now = write_scene(halts_s=[7.5, 0.0], end_s=12.25)
    assert now.next_halt_us == 0
    now.pass_halts(0)
    assert now.next_halt_us == 7500000
    now.pass_halts(7600000)
    assert now.next_halt_us == 12250000
    now.pass_halts(12250000)
    assert now.next_halt_us > 1 << 50


def test_a_stall_of_the_processor_happens_once():
    now = write_scene(faults=[{"kind": "processor_stall", "at_s": 2.0, "for_s": 1.5}])
    assert now.stall_us(1999999) == 0
    assert now.stall_us(2000000) == 1500000
    assert now.stall_us(3500000) == 0


def test_default_lies_still():
    rest = scene.Scene({}).imu_block(1000000, 2, array.array("f", bytes(48)))
    assert list(rest) == list(array.array("f", [0, 0, 9.80665, 0, 0, 0] * 2))
    assert scene.Scene({}).envelope_volts(5) == (0, 0)
    assert scene.Scene({}).emg_uv(5) == (0, 0)


def test_acts_begin_when_they_are_told():
    """Sample k at k / 210.288 Hz: what was told at 1 s plays samples 3 to 5, from there on the last one."""
    acts = [{"told": "stand(", "from_s": 3 / 210.288 + 1e-4, "to_s": 5 / 210.288 + 1e-4, "lasts_s": 2.0}]
    now = write_scene(acts=acts)
    assert frames(200, 2) == [0, 0] and now.envelope_volts(10**6) == now.envelope_volts(0)  # none yet
    now.acts.hear(b"x.bows(1)", 10**6)
    assert not now.acts.going_on(10**6)
    now.acts.hear(b"from x import y; y.stand(6.0)", 10**6)
    assert now.acts.going_on(2999999) and not now.acts.going_on(3000000)
    assert frames(208, 7) == [3, 3, 3, 4, 5, 5, 5]  # sample 210 is the one at 1 s
    assert now.acts.scene_us(10**6 + 5000) == 14366 + 5000 and now.acts.scene_us(10**9) == 23877
    left, _ = now.emg_uv(1003 + 2)  # the third after 1 s: of the scene the 17th
    assert left == -2.0 * 16
    now.acts.hear(b"stand(", 5 * 10**6)
    assert frames(1051, 4) == [3, 4, 5, 5]


def run():
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test()


run()
