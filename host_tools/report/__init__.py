"""The report: sessions of one runner as one self-contained HTML page for a clinician."""

from host_tools.files import write_text


def write_report(sessions, path, title=None):
    """Write the report on `sessions` (list of log.session.Session) to `path`; the same give the same bytes."""
    from host_tools.report.page import page

    write_text(path, page(sessions, title))
