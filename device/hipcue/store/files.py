"""Small files written so that a power cut leaves the old or the new one, whole."""

import json
import os

ENOENT, ENOTDIR = 2, 20


def exists(path):
    """Return whether `path` is there; OSError when flash does not tell."""
    try:
        os.stat(path)
    except OSError as error:
        if error.errno not in (ENOENT, ENOTDIR):
            raise
        return False
    return True


def make_folder(path):
    """Make the folder `path` if it is not there."""
    if not exists(path):
        os.mkdir(path)


def write_whole(path, text):
    """Write the line `text` to `path`: to a new file first, then renamed over the old one (atomic in littlefs)."""
    with open(path + ".new", "w") as file:
        file.write(text + "\n")
    os.rename(path + ".new", path)


def read_json(path):
    """Return the JSON value in `path`, or None when there is no such file; ValueError when it is not whole JSON."""
    if not exists(path):
        return None
    with open(path) as file:
        text = file.read()
    # MicroPython's parser takes "{" for an empty object: the line's end shows that nothing was cut off.
    if not text.endswith("\n"):
        raise ValueError("%s was cut off" % path)
    try:
        return json.loads(text)
    except TypeError:  # its parser takes any value for a name
        raise ValueError("%s is not JSON" % path) from None
