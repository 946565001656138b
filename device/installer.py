"""What `hipcue deploy` runs on the clip: sent over the console, so that it works on one without our firmware too.

A firmware is a folder /firmware/<name>, and the file /firmware/current names the one that boot.py takes. A new one
is filled beside the one that runs, checked, tried, and only then named, by a rename that is atomic in littlefs:
whenever the power goes, the clip boots the old firmware or the new one, each whole. Each call prints a line of JSON.
"""

import gc
import hashlib
import json
import os
import sys
from binascii import a2b_base64, hexlify

ROOT = "/firmware"
CURRENT = ROOT + "/current"
_FOLDER = 0x4000  # os.ilistdir()'s type of a folder
_CHUNK = 512

_file = None  # being written


def look():
    """Say what is installed: files with their SHA-256, the name of the current firmware, free bytes, versions."""
    block, _, _, free = os.statvfs("/")[:4]
    files = {path: _sha256(path) for path in ("/boot.py", "/main.py") if _exists(path)}
    if _exists(ROOT):
        for path in _walk(ROOT):
            files[path] = _sha256(path)
    _say(
        {
            "files": files,
            "current": _current(),
            "frozen": _frozen_digest(),
            "free_bytes": block * free,
            "machine": sys.implementation._machine,
            "version": list(sys.implementation[1][:3]),
            "mpy": getattr(sys.implementation, "_mpy", 0),
        }
    )


def begin(path):
    """Start to write the file `path`; its folders are made."""
    global _file
    _make_folders(path)
    _file = open(path, "wb")
    _say({"ok": True})


def append(text):
    """Append the bytes of the base64 `text` to the file that is being written."""
    _file.write(a2b_base64(text))
    _say({"ok": True})


def finish(path):
    """Close the file `path` that was being written and say its SHA-256."""
    global _file
    _file.close()
    _file = None
    _say({"sha256": _sha256(path)})


def copy(source, path):
    """Copy `source`, which is on the clip already, to `path` and say its SHA-256."""
    _make_folders(path)
    with open(source, "rb") as old, open(path, "wb") as new:
        while True:
            chunk = old.read(_CHUNK)
            if not chunk:
                break
            new.write(chunk)
    _say({"sha256": _sha256(path)})


def rename(source, path):
    """Put `source` in the place of `path`, atomically."""
    os.rename(source, path)
    _say({"ok": True})


def try_out(name):
    """Import the firmware `name` without running it, and say its version; the one imported before is forgotten."""
    globals().pop("board", None)  # boot.py's: it would keep the old one's modules in memory
    for module in list(sys.modules):
        if module == "board" or module.split(".")[0] == "hipcue":
            del sys.modules[module]
    gc.collect()
    folder = ROOT + "/" + name
    sys.path.insert(0, folder)
    import board

    import hipcue
    import hipcue.app

    if hipcue.__file__.startswith(folder):
        _say({"hipcue": hipcue.VERSION, "clip": board.clip_id.hex()})
    else:
        _say({"reason": "the clip took %s in its place" % hipcue.__file__})


def switch(name):
    """Let boot.py take the firmware `name` from now on."""
    with open(CURRENT + ".new", "w") as file:
        file.write(name + "\n")
    os.rename(CURRENT + ".new", CURRENT)
    _say({"current": _current()})


def withdraw():
    """Let boot.py take the image's own firmware from now on."""
    if _exists(CURRENT):
        os.remove(CURRENT)
    _say({"current": _current()})


def remove_others(name):
    """Delete every firmware but `name` (None: all), and what an interrupted deploy left."""
    for entry in os.ilistdir(ROOT):
        if entry[0] not in (name, "current"):
            _remove(ROOT + "/" + entry[0], entry[1])
    _say({"ok": True})


def _say(value):
    print(json.dumps(value))


def _exists(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def _current():
    try:
        with open(CURRENT) as file:
            return file.read().strip()
    except OSError:
        return None


def _frozen_digest():
    """Return the digest of the sources that are frozen into the image, or None when it was built without."""
    try:
        import frozen_digest
    except ImportError:
        return None
    return frozen_digest.DIGEST


def _walk(folder):
    for entry in os.ilistdir(folder):
        path = folder + "/" + entry[0]
        if entry[1] == _FOLDER:
            for inner in _walk(path):
                yield inner
        elif path != CURRENT:
            yield path


def _sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            if not chunk:
                return hexlify(digest.digest()).decode()
            digest.update(chunk)


def _make_folders(path):
    at = path.find("/", 1)
    while at > 0:
        if not _exists(path[:at]):
            os.mkdir(path[:at])
        at = path.find("/", at + 1)


def _remove(path, kind):
    if kind != _FOLDER:
        os.remove(path)
        return
    for entry in os.ilistdir(path):
        _remove(path + "/" + entry[0], entry[1])
    os.rmdir(path)
