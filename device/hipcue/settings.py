"""What the clip keeps between runs: configuration, calibration, wall clock."""

import json

from hipcue.contract import config
from hipcue.store.files import make_folder, read_json, write_whole

FOLDER = "/settings"  # not /hipcue: a folder of that name would hide the frozen package
CONFIG = FOLDER + "/config.json"
CALIBRATION = FOLDER + "/calibration.json"


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


def _store(path, value):
    make_folder(FOLDER)
    write_whole(path, json.dumps(value))
