"""Section of the report on the cueing programme: its dose as planned and as given, and the drop by its sessions."""

import numpy as np

from hipcue.contract.signals import SIDES
from host_tools.report import facts
from host_tools.report.markup import UNKNOWN, change, section, side_word, table, text, unknown_or

_ON_PAPER = 5
_CAPTION = (
    "Feedback: share of the running in which a cue could come. Drop: median, and its change against the first session."
)


def programme_section(runs):
    """Return the section on the programme; nothing when no run was part of one."""
    rows, first = [], None
    for number, own in _sessions(runs):
        if first is None or number <= first[0]:
            first = number, _drops(own)  # a programme begins, perhaps anew with other rules
        rows.append(_row(number, own, first[1]))
    if not rows:
        return ""
    header = ("session", "runs", "feedback planned", "given", "cues", *(side_word(name, ", drop") for _, name in SIDES))
    return section("Programme", table(_CAPTION, header, rows, kind="numbers responses", on_paper=-_ON_PAPER))


def _sessions(runs):
    """Return [(number, [Run])]: the sessions of the programme in their order; a session may be run in several parts."""
    found = []
    for run in runs:
        numbers = run.session.programme.get("session", ())
        if not len(numbers) or not run.session.config.get("programme_sessions"):
            continue
        number = int(numbers[-1])
        if not found or found[-1][0] != number:
            found.append((number, []))
        found[-1][1].append(run)
    return found


def _row(number, own, first):
    latest = own[-1].session
    told = {name: float(values[-1]) for name, values in latest.programme.items()}
    retention = number > latest.config["programme_sessions"]
    given = 100 * told["fed_s"] / told["running_s"] if told["running_s"] > 0 else None
    return (
        "%d%s" % (number, ", retention" if retention else ""),
        text(", ".join(run.label for run in own)),
        unknown_or(100 * told["share"], "%.0f %%"),
        unknown_or(given, "%.0f %%"),
        unknown_or(told["cues"], "%.0f"),
        *(_drop_cell(drop, before) for drop, before in zip(_drops(own), first, strict=True)),
    )


def _drops(own):
    """Return the median drop of each side over the valid steps of these runs; None: unknown."""
    medians = []
    for side, _ in SIDES:
        parts = [run.line.step["peak_drop_deg"][run.line.valid(side)] for run in own]
        medians.append(facts.spread(np.concatenate(parts))[0])
    return medians


def _drop_cell(drop, before):
    if drop is None:
        return UNKNOWN
    moved = "change unknown" if before is None else change(drop - before, unit="")
    return "%.1f deg<small>%s</small>" % (drop, moved)
