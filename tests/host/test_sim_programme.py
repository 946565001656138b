"""A programme over two recordings of one start: each log tells by itself where there was feedback."""

import pytest
from test_sim_faults import END_S, SETTINGS, act, calibration, prepare, run  # noqa: F401 (fixtures)

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
