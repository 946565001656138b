"""`hipcue flash`: an image onto a board, what it holds saved first, then this firmware, the clock and a check-up."""

import contextlib
import tempfile
import time
from pathlib import Path

from host_tools.clip.attach import attached
from host_tools.clip.ports import find_port
from host_tools.clip.transport import Clip
from host_tools.doctor.checks import FAIL
from host_tools.doctor.command import examine
from host_tools.errors import INTEGRITY, NO_CLIP, NOT_HIPCUE, OK, UNSAFE, HipCueError
from host_tools.firmware.deploy import deploy
from host_tools.firmware.esptool_program import Esptool
from host_tools.firmware.image import TABLE_BYTES, TABLE_OFFSET, file_system, parse_table, read_image
from host_tools.pull import unpulled
from host_tools.pull.command import list_sessions

BOARDS = {"ESP32": "esp32", "ESP32-S3": "s3"}
BOOT_S = 30.0  # a new file system is formatted meanwhile, and native USB comes up anew


def run(args, output):
    """Flash `args.image`; return what was done. Exit code 21 when the check-up afterwards finds a fault."""
    image = read_image(args.image)
    port = args.port or find_port()
    esptool = Esptool(port, output)
    backups = Path(args.backup)
    backups.mkdir(parents=True, exist_ok=True)
    listed = _check_sessions(port, args, output)
    with _restarted_on_failure(esptool):
        flash_bytes, mac = _check_fit(image, *esptool.identify())
        before = _partitions(esptool)
        backup = _back_up(esptool, before, flash_bytes, backups / ("%s-%s" % (mac, time.strftime("%Y%m%d-%H%M%S"))))
        if backup and not listed:
            _check_blocks(backup, args)
        kept = _keeps_files(image, before)
        _tell(image, backup, kept, output)
    if not kept:
        esptool.erase(image.file_system().offset, image.file_system().size)
    esptool.write(image.offset, image.path, "writing")
    output.say("%s is on the flash, and reads back as it was sent." % image.path)
    _await_boot(port)
    with attached(port) as clip:
        deployed = deploy(clip, BOARDS[image.chip], output)
    with attached(port) as clip:
        lines, _ = examine(clip, output)
    return {
        "chip": image.chip,
        "flash_bytes": flash_bytes,
        "backup": backup and str(backup),
        "files_kept": kept,
        "deployed": deployed,
        "lines": [line.plain() for line in lines],
        "exit_code": INTEGRITY if any(line.status == FAIL for line in lines) else OK,
    }


def _check_sessions(port, args, output):
    """Return whether the clip could list its sessions; HipCueError 30 when some are not in `args.logs`.

    What does not answer as a HipCue clip is no hindrance: a new board, or one whose firmware is broken.
    """
    try:
        with attached(port) as clip:
            clip.hello()
            missing = unpulled.listed(list_sessions(clip), args.logs)
    except HipCueError as error:
        if error.exit_code != NOT_HIPCUE:
            raise
        return False
    _refuse(missing, args, output)
    return True


def _check_blocks(backup, args):
    """HipCueError 30 when the saved file system holds sessions that are not in `args.logs`."""
    missing = unpulled.in_image(backup.read_bytes(), args.logs)
    if missing and not args.discard_logs:
        named = ", ".join("%d of clip %s" % (session, clip) for clip, session in missing)
        raise HipCueError(
            "The flash holds sessions that are not in %s (%s); all is saved in %s; --discard-logs goes on."
            % (args.logs, named, backup),
            UNSAFE,
        )


def _refuse(missing, args, output):
    if missing and not args.discard_logs:
        raise HipCueError(
            "The clip holds sessions that are not in %s (%s); run `hipcue pull` first, or go on without them by "
            "--discard-logs." % (args.logs, ", ".join(missing)),
            UNSAFE,
        )
    if missing:
        output.warn("Going on although %s were not pulled; a copy of the flash is made first." % ", ".join(missing))


@contextlib.contextmanager
def _restarted_on_failure(esptool):
    """Let a board that was only looked at start its application again when it will not be flashed."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(HipCueError):
            esptool.restart()
        raise


def _check_fit(image, chip, flash_bytes, mac):
    """Return (flash_bytes, mac) when `image` is for this chip and flash; HipCueError 30 if not."""
    if image.chip != chip:
        raise HipCueError(
            "%s is for an %s and the clip has an %s; choose the image for that chip." % (image.path, image.chip, chip),
            UNSAFE,
        )
    if image.flash_bytes() > flash_bytes or image.offset + image.size > flash_bytes:
        raise HipCueError(
            "%s wants a flash of %d MB and the clip has %d MB; choose an image for that size."
            % (image.path, -(-image.flash_bytes() >> 20), flash_bytes >> 20),
            UNSAFE,
        )
    return flash_bytes, mac


def _partitions(esptool):
    """Return the Partitions that are on the flash now; none on a new one."""
    with tempfile.TemporaryDirectory(prefix="hipcue-") as work:
        path = Path(work, "table.bin")
        esptool.read(TABLE_OFFSET, TABLE_BYTES, path, None)
        return parse_table(path.read_bytes())


def _back_up(esptool, before, flash_bytes, stem):
    """Save the file system, or all of the flash where there is none; return the file, None of an empty flash."""
    if not before:
        return None
    files = file_system(before)
    path = stem.with_name(stem.name + ("-vfs.bin" if files else "-flash.bin"))
    if files:
        esptool.read(files.offset, files.size, path, "saving")
    else:
        esptool.read(0, flash_bytes, path, "saving")
    return path


def _keeps_files(image, before):
    """Return whether the file system stays where it is and is not written over."""
    files = image.file_system()
    return files == file_system(before) and image.offset + image.size <= files.offset


def _tell(image, backup, kept, output):
    if backup:
        output.say("What the flash holds is saved in %s." % backup)
    if backup and not kept:
        output.warn(
            "%s places the file system elsewhere: settings and calibration go; configure and calibrate anew."
            % image.path
        )


def _await_boot(port):
    """Wait until what was flashed answers as MicroPython; HipCueError 21 when it does not within BOOT_S."""
    until = time.monotonic() + BOOT_S
    while True:
        try:
            with Clip(port) as clip:
                clip.enter()
            return
        except HipCueError as error:
            if error.exit_code not in (NO_CLIP, NOT_HIPCUE) or time.monotonic() > until:
                raise HipCueError(
                    "The image is on the flash, but nothing answers on %s; press RESET, then run `hipcue deploy`."
                    % port,
                    INTEGRITY,
                ) from None
            time.sleep(0.5)
