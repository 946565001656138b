"""Reading the report's page in tests: its words, facts, cards and tables; that its tags are balanced."""

import re
from html.parser import HTMLParser

_VOID = ("meta", "br", "link")
_NOT_WORDS = {"style", "script", "svg"}


class _Plain(HTMLParser):
    """Collects words, tags and attributes; checks that what opens is closed."""

    def __init__(self):
        super().__init__()
        self.words, self.attributes, self.open = [], [], []

    def handle_starttag(self, tag, attributes):
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.attributes += [(tag, name, value) for name, value in attributes]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not _NOT_WORDS & set(self.open):
            self.words.append(data)


def parse(html):
    """Return the page's words and attributes; AssertionError when a tag is not closed."""
    plain = _Plain()
    plain.feed(html)
    assert not plain.open
    return plain


def words(html):
    """Return what the page says, without its pictures."""
    return re.sub(r"\s+", " ", " ".join(parse(html).words)).replace(" ,", ",")


def fact(html, name):
    """Return (value, note) of one of the facts at the top of the page."""
    found = re.search(r"<dt>%s</dt><dd>(.*?)<small>(.*?)</small>" % name, html)
    return _plain(found[1]), _plain(found[2])


def card(html, kind):
    """Return {row: [cell, cell, cell]} of the card `left`, `right` or `both`."""
    return _rows(re.search(r'<div class="card %s-card">(.*?)</div>' % kind, html, re.S)[1])


def table(html, first_head):
    """Return {row: [cells]} of the table whose first column is headed `first_head`."""
    return _rows(re.search(r'<th scope="col">%s</th>.*?</table>' % re.escape(first_head), html, re.S)[0])


def _rows(html):
    found = re.findall(r'<tr[^>]*><th scope="row">(.*?)</th>(.*?)</tr>', html)
    return {_plain(head): [_plain(cell) for cell in re.findall(r"<td>(.*?)</td>", cells)] for head, cells in found}


def _plain(html):
    return re.sub(r"\s+", " ", re.sub("<.*?>", " ", html)).strip().replace(" ,", ",")
