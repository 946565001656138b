"""Starts the clip: micropython -m twin FLASH [--scene FILE] [--realtime], its serial line on descriptors 0 and 1.

Boots as a board does: littlefs on the flash chip at "/", boot.py, main.py (from
the file system, else as frozen), then the prompt, and again at every reset.
FLASH is the image of the file system's partition, FLASH.nvs that of `nvs`.
Exit codes: 0 when the line is closed, 75 when a power cut of the scene came.
"""

import gc
import os

import usys
import vfs

from twin import console, console_sys, flash, line, nvs, power, progress, repl, scene, waiting
from twin.power import PowerCut, Reset, Unplugged

# As an ESP32 mounts it, but for modification times, which would be the host's.
_LITTLEFS = {"readsize": 32, "progsize": 32, "lookahead": 32, "mtime": False}
# What stays imported over a reset: the hardware and what stands in for MicroPython's own modules.
_KEPT_MODULES = ("sys", "micropython", "gc", "time", "select", "machine", "esp32")
NVS_SUFFIX = ".nvs"
# Where `import board` finds the board that the scene names.
_BOARD_FOLDERS = {"esp32": (), "s3": (".frozen/HIPCUE_S3",)}


def _power_on(arguments):
    flash_path = arguments.pop(0)
    if "--scene" in arguments:
        scene.load(arguments[arguments.index("--scene") + 1])
    cut_at, bad_sectors, read_only = None, (), False
    for fault in scene.current.header.get("faults", ()):
        if fault["kind"] == "power_cut_after_flash_operations":
            cut_at = fault["count"]
        elif fault["kind"] == "flash_bad_sectors":
            bad_sectors = fault["sectors"]
        elif fault["kind"] == "flash_read_only":
            read_only = True
    header = scene.current.header
    erase_us = int(header.get("flash_erase_ms", 0) * 1000) or flash.ERASE_US
    supply = flash.Supply(cut_at)
    flash.current = flash.Flash(
        flash_path, erase_us=erase_us, supply=supply, bad_sectors=bad_sectors, read_only=read_only
    )
    nvs.attach(flash.Flash(flash_path + NVS_SUFFIX, nvs.DEFAULT_BYTES, erase_us, supply))
    if "progress" in header:
        progress.start(header["progress"])
    __import__("machine")  # the models open their files while the host's file system is there
    console.attach()
    _mount(flash.current)
    waiting.meet_wall_clock()
    if "--realtime" in arguments:
        waiting.follow_wall_clock()


def _mount(chip):
    vfs.umount("/")
    try:
        file_system = vfs.VfsLfs2(chip, **_LITTLEFS)
    except OSError:
        vfs.VfsLfs2.mkfs(chip, **{name: _LITTLEFS[name] for name in ("readsize", "progsize", "lookahead")})
        file_system = vfs.VfsLfs2(chip, **_LITTLEFS)
    vfs.mount(file_system, "/")
    os.chdir("/")


def _run_until_reset():
    """Boot and serve the prompt; return the cause of the reset that ended it."""
    usys.path[:] = ("",) + _BOARD_FOLDERS[scene.current.board] + (".frozen", "/lib")
    namespace = {"__name__": "__main__"}
    try:
        if _run_script("boot", namespace) and not repl.in_raw_mode:
            _run_script("main", namespace)
        repl.serve(namespace)
    except Reset as reset:
        return reset.args[0]
    except (PowerCut, Unplugged):
        raise
    except SystemExit:
        pass
    return power.SOFT_RESET


def _run_script(name, namespace):
    """Run the file of the file system, or else the frozen module; print how it failed, return whether it did not."""
    try:
        with open(name + ".py") as file:
            source = file.read()
    except OSError:
        source = "import " + name
    complaint = repl.execute(source, namespace, name=name + ".py")
    console_sys.stdout.write(complaint)
    return not complaint


def _forget_program():
    """Drop what the program left: its modules, its objects and the motors' duty."""
    for name in list(usys.modules):
        if name not in _KEPT_MODULES and name.split(".")[0] != "twin":
            del usys.modules[name]
    usys.modules["machine"].stop_outputs()
    nvs.forget()
    line.interrupt_char = line.NO_INTERRUPT
    os.chdir("/")
    gc.collect()


def _main():
    _power_on(usys.argv[1:])
    while True:
        cause = _run_until_reset()
        if cause == power.SOFT_RESET:
            line.write(b"MPY: soft reboot\r\n")
        else:
            repl.in_raw_mode = False
        power.record_reset(cause)
        _forget_program()


try:
    _main()
except PowerCut:
    usys.exit(power.POWER_CUT_EXIT_CODE)
except Unplugged:
    usys.exit(0)
