"""`hipcue export`: a pulled session as CSV with a data dictionary."""

from pathlib import Path

from host_tools import logs
from host_tools.export import write_csv


def run(args, output):
    """Decode `args.log` and write its tables to `args.out`."""
    session = logs.read_log(args.log)
    folder = Path(args.out) if args.out else Path(args.log).with_suffix("")
    paths = write_csv(session, folder)
    logs.tell(session, output)
    output.say("Written: " + ", ".join(str(path) for path in paths))
    return logs.describe(session) | {"written": [str(path) for path in paths], "exit_code": logs.exit_code(session)}
