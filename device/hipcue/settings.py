"""What the clip keeps between runs: configuration, calibration, count of boots."""

import json

from hipcue.contract import config
from hipcue.store.files import make_folder, read_json, write_whole

FOLDER = "/settings"  # not /hipcue: a folder of that name would hide the frozen package
CONFIG = FOLDER + "/config.json"
CALIBRATION = FOLDER + "/calibration.json"
BOOTS = FOLDER + "/boots.json"
ENOSPC = 28


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
