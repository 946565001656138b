"""The report: sessions of one runner as one self-contained HTML page for a clinician."""

from pathlib import Path


def write_report(sessions, path, title=None):
    """Write the report on `sessions` (list of host_tools.session.Session) to `path`; the same give the same bytes."""
    from host_tools.report.page import page

    Path(path).write_text(page(sessions, title), encoding="utf-8")
