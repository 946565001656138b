"""`hipcue report`: a pulled session as one HTML page."""

from pathlib import Path

from host_tools import logs
from host_tools.report import write_report


def run(args, output):
    """Decode `args.log` and write its report to `args.out`."""
    session = logs.read_log(args.log)
    path = Path(args.out) if args.out else Path(args.log).with_suffix(".html")
    write_report(session, path)
    logs.tell(session, output)
    output.say("Report: %s" % path)
    return logs.describe(session) | {"report": str(path), "exit_code": logs.exit_code(session)}
