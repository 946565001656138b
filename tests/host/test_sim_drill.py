"""The drill mode on the twin: entered by a long press or at the start, repetitions felt and logged, left by a press."""

import json

import numpy as np
import pytest
from halting import wait_for_halt

from host_tools.clip.transport import Clip
from host_tools.log.decode import decode
from host_tools.output import Output
from host_tools.pull.command import pull_all
from host_tools.runners import emg
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_rest_scene

MVIC_UV = {"left": 400.0, "right": 500.0}
END_S = 75.0
PRESS = [5.0, 7.5]  # s: held for longer than 2 s
STOP = [65.0, 67.5]
# Six lifts of the left leg from 10 s on, every 8 s, held for 4 s at 300 uV: 75 % of the MVIC.
LIFTS_S = 10.0 + 8.0 * np.arange(6)
HOLD_S, LIFT_UV, REST_UV = 4.0, 300.0, 8.0
SETTINGS = {"drill_exercise": 2, "drill_target_pct": 60, "drill_hold_s": 2.0}


pytestmark = pytest.mark.usefixtures("binary")


def electrodes():
    random = np.random.default_rng(11)
    t_s = np.arange(int(END_S * emg.RATE_HZ)) / emg.RATE_HZ
    level = np.full((len(t_s), 2), REST_UV)
    for lift_s in LIFTS_S:
        level[(t_s >= lift_s) & (t_s < lift_s + HOLD_S), 0] = LIFT_UV
    return emg.emg_uv(random, level)


def exercise(tmp_path, mvic=True, settings=SETTINGS, button=(PRESS, STOP)):
    """Return (sessions decoded, motors [(s, name, duty)]) of a clip that lies still while its wearer exercises."""
    flash, progress = tmp_path / "flash", tmp_path / "progress"
    write_rest_scene(tmp_path / "prepare", board="s3", halts_s=[0.0])
    with Twin(scene=tmp_path / "prepare", flash=flash) as twin, Clip(twin.port) as clip:
        clip.enter()
        assert clip.exec_json("from hipcue import console; console.configure(%r)" % settings)["ok"]
        for side, uv in MVIC_UV.items() if mvic else ():
            clip.run("from hipcue import settings; settings.add_mvic('raw', %r, None, %r)" % (side, uv))
    write_rest_scene(
        tmp_path / "scene", emg=electrodes(), emg_rate_hz=emg.RATE_HZ, board="s3",
        halts_s=[END_S], progress=str(progress), motor_log=str(tmp_path / "motors"), button=list(button),
    )  # fmt: skip
    with Twin(scene=tmp_path / "scene", flash=flash) as twin, Clip(twin.port) as clip:
        wait_for_halt(progress, END_S)
        clip.enter()
        rows = pull_all(clip, clip.hello()["clip"], tmp_path / "pulled", Output(as_json=True))
    motors = [json.loads(line) for line in (tmp_path / "motors").read_text().splitlines()]
    return (
        [decode(open(row["path"], "rb").read()) for row in rows],
        [(m["t_us"] / 1e6, m["motor"], m["duty"]) for m in motors],
    )


def told(session):
    events = [(event["name"], event["value"]) for event in session.events]
    return [event for event in events if event[0] not in ("boot", "settings", "flash_writes")]


@pytest.fixture(scope="module")
def pressed(tmp_path_factory):
    sessions, motors = exercise(tmp_path_factory.mktemp("pressed"))
    (session,) = sessions
    return session, motors


def test_six_lifts_are_six_repetitions(pressed):
    session, _ = pressed
    repetitions = session.repetitions
    assert repetitions["exercise"].tolist() == ["clamshell"] * 6 and repetitions["side"].tolist() == [1] * 6
    assert repetitions["target_pct"].tolist() == [60.0] * 6
    # 300 of 400 uV are 75 %; the largest of a second's quarters of noise lies above its mean.
    assert (np.abs(repetitions["peak_pct"] - 80) < 12).all()
    # Four seconds less what the level, that of the last quarter second, takes to rise over the target.
    assert (np.abs(repetitions["hold_ms"] - 3900) < 250).all()
    ends_s = repetitions["time_ms"] / 1000
    assert (np.abs(ends_s - (LIFTS_S + HOLD_S)) < 0.5).all()
    assert told(session) == [("uncalibrated", 0), ("drill_started", 2), ("drill_ended", 6)]
    assert (session.verdict, session.seal["reason"]) == ("whole", "stopped by the button")


def test_each_target_that_was_held_is_felt_on_its_side(pressed):
    _, motors = pressed
    on = [(at_s, name) for at_s, name, duty in motors if duty > 0 and 10 < at_s < 62]
    assert [name for _, name in on] == ["left"] * 6
    # Held for 2 s from the lift on, or a little after, and for what was below the target.
    after_s = np.array([at_s for at_s, _ in on]) - LIFTS_S
    assert (after_s > 2.0).all() and (after_s < 3.0).all()


def test_without_an_mvic_there_is_no_drill_and_it_is_felt(tmp_path):
    sessions, motors = exercise(tmp_path, mvic=False, button=[PRESS])
    assert sessions == []
    on = [name for _, name, duty in motors if duty > 0]
    assert on == ["left", "right"] * 2


def test_at_the_start_by_the_settings(tmp_path):
    sessions, _ = exercise(tmp_path, settings=SETTINGS | {"drill_at_start": 1}, button=[])
    (session,) = sessions
    assert len(session.repetitions["side"]) == 6 and session.seal["reason"] == "stopped by the host"
    assert told(session)[-1] == ("drill_ended", 6)
