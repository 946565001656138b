"""`hipcue report`: pulled sessions of one runner as one HTML page, and as PDF."""

import os
from pathlib import Path

from host_tools.archive import logs
from host_tools.errors import INTEGRITY, OK, HipCueError
from host_tools.report import write_report

PAGE = "report.html"


def run(args, output):
    """Write the report on the logs that `args.log` names to `args.out`; with `args.pdf` also print it beside that."""
    if args.pdf:
        from host_tools.report.pdf import find_browser, print_pdf

        find_browser()  # before anything is written
    paths, folder = logs.find_logs(args.log)
    page = _page(args.out, paths, folder)
    written = {"report": str(page)}
    with output.progress(len(paths) + 1 + args.pdf, "files", "report") as bar:
        sessions, unread = _read(paths, folder, output, bar)
        runner, changed = _runner(sessions, folder), any(session.changed for session in sessions)
        sessions = _distinct(sessions, output)
        if _ends_as_folder(args.out):
            page.parent.mkdir(parents=True, exist_ok=True)
        write_report(sessions, page, title=runner)
        bar.update()
        if args.pdf:
            written["pdf"] = str(page.with_suffix(".pdf"))
            print_pdf(page, written["pdf"])
            bar.update()
    for session in sessions:
        logs.tell(session, output)
    output.say("Report: %s" % ", ".join(written.values()))
    exit_code = max([INTEGRITY if unread or changed else OK, *map(logs.exit_code, sessions)])
    return (
        {"sessions": [logs.describe(session) for session in sessions], "unread": unread}
        | written
        | {"exit_code": exit_code}
    )


def _read(paths, folder, output, bar):
    """Return ([Session], paths that hold none); a log that was named itself must hold one, else HipCueError."""
    sessions, unread = [], []
    for path in paths:
        try:
            sessions.append(logs.read_log(path))
        except HipCueError as error:
            if folder is None or len(paths) == 1:
                raise
            output.warn(error.message + " It is left out.")
            unread.append(str(path))
        bar.update()
    if not sessions:
        raise HipCueError("No log in %s can be read; pull the sessions again." % folder, INTEGRITY)
    return sessions, unread


def _distinct(sessions, output):
    """Return `sessions`, of several copies of one the fullest of those that have not changed since they came."""
    best = {}
    for session in sessions:
        key = session.clip, session.number, session.battery_time_ms[0]
        if key in best:
            one = "one that has not changed since it came" if session.changed != best[key].changed else "fuller log"
            output.warn("Session %d of clip %s is there twice; the %s counts." % (session.number, session.clip, one))
        if key not in best or _worth(session) > _worth(best[key]):
            best[key] = session
    return list(best.values())


def _worth(session):
    return not session.changed, session.blocks_read


def _runner(sessions, folder):
    """Return the pseudonym of the runner whose `sessions` these are, None for none known; HipCueError for several.

    Those that name none are of one clip, or in one folder.
    """
    runners = sorted({session.runner for session in sessions if session.runner})
    if len(runners) > 1:
        raise HipCueError("These logs are of %d runners (%s); name one runner's." % (len(runners), ", ".join(runners)))
    clips = sorted({session.clip for session in sessions})
    if len(clips) > 1 and folder is None and not all(session.runner for session in sessions):
        raise HipCueError(
            "These logs are of %d clips (%s), and perhaps of as many runners: put one runner's logs in a folder and "
            "name that." % (len(clips), ", ".join(clips))
        )
    return runners[0] if runners else None


def _page(out, paths, folder):
    """Return where the report goes: the file `out`, PAGE in the folder `out`, or without one beside the logs."""
    if out:
        return Path(out) / PAGE if _ends_as_folder(out) or Path(out).is_dir() else Path(out)
    if folder is not None:
        return folder / PAGE
    return paths[0].with_suffix(".html") if len(paths) == 1 else paths[0].parent / PAGE


def _ends_as_folder(out):
    """Return whether the path `out` can name but a folder, there or to be made."""
    return bool(out) and out.endswith(("/", os.sep))
