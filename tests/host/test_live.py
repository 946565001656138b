"""`hipcue live` against a clip that records on the twin: it tells what the log will hold, and changes nothing in it."""

import base64
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import time
import tty
from types import SimpleNamespace

import numpy as np
import pytest
import serial
from halting import wait_for_halt

from hipcue.contract import live as contract
from hipcue.contract.cues import OUTCOME_NAMES
from hipcue.contract.record import QUALITY_BITS
from hipcue.live import Live
from host_tools import cli
from host_tools.archive import logs
from host_tools.clip import transport
from host_tools.clip.transport import Clip
from host_tools.doctor import command as doctor
from host_tools.errors import NOT_HIPCUE, OK
from host_tools.live import command as live
from host_tools.live import picture
from host_tools.live.answer import plain
from host_tools.output import Output
from host_tools.sim.command import _measure, calibrate
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_recording_scene

POLLS_FROM_S, POLLS_TO_S = 20.0, 55.0
RUNS_UNTIL_S = 58.5  # then the scene ends, and the clip runs on until it is stopped
# A cue with every step over 2 deg; in the first of four sessions three quarters of the time have feedback.
CONFIG = {
    "cue_absolute_deg": 2.0, "cue_window_steps": 1, "cue_over_steps": 1, "cue_refractory_steps": 0, "cue_pattern": 1,
    "dose_cues_per_minute": 60, "programme_sessions": 4, "fade_from_session": 1, "fade_block_s": 10,
}  # fmt: skip

BLOCK_MS = 77  # 16 samples at 208 Hz


pytestmark = pytest.mark.usefixtures("binary")


def run_to_log(folder, minute, halts_s, look):
    """Calibrate a twin, let it run through `minute` with the clock standing at `halts_s`, `look` on, return its log."""
    progress = folder / "progress"
    write_recording_scene(folder / "scene", minute, halts_s=[0.0, *halts_s], progress=str(progress))
    with Twin(scene=folder / "scene") as twin:
        with Clip(twin.port) as clip:
            clip.enter()
            assert clip.exec_json("from hipcue import console; console.configure(%r)" % CONFIG)["ok"]
            assert _measure(clip, minute.still_s, calibrate.stand, minute.bows_s, calibrate.bows) is None
            clip.start_app()
        with Clip(twin.port) as clip:
            look(clip)
        wait_for_halt(progress, minute.end_s)
        assert cli.main(["pull", "--port", twin.port, "--out", str(folder / "logs"), "--yes", "--json"]) == OK
    (path,) = (folder / "logs").glob("*/*.hcl")
    return logs.read_log(path)


@pytest.fixture(scope="module")
def seen(tmp_path_factory, minute):
    """Return (answers of a clip asked ten times a second, its log, the log of one that nobody asked)."""
    answers = []

    def look(clip):
        for answer in live.answers(clip):
            answers.append(answer)
            if answer["now_ms"] >= 1000 * POLLS_TO_S:
                break

    with pytest.MonkeyPatch.context() as patch:  # the clock of the twin is not the wall's
        patch.setattr(live, "PERIOD_S", 0.0)
        patch.setattr(transport, "POLL_S", 0.001)
        halts_s = np.arange(POLLS_FROM_S, POLLS_TO_S + 0.05, 0.1).tolist()
        asked = run_to_log(tmp_path_factory.mktemp("asked"), minute, halts_s, look)
    alone = run_to_log(tmp_path_factory.mktemp("alone"), minute, [], lambda clip: None)
    return answers, asked, alone


def upto(time_s, table):
    """Return what a table's columns hold before `time_s`."""
    return {name: values[table["time_ms"] < 1000 * time_s] for name, values in table.items()}


def test_a_recording_is_what_it_would_have_been(seen):
    """The same steps and cues. A line of at most 200 bytes keeps the loop for 6 ms, and a cue for no more."""
    answers, asked, alone = seen
    assert len(answers) > 9 * (POLLS_TO_S - POLLS_FROM_S)
    steps, cues = [[upto(RUNS_UNTIL_S, getattr(log, what)) for log in (asked, alone)] for what in ("steps", "cues")]
    assert len(steps[1]["time_ms"]) > 80 and len(cues[1]["time_ms"]) >= 30
    for name, expected in steps[1].items():
        if name.startswith("emg"):  # envelopes are read when the loop comes round: an answer moves that by 6 ms
            continue
        # The fit of the sensor's clock sees a drain up to 6 ms later.
        tolerance = 3 if name == "time_ms" else 0.02
        np.testing.assert_allclose(steps[0][name], expected, atol=tolerance, err_msg=name)
    assert [*cues[0]["side"]] == [*cues[1]["side"]]
    # Where in the sensor's blocks an answer falls moves each cue either way, evenly over a block: three times the
    # standard error that the difference of two such means has, and the 6.3 ms that a line takes.
    asked_ms, alone_ms = (table["latency_ms"] for table in cues)
    error_ms = BLOCK_MS / 12**0.5 * (2 / len(asked_ms)) ** 0.5
    assert asked_ms.mean() - alone_ms.mean() < 6.3 + 3 * error_ms
    assert asked_ms.max() - alone_ms.max() < BLOCK_MS and asked_ms.max() <= 350
    assert asked.verdict == alone.verdict == "whole"


def test_it_tells_what_the_log_holds(seen):
    answers, log, _ = seen
    told = [answer for answer in answers if answer["last_step"]["age_ms"] is not None]
    sides = ("unsure", "left", "right")
    compared = 0
    for answer in told:
        contact_ms = answer["now_ms"] - answer["last_step"]["age_ms"]
        at = int(np.argmin(np.abs(log.steps["time_ms"] - contact_ms)))
        side = answer["last_step"]["side"]
        if abs(log.steps["time_ms"][at] - contact_ms) > 2 or side == "unsure":
            continue  # not settled yet when the run ended, or its side found later
        assert side == sides[log.steps["side"][at]]
        if answer[side]["drop_deg"] is None:
            continue
        assert answer[side]["drop_deg"] == pytest.approx(log.steps["peak_drop_causal_deg"][at], abs=0.006)
        logged_uv = log.steps["emg_%s_uv" % side][at]
        assert answer[side]["glute_uv"] == (None if np.isnan(logged_uv) else pytest.approx(logged_uv))
        assert answer[side]["threshold_deg"] == 2.0
        compared += 1
    assert compared > 100
    running = [answer for answer in told if answer["now_ms"] > 35000]
    assert {answer["state"] for answer in running} == {"running"} and all(answer["recording"] for answer in running)
    assert all(abs(answer["cadence_per_min"] - 170) < 6 for answer in running)


def test_cues_withheld_ones_and_the_programme(seen):
    answers, log, _ = seen
    last = answers[-1]
    upto = log.steps["time_ms"] <= last["now_ms"] - last["last_step"]["age_ms"] + 2
    outcomes = [OUTCOME_NAMES[code] for code in log.steps["outcome"][upto]]
    assert last["left"]["cues"] + last["right"]["cues"] == outcomes.count("cued") >= 3
    others = [name for name in outcomes if name not in ("under", "cued", "too_few")]
    assert last["withheld"] == len(others) > 0 and last["withheld_reason"] == others[-1]
    assert (last["programme"]["session"], last["programme"]["sessions"], last["programme"]["share_pct"]) == (1, 4, 75)
    assert {answer["programme"]["feedback"] for answer in answers} == {True, False}


def test_steps_right_after_a_cue_are_no_withheld_cues():
    """A clinician sees the cues that the runner did not get, not those of the eight steps after each one he got."""
    looker = Live("raw")
    unknown = SimpleNamespace(activation_uv=None, quality=0)
    told = []
    for k, name in enumerate(["cued"] + 8 * ["refractory"] + ["faded"] + 8 * ["refractory"]):
        step = SimpleNamespace(
            contact_at_ms=350 * k, outcome=OUTCOME_NAMES.index(name), side=1, quality=0, peak_drop_causal_deg=8.0,
            glutes={1: unknown, 2: unknown},
        )  # fmt: skip
        looker.step(step, None, 5.0)
        programme = SimpleNamespace(session=1, share=1.0, feeding=lambda: True)
        line = looker.line(1, False, programme, 0, NoDrill(), 350 * k)
        told.append(plain(said_with() | {"live": line}))
    assert [answer["withheld"] for answer in told] == 9 * [0] + 9 * [1]
    assert told[-1]["withheld_reason"] == "faded" and told[-1]["left"]["cues"] == 1


class NoDrill:
    count = 0

    def __bool__(self):
        return False


def said_with(**fields):
    """Return an answer with these fields, all else 0, as a clip gives it."""
    values = [fields.get(name, 0) for name in contract.NAMES]
    packed = base64.b64encode(struct.pack(contract.FORMAT, *values)).decode()
    told = {"hipcue": "0.1.0", "clip": "024849504355", "recording": True, "sensor_silent": False, "steps": 7}
    return {**told, "now_ms": 1000, "live": packed}


def answer_of(**fields):
    return plain(said_with(**fields))


def test_doctor_tells_of_the_programme_of_a_clip_that_records():
    lines = doctor._of_recording(said_with(session=3, sessions=8, share_pct=100, feeding=1))
    assert [line.finding for line in lines if line.name == "programme"] == [
        "session 3 of 8: feedback planned for 100 %, now on"
    ]


def test_the_longest_line_is_short():
    """What the firmware prints, with each number at its longest: 604800000 ms are a week."""
    told = {
        "hipcue": "10.10.10", "clip": "f" * 12, "recording": False, "sensor_silent": False, "steps": 99999,
        "now_ms": 604800000 * 10, "live": "/" * (4 * ((contract.SIZE + 2) // 3)),
    }  # fmt: skip
    assert len(json.dumps(told, separators=(",", ":"))) + 2 <= contract.LINE_BYTES


def test_what_is_not_known_is_not_a_number():
    unknown = answer_of(
        drop_left_cdeg=-32768, threshold_left_cdeg=-32768, glute_left=0xFF00, glute_left_pct=255, cadence=255,
        age_ms=65535, drop_right_cdeg=-123, glute_right=0xFF00 | 0x01, quality_right=QUALITY_BITS["turning"],
    )  # fmt: skip
    left, right = unknown["left"], unknown["right"]
    for name in ("drop_deg", "threshold_deg", "glute_uv", "glute_pct", "glute_quality"):
        assert left[name] is None
    assert (unknown["cadence_per_min"], unknown["last_step"]["quality"], unknown["programme"]) == (None, None, None)
    assert (right["drop_deg"], right["glute_quality"], right["quality"]) == (-1.23, ["lead_off"], ["turning"])
    assert picture.glute(unknown, "left") == "not measured" and "lead_off" in picture.line(unknown)


@pytest.mark.parametrize("spoilt", ["AAAA", "?", None])
def test_an_answer_of_other_firmware(spoilt):
    with pytest.raises(ValueError, match="no figures"):
        plain({"recording": True, "live": spoilt})


def test_the_picture():
    answer = answer_of(
        state=1, cadence=172, side=1, age_ms=200, session=3, sessions=8, share_pct=50, feeding=1, withheld=2, reason=9,
        drop_left_cdeg=600, threshold_left_cdeg=300, glute_left=1234, glute_left_pct=84, cues_left=3,
        drop_right_cdeg=-32768, threshold_right_cdeg=-32768, glute_right=1234, glute_right_pct=255,
    )  # fmt: skip
    text = "\n".join(picture.lines(answer))
    # 12 deg fill 24 columns: 6 deg are 12 of them, the threshold at 3 deg stands in the 7th.
    assert re.search(r"^left .*6\.0 deg .*3\.0 deg  ######\|#####\.{12}  ok$", text, re.M)
    assert re.search(r"^right .* -  .* -  \.{24}  -$", text, re.M)
    assert "glutes  left 84 % of baseline, ok; right 123 uV, ok" in text
    assert max(map(len, text.split("\n"))) <= 80
    assert "cues    left 3, right 0; withheld 2 (last: dose minute)" in text
    assert "session 3 of 8: feedback planned for 50 %, now on" in text


@pytest.fixture
def waiting(tmp_path):
    """A twin at rest, on the wall's clock."""
    with Twin(realtime=True) as twin:
        yield twin


def looking(port, *more, **options):
    command = [sys.executable, "-m", "host_tools.cli", "live", "--port", port, *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def test_json_is_an_object_for_each_answer_at_10_hz(waiting):
    with looking(waiting.port, "--json") as process:
        answers = [json.loads(process.stdout.readline()) for _ in range(21)]
        process.send_signal(signal.SIGINT)
        rest, said = process.communicate(timeout=10)
    assert process.returncode == OK and said == ""
    assert all(json.loads(line)["clip"] == answers[0]["clip"] for line in rest.splitlines())
    assert answers[0]["recording"] is False and answers[0]["state"] == "waiting"
    # 20 periods of 0.1 s, on a machine that may be busy: never faster.
    assert 1900 <= answers[-1]["now_ms"] - answers[0]["now_ms"] < 6000


def test_a_pipe_gets_a_line_a_second(waiting):
    with looking(waiting.port) as process:
        lines = [process.stdout.readline() for _ in range(2)]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
    assert process.returncode == OK
    assert all(line.startswith("not recording; waiting for a first step; cadence -;") for line in lines)
    assert "\x1b" not in "".join(lines)


def test_a_terminal_is_drawn_over_and_ctrl_c_stops_nothing(waiting):
    """On a line that is listened to: nothing but enquiries goes to the clip, and it still answers."""
    far, near = pty.openpty()
    port_far, port_near = pty.openpty()
    tty.setraw(port_near)
    command = [sys.executable, "-m", "host_tools.cli", "live", "--port", os.ttyname(port_near)]
    process = subprocess.Popen(command, stdin=near, stdout=near, stderr=near, env={**os.environ, "COLUMNS": "100"})
    sent, drawn = b"", b""
    with serial.Serial(waiting.port, timeout=0) as clip:
        end_s = time.monotonic() + 30
        interrupted = False
        while process.poll() is None and time.monotonic() < end_s:
            for ready in select.select([port_far, far, clip], [], [], 0.1)[0]:
                if ready == port_far:
                    sent += os.read(port_far, 100)
                    clip.write(sent[-1:])
                elif ready == far:
                    drawn += os.read(far, 10000)
                else:
                    os.write(port_far, clip.read(1000))
            if not interrupted and drawn.count(b"\x1b[10A") >= 3:
                interrupted = True
                process.send_signal(signal.SIGINT)
    assert process.wait(1) == OK and interrupted
    assert set(sent) == {0x05}
    assert drawn.count(b"HipCue 0.1.0") >= 4 and drawn.endswith(b"\x1b[?25h")
    with Clip(waiting.port) as clip:
        assert clip.ask_app()["recording"] is False
    for descriptor in (far, near, port_far, port_near):
        os.close(descriptor)


def test_the_cursor_comes_back_however_early_the_end(monkeypatch, seen, capsys):
    """Ctrl-C within the first picture."""

    def interrupted():
        raise KeyboardInterrupt

    shown = live._Picture()
    monkeypatch.setattr(live.sys.stdout, "flush", interrupted)
    with pytest.raises(KeyboardInterrupt):
        shown.show(seen[0][0])
    monkeypatch.undo()
    shown.end()
    assert capsys.readouterr().out.endswith("\x1b[?25h")


def test_a_side_without_a_step_is_of_no_quality(seen):
    """The first answer, before the run, and the last."""
    none, some = picture.lines(seen[0][0]), picture.lines(seen[0][-1])
    assert [line.split()[-1] for line in none[4:6]] == ["-", "-"]
    assert "-" not in [line.split()[-1] for line in some[4:6]]


def test_a_clip_at_its_prompt_is_left_there(monkeypatch, capsys, waiting):
    """It is not started, nor told to stop; a board's prompt, which takes the enquiry for its paste mode, is left it."""
    monkeypatch.setattr(live, "FIRST_ANSWER_S", 0.1)
    monkeypatch.setattr(transport, "ENQUIRY_S", 0.3)
    with Clip(waiting.port) as clip:
        clip.enter()
    assert cli.main(["live", "--port", waiting.port]) == NOT_HIPCUE
    assert "No running HipCue answers" in capsys.readouterr().err


def test_paste_mode_is_ended():
    far, near = pty.openpty()
    tty.setraw(near)
    with Clip(os.ttyname(near)) as clip:
        os.write(far, b"paste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== ")
        assert clip.ask_app() is None
        os.set_blocking(far, False)
        assert [os.read(far, 1), os.read(far, 1)] == [b"\x05", b"\x04"]
    for descriptor in (far, near):
        os.close(descriptor)


def test_output_of_nothing_is_nothing(capsys):
    Output(as_json=True).result({})
    assert capsys.readouterr().out == ""


def test_amplitude_units():
    assert picture.amplitude(350.0) == "350 uV" and picture.amplitude(1.19e6) == "1.19 V (envelope)"
