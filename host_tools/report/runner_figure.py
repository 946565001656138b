"""For the runner: a body seen from behind on one leg, how far its other hip sinks and may sink; ten dots for steps."""

import math

from host_tools.report.svg import COLOURS, INK, SOFT, drawing, element, line

_WIDTH, _HEIGHT = 132, 128
_MIDDLE, _HIP_Y, _PELVIS = 66.0, 66.0, 64.0  # of the standing hip, and from there to the other one
_BEYOND = 14.0  # so much longer is the limit's line
_BODY = "#ccd2d7"
_STEPS, _GAP, _RADIUS = 10, 17.0, 6.4


def body_figure(side, drop_deg, limit_deg):
    """Return the SVG of a runner on the leg of `side`. `drop_deg`: the usual step's, `limit_deg`: None, not known."""
    parts = [_body(side, drop_deg or 0.0)]
    if drop_deg is not None:
        parts.append(_pelvis(side, drop_deg, _PELVIS, stroke=COLOURS[side], stroke_width=6))
    if limit_deg is not None:
        parts.append(_pelvis(side, limit_deg, _PELVIS + _BEYOND, stroke=INK, stroke_width=1.6, stroke_dasharray="5 3"))
    told = ["unknown" if value is None else "%.0f degrees" % value for value in (drop_deg, limit_deg)]
    words = "The other hip sinks by %s in the usual step; the limit is %s." % tuple(told)
    return drawing("body-%d" % side, _WIDTH, _HEIGHT, "The runner on one leg", words, *parts)


def dots_figure(side, good):
    """Return the SVG of ten dots, `good` of them filled."""
    parts = [_dot(side, number, number < good) for number in range(_STEPS)]
    words = "%d of %d dots are filled." % (good, _STEPS)
    return drawing("dots-%d" % side, _STEPS * _GAP, _GAP, "Good steps of ten", words, *parts)


def _place(side, x, y):
    """Return (x, y) of the left leg's picture, or its mirror image for the right one's."""
    return (x if side == 1 else 2 * _MIDDLE - x, y)


def _hip(drop_deg, length):
    """Return where a line of `length` from the standing hip ends that hangs by `drop_deg`."""
    angle = math.radians(drop_deg)
    return _MIDDLE - _PELVIS / 2 + length * math.cos(angle), _HIP_Y + length * math.sin(angle)


def _pelvis(side, drop_deg, length, **look):
    return line([_place(side, *_hip(drop_deg, at)) for at in (0.0, length)], **look)


def _body(side, drop_deg):
    (hip_x, hip_y), (other_x, other_y) = _hip(drop_deg, 0.0), _hip(drop_deg, _PELVIS)
    legs = (
        [(hip_x + 8, hip_y + 4), (hip_x + 12, hip_y + 32), (hip_x + 13, hip_y + 58)],  # it stands under the body
        [(other_x - 8, other_y + 4), (other_x - 10, other_y + 30), (other_x - 4, other_y + 42)],  # its shin is behind
    )
    trunk = [(hip_x, hip_y), (hip_x - 2, 26), (other_x + 2, 26), (other_x, other_y)]
    points = " ".join("%.1f,%.1f" % _place(side, *point) for point in trunk)
    parts = [line([_place(side, *point) for point in leg], stroke=_BODY, stroke_width=13) for leg in legs]
    parts.append(element("polygon", points=points, fill=_BODY))
    return "".join([*parts, element("circle", cx=_MIDDLE, cy=11, r=10, fill=_BODY)])


def _dot(side, number, good):
    look = {"fill": COLOURS[side], "stroke": COLOURS[side]} if good else {"fill": "#fff", "stroke": SOFT}
    return element("circle", cx=_GAP * (number + 0.5), cy=_GAP / 2, r=_RADIUS, stroke_width=1.6, **look)
