"""The report: one session as one self-contained HTML page for a clinician."""

from host_tools.files import write_text


def write_report(session, path, title=None):
    """Write the report of `session` (host_tools.session.Session) to `path`; the same session gives the same bytes."""
    from host_tools.report.page import page

    write_text(path, page(session, title))
