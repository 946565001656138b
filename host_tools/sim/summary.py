"""What a run came to, in the few numbers that a runner asks for."""

import numpy as np

from hipcue.contract.signals import MINUTE_MS, SIDES


def summarise(session, recording=None):
    """Return a dict: steps, valid steps, drop per side in the first and last third, cues, latency, bytes per step."""
    steps, cues = session.steps, session.cues
    ok = steps["quality"] == 0
    result = {
        "runner": recording.name if recording else session.clip,
        "duration_s": recording.end_s if recording else None,
        "steps": len(ok),
        "valid_steps": int(ok.sum()),
        "first_third_deg": {},
        "last_third_deg": {},
        "cues": {name: int((cues["side"] == side).sum()) for side, name in SIDES},
        "cues_by_minute": {name: _by_minute(cues, side, steps["time_ms"]) for side, name in SIDES},
        "cue_latency_ms": _latency(cues["latency_ms"]),
        "bytes_per_step": session.log_bytes / len(ok) if len(ok) else None,
        "trace": bool(session.trace.mask.any()),
    }
    for side, name in SIDES:
        first, last = _thirds(steps, ok & (steps["side"] == side))
        result["first_third_deg"][name], result["last_third_deg"][name] = first, last
    return result


def _thirds(steps, counted):
    """Return the median peak drop over the first and the last third of the time from first to last valid step."""
    valid_ms = steps["time_ms"][steps["quality"] == 0]
    if not counted.any():
        return None, None
    third_ms = (valid_ms[-1] - valid_ms[0]) / 3
    times_ms, drops_deg = steps["time_ms"][counted], steps["peak_drop_deg"][counted]
    parts = drops_deg[times_ms <= valid_ms[0] + third_ms], drops_deg[times_ms >= valid_ms[-1] - third_ms]
    return tuple(_median(part) for part in parts)


def _median(values):
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else None


def _by_minute(cues, side, steps_ms):
    """Return {minute since the first step, from 1: cues}."""
    if not len(steps_ms):
        return {}
    minutes = ((cues["time_ms"][cues["side"] == side] - steps_ms[0]) // MINUTE_MS).astype(int) + 1
    numbers, counts = np.unique(minutes, return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))


def _latency(latency_ms):
    latency_ms = latency_ms[np.isfinite(latency_ms)]
    if not len(latency_ms):
        return None
    return {"median": float(np.median(latency_ms)), "longest": float(latency_ms.max())}


def lines(result):
    """Return a simulated run's summary (with `ulab`, `log`, `csv`, `report`, `wall_s`) as lines for a person."""
    share = 100 * result["valid_steps"] / result["steps"] if result["steps"] else 0
    made = [
        "",
        "%s: %s" % (result["runner"], _duration(result)),
        "  steps            %d, of which %d valid (%.0f %%)" % (result["steps"], result["valid_steps"], share),
    ]
    for _, name in SIDES:
        first, last = result["first_third_deg"][name], result["last_third_deg"][name]
        made.append("  drop, %-10s %s in the first third, %s in the last" % (name, _degrees(first), _degrees(last)))
    for _, name in SIDES:
        made.append("  cues, %-10s %s" % (name, _cues(result["cues"][name], result["cues_by_minute"][name])))
    latency = result["cue_latency_ms"]
    if latency:
        made.append(
            "  cue latency      %.0f ms (median), %.0f ms (longest), from peak drop to motor on"
            % (latency["median"], latency["longest"])
        )
    if result["bytes_per_step"]:
        traced = ", trace included" if result["trace"] else ""
        made.append("  log              %.1f bytes per step%s" % (result["bytes_per_step"], traced))
    return made + [
        "  vector library   %s" % _ulab(result["ulab"]),
        "  report           %s" % result["report"],
        "  CSV              %s" % ", ".join(result["csv"]),
    ]


def _duration(result):
    return "%d min %02d s, replayed in %.0f s" % (*divmod(round(result["duration_s"]), 60), result["wall_s"])


def _degrees(value):
    return "unknown" if value is None else "%.1f deg" % value


def _cues(count, by_minute):
    if not count:
        return "none"
    return "%d (%s)" % (count, ", ".join("minute %d: %d" % pair for pair in by_minute.items()))


def _ulab(version):
    if version == "stand-in":
        return "the pure-Python stand-in for ulab; build with USER_C_MODULES for the real one"
    return "ulab %s" % version
