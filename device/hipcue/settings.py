"""What the clip keeps between runs: configuration, calibration, count of boots."""

import json

from hipcue.contract import config
from hipcue.store.files import make_folder, read_json, write_whole

FOLDER = "/settings"  # not /hipcue: a folder of that name would hide the frozen package
CONFIG = FOLDER + "/config.json"
CALIBRATION = FOLDER + "/calibration.json"
MVIC = FOLDER + "/mvic.json"
PROGRESS = FOLDER + "/progress.json"
BOOTS = FOLDER + "/boots.json"
ENOSPC = 28
MVICS_KEPT = 12  # of a side: their course over the weeks shows how strength returns


def load_config():
    """Return (values, problem): the configuration, or the defaults and a sentence on what is wrong with the file."""
    try:
        return config.validate(read_json(CONFIG) or {}), None
    except (ValueError, TypeError) as error:
        return config.defaults(), "the stored configuration is not used: %s" % error


def change_config(changes):
    """Store `changes` (dict) over the configuration and return all values; ValueError leaves it as it was.

    A stored configuration that cannot be used is replaced.
    """
    stored = {} if load_config()[1] else read_json(CONFIG) or {}
    stored.update(changes)
    values = config.validate(stored)
    _store(CONFIG, stored)
    return values


def load_calibration():
    """Return the calibration as a dict (mount, gyro_bias_rads, gravity_mps2 and facts), or None."""
    try:
        calibration = read_json(CALIBRATION)
    except ValueError:
        return None
    return calibration if isinstance(calibration, dict) else None


def store_calibration(calibration):
    """Store a calibration in place of the one before."""
    _store(CALIBRATION, calibration)


def load_mvic(front_end):
    """Return {"left": [[unix_ms or None, uV], ...], "right": [...]}, newest last, of this kind of front end."""
    try:
        stored = read_json(MVIC)
    except ValueError:
        stored = None
    if not isinstance(stored, dict) or stored.get("front_end") != front_end:
        return {"left": [], "right": []}
    return {side: stored.get(side, []) for side in ("left", "right")}


def add_mvic(front_end, side, unix_ms, value_uv):
    """Store a new MVIC of a `side` ("left" or "right") behind those before; the oldest go."""
    stored = load_mvic(front_end)
    stored[side] = (stored[side] + [[unix_ms, value_uv]])[-MVICS_KEPT:]
    stored["front_end"] = front_end
    _store(MVIC, stored)


def load_progress():
    """Return what was stored of the programme's progress, or None."""
    try:
        progress = read_json(PROGRESS)
    except ValueError:
        return None
    return progress if isinstance(progress, dict) else None


def store_progress(progress):
    """Store how far the programme is; a full flash must not keep the clip from running."""
    try:
        _store(PROGRESS, progress)
    except OSError:
        pass  # the log tells of a full flash


def count_boot():
    """Count this start of the firmware; return its number, from 1, or None when it cannot be stored."""
    try:
        before = read_json(BOOTS)
    except ValueError:
        before = None
    number = before + 1 if isinstance(before, int) else 1
    try:
        _store(BOOTS, number)
    except OSError as error:
        if error.errno != ENOSPC:
            raise
        return None  # a full flash: the clip measures and cues all the same
    return number


def _store(path, value):
    make_folder(FOLDER)
    write_whole(path, json.dumps(value))
