"""HTML pieces; whatever text comes from a log goes through `text()`."""

from html import escape

from host_tools.report.wording import within_error


def text(value):
    """Return `value` as text that is safe anywhere in the page."""
    return escape(str(value), quote=True)


def unknown_or(value, form):
    """Return `form` % `value`, or the word unknown in the page's style when it is None or NaN."""
    if value is None or value != value:
        return '<span class="unknown">unknown</span>'
    return form % value


def duration(seconds):
    """Return seconds as `12 min 05 s` or `1 h 02 min`, or unknown."""
    if seconds is None:
        return unknown_or(None, "")
    whole = round(seconds)
    if whole >= 3600:
        return "%d h %02d min" % (whole // 3600, whole % 3600 // 60)
    return "%d min %02d s" % divmod(whole, 60) if whole >= 60 else "%d s" % whole


def clock(seconds):
    """Return seconds from the start as `min:ss`, or that it was before."""
    if seconds < 0:
        return "before the start"
    return "%d:%02d" % divmod(int(seconds), 60)


def change(degrees, unit=" deg"):
    """Return a change with its sign, greyed when it is within the error, or unknown."""
    if degrees is None or degrees != degrees:
        return unknown_or(None, "")
    words = "%+.1f%s" % (round(degrees, 1) + 0.0, unit)
    return '<span class="within">%s</span>' % words if within_error(degrees) else "<strong>%s</strong>" % words


def table(caption, header, rows, kind="numbers"):
    """Return a table; cells are HTML already, a row's first one its heading; `kind`: numbers, words or ledger."""
    parts = ['<div class="wide">\n<table class="%s">' % kind, "<caption>%s</caption>" % caption, "<thead><tr>"]
    parts += ['<th scope="col">%s</th>' % cell for cell in header]
    parts.append("</tr></thead><tbody>")
    for row in rows:
        cells = ['<th scope="row">%s</th>' % row[0]]
        cells += ["<td>%s</td>" % cell for cell in row[1:]]
        parts.append("<tr>%s</tr>" % "".join(cells))
    parts.append("</tbody></table>\n</div>")
    return "\n".join(parts)


def figure(svg, caption):
    """Return a figure with its caption (HTML already)."""
    return '<figure>\n<div class="wide">\n%s\n</div>\n<figcaption>%s</figcaption>\n</figure>' % (svg, caption)


def section(heading, *parts):
    """Return a section of the page."""
    return "<section>\n<h2>%s</h2>\n%s\n</section>" % (heading, "\n".join(part for part in parts if part))
