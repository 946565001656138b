"""What the programmes of many made-up runners come to: means with their intervals, and the lines that tell of them."""

import math

import numpy as np
from scipy import stats

from host_tools.programme.false_cue import UNDER_DEG
from host_tools.programme.policies import COMPARED, MINUTES, SESSIONS, TARGET_DEG


def interval(values):
    """Return (mean, half of its 95 % confidence interval) of independent runs, by Student's t."""
    values = np.asarray(values, dtype=float)
    if len(values) < 2:
        return float(values.mean()), math.nan
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values))
    return float(values.mean()), float(half)


def _of(programmes, name):
    """Return what the sessions say under `name`, (runners, sessions)."""
    return np.array([[session[name] for session in each] for each in programmes], dtype=float)


def drops_deg(programmes):
    """Return the mean drop of each session in degrees, (runners, sessions)."""
    return _of(programmes, "drop_deg")


def _left_deg(programmes, without_deg):
    """Return (runners,): drop of the last two sessions, which have no cue in any policy, less what it is without any.

    `without_deg` (runners, sessions): drop of the same runners when they never get a cue.
    """
    return (drops_deg(programmes) - without_deg)[:, -2:].mean(axis=1)


def summarise(programmes, without_deg):
    """Return the figures of one policy from its runners' programmes; `without_deg` as for _left_deg()."""
    cues, false, far_under = (_of(programmes, name) for name in ("cues", "false", "far_under"))
    share_error = np.abs(_of(programmes, "share") - _of(programmes, "delivered"))
    return {
        "drop_deg": [interval(column) for column in drops_deg(programmes).T],
        "cues": [interval(column) for column in cues.T],
        "cues_in_all": interval(cues.sum(axis=1)),
        "practice_deg": interval((drops_deg(programmes) - without_deg)[:, :-2].mean(axis=1)),
        "retention_deg": interval(_left_deg(programmes, without_deg)),
        "false_share": interval(false.sum(axis=1) / far_under.sum(axis=1)),
        "worst_share_error": float(share_error.max()) if cues.sum() else math.nan,
    }


def dependence_row(found, dependence, without_deg):
    """Return what COMPARED leave behind at a `dependence`, and the second less the first, runner by runner."""
    left = {name: _left_deg(found[name, dependence], without_deg) for name in COMPARED}
    first, second = left.values()
    return {
        "dependence": dependence,
        "retention_deg": {name: interval(values) for name, values in left.items()},
        "difference_deg": interval(second - first),
    }


def crossing(points):
    """Return x where y of the (x, y) `points`, in order, first falls through 0, on a line from point to point; None."""
    for (before_x, before_y), (x, y) in zip(points[:-1], points[1:], strict=True):
        if before_y >= 0.0 > y:
            return before_x + (x - before_x) * before_y / (before_y - y)
    return None


def lines(policies, seeds):
    """Return the comparison as lines of text."""
    text = [
        "",
        "Made-up runners, target %.0f deg, %.0f min every other day, %d for each policy; mean and 95 %% interval."
        % (TARGET_DEG, MINUTES, seeds),
        "How they answer cues is assumed in good part (host_tools/programme/model.py):",
        "this compares policies within that model, and predicts nobody.",
        "",
        _row("drop in deg", policies),
    ]
    for number in range(SESSIONS):
        pairs = (each["drop_deg"][number] for each in policies.values())
        text.append(_row("  session %d" % (number + 1), _cells(pairs)))
    for words, key, form, scale in (
        ("practice", "practice_deg", "%+.2f +-%.2f", 1),
        ("retention", "retention_deg", "%+.2f +-%.2f", 1),
        ("false, %", "false_share", "%.3f +-%.3f", 100),
        ("cues in all", "cues_in_all", "%.0f +-%.0f", 1),
    ):
        pairs = ([scale * value for value in each[key]] for each in policies.values())
        text.append(_row(words, _cells(pairs, form)))
    return text + [
        "practice: drop of the sessions before the last two, less that of the same runners without any cue.",
        "retention: the same of the last two, in which none has a cue.",
        "false: steps with a cue, of all whose true drop is %g deg or more under the threshold." % UNDER_DEG,
    ]


def dependence_lines(table, from_dependence):
    """Return how the comparison hangs on the runners' dependence on feedback as lines of text."""
    text = ["", "retention, by dependence on feedback: what full reliance takes from lasting learning"]
    text.append(_row("", (*COMPARED, "difference")))
    for row in table:
        pairs = [*row["retention_deg"].values(), row["difference_deg"]]
        text.append(_row("  %.0f %%" % (100 * row["dependence"]), _cells(pairs, "%+.2f +-%.2f")))
    if from_dependence is None:
        return [*text, "On these runners' mean the order of the two does not turn."]
    return [*text, "On these runners' mean %s leaves more behind than %s from %.0f %% on."
            % (COMPARED[1], COMPARED[0], 100 * from_dependence)]  # fmt: skip


def _row(words, cells):
    return "%-15s%s" % (words, "".join("%15s" % cell for cell in cells))


def _cells(pairs, form="%.2f +-%.2f"):
    return [form % tuple(pair) for pair in pairs]
