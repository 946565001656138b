"""The twin at its pseudo-terminal: mpremote as on a board, resets, halts, interrupts, the same run twice."""

import json
import signal
import subprocess
import sys
import time

import pytest
import serial
from halting import wait_for_halt
from line_time import LineTime

from host_tools.errors import NO_CLIP, HipCueError
from host_tools.twin.process import POWER_CUT_EXIT_CODE, Twin, find_binary
from host_tools.twin.scene import write_rest_scene
from host_tools.twin.slow_line import SLICE_S

MAIN = """\
import sys, time, select
poller = select.poll()
poller.register(sys.stdin, select.POLLIN)
try:
    while True:
        if poller.poll(700):
            print("heard", repr(sys.stdin.read(1)), time.ticks_ms())
except KeyboardInterrupt:
    print("stopped", time.ticks_ms())
"""
PROMPT = b">>> "
RAW_PROMPT = b"raw REPL; CTRL-B to exit\r\n>"


pytestmark = pytest.mark.usefixtures("binary")


def mpremote(twin, *words):
    """Return what mpremote prints when it ends well."""
    command = [sys.executable, "-m", "mpremote", "connect", twin.port, *words]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture
def halted(tmp_path):
    """A twin whose clock stands at 0, so that the application waits for its host."""
    with Twin(scene=write_rest_scene(tmp_path / "scene", halts_s=[0.0])) as twin:
        yield twin


def read_until(port, ending):
    received = port.read_until(ending)
    assert received.endswith(ending), received
    return received


def enter_raw(port):
    """Interrupt what runs and enter the raw REPL."""
    port.write(b"\r\x03\x01")
    read_until(port, RAW_PROMPT)


def test_exec_with_and_without_resume(halted):
    assert mpremote(halted, "resume", "exec", "x = 6; print(1)") == "1\n"
    assert mpremote(halted, "resume", "exec", "print(x * 7)") == "42\n"
    assert mpremote(halted, "exec", "print('x' in globals())") == "False\n"  # it was reset


def test_files(halted, tmp_path):
    source = tmp_path / "data.bin"
    source.write_bytes(bytes(range(256)) * 20)
    mpremote(halted, "resume", "fs", "cp", str(source), ":data.bin")
    assert "5120 data.bin" in mpremote(halted, "resume", "fs", "ls")
    mpremote(halted, "fs", "cp", ":data.bin", str(tmp_path / "back.bin"))
    assert (tmp_path / "back.bin").read_bytes() == source.read_bytes()


def test_error_is_a_traceback_of_the_code_alone(halted):
    command = [sys.executable, "-m", "mpremote", "connect", halted.port, "resume", "exec", "print('so far')\n1/0"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert result.returncode == 1
    assert (result.stdout + result.stderr).split("\n")[:4] == [
        "so far",
        "Traceback (most recent call last):",
        '  File "<stdin>", line 2, in <module>',
        "ZeroDivisionError: divide by zero",
    ]


def test_raw_repl_bytes(halted):
    with serial.Serial(halted.port, timeout=10) as port:
        enter_raw(port)
        port.write(b"\x05A\x01")
        assert port.read(2) == b"R\x00"
        port.write(b"print('a')\x04")
        assert port.read(8) == b"OKa\r\n\x04\x04>"
        port.write(b"import sys; sys.stdout.buffer.write(b'\\n\\x04')\x04")
        assert port.read(7) == b"OK\n\x04\x04\x04>"  # raw bytes pass as they are


def test_a_name_that_is_no_utf_8_is_a_name_that_is_not_known(halted):
    """Noise in the raw REPL: MicroPython takes such bytes for letters, and the traceback tells of them."""
    with serial.Serial(halted.port, timeout=10) as port:
        port.write(b"\r\x03\x01")
        read_until(port, b"raw REPL; CTRL-B to exit\r\n>")
        port.write(b"\xff\xc3\x04")
        assert b"NameError: name '??' isn't defined\r\n\x04>" in read_until(port, b"\r\n\x04>")
        port.write(b"print('a')\x04")
        assert port.read(8) == b"OKa\r\n\x04\x04>"


def test_soft_reset_runs_main_from_the_friendly_prompt_only(halted, tmp_path):
    (tmp_path / "main.py").write_text("import board\nprint('main ran')\n")
    mpremote(halted, "resume", "fs", "cp", str(tmp_path / "main.py"), ":main.py")
    with serial.Serial(halted.port, timeout=10) as port:
        enter_raw(port)
        port.write(b"\x04")
        raw = read_until(port, RAW_PROMPT)
        assert raw.startswith(b"OK\r\nMPY: soft reboot\r\n") and b"main ran" not in raw
        port.write(b"\x02")
        read_until(port, PROMPT)
        port.write(b"\x04")
        assert b"MPY: soft reboot\r\nmain ran\r\nMicroPython v1." in read_until(port, PROMPT)
        port.write(b"import machine; machine.reset_cause()\r")
        assert b"\r\n5\r\n" in read_until(port, PROMPT)
        port.write(b"machine.reset()\r")
        assert b"main ran" in read_until(port, PROMPT)
        port.write(b"import machine; machine.reset_cause()\r")
        assert b"\r\n2\r\n" in read_until(port, PROMPT)


def run_main(folder, halt_s, end_s):
    """Run MAIN over the scene's halt to its end; return what it printed and the flash's bytes."""
    folder.mkdir()
    (folder / "main.py").write_text(MAIN)
    scene = write_rest_scene(folder / "scene", halts_s=[0.0, halt_s], end_s=end_s, progress=str(folder / "progress"))
    with Twin(scene=scene, flash=folder / "flash") as twin:
        mpremote(twin, "resume", "fs", "cp", str(folder / "main.py"), ":main.py")
        with serial.Serial(twin.port, timeout=10) as port:
            port.write(b"\r\x02\x04")
            read_until(port, b"soft reboot\r\n")
            wait_for_halt(folder / "progress", halt_s)
            port.write(b"a")
            said = read_until(port, b"\n")
            wait_for_halt(folder / "progress", end_s)
            port.write(b"\x03")
            said += read_until(port, b"\n")
    return said, (folder / "flash").read_bytes()


def test_clock_halts_for_its_host_and_two_runs_are_equal(tmp_path):
    said, flash = run_main(tmp_path / "first", 2.5, 3600.0)
    assert said == b"heard 'a' 2500\r\nstopped 3600000\r\n"
    assert run_main(tmp_path / "second", 2.5, 3600.0) == (said, flash)


def test_interrupt_character_can_be_switched_off(halted):
    with serial.Serial(halted.port, timeout=10) as port:
        enter_raw(port)
        port.write(b"import micropython, sys; micropython.kbd_intr(-1); print(sys.stdin.buffer.read(3))\x04")
        assert port.read(2) == b"OK"
        port.write(b"\x02\x03\x04")
        assert read_until(port, b">") == b"b'\\x02\\x03\\x04'\r\n\x04\x04>"


def test_power_cut_ends_the_twin_and_keeps_the_flash(tmp_path):
    faults = [{"kind": "power_cut_after_flash_operations", "count": 40}]
    scene = write_rest_scene(tmp_path / "scene", halts_s=[0.0], faults=faults)
    with Twin(scene=scene, flash=tmp_path / "flash") as twin, serial.Serial(twin.port, timeout=10) as port:
        enter_raw(port)
        port.write(b"for k in range(50):\n with open('f', 'wb') as f: f.write(bytes(500))\x04")
        assert twin.process.wait(10) == POWER_CUT_EXIT_CODE
    with Twin(scene=write_rest_scene(tmp_path / "scene", halts_s=[0.0]), flash=tmp_path / "flash") as twin:
        assert mpremote(twin, "resume", "exec", "print(len(open('f').read()))") == "500\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_whatever_ends_the_command_leaves_no_link(tmp_path, number):
    command = [sys.executable, "-m", "host_tools.cli", "twin", "--link", str(tmp_path / "port")]

    def heed():
        signal.signal(number, signal.SIG_DFL)  # under nohup the tests have it ignored

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=heed) as process:
        try:
            assert process.stdout.readline() == "%s\n" % (tmp_path / "port") and (tmp_path / "port").is_symlink()
            process.send_signal(number)
            assert process.wait(20) == 0
        finally:
            process.kill()
    assert list(tmp_path.iterdir()) == []


def _print_on_a_line(tmp_path, count, taken_s):
    """Let a twin print `count` bytes on a line of 115200 baud; return what `taken_s`, a clock, says of it."""
    with Twin(scene=write_rest_scene(tmp_path / "scene", halts_s=[0.0]), baud=115200) as twin:
        with serial.Serial(twin.port, timeout=10) as port:
            port.write(b"\r\x03\x01")
            read_until(port, RAW_PROMPT)
            started_s = taken_s()
            port.write(b"print('a' * %d)\x04" % count)
            read_until(port, b"\x04\x04>")
            return taken_s() - started_s


def test_line_takes_its_time(tmp_path):
    """10 bits a byte; the line may be ahead of a clock by the slice that it takes for overslept, no more."""
    assert _print_on_a_line(tmp_path, 5760, time.monotonic) >= 0.5 - SLICE_S


def test_line_takes_no_more_than_its_time(monkeypatch, tmp_path):
    """In the line's own time: OK, the bytes, an end of line, two ends of output and a prompt."""
    line_time = LineTime()
    monkeypatch.setattr("host_tools.twin.slow_line.time", line_time)
    assert _print_on_a_line(tmp_path, 5760, line_time.busy_s) == pytest.approx((2 + 5760 + 2 + 3) * 10 / 115200)


def test_no_binary(monkeypatch, tmp_path):
    monkeypatch.setenv("MICROPYTHON", str(tmp_path / "none"))
    with pytest.raises(HipCueError, match="MICROPYTHON names .*none, which is no program") as caught:
        Twin()
    assert caught.value.exit_code == NO_CLIP


@pytest.mark.parametrize("program", ["/bin/true", "/bin/cat", sys.executable])
def test_binary_that_is_no_twin(monkeypatch, program):
    monkeypatch.setenv("MICROPYTHON", program)
    with pytest.raises(HipCueError, match="which is no HipCue twin; unset it and run `make twin`") as caught:
        Twin()
    assert caught.value.exit_code == NO_CLIP


def test_twin_that_is_named(monkeypatch, binary):
    monkeypatch.setenv("MICROPYTHON", str(binary))
    assert find_binary() == binary


def test_interrupt_ends_code_that_prints_without_waiting(halted):
    """As on a board, whose UART takes the character at any time: what a killed download has left running."""
    with serial.Serial(halted.port, timeout=10) as port:
        enter_raw(port)
        port.write(b"while True: print('more')\x04")
        assert port.read(2) == b"OK"
        read_until(port, b"more\r\n")
        port.write(b"\x03")
        said = read_until(port, b"\x04>")
        assert said.endswith(b"KeyboardInterrupt: \r\n\x04>") and len(said) < 100000


def test_noise_on_the_line_does_not_stop_the_application(halted):
    """Bytes that are no text, as a wrong baud rate gives them."""
    with serial.Serial(halted.port, timeout=10) as port:
        port.write(b"\xff\xe2\x05")
        said = read_until(port, b"}\r\n")
        assert json.loads(said)["recording"] is False
