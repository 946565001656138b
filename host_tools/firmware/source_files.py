"""The firmware's source files, in a checkout or in the installed package, and which board's go on a clip."""

import importlib.util

from host_tools.errors import UNSAFE, HipCueError
from host_tools.firmware.source_digest import digest, sources
from host_tools.places import CHECKOUT, PACKAGE

BOARDS = {"esp32": "HIPCUE_ESP32", "s3": "HIPCUE_S3"}


def device_file(name):
    """Return the path of `name`, of the folder device/: boot.py, main.py or installer.py."""
    return _first(CHECKOUT / "device" / name, PACKAGE / "device" / name)


def board_file(board):
    """Return the path of the board.py of `board`, a key of BOARDS."""
    folder = BOARDS[board]
    return _first(CHECKOUT / "boards" / folder / "board.py", PACKAGE / "device" / folder / "board.py")


def modules(board):
    """Return {path below the firmware's folder: source file} of every module that the clip imports."""
    (package,) = importlib.util.find_spec("hipcue").submodule_search_locations
    return sources(package, board_file(board))


def digest_of(board):
    """Return the digest of the sources for the build `board`, as the manifest of its image freezes it."""
    return digest({path: source.read_bytes() for path, source in modules(board).items()})


def board_of(machine):
    """Return the key of BOARDS for what the clip's MicroPython calls its `machine`, such as `FeatherS3 with ESP32-S3`.

    HipCueError 30 for another chip: its pins are not those of any board here.
    """
    chip = machine.rpartition(" with ")[2].replace("-", "").upper()
    if chip.startswith("ESP32S3"):
        return "s3"
    if chip in ("ESP32", "ESP32D0WDQ6"):
        return "esp32"
    raise HipCueError(
        "This is a %s; HipCue runs on an ESP32 or an ESP32-S3: connect one of these, or name the build with --board."
        % machine,
        UNSAFE,
    )


def _first(*paths):
    return next((path for path in paths if path.is_file()), paths[0])
