"""The runs of a report in the order in which they were run, each with its name and its place on the common axis."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from host_tools.log.session import Session
from host_tools.report import facts
from host_tools.report.timeline import Timeline, timeline

_GAP = 0.012  # between two runs, as a share of all that is shown


@dataclass(frozen=True)
class Run:
    """One session in a report.

    `from_s`: where it begins on the axis on which all runs stand side by side; `plotted_s`: how much of it is shown.
    """

    session: Session
    line: Timeline
    label: str  # short, as a table's or an axis' words
    from_s: float
    plotted_s: float | None  # None: nothing was recorded


def runs_of(sessions):
    """Return [Run] of `sessions`: by date when each has one, else by clip and number."""
    lines = [timeline(session) for session in sessions]
    dated = all(line.start_unix_ms is not None for line in lines)

    def order(pair):
        session, line = pair
        return ((line.start_unix_ms,) if dated else ()) + (session.clip, session.number, line.start_ms)

    pairs = sorted(zip(sessions, lines, strict=True), key=order)
    shown_s = [facts.plotted_s(session, line) for session, line in pairs]
    gap_s = _GAP * sum(span_s or 0.0 for span_s in shown_s)
    runs, from_s = [], 0.0
    for (session, line), label, span_s in zip(pairs, _labels(pairs), shown_s, strict=True):
        runs.append(Run(session, line, label, from_s, span_s))
        from_s += (span_s or 0.0) + gap_s if len(line.t_s) else 0.0  # without a step it takes no place
    return runs


def _labels(pairs):
    several = len({session.clip for session, _ in pairs}) > 1
    days = [day(line.start_unix_ms) for _, line in pairs]
    labels = []
    for (session, line), of_day in zip(pairs, days, strict=True):
        if of_day is None:
            labels.append("session %d" % session.number + (" of %s" % session.clip[-4:] if several else ""))
        else:
            labels.append(of_day if days.count(of_day) == 1 else date(line.start_unix_ms, "%d %b %H:%M"))
    return labels


def date(unix_ms, form):
    """Return a moment of the wall clock in UTC as `form` says, or None when it is not known."""
    return (
        None if unix_ms is None else (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=unix_ms)).strftime(form)
    )


def day(unix_ms):
    """Return the day of a moment in UTC such as `12 Mar`, or None."""
    return date(unix_ms, "%d %b")
