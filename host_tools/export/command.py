"""`hipcue export`: pulled sessions in a format that other programs read."""

import importlib
import shlex
import sys
from pathlib import Path

from host_tools.archive import logs
from host_tools.errors import OK, HipCueError
from host_tools.export import FORMATS


def run(args, output):
    """Write each log that `args.log` names as `args.format`: below the folder `args.out`, or beside the log.

    One log goes into `args.out` itself; of several, each into a folder of its own in it, if the format needs that.
    Of several, one that cannot be written is told and left out.
    """
    writer = _writer(args.format)
    paths, folder = logs.find_logs(args.log)
    alone = folder is None and len(paths) == 1
    sessions, exit_codes = [], [OK]
    with output.progress(len(paths), "logs", "export") as bar:
        for path in paths:
            try:
                sessions.append(_export(path, _place(path, args, alone), writer, output))
                exit_codes.append(sessions[-1].pop("exit_code"))
            except HipCueError as error:
                if len(paths) == 1:
                    raise
                output.warn(error.message)
                exit_codes.append(error.exit_code)
            bar.update()
    return {"format": args.format, "sessions": sessions, "exit_code": max(exit_codes)}


def _place(path, args, alone):
    """Return the folder for the log `path`."""
    if not args.out:
        return path.with_suffix("")
    together = alone or FORMATS[args.format].together
    return Path(args.out) if together else Path(args.out) / path.stem


def _export(path, folder, writer, output):
    session = logs.read_log(path)
    written = [str(each) for each in writer.write(session, folder, output)]
    logs.tell(session, output)
    output.say("Written: " + ", ".join(written))
    return logs.describe(session) | {"written": written, "exit_code": logs.exit_code(session)}


def _writer(name):
    chosen = FORMATS[name]
    try:
        return importlib.import_module("host_tools.export." + chosen.module)
    except ModuleNotFoundError:
        if chosen.library is None:
            raise
        raise HipCueError(
            "Export as %s needs %s; `%s -m pip install %s` installs it."
            % (name, chosen.library, shlex.quote(sys.executable), chosen.library)
        ) from None
