"""`hipcue report`: a pulled session as one HTML page, and as PDF."""

from pathlib import Path

from host_tools import logs
from host_tools.report import write_report


def run(args, output):
    """Decode `args.log`, write its report to `args.out`, and with `args.pdf` print it beside that."""
    if args.pdf:
        from host_tools.pdf import find_browser, print_pdf

        find_browser()  # before anything is written
    session = logs.read_log(args.log)
    path = Path(args.out) if args.out else Path(args.log).with_suffix(".html")
    written = {"report": str(path)}
    with output.progress(2 if args.pdf else 1, "files", "report") as bar:
        write_report(session, path)
        bar.update()
        if args.pdf:
            written["pdf"] = str(path.with_suffix(".pdf"))
            print_pdf(path, written["pdf"])
            bar.update()
    logs.tell(session, output)
    output.say("Report: %s" % ", ".join(written.values()))
    return logs.describe(session) | written | {"exit_code": logs.exit_code(session)}
