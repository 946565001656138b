"""Wall time through contacts: worked by hand, and end to end on the twin's clock."""

import numpy as np
import pytest

from host_tools.archive import contacts, logs
from host_tools.clip.transport import Clip
from host_tools.log import wall_time
from host_tools.log.session import Session
from host_tools.log.wall_time import Contact
from host_tools.output import Output
from host_tools.pull.command import pull_all
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_rest_scene

NOON_MS = 1_790_000_000_000
DAY_MS = 86_400_000
EPOCH_MS = 946_684_800_000  # 2000-01-01, where an ESP32's clock starts
RECORD = """\
import board
from hipcue.app import App, ResetMemory, machine
app = App(board, ResetMemory(machine.RTC().memory))
app._begin(app._clock.now_ms())
app.stop(1)
"""


def session(set_unix_ms=NOON_MS, rtc_ms=NOON_MS + DAY_MS, scale=(3, 1)):
    """A session whose clock stood at 5000 ms when its wall clock read `rtc_ms`."""
    return Session(clock={"scale": list(scale), "set_unix_ms": set_unix_ms, "rtc_ms": rtc_ms, "time_ms": 5000})


def test_two_contacts_give_the_rate():
    """A clip that loses 10 s in 10 days; a session one day in lies 1 s later than its clock says."""
    start = Contact((3, 1), NOON_MS, NOON_MS, 20.0)
    end = Contact((3, 1), NOON_MS + 10 * DAY_MS - 10_000, NOON_MS + 10 * DAY_MS, 40.0)
    found = wall_time.at(session(), 5000, [end, start])
    assert found.unix_ms == pytest.approx(NOON_MS + DAY_MS + 1000, abs=1)
    # A tenth of the way: 0.9 x 20 + 0.1 x 40 ms of the contacts, and 20 ppm of a day.
    assert found.uncertainty_ms == pytest.approx(22 + 1728, abs=1)
    later = wall_time.at(session(), 5000 + 9 * DAY_MS, [start, end])
    assert later.unix_ms == pytest.approx(NOON_MS + 10 * DAY_MS + 10_000 - 0.0, abs=20)


def test_the_true_time_lies_within_the_uncertainty():
    """A crystal 30 ppm fast that strays by up to 15 ppm, and contacts read late by up to their uncertainty."""
    rng = np.random.default_rng(4)
    for _ in range(200):
        rate = 1 + 30e-6 + rng.uniform(-15e-6, 15e-6)
        bent = rng.uniform(-15e-6, 15e-6)
        span_ms, middle_ms = 7 * DAY_MS, rng.uniform(0, 7 * DAY_MS)

        def rtc(true_ms, rate=rate, bent=bent, middle_ms=middle_ms):
            return NOON_MS + true_ms * rate + bent * min(true_ms, middle_ms)

        ends = [Contact((3, 1), rtc(t), NOON_MS + t + rng.uniform(-50, 50), 50.0) for t in (0.0, span_ms)]
        true_ms = rng.uniform(0, span_ms)
        found = wall_time.at(session(rtc_ms=rtc(true_ms)), 5000, ends)
        assert abs(found.unix_ms - NOON_MS - true_ms) <= found.uncertainty_ms


def test_one_contact_gives_an_offset():
    """The setting alone: 50 ppm of the day since, and 0.2 s of the setting."""
    found = wall_time.at(session(), 6000)
    assert (found.unix_ms, found.uncertainty_ms) == (NOON_MS + DAY_MS + 1000, pytest.approx(200 + 4320.05))


def test_a_flat_battery_is_dated_by_the_next_contact():
    """The clock ran from its epoch; the host came two hours after the session's start."""
    late = Contact((4, 0), EPOCH_MS + 3 * 3_600_000, NOON_MS, 30.0)
    found = wall_time.at(session(None, EPOCH_MS + 3_600_000, (4, 0)), 5000, [late])
    assert (found.unix_ms, found.uncertainty_ms) == (NOON_MS - 7_200_000, pytest.approx(30 + 360))


def test_unknown_stays_unknown():
    flat = session(None, EPOCH_MS + 3_600_000, (4, 0))
    other = [Contact((5, 0), EPOCH_MS + 7_200_000, NOON_MS, 30.0), Contact((4, 1), NOON_MS, NOON_MS, 30.0)]
    assert wall_time.at(flat, 5000, other) is None
    assert wall_time.at(Session(), 5000, other) is None


def test_a_host_whose_clock_was_wrong_is_not_fitted_through():
    """An hour between two contacts a day apart: the first one holds, and the hour is in doubt."""
    start = Contact((3, 1), NOON_MS, NOON_MS, 20.0)
    wrong = Contact((3, 1), NOON_MS + DAY_MS, NOON_MS + DAY_MS + 3_600_000, 20.0)
    found = wall_time.at(session(rtc_ms=NOON_MS + DAY_MS // 2), 5000, [start, wrong])
    assert found.unix_ms == NOON_MS + DAY_MS // 2
    assert found.uncertainty_ms == pytest.approx(20 + 2160 + 3_600_000)


def test_contacts_are_kept_beside_the_logs(tmp_path):
    kept = [Contact((3, 1), 1.5, 2.5, 3.5), Contact((3, 2), 4.0, 5.0, 6.0)]
    contacts.keep(tmp_path, "a", kept[:1])
    contacts.keep(tmp_path, "a", kept)
    contacts.keep(tmp_path, "b", [Contact((3, 1), 9.0, 9.0, 9.0)])  # each clip has a scale (3, 1)
    file = tmp_path / contacts.NAME
    before = file.read_bytes()
    contacts.keep(tmp_path, "a", kept)
    assert file.read_bytes() == before
    file.write_bytes(before + b'["a", [3, 3], 7.0')  # a cut off line
    assert contacts.load(tmp_path, "a") == kept
    assert contacts.load(tmp_path / "nowhere", "a") == []


def test_contacts_outlive_a_damaged_file(tmp_path):
    """A line cut off, as by a full disk, and bytes that are no text, as after a loss of power."""
    kept = [Contact((3, 1), 1.5, 2.5, 3.5), Contact((3, 2), 4.0, 5.0, 6.0)]
    contacts.keep(tmp_path, "a", kept[:1])
    with (tmp_path / contacts.NAME).open("ab") as file:
        file.write(b'\xff\xfe\0\n["a", [3, 3], 7.0')
    contacts.keep(tmp_path, "a", kept)
    assert contacts.load(tmp_path, "a") == kept


def test_contacts_of_earlier_versions_are_those_of_the_folders_one_clip(tmp_path):
    (tmp_path / contacts.NAME).write_text("[[3, 1], 1.5, 2.5, 3.5]\n")
    assert contacts.load(tmp_path, "a") == [Contact((3, 1), 1.5, 2.5, 3.5)]
    contacts.keep(tmp_path, "a", [Contact((3, 1), 1.5, 2.5, 3.5), Contact((3, 2), 4.0, 5.0, 6.0)])
    assert contacts.load(tmp_path, "a") == [Contact((3, 1), 1.5, 2.5, 3.5), Contact((3, 2), 4.0, 5.0, 6.0)]


@pytest.fixture
def clip(binary, tmp_path):
    write_rest_scene(tmp_path / "scene", halts_s=[0.0])
    with Twin(scene=tmp_path / "scene") as twin, Clip(twin.port) as clip:
        clip.enter()
        yield clip


def set_clock(clip, unix_ms, late_ms):
    """Set the clip's clock as a host whose call takes 2 x `late_ms`; return the contacts."""
    answer = clip.exec_json("from hipcue import console; console.clock(%d)" % unix_ms)
    return wall_time.contacts_of_setting(answer, unix_ms, unix_ms + 2 * late_ms)


def pulled(clip, folder, made):
    rows = pull_all(clip, "024849504355", folder, Output(as_json=True), made=made)
    return [logs.read_log(row["path"]) for row in rows]


def test_a_session_before_any_host_is_dated_when_one_comes(clip, tmp_path):
    """As after a flat battery: recorded at 1 s, host at 61 s of the clip's clock."""
    clip.run("import time; time.sleep_ms(1000)")
    clip.run(RECORD)
    clip.run("import time; time.sleep_ms(60000)")
    made = set_clock(clip, NOON_MS, 10)
    (log,) = pulled(clip, tmp_path, made)
    assert log.clock["scale"][1] == 0 and log.clock["set_unix_ms"] is None and not log.clocks
    begun = wall_time.at(log, log.clock["time_ms"], log.contacts)
    assert begun.unix_ms == pytest.approx(NOON_MS - 60000, abs=100) and begun.uncertainty_ms < 50
    assert wall_time.at(log, log.clock["time_ms"]) is None


def test_a_session_between_two_hosts_is_fitted(clip, tmp_path):
    """A host by whose clock 2 ms more have passed than by the clip's, half of them before the session."""
    first = set_clock(clip, NOON_MS, 0)
    clip.run("import time; time.sleep_ms(30000)")
    clip.run(RECORD)
    clip.run("import time; time.sleep_ms(30000)")
    answer = clip.exec_json("from hipcue import console; console.clock(%d)" % (NOON_MS + 60_000))
    host_ms = answer["before"]["rtc_ms"] + 2
    (log,) = pulled(clip, tmp_path, (*first, *wall_time.contacts_of_setting(answer, host_ms, host_ms)))
    assert log.clock["scale"][1] == 1 and log.clock["set_unix_ms"] == NOON_MS
    pair_ms, unix_ms = log.clocks[0]
    assert unix_ms == pytest.approx(NOON_MS + 30_000, abs=500)  # the start of an application takes its time
    assert wall_time.at(log, pair_ms, log.contacts).unix_ms - unix_ms == pytest.approx(1.0, abs=0.1)
