"""Why steps and electrodes could not be believed: how often each code came."""

from hipcue.contract.emg import EMG_QUALITY
from hipcue.contract.signals import SIDES
from host_tools.report import facts
from host_tools.report.markup import side_word, table, text

_ON_PAPER, _ON_PAPER_OF_SEVERAL = 5, 3  # rows
_MEANINGS = {"ok": "no code", **{name: meaning for _, name, meaning in EMG_QUALITY}, "not measured": "no front end"}


def electrode_table(runs):
    """Return the share of all steps of `runs` per EMG quality code and side, the most frequent code first after ok."""
    total = sum(len(run.line.side) for run in runs)
    if not total:
        return ""
    by_run = {name: [facts.electrode_counts(run.line, name) for run in runs] for _, name in SIDES}
    counts = {code: [sum(each[code] for each in by_run[name]) for _, name in SIDES] for code in _MEANINGS}
    codes = [code for code in _MEANINGS if any(counts[code]) or code == "ok"]
    rows = [
        (_code(code, _MEANINGS[code]), *("%.1f %%" % (100 * count / total) for count in counts[code]))
        for code in sorted(codes, key=lambda code: (code != "ok", -sum(counts[code])))
    ]
    header = ("EMG code", *(side_word(name) for _, name in SIDES))
    caption = "Electrodes: share of all steps, by code."
    return table(caption, header, rows, **_look(runs))


def step_table(runs):
    """Return how many steps of `runs` were left out by each code."""
    total = sum(len(run.line.quality) for run in runs)
    counts = {}
    for run in runs:
        for name, meaning, steps in facts.quality_counts(run.line):
            counts[name, meaning] = counts.get((name, meaning), 0) + steps
    if not counts:
        return '<p class="note">No step was left out.</p>' if total else ""
    rows = [
        (_code(name, meaning), "%d" % steps, "%.1f %%" % (100 * steps / total))
        for (name, meaning), steps in sorted(counts.items(), key=lambda row: -row[1])
    ]
    caption = "Steps left out of all below, and why."
    return table(caption, ("step code", "steps", "of all"), rows, **_look(runs))


def _code(name, meaning):
    return "%s<small>%s</small>" % (text(name.replace("_", " ")), text(meaning))


def _look(runs):
    """Return how a table of codes looks; on paper, codes of several runs go without their meanings."""
    if len(runs) > 1:
        return {"kind": "numbers codes brief", "on_paper": _ON_PAPER_OF_SEVERAL}
    return {"kind": "numbers codes", "on_paper": _ON_PAPER}
