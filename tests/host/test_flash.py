"""flash with the real esptool against an emulated ROM bootloader; the twin boots from what is on its flash then."""

import json
import os
import random
import struct
import time

import pytest
from rom_board import ESP32, ESP32_S3, MAC, RomBoard
from synthetic_log import sealed, step
from test_board_images import partitions

from host_tools import cli
from host_tools.clip.transport import Clip
from host_tools.errors import INTEGRITY, INTERRUPTED, NO_CLIP, NOT_HIPCUE, OK, PORT_BUSY, UNSAFE, USAGE, HipCueError
from host_tools.firmware import esptool_program
from host_tools.firmware.image import Partition, parse_table, read_image
from host_tools.pull import unpulled
from host_tools.pull.command import list_sessions
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_rest_scene

# As the maker build's, with a file system that esptool reads in a second.
SMALL = [*partitions("HIPCUE_ESP32")[:3], ("vfs", "data", "fat", 0x200000, 0x100000)]
FILES = slice(0x200000, 0x300000)
BUILDS = {"esp32": (ESP32, "HIPCUE_ESP32", 4 << 20), "s3": (ESP32_S3, "HIPCUE_S3", 16 << 20)}
KINDS = {"app": 0, "data": 1}
SUBTYPES = {"nvs": 2, "phy": 1, "factory": 0, "fat": 0x81}


def table(rows):
    """Return a partition table's bytes, as Espressif's gen_esp32part.py lays it out (without the checksum)."""
    entries = [
        struct.pack("<2sBBII16sI", b"\xaa\x50", KINDS[kind], SUBTYPES[subtype], offset, size, name.encode(), 0)
        for name, kind, subtype, offset, size in rows
    ]
    return b"".join(entries).ljust(0xC00, b"\xff")


def header(chip_id):
    """Return the 24 bytes of an image header: magic, one segment, ..., chip id at 12."""
    return struct.pack("<BBBBI8sH6s", 0xE9, 1, 2, 0x20, 0x40080000, bytes(8)[:4] + bytes(4), 0, bytes(6))[:12] + (
        struct.pack("<H", chip_id) + bytes(10)
    )


def image_bytes(chip_id, rows, app_bytes=40_000, app_chip=None):
    """Return a firmware.bin: boot loader, partition table, application of `app_bytes` that do not compress away."""
    offset = 0x1000 if chip_id == 0 else 0
    whole = bytearray(b"\xff" * (0x10000 - offset))
    whole[:24] = header(chip_id)
    whole[0x8000 - offset : 0x8C00 - offset] = table(rows)
    app = header(chip_id if app_chip is None else app_chip)
    return bytes(whole) + app + random.Random(1).randbytes(app_bytes - 24)


@pytest.fixture
def firmware(tmp_path):
    """Return a function that writes a firmware.bin of a build and returns its path."""

    def write(build="esp32", **more):
        chip, board, _ = BUILDS[build]
        path = tmp_path / "firmware.bin"
        path.write_bytes(image_bytes(chip["id"], more.pop("rows", None) or partitions(board), **more))
        return path

    return write


@pytest.fixture
def tools(binary):
    """The twin and esptool; what asks for them is skipped where there is none."""
    try:
        esptool_program.find()
    except HipCueError as error:
        pytest.skip(error.message)


def board_with(folder, flash, build="esp32", **faults):
    """A board with `flash` on it; what runs on it is asked only shortly."""
    scene = write_rest_scene(folder / "scene", board=build, halts_s=[0.0])
    return RomBoard(BUILDS[build][0], bytearray(flash), scene, **faults)


def empty(build="esp32"):
    """Return a flash as it leaves the shop."""
    return b"\xff" * BUILDS[build][2]


@pytest.fixture(scope="module")
def used(binary, tmp_path_factory):
    """The flash of a clip in use: image, file system with this firmware deployed."""
    folder = tmp_path_factory.mktemp("used")
    scene = write_rest_scene(folder / "scene", halts_s=[0.0])
    (folder / "vfs").write_bytes(empty()[FILES])
    with Twin(scene=scene, flash=folder / "vfs") as twin:
        assert cli.main(["deploy", "--port", twin.port, "--json"]) == OK
    whole = bytearray(empty())
    image = image_bytes(0, SMALL, app_bytes=30_000)
    whole[0x1000 : 0x1000 + len(image)] = image
    whole[FILES] = (folder / "vfs").read_bytes()
    return bytes(whole)


@pytest.fixture(autouse=True)
def asked_shortly(monkeypatch):
    """A prompt, which does not answer as an application does, is given up soon."""
    monkeypatch.setattr("host_tools.clip.transport.ENQUIRY_S", 0.2)


@pytest.fixture
def silent_soon(monkeypatch):
    """A board that does not answer at all is given up soon."""
    monkeypatch.setattr("host_tools.clip.transport.ANSWER_S", 0.5)


def flash(capsys, monkeypatch, folder, port, image, *more):
    """Return (exit code, the JSON object printed, the sentences on stderr)."""
    monkeypatch.chdir(folder)
    code = cli.main(["flash", "--image", str(image), "--port", port, "--json", *more])
    captured = capsys.readouterr()
    return code, json.loads(captured.out), captured.err.strip()


def test_new_board(capsys, monkeypatch, tmp_path, tools, firmware, silent_soon):
    image = firmware("s3")
    with board_with(tmp_path, empty("s3"), "s3") as board:
        code, done, said = flash(capsys, monkeypatch, tmp_path, board.port, image)
        assert (code, said) == (OK, "")
        assert board.flash[: image.stat().st_size] == image.read_bytes()
        assert done["backup"] is None and not done["files_kept"] and done["deployed"]["board"] == "s3"
        assert {line["status"] for line in done["lines"]} <= {"ok", "todo", "skipped"}
        with Clip(board.port) as clip:
            clip.enter()
            where = clip.exec_json("import json, hipcue; print(json.dumps(hipcue.__file__))")
            assert where.startswith("/firmware/" + done["deployed"]["firmware"])


def put(port, code):
    with Clip(port) as clip:
        clip.enter()
        clip.run(code)


def put_session(port, log):
    put(port, "import os\nos.mkdir('/log')\nwith open('/log/00000007.hcl', 'wb') as f: f.write(%r)" % log)


def session():
    return b"".join(sealed(*(step(k) for k in range(20))))


def test_clip_in_use_keeps_settings_and_log_and_a_copy(capsys, monkeypatch, tmp_path, tools, firmware, used):
    log = session()
    (tmp_path / "logs" / "anna").mkdir(parents=True)
    (tmp_path / "logs" / "anna" / "monday.hcl").write_bytes(log)
    with board_with(tmp_path, used) as board:
        put(board.port, "from hipcue import settings; settings.change_config({'cue_margin_deg': 4.5})")
        put_session(board.port, log)
        code, done, said = flash(capsys, monkeypatch, tmp_path, board.port, firmware(rows=SMALL))
        assert (code, said, done["files_kept"], done["deployed"]["files_sent"]) == (OK, "", True, 0)
        saved = (tmp_path / done["backup"]).read_bytes()
        assert len(saved) == FILES.stop - FILES.start and b'{"cue_margin_deg": 4.5}' in saved
        assert done["backup"].startswith("backups/%s-" % MAC.hex())
        with Clip(board.port) as clip:
            clip.enter()
            stored = clip.exec_json("from hipcue import console; console.configuration()")
            assert stored["config"]["cue_margin_deg"] == 4.5
            shown_ms = clip.exec_json("from hipcue import doctor; doctor.power()")["unix_ms"]
            assert abs(shown_ms / 1000 - time.time()) < 60
            assert [entry["bytes"] for entry in list_sessions(clip)] == [len(log)]


def test_unpulled_sessions_are_refused_before_the_boot_loader_is_called(
    capsys, monkeypatch, tmp_path, tools, firmware, used
):
    image = firmware(rows=SMALL)
    with board_with(tmp_path, used) as board:
        put_session(board.port, session())
        code, _, said = flash(capsys, monkeypatch, tmp_path, board.port, image)
        assert (code, board.seen) == (UNSAFE, [])
        assert said == (
            "The clip holds sessions that are not in logs (00000007.hcl); run `hipcue pull` first, or go on without "
            "them by --discard-logs."
        )
        code, done, said = flash(capsys, monkeypatch, tmp_path, board.port, image, "--discard-logs")
        assert code == OK and said.startswith("Going on although 00000007.hcl were not pulled")
    saved = (tmp_path / done["backup"]).read_bytes()
    assert [number for _, number in unpulled.in_image(saved, tmp_path / "logs")] == [7]


def test_sessions_are_found_on_a_board_that_does_not_answer(
    capsys, monkeypatch, tmp_path, tools, firmware, used, silent_soon
):
    """Its application is gone: the console cannot list them, their blocks in the copy of the flash can."""
    log = session()
    hurt = bytearray(used)
    hurt[0x10000:0x11000] = b"\xff" * 0x1000
    hurt[FILES.stop - 0x10000 : FILES.stop - 0x10000 + len(log)] = log
    with board_with(tmp_path, hurt) as board:
        code, _, said = flash(capsys, monkeypatch, tmp_path, board.port, firmware())
        assert code == UNSAFE and "sessions that are not in logs (7 of clip" in said and board.flash == hurt
    (saved,) = (tmp_path / "backups").iterdir()
    assert saved.read_bytes() == hurt[FILES]
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "7.hcl").write_bytes(log)
    assert unpulled.in_image(bytes(hurt), tmp_path / "logs") == []
    (tmp_path / "logs" / "7.hcl").write_bytes(log[:-512])
    assert len(unpulled.in_image(bytes(hurt), tmp_path / "logs")) == 1


@pytest.mark.parametrize(("board_build", "image_build"), [("esp32", "s3"), ("s3", "esp32")])
def test_wrong_chip(capsys, monkeypatch, tmp_path, tools, firmware, silent_soon, board_build, image_build):
    image = firmware(image_build)
    with board_with(tmp_path, empty(board_build), board_build) as board:
        code, _, said = flash(capsys, monkeypatch, tmp_path, board.port, image)
        chips = {"esp32": "ESP32", "s3": "ESP32-S3"}
        assert (code, said) == (
            UNSAFE,
            "%s is for an %s and the clip has an %s; choose the image for that chip."
            % (image, chips[image_build], chips[board_build]),
        )
        assert board.flash == empty(board_build)


def test_flash_too_small(capsys, monkeypatch, tmp_path, tools, firmware, used):
    image = firmware(rows=[*partitions("HIPCUE_ESP32")[:3], ("vfs", "data", "fat", 0x200000, 0x600000)])
    with board_with(tmp_path, used) as board:
        code, _, said = flash(capsys, monkeypatch, tmp_path, board.port, image)
        put(board.port, "import hipcue")  # it runs as before
        assert board.flash[: FILES.start] == used[: FILES.start]
        assert (code, said) == (
            UNSAFE, "%s wants a flash of 8 MB and the clip has 4 MB; choose an image for that size." % image
        )  # fmt: skip


def test_cable_pulled_then_the_same_command_again(capsys, monkeypatch, tmp_path, tools, firmware, used, silent_soon):
    image = firmware(rows=SMALL)
    with board_with(tmp_path, used, pull_after=2) as board:
        code, _, said = flash(capsys, monkeypatch, tmp_path, board.port, image)
        assert code == INTERRUPTED
        assert said == "The connection to %s was lost; plug the clip in and run the same command again." % board.port
        assert board.flash[0x1000 : 0x1000 + image.stat().st_size] != image.read_bytes()
    with board_with(tmp_path, board.flash) as again:
        code, _, _ = flash(capsys, monkeypatch, tmp_path, again.port, image)
        assert code == OK and again.flash[0x1000 : 0x1000 + image.stat().st_size] == image.read_bytes()


def test_verify_mismatch(capsys, monkeypatch, tmp_path, tools, firmware, silent_soon):
    with board_with(tmp_path, empty(), bad_md5=True) as board:
        code, _, said = flash(capsys, monkeypatch, tmp_path, board.port, firmware())
        assert (code, said) == (
            INTEGRITY,
            "What is on the flash is not what was sent to %s; try again, then try another cable." % board.port,
        )


def test_other_layout_is_told_and_its_file_system_made_anew(capsys, monkeypatch, tmp_path, tools, firmware, used):
    with board_with(tmp_path, used) as board:
        code, done, said = flash(capsys, monkeypatch, tmp_path, board.port, firmware())
        assert code == OK and not done["files_kept"] and done["deployed"]["before"] is None
        assert "places the file system elsewhere: settings and calibration go" in said
        assert (tmp_path / done["backup"]).stat().st_size == FILES.stop - FILES.start
        image = (tmp_path / "firmware.bin").read_bytes()
        assert board.flash[0x1000 : 0x1000 + len(image)] == image


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is no firmware image for an ESP32"),
        (b"PK\x03\x04" + bytes(100), "is no firmware image for an ESP32"),
        (header(5) + bytes(100), "is for a chip that HipCue does not run on"),
        (header(0) + bytes(70_000), "holds no partition table"),
        (image_bytes(0, partitions("HIPCUE_ESP32"))[:0xF000], "ends before its application"),
        (image_bytes(0, partitions("HIPCUE_ESP32"), app_chip=9), "an application for another chip"),
        (image_bytes(9, partitions("HIPCUE_S3")[:3]), "holds no partition table"),
    ],
)
def test_what_is_no_image(capsys, tmp_path, data, sentence):
    path = tmp_path / "firmware.bin"
    path.write_bytes(data)
    assert cli.main(["flash", "--image", str(path), "--port", "/dev/no-such-port"]) == USAGE
    assert sentence in capsys.readouterr().err


def test_no_image(capsys):
    assert cli.main(["flash", "--image", "none.bin"]) == USAGE
    assert capsys.readouterr().err == "There is no image none.bin; name the firmware.bin of MicroPython with ulab.\n"


@pytest.mark.parametrize("build", BUILDS)
def test_partition_table_reads_back(tmp_path, build):
    chip, board, _ = BUILDS[build]
    path = tmp_path / "firmware.bin"
    path.write_bytes(image_bytes(chip["id"], partitions(board)))
    assert [(p.name, p.offset, p.size) for p in read_image(path).partitions] == [
        (name, offset, size) for name, _, _, offset, size in partitions(board)
    ]


def test_partition_table_of_espressif():
    """Bytes as gen_esp32part.py writes them for `nvs, data, nvs, 0x9000, 24K`, its MD5 entry after them."""
    data = bytes.fromhex("aa50 01 02 00900000 00600000 6e7673" + 13 * "00" + "00000000") + b"\xeb\xeb" + b"\xff" * 30
    assert parse_table(data) == (Partition("nvs", 1, 2, 0x9000, 0x6000),)


def test_without_esptool(capsys, monkeypatch, tmp_path, firmware):
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", "")
    assert cli.main(["flash", "--image", str(firmware()), "--port", "/dev/x"]) == USAGE
    assert capsys.readouterr().err == "The program esptool is missing; install it: pip install 'esptool>=5,<6'\n"


def test_old_esptool(capsys, monkeypatch, tmp_path, firmware):
    old = tmp_path / "esptool"
    old.write_text("#!/bin/sh\necho esptool.py v4.8.1\n")
    old.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    assert cli.main(["flash", "--image", str(firmware()), "--port", "/dev/x"]) == USAGE
    assert capsys.readouterr().err.startswith("esptool is older than version 5; renew it")


def test_no_such_port(capsys, monkeypatch, tmp_path, tools, firmware):
    code, _, said = flash(capsys, monkeypatch, tmp_path, "/dev/no-such-port", firmware())
    assert (code, said) == (NO_CLIP, "There is no port /dev/no-such-port; is the clip plugged in?")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("A fatal error occurred: Failed to connect to Espressif device: No serial data received.", NOT_HIPCUE),
        ("A fatal error occurred: MD5 of file does not match data in flash!", INTEGRITY),
        ("Could not open /dev/ttyUSB0, the port is busy or doesn't exist.", PORT_BUSY),
        ("Something nobody has thought of", INTEGRITY),
    ],
)
def test_complaints_of_esptool(capsys, monkeypatch, tmp_path, said, code):
    """By a program that says it and fails."""
    program = tmp_path / "esptool"
    program.write_text("#!/bin/sh\n[ $1 = version ] && echo v5.0 && exit\necho %s\nexit 2\n" % json.dumps(said))
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    from host_tools.output import Output

    with pytest.raises(HipCueError) as caught:
        esptool_program.Esptool("/dev/x", Output(True)).identify()
    assert caught.value.exit_code == code and os.linesep not in caught.value.message
