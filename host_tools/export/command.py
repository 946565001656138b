"""`hipcue export`: a pulled session in a format that other programs read."""

import importlib
from pathlib import Path

from host_tools import logs
from host_tools.errors import HipCueError
from host_tools.export import FORMATS


def run(args, output):
    """Decode `args.log` and write it as `args.format` into the folder `args.out`."""
    writer = _writer(args.format)
    session = logs.read_log(args.log)
    folder = Path(args.out) if args.out else Path(args.log).with_suffix("")
    paths = [str(path) for path in writer.write(session, folder, output)]
    logs.tell(session, output)
    output.say("Written: " + ", ".join(paths))
    return logs.describe(session) | {"format": args.format, "written": paths, "exit_code": logs.exit_code(session)}


def _writer(name):
    chosen = FORMATS[name]
    try:
        return importlib.import_module("host_tools.export." + chosen.module)
    except ModuleNotFoundError:
        if chosen.library is None:
            raise
        raise HipCueError(
            "Export as %s needs %s; install it with: pip install 'hipcue[export]'" % (name, chosen.library)
        ) from None
