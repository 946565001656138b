"""What the clip says of its flash over the console, and which sessions a host may vouch for."""

import hashlib

import pytest

from host_tools.clip.transport import Clip
from host_tools.twin.process import Twin

RECORD = """\
import board, machine
from hipcue.contract import config
from hipcue.recorder import Recorder
from hipcue.store.journal import Journal
from hipcue.store.reset_memory import ResetMemory
memory, journal = ResetMemory(machine.RTC().memory), Journal(board.open_nvs)
recorder = Recorder(b"\\x02HIPCU", config.defaults(), dict, "envelope", memory, journal)
for number in range(2):
    recorder.start(1000, None)
    recorder.event(1, 1, 2000)
    if number == 0:
        recorder.seal(1, 3000)
"""


@pytest.fixture
def clip(binary):
    with Twin() as twin, Clip(twin.port) as clip:
        clip.enter()
        clip.run(RECORD)
        yield clip


def ask(clip, call):
    return clip.exec_json("from hipcue import storage; storage.%s" % call)


def sha256_of(clip, number):
    data = clip.exec_json(
        "import json; print(json.dumps(open('/log/%08d.hcl', 'rb').read().hex()))" % number  # a few KB
    )
    return hashlib.sha256(bytes.fromhex(data)).hexdigest()


def test_status_of_a_new_clip(clip):
    status = ask(clip, "status()")
    # 2 MB of flash and a few sectors in use, the reserve of 20 KB apart; 225 KB an hour, 48 KB for summaries.
    assert 2_000_000 < status["room_bytes"] < 2 * 1024 * 1024 - 5 * 4096
    assert status["hours"] == pytest.approx((status["room_bytes"] - 48 * 1024) / 225_000, abs=0.06)
    assert (status["low"], status["summaries"], status["sessions"], status["unverified"]) == (False, False, 2, [1, 2])


def test_a_host_vouches_for_what_it_holds(clip):
    sha256 = sha256_of(clip, 1)
    assert ask(clip, "mark_verified(1, %r)" % sha256) == {"ok": True, "number": 1}
    assert ask(clip, "status()")["unverified"] == [2]


@pytest.mark.parametrize(
    "number, reason",
    [
        (1, "session 1 is not what the host has verified"),
        (2, "session 2 is not sealed"),
        (3, "there is no session 3"),
    ],
)
def test_what_it_may_not_vouch_for(clip, number, reason):
    assert ask(clip, "mark_verified(%d, %r)" % (number, "00" * 32)) == {"ok": False, "reason": reason}
    assert ask(clip, "status()")["unverified"] == [1, 2]
