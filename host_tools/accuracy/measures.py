"""The errors of one method on one recording, by the definitions of `hipcue sim --score`."""

import numpy as np

from host_tools.sim.score import MATCH_S, SETTLING_S, match, obliquity_errors, score, statistics

GROWTH_FROM_S = 300.0  # of running: shorter recordings do not show growth


def clip_errors(session, recording):
    """Return the clip's errors from its pulled log: those of score() and the growth of the obliquity's error."""
    return score(session, recording) | {"growth_deg": _growth_deg(session.trace.taken(), recording)}


def filter_errors(obliquity_deg, recording, session):
    """Return the errors of a filter's `obliquity_deg` (N,), on the recording's clock.

    Peak and excursion are read at the true contacts, on the same true steps as
    the clip's are: those it reports with quality ok.
    """
    truth, neutral_deg = recording.truth_steps, _neutral_deg(recording)
    peak, excursion = [], []
    for index in _steps_compared(session, recording):
        sign = 1.0 if truth["stance_side"][index] == "L" else -1.0
        drop_deg = sign * obliquity_deg
        within = slice(*np.searchsorted(recording.t_s, (truth["t_ic_s"][index], truth["t_tc_s"][index])))
        peak_deg = drop_deg[within].max()
        at_contact_deg = np.interp(truth["t_ic_s"][index], recording.t_s, drop_deg)
        peak.append(peak_deg - (truth["peak_drop_deg"][index] - sign * neutral_deg))
        excursion.append(peak_deg - at_contact_deg - truth["excursion_deg"][index])
    trace = (recording.t_s * 1000, obliquity_deg)
    return obliquity_errors(trace, recording, _from_s(recording), neutral_deg) | {
        "peak_drop_deg": statistics(np.array(peak)),
        "excursion_deg": statistics(np.array(excursion)),
        "growth_deg": _growth_deg(trace, recording),
    }


def _steps_compared(session, recording):
    """Return the indices of the true steps on which the clip reports numbers."""
    found, true = match(session.steps["time_ms"] / 1000, recording.truth_steps["t_ic_s"])
    counted = (session.steps["quality"][found] == 0) & (recording.truth_steps["t_ic_s"][true] >= _from_s(recording))
    return true[counted]


def _growth_deg(trace, recording):
    """Return by how much the zero-mean RMSE of the last third of a long run exceeds that of the first, or None."""
    from_s, to_s = _from_s(recording), recording.truth_steps["t_ic_s"][-1] + MATCH_S
    third_s = (to_s - from_s) / 3
    if 3 * third_s < GROWTH_FROM_S:
        return None
    first, last = (
        obliquity_errors(_between(trace, start_s, start_s + third_s), recording, from_s, 0.0)
        for start_s in (from_s, to_s - third_s)
    )
    if first["obliquity_zero_mean_rmse_deg"] is None or last["obliquity_zero_mean_rmse_deg"] is None:
        return None
    return last["obliquity_zero_mean_rmse_deg"] - first["obliquity_zero_mean_rmse_deg"]


def _between(trace, start_s, stop_s):
    kept = (trace[0] >= start_s * 1000) & (trace[0] < stop_s * 1000)
    return trace[0][kept], trace[1][kept]


def _from_s(recording):
    return (recording.run_starts_s or 0.0) + SETTLING_S


def _neutral_deg(recording):
    return float(recording.meta.get("standing_neutral_obliquity_deg", 0.0))
