"""Sessions that a host has pulled and verified: they alone may make room for new ones."""

import json

from hipcue.store.files import make_folder, read_json, write_whole

FOLDER = "/settings"
PATH = FOLDER + "/verified.json"  # [[session number, bytes, SHA-256 in hexadecimal], ...]


def entries():
    """Return [number, bytes, SHA-256] of each session verified; of those removed since, the highest alone."""
    try:
        listed = read_json(PATH)
        return [[int(number), int(size), str(sha256)] for number, size, sha256 in listed or ()]
    except (ValueError, TypeError):
        return []  # a list that cannot be read vouches for nothing


def highest():
    """Return the highest session number verified so far, 0 for none: no later session may bear it."""
    return max([entry[0] for entry in entries()] + [0])


def is_marked(number, size):
    """Return whether session `number` was verified when it had `size` bytes."""
    return any(entry[:2] == [number, size] for entry in entries())


def mark(number, size, sha256):
    """Note that a host has verified session `number`, of `size` bytes and this SHA-256."""
    _store([entry for entry in entries() if entry[0] != number] + [[number, size, sha256]])


def forget(number):
    """Note that session `number` is gone."""
    top = highest()
    _store([entry for entry in entries() if entry[0] != number or number == top])


def _store(listed):
    make_folder(FOLDER)
    write_whole(PATH, json.dumps(listed))
