"""What the clip keeps between runs: configuration, who wears it, count of boots; for each runner by itself what is of a
body: calibration, MVIC, how far the programme is."""

import json

from hipcue.contract import config, runner
from hipcue.contract.signals import SIDES
from hipcue.core.sides import POPULATION  # three witnesses, as a vector has axes
from hipcue.programme import Programme
from hipcue.store.files import make_folder, read_json, write_whole

FOLDER = "/settings"  # not /hipcue: a folder of that name would hide the frozen package
CONFIG = FOLDER + "/config.json"
RUNNER = FOLDER + "/runner.json"
BOOTS = FOLDER + "/boots.json"
CALIBRATION, MVIC, PROGRESS = "calibration", "mvic", "progress"  # of a runner: see of_runner()
ENOSPC = 28
MVICS_KEPT = 12  # of a side: their course over the weeks shows how strength returns


def load_config():
    """Return (values, problem): the configuration, or the defaults and a sentence on what is wrong with the file."""
    try:
        stored = read_json(CONFIG)
        if not isinstance(stored, (dict, type(None))):
            raise ValueError("it is not a JSON object")
        return config.validate(stored or {}), None
    except ValueError as error:
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


def load_runner():
    """Return the pseudonym of who wears the clip, or None when none was given."""
    try:
        return runner.check(read_json(RUNNER))
    except ValueError:
        return None


def store_runner(pseudonym):
    """Note who wears the clip from now on (see contract.runner), None: nobody who was named.

    One small file, so that what is the runner's own changes at once; what was another's stays for when they return.
    """
    _store(RUNNER, pseudonym)


def of_runner(kind):
    """Return the path of what is the present runner's own: CALIBRATION, MVIC or PROGRESS."""
    pseudonym = load_runner()
    return "%s/%s%s.json" % (FOLDER, kind, "-" + pseudonym if pseudonym else "")


def load_calibration():
    """Return the calibration as a dict (mount, biases, gravity_mps2 and facts), or None for none to be used."""
    try:
        calibration = read_json(of_runner(CALIBRATION))
    except ValueError:
        return None
    return calibration if _is_calibration(calibration) else None


def store_calibration(calibration):
    """Store a calibration in place of the one before."""
    _store(of_runner(CALIBRATION), calibration)


def load_mvic(front_end):
    """Return {"left": [[unix_ms or None, uV], ...], "right": [...]}, newest last, of this kind of front end."""
    try:
        stored = read_json(of_runner(MVIC))
    except ValueError:
        stored = None
    if not isinstance(stored, dict) or stored.get("front_end") != front_end:
        stored = {}
    return {name: _mvics(stored.get(name)) for _, name in SIDES}


def add_mvic(front_end, name, unix_ms, value_uv):
    """Store a new MVIC of the side of this `name` ("left" or "right") behind those before; the oldest go."""
    stored = load_mvic(front_end)
    stored[name] = (stored[name] + [[unix_ms, value_uv]])[-MVICS_KEPT:]
    stored["front_end"] = front_end
    _store(of_runner(MVIC), stored)


def load_programme(config):
    """Return the Programme that `config` sets, as far as it was stored to be."""
    try:
        progress = read_json(of_runner(PROGRESS))
    except ValueError:
        progress = None
    return Programme(config, progress if isinstance(progress, dict) else None)


def store_progress(progress):
    """Store how far the programme is; a full flash must not keep the clip from running."""
    try:
        _store(of_runner(PROGRESS), progress)
    except OSError as error:
        if error.errno != ENOSPC:
            raise
        # the log tells of a full flash


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


def _is_calibration(value):
    """Return whether the core can compute with it: whole JSON may still be another firmware's, or a hand's."""
    if not isinstance(value, dict):
        return False
    mount = value.get("mount")
    return (
        isinstance(mount, list)
        and len(mount) == 3
        and all(_is_vector(row) for row in mount)
        and _is_vector(value.get("gyro_bias_rads"))
        and _is_vector(value.get("accel_bias_mps2", (0.0, 0.0, 0.0)))  # older ones have none
        and _is_positive(value.get("gravity_mps2"))
        and _is_vector(value.get("side_template", POPULATION))
    )


def _is_vector(value):
    return isinstance(value, (list, tuple)) and len(value) == 3 and all(isinstance(x, (int, float)) for x in value)


def _is_positive(value):
    return isinstance(value, (int, float)) and value > 0


def _mvics(listed):
    """Return what of a stored side's list is an MVIC."""
    if not isinstance(listed, list):
        return []
    return [entry for entry in listed if isinstance(entry, list) and len(entry) == 2 and _is_positive(entry[1])]


def _store(path, value):
    make_folder(FOLDER)
    write_whole(path, json.dumps(value))
