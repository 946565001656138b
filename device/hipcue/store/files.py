"""Small files written so that a power cut leaves the old or the new one, whole."""

import json
import os


def exists(path):
    """Return whether `path` is there."""
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def make_folder(path):
    """Make the folder `path` if it is not there."""
    if not exists(path):
        os.mkdir(path)


def write_whole(path, text):
    """Write `text` to `path`: to a new file first, then renamed over the old one (atomic in littlefs)."""
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)


def read_json(path):
    """Return the JSON value in `path`, or None when there is no such file; ValueError when it is not JSON."""
    if not exists(path):
        return None
    with open(path) as file:
        return json.load(file)
