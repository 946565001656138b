"""What calibrate draws at a terminal: each picture from a made-up motion, and all of it from a clip on the twin."""

import math
import os
import pty
import re
import select
import subprocess
import sys
import time

import numpy as np
import pytest
from halting import AT_CALIBRATE_S

from hipcue.core.mount import STILL_GYRO_RADS
from host_tools.calibrate.picture import Bows, Hops, Level, Stand, angle_deg, bar, seen, trace
from host_tools.errors import OK, UNSAFE
from host_tools.runners import emg
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_recording_scene, write_rest_scene, write_scene

G = 9.81


def pitched(angle_deg):
    """Specific force of a clip pitched by so much, and no turning."""
    angle = math.radians(angle_deg)
    return [G * math.sin(angle), 0.0, G * math.cos(angle), 0.0, 0.0, 0.0]


def drawn(picture, values):
    for value in values:
        picture.take(value)
    return picture.draw()


@pytest.mark.parametrize(("share", "verdict"), [(0.2, "steady"), (0.8, "hold still"), (1.5, "too restless")])
def test_a_stand_is_as_steady_as_the_clip_will_find_it(share, verdict):
    """The clip refuses a stand whose rate has a standard deviation over its limit: the same share here."""
    rates = [share * STILL_GYRO_RADS * sign for sign in (1, -1)] * 20
    line = drawn(Stand(), [[0.0, 0.0, G, 0.0, rate, 0.0] for rate in rates])
    assert line.endswith(verdict) and line.count("#") == min(20, round(20 * share))


def test_a_stand_tells_how_far_it_sways():
    assert drawn(Stand(), [pitched(0)] * 49 + [pitched(5)]).startswith("sways  4.9 deg")  # the mean has gone along


def test_bows_are_counted_as_they_end():
    one = [0, 10, 30, 45, 30, 10, 2]
    line = drawn(Bows(), [pitched(angle) for angle in one * 3 + [0, 20, 40]])
    assert line.startswith(" 40 deg") and line.endswith("3 bows")
    assert line.split("]")[0].endswith(" -*")  # 0, 20 and 40 of 60 deg: marks 0, 3 and 6 of 9


def test_a_sway_is_no_bow():
    assert drawn(Bows(), [pitched(angle) for angle in [0, 5, 9, 5, 0] * 4]).endswith("0 bows")


def test_hops_and_levels():
    assert drawn(Hops(), [[0, 0, 0], [0, 0, 40.0]]).startswith("40.0 m/s2  [") and trace([0, 40], 40)[-2:] == " @"
    assert drawn(Level(), [400.0, 100.0]) == "[%s] 100 uV, most 400 uV" % bar(0.25)


def test_what_a_line_says():
    assert seen(b'{"seen": [1, 2]}') == [1, 2] and seen(b'{"seen": null}') is None
    assert seen(b'{"ok": true}') is None and seen(b"MPY: soft reboot") is None and seen(b"[1]") is None


def test_an_angle_has_no_length():
    assert angle_deg([0, 0, 2.0], [0, 3.0, 0]) == pytest.approx(90) and angle_deg([0, 0, 0], [1, 0, 0]) == 90


def at_terminal(*arguments):
    """Run hipcue at a terminal where somebody presses Enter whenever it asks; return (exit code, what was drawn)."""
    far, near = pty.openpty()
    command = [sys.executable, "-m", "host_tools.cli", *arguments]
    process = subprocess.Popen(command, stdin=near, stdout=near, stderr=near, env={**os.environ, "COLUMNS": "120"})
    os.close(near)
    drawn, answered, end_s = b"", 0, time.monotonic() + 60
    while time.monotonic() < end_s:
        if far in select.select([far], [], [], 0.1)[0]:
            try:
                drawn += os.read(far, 10000)
            except OSError:  # the other end has gone
                break
        if drawn.count(b"press Enter") > answered:
            answered += 1
            os.write(far, b"\n")
    code = process.wait(5)
    os.close(far)
    return code, drawn.decode()


def test_stand_and_bows_at_a_terminal(binary, tmp_path, minute):
    write_recording_scene(tmp_path / "scene", minute, halts_s=AT_CALIBRATE_S)
    with Twin(scene=tmp_path / "scene") as twin:
        code, drawn = at_terminal("calibrate", "--port", twin.port)
    assert code == OK
    stands = re.findall(r"\rstand +\d+\.\d s  sways +(\d+\.\d) deg  \[[#.]{20}\] steady", drawn)
    assert len(stands) > 40 and max(map(float, stands)) < 2.0  # ten a second for six seconds
    angles = [int(angle) for angle in re.findall(r"\rbows +\d+\.\d s  +(\d+) deg  \[", drawn)]
    assert len(angles) > 100 and 20 < max(angles) < 90 and min(angles) < 5
    counted = re.search(r"The bows are good: (\d) counted, the largest of \d+ deg\.", drawn).group(1)
    assert ("%s bows" % counted) in drawn and "The clip sits at roll" in drawn
    # The made-up clip sits at 3, 12, 5 deg on the body.
    roll, pitch, yaw = map(int, re.search(r"roll (-?\d+), pitch (-?\d+), yaw (-?\d+) deg", drawn).groups())
    assert np.abs(np.array([roll, pitch, yaw]) - [3, 12, 5]).max() <= 2


def test_a_refused_stand_ends_its_line(binary, tmp_path, minute):
    walking = minute.imu[int(20.0 * minute.imu_rate_hz) :]
    write_scene(tmp_path / "scene", walking, minute.imu_rate_hz, halts_s=AT_CALIBRATE_S)
    with Twin(scene=tmp_path / "scene") as twin:
        code, drawn = at_terminal("calibrate", "--port", twin.port)
    assert code == UNSAFE and "too restless" in drawn
    assert re.search(r"\r\x1b\[KThe stand was refused: ", drawn.split("too restless")[-1])


def test_a_contraction_at_a_terminal(binary, tmp_path):
    random = np.random.default_rng(8)  # no quarter second of this noise looks like a fault, which would not be drawn
    signal = np.stack([emg.noise(random, int(40 * emg.RATE_HZ)) for _ in range(2)], axis=1)
    signal *= np.where(np.arange(len(signal)) < 4.8 * emg.RATE_HZ, 8.0, 400.0)[:, None]
    write_rest_scene(tmp_path / "scene", emg=signal, emg_rate_hz=emg.RATE_HZ, board="s3", halts_s=AT_CALIBRATE_S)
    with Twin(scene=tmp_path / "scene") as twin:
        code, drawn = at_terminal("calibrate", "mvic", "--side", "left", "--port", twin.port)
    assert code == OK
    levels = [float(uv) for uv in re.findall(r"\rhold +\d+\.\d s  \[[#.]{20}\] (\d+) uV, most", drawn)]
    assert len(levels) == 60 and 300 < np.median(levels) < 500  # three holds of five seconds, four a second
    assert drawn.count("press Enter") == 4
