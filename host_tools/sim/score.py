"""Errors of a session against a recording's truth.

Everything is taken from `SETTLING_S` after the run starts (design of the
recording folder): a step matches a truth step when their contacts lie within
`MATCH_S`; drop and excursion are compared over matched steps of quality ok.
The clip measures against the runner's standing, so the standing obliquity
that meta.json states (`standing_neutral_obliquity_deg`, 0 if absent) is taken
from the truth first.
"""

import numpy as np

from hipcue.contract.signals import SIDE_LETTERS
from host_tools.errors import HipCueError

SETTLING_S = 10.0
MATCH_S = 0.120


def score(session, recording):
    """Return a dict of errors (degrees, ms, shares); HipCueError when the recording holds no truth."""
    if recording.truth_steps is None:
        raise HipCueError("The recording %s has no truth_steps.csv to score against." % recording.name)
    neutral_deg = float(recording.meta.get("standing_neutral_obliquity_deg", 0.0))
    from_s = (recording.run_starts_s or 0.0) + SETTLING_S
    result = {"recording": recording.name, "from_s": from_s}
    result |= _step_scores(session.steps, recording.truth_steps, from_s, neutral_deg)
    result |= obliquity_errors(session.trace.taken(), recording, from_s, neutral_deg)
    return result


def _step_scores(steps, truth, from_s, neutral_deg):
    found_s = steps["time_ms"] / 1000
    mine, theirs = match(found_s, truth["t_ic_s"])
    counted = truth["t_ic_s"] >= from_s
    kept = counted[theirs]
    mine, theirs = mine[kept], theirs[kept]
    last_s = truth["t_ic_s"][-1] + MATCH_S if len(truth["t_ic_s"]) else from_s
    inside = (found_s >= from_s) & (found_s <= last_s)
    inside[mine] = True
    ok = steps["quality"] == 0
    truth_peak_deg = truth["peak_drop_deg"] - neutral_deg * np.where(truth["stance_side"] == "L", 1.0, -1.0)
    good = ok[mine]
    sided = np.array(SIDE_LETTERS)[np.minimum(steps["side"][mine], 2)] == truth["stance_side"][theirs]
    contact_ms = (found_s[mine] - truth["t_ic_s"][theirs]) * 1000

    def errors(name, true_values):
        return steps[name][mine][good] - true_values[theirs][good]

    return {
        "truth_steps": int(counted.sum()),
        "found_steps": int(inside.sum()),
        "matched_steps": len(mine),
        "found_share": _share(len(mine), counted.sum()),
        "missed_share": _share(counted.sum() - len(mine), counted.sum()),
        "extra_share": _share(inside.sum() - len(mine), inside.sum()),
        "side_right_share": _share(sided.sum(), len(mine)),
        "valid_share": _share((ok & inside).sum(), inside.sum()),
        "initial_contact_ms": statistics(contact_ms),
        "peak_drop_deg": statistics(errors("peak_drop_deg", truth_peak_deg)),
        "excursion_deg": statistics(errors("excursion_deg", truth["excursion_deg"])),
        "peak_drop_causal_deg": statistics(errors("peak_drop_causal_deg", truth_peak_deg)),
    }


def obliquity_errors(trace, recording, from_s, neutral_deg):
    """Return the RMSE, absolute and zero-mean, of `trace` (ms, deg) from `from_s` on while running; None: no truth."""
    if not len(trace[0]) or recording.truth_t_s is None:
        return {"obliquity_rmse_deg": None, "obliquity_zero_mean_rmse_deg": None}
    t_s, obliquity_deg = trace[0] / 1000, trace[1]
    counted = (t_s >= from_s) & (t_s <= recording.truth_t_s[-1]) & np.isfinite(obliquity_deg)
    if recording.truth_running is not None:
        running = np.interp(t_s, recording.truth_t_s, recording.truth_running.astype(float))
        counted &= running > 0.999
    true_deg = np.interp(t_s[counted], recording.truth_t_s, recording.truth_obliquity_deg) - neutral_deg
    errors = statistics(obliquity_deg[counted] - true_deg)
    return {"obliquity_rmse_deg": errors["rms"], "obliquity_zero_mean_rmse_deg": errors["sd"]}


def match(found_s, truth_s):
    """Return (indices of found, indices of truth): pairs within MATCH_S, each the other's nearest."""
    if not len(found_s) or not len(truth_s):
        return np.zeros(0, int), np.zeros(0, int)
    nearest_found = _nearest(found_s, truth_s)
    nearest_truth = _nearest(truth_s, found_s)
    theirs = np.arange(len(truth_s))
    mutual = nearest_truth[nearest_found] == theirs
    near = np.abs(found_s[nearest_found] - truth_s) <= MATCH_S
    theirs = theirs[mutual & near]
    return nearest_found[theirs], theirs


def _nearest(sorted_values, wanted):
    right = np.clip(np.searchsorted(sorted_values, wanted), 1, max(1, len(sorted_values) - 1))
    right = np.minimum(right, len(sorted_values) - 1)
    left = np.maximum(right - 1, 0)
    return np.where(wanted - sorted_values[left] <= sorted_values[right] - wanted, left, right)


def statistics(errors):
    """Return {bias, sd, rms, count} of the finite `errors`; None where there are none."""
    errors = errors[np.isfinite(errors)]
    if not len(errors):
        return {"bias": None, "sd": None, "rms": None, "count": 0}
    return {
        "bias": float(errors.mean()),
        "sd": float(errors.std()),
        "rms": float(np.sqrt(np.mean(errors**2))),
        "count": len(errors),
    }


def _share(part, whole):
    return float(part) / float(whole) if whole else None


def table(result):
    """Return the scores as lines for a person."""

    def row(label, errors, unit):
        if not errors["count"]:
            return "  %-30s no step to compare" % label
        return "  %-30s bias %+.2f  SD %.2f  rms %.2f %s (%d steps)" % (
            label, errors["bias"], errors["sd"], errors["rms"], unit, errors["count"],
        )  # fmt: skip

    def share(name):
        return "-" if result[name] is None else "%.1f %%" % (100 * result[name])

    def degrees(name):
        return "-" if result[name] is None else "%.3f deg" % result[name]

    return [
        "Against truth, from %.0f s of %s:" % (result["from_s"], result["recording"]),
        "  %-30s %s zero-mean, %s absolute"
        % ("obliquity RMSE", degrees("obliquity_zero_mean_rmse_deg"), degrees("obliquity_rmse_deg")),
        row("peak drop, settled", result["peak_drop_deg"], "deg"),
        row("excursion, settled", result["excursion_deg"], "deg"),
        row("peak drop, causal", result["peak_drop_causal_deg"], "deg"),
        row("initial contact", result["initial_contact_ms"], "ms"),
        "  %-30s %s found, %s missed, %s extra (%d true steps)"
        % ("steps", share("found_share"), share("missed_share"), share("extra_share"), result["truth_steps"]),
        "  %-30s %s" % ("sides right", share("side_right_share")),
        "  %-30s %s" % ("steps reported valid", share("valid_share")),
        "A virtual recording holds no skin or clothing movement: this shows arithmetic, not accuracy on a body.",
    ]
