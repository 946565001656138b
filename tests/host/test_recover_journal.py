"""Recovering from a raw image what a session's file has not taken yet: the clip's journal in the partition `nvs`."""

import numpy as np
import pytest

from hipcue.contract import record, tail
from host_tools import cli
from host_tools.clip.transport import Clip
from host_tools.errors import OK
from host_tools.log.decode import decode
from host_tools.recover import journal
from host_tools.recover.flash_image import blocks_in
from host_tools.recover.regroup import sessions_of
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_scene

STEP_MS = 353
SNAPSHOTS = 40
STEPS_BETWEEN = 29
START = """\
import board, machine
from hipcue.contract import config
from hipcue.core.emg import Reading
from hipcue.core.step import Step
from hipcue.recorder import Recorder
from hipcue.store.journal import Journal
from hipcue.store.reset_memory import ResetMemory
memory = ResetMemory(machine.RTC().memory)
recorder = Recorder(b"\\x02HIPCU", config.defaults(), dict, "envelope", memory, Journal(board.open_nvs))
recorder.start(1000, None)
time_ms = 1000

def run(count):
    global time_ms
    for _ in range(count):
        time_ms += %d
        step = Step(0, 0.0, 0, 0)
        step.side, step.outcome, step.contact_at_ms = 1, 0, time_ms
        step.glutes = {1: Reading(0, 400000.0), 2: Reading(0, 300000.0)}
        step.interval_us = 4808
        recorder.step(step)
        if recorder.steps() %% 2:  # entries so long that some go on in another page
            recorder.event(22, 0, time_ms)
        recorder.commit(time_ms)
""" % STEP_MS


@pytest.fixture(scope="module")
def image(images):
    """The last of them in which the journal holds every step, and none that the file has taken."""
    return [image for image in images if not len(steps_of(image)[0])][-1]


@pytest.fixture(scope="module")
def images(binary, tmp_path_factory):
    """Whole chips, as they were every ten seconds of one session's first minutes."""
    folder = tmp_path_factory.mktemp("chip")
    write_scene(folder / "scene", np.zeros((0, 6)), 208.0, halts_s=[0.0])
    made = []
    with Twin(scene=folder / "scene", flash=folder / "flash") as twin, Clip(twin.port) as clip:
        clip.enter()
        clip.run(START)
        for _ in range(SNAPSHOTS):
            clip.run("run(%d)" % STEPS_BETWEEN)
            values, files = (folder / "flash.nvs").read_bytes(), (folder / "flash").read_bytes()
            made.append(b"\xff" * 0x9000 + values + b"\xff" * 0x1000 + files)
    return made


def steps_of(image):
    """Return the times of the steps in the file, and in the file and the journal."""
    ((log,),) = sessions_of(blocks_in(image)).values()
    both = journal.completed(log, journal.tails_in(image))
    assert both.startswith(log)
    return [decode(data).steps.get("time_ms", np.zeros(0)) for data in (log, both)]


def test_no_more_than_ten_seconds_are_missing(images, monkeypatch):
    """At any moment, also where an entry goes on in another page; each step once, in order."""
    split = []
    join = journal._joined
    monkeypatch.setattr(journal, "_joined", lambda *args: split.append(join(*args)) or split[-1])
    in_file, in_both = zip(*map(steps_of, images), strict=True)
    for snapshot, times_ms in enumerate(in_both, 1):
        newest_ms = 1000 + snapshot * STEPS_BETWEEN * STEP_MS
        assert np.array_equal(times_ms, 1000 + STEP_MS * np.arange(1, len(times_ms) + 1)), snapshot
        assert newest_ms - times_ms[-1] <= 10000, snapshot
    assert max(len(both) - len(file) for file, both in zip(in_file, in_both, strict=True)) > 100
    assert any(split)


def test_recover_writes_them(image, capsys, tmp_path):
    (tmp_path / "chip.bin").write_bytes(image)
    code = cli.main(["recover", str(tmp_path / "chip.bin"), "--out", str(tmp_path / "out")])
    (written,) = (tmp_path / "out").rglob("*.hcl")
    session = decode(written.read_bytes())
    assert code == OK and session.verdict == "recording interrupted"
    assert len(session.steps["time_ms"]) == len(steps_of(image)[1]) > len(steps_of(image)[0])
    assert "Session 1 of clip 024849504355: recording interrupted" in capsys.readouterr().out


def test_damage_ends_what_is_taken(image):
    """A turned bit in an entry costs it and what comes after, and nothing is made up."""
    whole = steps_of(image)[1]
    kept = set()
    at = image.find(tail.MAGIC)
    while at >= 0:
        hurt = bytearray(image)
        hurt[at + 40] ^= 0x10
        times_ms = steps_of(bytes(hurt))[1]
        assert np.array_equal(times_ms, whole[: len(times_ms)])
        kept.add(len(times_ms))
        at = image.find(tail.MAGIC, at + 1)
    assert len(kept) > 2 and 0 in kept and max(kept) < len(whole)


def test_nothing_is_taken_of_another_session_or_behind_a_seal(image):
    ((log,),) = sessions_of(blocks_in(image)).values()
    tails = journal.tails_in(image)
    assert len(journal.completed(log, tails)) > len(log)
    sealed = bytearray(log)
    sealed[-record.BLOCK_BYTES + 5] = record.KIND_SEAL
    assert journal.completed(bytes(sealed), tails) == sealed
    for one in tails:
        one.key ^= 1
    assert journal.completed(log, tails) == log
