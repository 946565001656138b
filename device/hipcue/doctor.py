"""What `hipcue doctor` asks of a clip whose application is stopped; each call prints one line of JSON, facts only.

What the facts mean, and what mends them, is the host's. Calls may leave sensors powered down: the application
starts them again.
"""

import gc
import json
import os
import sys

import board

import hipcue
from hipcue import firmware, settings, storage
from hipcue.clock import Clock
from hipcue.contract import config
from hipcue.contract.record import CONTRACT_VERSION
from hipcue.faults import identity, other_chip
from hipcue.store import files
from hipcue.store.folder import FOLDER, numbers, size_bytes
from hipcue.store.journal import Journal
from hipcue.words import finish

LEADS_MS = 400
DRAIN_MS = 50  # far below the 250 ms that the front end's slots hold
BUZZ_MS = 400
BUZZ_STRENGTH_PCT = 80
PROBE = settings.FOLDER + "/probe"
CHUNK_BYTES = 512
FOLDER_KIND = 0x4000  # as os.ilistdir() gives it

_clock = Clock()


def chip():
    """Say what the clip is made of and runs on."""
    gc.collect()
    _print(
        dict(
            firmware.facts(),
            contract=CONTRACT_VERSION,
            clip=board.clip_id.hex(),
            firmware=getattr(hipcue, "__file__", ""),
            free_heap_bytes=gc.mem_free(),
            emg_kind=board.emg.kind,
            platform=sys.platform,
        )
    )


def imu():
    """Identify the motion sensor, then let it test itself; the clip must lie still."""
    try:
        found = {"identity": board.imu.identify()}
        test = board.imu.self_test()
        found.update(passed=test["passed"], accel_mg=test["accel_mg"], gyro_dps=test["gyro_dps"])
    except OSError as error:
        found = _failure(error, other_chip(error))
    _print(found)


def emg():
    """Test the raw muscle front end, or read both envelopes."""
    if board.emg.kind == "envelope":
        from array import array

        reading = array("H", (0, 0))
        board.emg.read_into(reading, 0)
        _print({"kind": "envelope", "envelope_dmv": list(reading)})
        return
    try:
        found = {"identity": board.emg.identify()}
        found.update(board.emg.self_test())
    except OSError as error:
        found = _failure(error, identity(error))
    _print(dict(found, kind=board.emg.kind))


def leads():
    """Say which leads of the raw front end had no contact within LEADS_MS: bits as in LOFF_STAT."""
    from array import array

    samples = array("i", bytes(8 * 256))
    contacts = bytearray(256)
    off = 0
    try:
        board.emg.start()
        for _ in range(LEADS_MS // DRAIN_MS):
            _clock.wait_ms(DRAIN_MS)
            board.emg.drain_into(samples, contacts)
            off |= board.emg.lead_off
        board.emg.stop()
        _print({"lead_off": off})
    except OSError as error:
        _print(_failure(error, identity(error)))


def buzz(side):
    """Let the motor of `side` (1 left, 2 right) run once."""
    haptics = board.haptics
    haptics.buzz(side, BUZZ_MS, BUZZ_STRENGTH_PCT, _clock.now_ms())
    finish(haptics, _clock)
    _print({"ok": True})


def stored():
    """Say what is on flash: space, sessions in number and bytes, settings and calibration, without what they hold;
    whether the journal keeps what is written to it, which is tried; and `failed`: [path, error number] of what flash
    does not give or take.
    """
    failed = []
    block, _, blocks, free = _tried(failed, "/", os.statvfs, "/", otherwise=(0,) * 4)[:4]
    for path in _tried(failed, "/", _files, "/", otherwise=()):
        _tried(failed, path, _read_through, path)
    _tried(failed, PROBE, _write_probe)
    values, problem = _tried(failed, settings.CONFIG, settings.load_config, otherwise=(config.defaults(), None))
    calibration = _tried(failed, settings.CALIBRATION, settings.load_calibration)
    sizes_bytes = _tried(failed, FOLDER, _session_sizes, otherwise=())
    _print(
        {
            "failed": failed,
            "flash_bytes": block * blocks,
            "free_bytes": block * free,
            "journal": Journal(board.open_nvs).works(),
            "sessions": len(sizes_bytes),
            "sessions_bytes": sum(sizes_bytes),
            "unverified": _tried(failed, FOLDER, storage.unverified, otherwise=()),
            "runner": _tried(failed, settings.RUNNER, settings.load_runner),
            "config": values,
            "config_problem": problem,
            "programme": _tried(failed, settings.PROGRESS, _programme, values),
            "calibrated": calibration is not None,
            "calibrated_unix_ms": calibration and calibration.get("unix_ms"),
        }
    )


def power():
    """Say the battery's voltage and what the clock shows."""
    _print({"battery_mv": board.battery.voltage_mv(), "unix_ms": _clock.unix_ms(), "now_ms": _clock.now_ms()})


def _programme(config):
    """Return how far the programme that is set has come, or None when none is."""
    if not config["programme_sessions"]:
        return None
    programme = settings.load_programme(config)
    return {
        "session": programme.session,
        "sessions": config["programme_sessions"],
        "share_pct": round(100 * programme.share),
        "running_s": programme.whole_ms // 1000,
        "over": programme.over_and_done(),
    }


def _tried(failed, path, function, *args, otherwise=None):
    """Return what `function` gives, or `otherwise` after adding to `failed` why it does not."""
    try:
        return function(*args)
    except OSError as error:
        told = [path.split("-")[0], error.errno]  # behind a hyphen a file bears its runner's pseudonym
        if told not in failed:
            failed.append(told)
        return otherwise


def _files(folder):
    """Return the paths of all files below `folder`."""
    paths = []
    for name, kind, *_ in os.ilistdir(folder):
        path = folder.rstrip("/") + "/" + name
        paths += _files(path) if kind == FOLDER_KIND else [path]
    return paths


def _read_through(path):
    chunk = bytearray(CHUNK_BYTES)
    with open(path, "rb") as file:
        while file.readinto(chunk):
            pass


def _write_probe():
    """Write a file and remove it; a full flash is no fault."""
    try:
        files.make_folder(settings.FOLDER)
        files.write_whole(PROBE, "0")
        os.remove(PROBE)
    except OSError as error:
        if error.errno != settings.ENOSPC:
            raise


def _session_sizes():
    return [size_bytes(number) for number in numbers()]


def _failure(error, other):
    """Return what an OSError of a driver says: the errno, and the identity `other` if another chip has answered."""
    found = {"errno": error.args[0] if error.args else None}
    if other is not None:
        found["other_identity"] = other
    return found


def _print(value):
    print(json.dumps(value))
