"""HTML pieces; whatever text comes from a log goes through `text()`."""

from html import escape

from host_tools.report.wording import within_error

UNKNOWN = '<span class="unknown">unknown</span>'


def text(value):
    """Return `value` as text that is safe anywhere in the page."""
    return escape(str(value), quote=True)


def unknown_or(value, form):
    """Return `form` % `value`, or the word unknown in the page's style when it is None or NaN."""
    return UNKNOWN if value is None or value != value else form % value


def side_word(name, words=""):
    """Return a side's name in its colour and with its mark, with `words` after it."""
    return '<span class="%s">%s%s</span>' % (name, name.capitalize(), words)


def duration(seconds):
    """Return seconds as `12 min 05 s` or `1 h 02 min`, or unknown."""
    if seconds is None:
        return UNKNOWN
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
        return UNKNOWN
    words = signed(degrees, 1, unit)
    return '<span class="within">%s</span>' % words if within_error(degrees) else "<strong>%s</strong>" % words


def signed(value, digits, unit=""):
    """Return a known number with its sign; zero has none."""
    rounded = round(value, digits) + 0.0
    return ("%+.*f%s" if rounded else "%.*f%s") % (digits, rounded, unit)


def table(caption, header, rows, kind="numbers", on_paper=None):
    """Return a table; cells are HTML already, a row's first one its heading; `kind`: classes such as numbers or words.

    `on_paper`: that many rows are printed, the first ones, or when negative the last ones; the caption tells of the
    rest.
    """
    hidden = _hidden(len(rows), on_paper)
    if hidden:
        caption += ' <span class="on-paper">%d more on the screen.</span>' % len(hidden)
    parts = ['<div class="wide">\n<table class="%s">' % kind]
    parts += ["<caption><span>%s</span></caption>" % caption if caption else "", "<thead><tr>"]
    parts += ['<th scope="col">%s</th>' % cell for cell in header]
    parts.append("</tr></thead><tbody>")
    for order, row in enumerate(rows):
        cells = ['<th scope="row">%s</th>' % row[0]]
        cells += ["<td>%s</td>" % cell for cell in row[1:]]
        parts.append("<tr%s>%s</tr>" % (' class="screen"' if order in hidden else "", "".join(cells)))
    parts.append("</tbody></table>\n</div>")
    return "\n".join(part for part in parts if part)


def _hidden(count, on_paper):
    if on_paper is None or count <= abs(on_paper):
        return range(0)
    return range(on_paper, count) if on_paper > 0 else range(count + on_paper)


def figure(svg, caption):
    """Return a figure with its caption (HTML already)."""
    return '<figure>\n<div class="wide">\n%s\n</div>\n<figcaption>%s</figcaption>\n</figure>' % (svg, caption)


def details(summary, body):
    """Return what is folded away on the screen until it is asked for, and left out on paper."""
    return '<details class="screen">\n<summary>%s</summary>\n%s\n</details>' % (summary, body)


def section(heading, *parts):
    """Return a section of the page."""
    return "<section>\n<h2>%s</h2>\n%s\n</section>" % (heading, "\n".join(part for part in parts if part))
