"""The board folders as MicroPython's build reads them, held against board.py, the chips and the space a log takes."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_boards import BOARDS, CHIPS, calls, pins, syntax

from host_tools.firmware import source_files

ROOT = BOARDS.parent
SOURCE = Path(os.environ.get("MICROPYTHON_SOURCE", ROOT / "build" / "micropython"))
BUILDS = ("HIPCUE_ESP32", "HIPCUE_S3")
TARGETS = {"HIPCUE_ESP32": "esp32", "HIPCUE_S3": "esp32s3"}
FLASH_BYTES = {"HIPCUE_ESP32": 4 << 20, "HIPCUE_S3": 16 << 20}

# Espressif, ESP-IDF "Partition Tables": the table is at 0x8000 and takes one sector; an app starts at a multiple
# of 64 KB, anything else at one of 4 KB.
TABLE_END = 0x9000
ALIGNMENT = {"app": 0x10000, "data": 0x1000}
LOG_BYTES = 71_000 * 22  # 7 h of running, everything included
FIRMWARE_BYTES = 370_000  # of a deployed firmware in blocks of 4 KB; while one replaces another the log has less
GPIO_COUNT = {"HIPCUE_ESP32": 40, "HIPCUE_S3": 49}


def partitions(board):
    """Return [(name, type, subtype, offset, size)] of partitions.csv."""
    rows = []
    for line in (BOARDS / board / "partitions.csv").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, kind, subtype, offset, size = (cell.strip() for cell in line.split(","))
            rows.append((name, kind, subtype, int(offset, 0), int(size, 0)))
    return rows


def sdkconfig(text):
    """Return {name: value} as the last line of each name has it."""
    return dict(re.findall(r"^(CONFIG_\w+)=(.*)$", text, re.M))


def header(board):
    return dict(re.findall(r"^#define (\w+)\s+(.+)$", (BOARDS / board / "mpconfigboard.h").read_text(), re.M))


def named_pins(board):
    """Return {name: number} of pins.csv."""
    rows = [line.split(",") for line in (BOARDS / board / "pins.csv").read_text().splitlines()]
    return {name: int(re.fullmatch(r"GPIO(\d+)", pin)[1]) for name, pin in rows}


@pytest.mark.parametrize("board", BUILDS)
def test_partitions_are_aligned_apart_and_within_the_flash(board):
    end = TABLE_END
    for _, kind, _, offset, size in partitions(board):
        assert offset % ALIGNMENT[kind] == 0 and size > 0 and size % 0x1000 == 0
        assert offset >= end
        end = offset + size
    assert end == FLASH_BYTES[board]  # nothing of it lies idle


@pytest.mark.parametrize("board", BUILDS)
def test_partitions_that_the_firmware_asks_for(board):
    kinds = {name: (kind, subtype) for name, kind, subtype, _, _ in partitions(board)}
    assert kinds["factory"] == ("app", "factory") and kinds["nvs"] == ("data", "nvs")
    (find,) = calls(syntax(board), "esp32.Partition.find")
    (label,) = [ast.literal_eval(word.value) for word in find.keywords if word.arg == "label"]
    assert kinds[label][0] == "data"


@pytest.mark.parametrize("board", BUILDS)
def test_file_system_holds_the_log_and_two_firmwares(board):
    (size,) = [size for name, *_, size in partitions(board) if name == "vfs"]
    assert size >= LOG_BYTES + FIRMWARE_BYTES


def test_maker_build_has_the_layout_of_micropython():
    """App up to 0x200000, 2 MB of file system: whoever changes images keeps the log."""
    assert [row[3:] for row in partitions("HIPCUE_ESP32")[2:]] == [(0x10000, 0x1F0000), (0x200000, 0x200000)]


@pytest.mark.parametrize("board", BUILDS)
def test_flash_size_is_that_of_the_board(board):
    config = sdkconfig((BOARDS / board / "sdkconfig.board").read_text())
    size = [name for name, value in config.items() if "FLASHSIZE" in name and value == "y"]
    assert size == ["CONFIG_ESPTOOLPY_FLASHSIZE_%dMB" % (FLASH_BYTES[board] >> 20)]


@pytest.mark.parametrize("board", BUILDS)
def test_named_pins_are_those_of_board_py(board):
    named = named_pins(board)
    assert sorted(named.values()) == sorted(pins(syntax(board)))
    assert all(number < GPIO_COUNT[board] for number in named.values())


@pytest.mark.parametrize("board", BUILDS)
def test_what_is_analog_by_name_is_on_adc1(board):
    analog = {number for name, number in named_pins(board).items() if name.startswith(("ENVELOPE", "BATTERY"))}
    assert analog == {pin for call in calls(syntax(board), "ADC") for pin in pins(call)}
    assert analog <= CHIPS[board]["adc1"]


@pytest.mark.parametrize("board", BUILDS)
def test_default_pins_of_the_buses_are_those_of_board_py(board):
    """MICROPY_HW_<bus><number>_<signal>: every bus of board.py, and no other."""
    tree = syntax(board)
    variables = {
        each.targets[0].id: pins(each.value)[0]
        for each in tree.body
        if isinstance(each, ast.Assign) and pins(each.value)
    }
    wired = {}
    for kind in ("I2C", "SPI"):
        for bus in calls(tree, kind):
            number = ast.literal_eval(bus.args[0])
            for word in bus.keywords:
                pin = pins(word.value) or [variables.get(ast.unparse(word.value))]
                if pin[0] is not None:
                    wired["MICROPY_HW_%s%d_%s" % (kind, number, word.arg.upper())] = pin[0]
    defined = {
        name: int(value.strip("()")) for name, value in header(board).items() if re.search(r"_(I2C|SPI)\d", name)
    }
    assert wired and defined == wired


@pytest.mark.parametrize("board", BUILDS)
def test_deploy_knows_the_board_by_its_name(board):
    names = header(board)
    machine = "%s with %s" % tuple(
        ast.literal_eval(names[name]) for name in ("MICROPY_HW_BOARD_NAME", "MICROPY_HW_MCU_NAME")
    )
    assert source_files.BOARDS[source_files.board_of(machine)] == board


@pytest.fixture
def port():
    """MicroPython's ESP32 port, from the source that the twin is built from."""
    folder = SOURCE / "ports" / "esp32"
    if not folder.is_dir():
        pytest.skip("no source of MicroPython; run make twin")
    return folder


@pytest.mark.parametrize("board", BUILDS)
def test_manifest_freezes_the_firmware(board, port):
    """By MicroPython's own reader of manifests."""
    code = (
        "import sys; sys.path.insert(0, %r); import manifestfile as m\n"
        "f = m.ManifestFile(m.MODE_FREEZE, {'PORT_DIR': %r, 'MPY_DIR': %r, 'BOARD_DIR': %r, 'MPY_LIB_DIR': ''})\n"
        "f.execute(%r)\n"
        "for x in f.files(): print(x.target_path, open(x.full_path).read() if 'digest' in x.target_path else '')"
        % tuple(map(str, (SOURCE / "tools", port, SOURCE, BOARDS / board, BOARDS / board / "manifest.py")))
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    frozen = [line.split()[0] for line in said.splitlines() if line.strip()]
    device = ROOT / "device"
    expected = {str(path.relative_to(device)) for path in (device / "hipcue").rglob("*.py")}
    others = {"boot.py", "main.py", "board.py", "_boot.py", "flashbdev.py", "inisetup.py", "frozen_digest.py"}
    assert sorted(frozen) == sorted(expected | others)
    (build,) = (build for build, folder in source_files.BOARDS.items() if folder == board)
    assert "frozen_digest.py DIGEST = %r" % source_files.digest_of(build) in said


@pytest.mark.parametrize("board", BUILDS)
def test_configuration_as_cmake_puts_it_together(board, port, tmp_path):
    """mpconfigboard.cmake run by CMake, its files joined as ports/esp32/CMakeLists.txt joins them."""
    if shutil.which("cmake") is None:
        pytest.skip("no cmake")
    script = tmp_path / "join.cmake"
    script.write_text(
        "set(CMAKE_BINARY_DIR %s)\nset(MICROPY_BOARD_DIR %s)\n"
        "include(${MICROPY_BOARD_DIR}/mpconfigboard.cmake)\n"
        'message("${IDF_TARGET}\\n${MICROPY_FROZEN_MANIFEST}")\n'
        "foreach(FILE ${SDKCONFIG_DEFAULTS})\n"
        "get_filename_component(FILE ${FILE} ABSOLUTE BASE_DIR %s)\n"
        'file(READ ${FILE} CONTENTS)\nmessage("${CONTENTS}")\nendforeach()\n' % (tmp_path, BOARDS / board, port)
    )
    said = subprocess.run(["cmake", "-P", str(script)], capture_output=True, text=True, check=True).stderr
    target, manifest, *_ = said.splitlines()
    assert (target, manifest) == (TARGETS[board], str(BOARDS / board / "manifest.py"))
    config = sdkconfig(said)
    assert config["CONFIG_PARTITION_TABLE_CUSTOM_FILENAME"] == '"%s"' % (BOARDS / board / "partitions.csv")
    assert config["CONFIG_ESPTOOLPY_FLASHSIZE_%dMB" % (FLASH_BYTES[board] >> 20)] == "y"
    assert config["CONFIG_ESP_DEFAULT_CPU_FREQ_MHZ"] == "240"
