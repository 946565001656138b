"""SVG by hand: elements, axes and the marks of the two sides. The same numbers give the same bytes."""

from dataclasses import dataclass

import numpy as np

from host_tools.report.markup import text

# Okabe & Ito's blue and vermillion: told apart with any colour vision, and dark enough on white.
COLOURS = {1: "#0072b2", 2: "#c24e00"}
DASHES = {1: "", 2: "7 3"}  # the right side's lines are broken: told apart in grey, too
INK, SOFT, GRID, PAUSE, BAND = "#1c2126", "#59636e", "#e3e7ea", "#f0f2f4", "#dfe4e8"
FONT_SIZE = 11.5

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


def element(name, content="", **attributes):
    """Return an element; `content` is markup, attributes are numbers or text, `_` in their names stands for `-`."""
    words = "".join(
        ' %s="%s"' % (key.rstrip("_").replace("_", "-"), number(value) if _is_number(value) else text(value))
        for key, value in attributes.items()
        if value != ""
    )
    return "<%s%s>%s</%s>" % (name, words, content, name) if content else "<%s%s/>" % (name, words)


def _is_number(value):
    return isinstance(value, (int, float, np.number))


def number(value):
    """Return a coordinate with at most one decimal."""
    return ("%.1f" % (round(float(value), 1) + 0.0)).removesuffix(".0")


def label(words, x, y, anchor="start", **attributes):
    """Return text at (x, y); `words` is escaped."""
    look = {"text_anchor": anchor, "font_size": FONT_SIZE, "fill": SOFT} | attributes
    return element("text", text(words), x=x, y=y, **look)


def line(points, **attributes):
    """Return polylines through `points` [(x, y)], broken at NaN."""
    parts, stretch = [], []
    for x, y in [*points, (np.nan, np.nan)]:
        if np.isfinite(x) and np.isfinite(y):
            stretch.append("%s,%s" % (number(x), number(y)))
        elif stretch:
            parts.append(" ".join(stretch if len(stretch) > 1 else 2 * stretch))
            stretch = []
    look = {"fill": "none", "stroke_linejoin": "round", "stroke_linecap": "round"} | attributes
    return "".join(element("polyline", points=part, **look) for part in parts)


def marker(side, x, y, size=3.2, **attributes):
    """Return the mark of a side: left a full circle, right a hollow square."""
    if side == 1:
        return element("circle", attributes.pop("content", ""), cx=x, cy=y, r=size, fill=COLOURS[1], **attributes)
    look = {"width": 2 * size, "height": 2 * size, "fill": "#fff", "stroke": COLOURS[2], "stroke_width": 1.6}
    return element("rect", attributes.pop("content", ""), x=x - size, y=y - size, **look, **attributes)


def ticks(low, high, most=5):
    """Return round values within [low, high], at most `most` of them."""
    if not high > low:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(nice * power for nice in _NICE if nice * power >= rough * (1 - 1e-9))
    first = np.ceil(low / step - 1e-9)
    return [float(k * step) + 0.0 for k in np.arange(first, np.floor(high / step + 1e-9) + 1)]


@dataclass(frozen=True)
class Frame:
    """A plot's place in px and what its edges stand for; values beyond them are drawn at the edge."""

    left: float
    top: float
    width: float
    height: float
    x_range: tuple
    y_range: tuple

    def x(self, value):
        """Return the place of `value` along x."""
        low, high = self.x_range
        return self.left + self.width * (value - low) / (high - low)

    def y(self, value):
        """Return the place of `value` along y."""
        low, high = self.y_range
        return self.top + self.height * (high - np.clip(value, low, high)) / (high - low)

    def across(self, value, **attributes):
        """Return a level line at `value`."""
        y = self.y(value)
        return element("line", x1=self.left, x2=self.left + self.width, y1=y, y2=y, **attributes)

    def box(self, from_x, to_x, low, high, **attributes):
        """Return a filled rectangle between two values of x and two of y."""
        top, bottom = self.y(high), self.y(low)
        x = self.x(from_x)
        return element("rect", x=x, y=top, width=self.x(to_x) - x, height=bottom - top, **attributes)

    def y_axis(self):
        """Return level grid lines with their values."""
        parts = []
        for value in ticks(*self.y_range, most=min(5, max(2, int(self.height / (1.1 * FONT_SIZE))))):
            parts.append(self.across(value, stroke=GRID, stroke_width=1))
            parts.append(label("%g" % round(value, 6), self.left - 6, self.y(value) + 4, "end"))
        return "".join(parts)


def drawing(name, width, height, title, description, *parts):
    """Return the whole SVG, its title and description for those who cannot see it; `name` makes its ids its own."""
    words = '<title id="%s-title">%s</title><desc id="%s-desc">%s</desc>' % (name, text(title), name, text(description))
    opening = '<svg role="img" aria-labelledby="%s-title %s-desc" viewBox="0 0 %d %d">' % (
        name, name, width, height,
    )  # fmt: skip
    return opening + words + "".join(parts) + "</svg>"
