"""A programme over two recordings of one start: each log tells by itself where there was feedback, and by what rule."""

import numpy as np
import pytest
from test_sim_faults import (  # noqa: F401 (fixtures)
    END_S,
    PREPARED_S,
    SETTINGS,
    act,
    calibration,
    prepare,
    pulled,
    run,
    wait_for_halt,
)

from hipcue.contract import config
from hipcue.contract.cues import OUTCOME_CODES
from host_tools import cli
from host_tools.clip.transport import Clip
from host_tools.errors import OK, UNSAFE
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_scene

STOPPED_S = [14.0, 16.5]  # the button is held
PROGRAMME = {"programme_sessions": 8, "fade_from_session": 5}


@pytest.fixture(scope="module")
def sessions(run, calibration, tmp_path_factory):  # noqa: F811
    flash = tmp_path_factory.mktemp("programme") / "flash"
    prepare(flash, calibration, SETTINGS | PROGRAMME)
    return act(run, flash, button=[STOPPED_S]).sessions


def test_each_log_tells_that_feedback_is_on(sessions):
    assert [session.seal["reason"] for session in sessions] == ["stopped by the button", "stopped by the host"]
    for session in sessions:
        (begun,) = [event for event in session.events if event["name"] == "feedback_begins"]
        (started,) = [event for event in session.events if event["name"] == "run_started"]
        assert begun["value"] == 1 and begun["time_ms"] == started["time_ms"]  # the session's first step
        assert not [event for event in session.events if event["name"] == "feedback_ends"]
        assert len(session.cues["side"]) > 0


def test_two_recordings_of_a_day_are_one_session_of_the_programme(sessions):
    assert [set(session.programme["session"].tolist()) for session in sessions] == [{1}, {1}]
    first, second = (session.programme for session in sessions)
    assert second["running_s"][0] == first["running_s"][-1] > 5 and second["cues"][-1] > first["cues"][-1] > 0
    assert END_S > second["running_s"][-1] > second["running_s"][0]


def test_the_ledger_accounts_for_every_step_over_the_threshold(sessions):
    """All steps drop by more than 2 deg: each that could be judged is a row, and the counts add up."""
    for session in sessions:
        ledger, steps = session.ledger, session.steps
        over = np.nan_to_num(steps["peak_drop_causal_deg"]) > 2.0
        assert set(steps["outcome"][over]) <= set(ledger["outcome"]) and 0 not in ledger["outcome"]
        assert len(ledger["outcome"]) == np.count_nonzero(steps["outcome"]) >= np.count_nonzero(over) > 10
        cued = ledger["outcome"] == OUTCOME_CODES["cued"]
        assert cued.sum() == len(session.cues["side"]) == session.seal["cues"]
        np.testing.assert_array_equal(np.sort(ledger["latency_ms"][cued]), np.sort(session.cues["latency_ms"]))
        assert set(ledger["threshold_deg"]) == {2.0} and set(ledger["programme_session"]) == {1.0}
        told = [event["value"] for event in session.events if event["name"] == "settings"]
        assert told == [config.version(session.config)]
        assert set(ledger["version"]) == {"%04x" % told[0]}


def test_settings_hold_for_a_whole_log(run, calibration, tmp_path, capsys):  # noqa: F811
    """A host cannot change them while a run is recorded; changed after it, the next log has another version."""
    flash = tmp_path / "flash"
    prepare(flash, calibration, SETTINGS | PROGRAMME)
    first = int(PREPARED_S * run.imu_rate_hz)
    progress = tmp_path / "progress"
    scene = tmp_path / "scene"
    write_scene(scene, run.imu[first:], run.imu_rate_hz, halts_s=[12.0], progress=str(progress))
    with Twin(scene=scene, flash=flash) as twin:
        with Clip(twin.port) as clip:
            wait_for_halt(twin, clip, progress, 12.0)
        change = ["configure", "--port", twin.port, "cue_refractory_steps=3"]
        assert cli.main(change) == UNSAFE
        assert "The clip is recording" in capsys.readouterr().err
        with Clip(twin.port) as clip:
            assert clip.ask_app()["recording"]
            clip.enter()  # Ctrl-C: the session is sealed
        assert cli.main(change) == OK
    act(run, flash)
    before, *_, after = pulled(flash)
    for session, steps in ((before, 8), (after, 3)):
        assert session.config["cue_refractory_steps"] == steps
        assert set(session.ledger["version"]) == {"%04x" % config.version(session.config)}
    assert set(before.ledger["version"]) != set(after.ledger["version"])
    assert set(after.programme["session"].tolist()) == {1}  # the same programme
