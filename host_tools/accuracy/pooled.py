"""Errors of all recordings as the rows of one table: pooled and worst, against the bars.

Every recording weighs alike, however long. A bias is pooled as the mean of the
recordings' biases; an SD as that of all errors together, so that recordings
with different biases widen it; an RMSE as the root of the mean square.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Row:
    """One figure: where it stands in a method's errors, how it is pooled, what bar it is held to (None: no bar)."""

    label: str
    unit: str
    path: tuple[str, ...]
    pool: str  # a key of POOLS
    most: float | None = None  # pass at or below, of the magnitude
    least: float | None = None  # pass at or above


ROWS = (
    Row("obliquity RMSE, zero-mean", "deg", ("obliquity_zero_mean_rmse_deg",), "rms", most=0.14),
    Row("obliquity RMSE, absolute", "deg", ("obliquity_rmse_deg",), "rms"),
    Row("growth of zero-mean RMSE over a long run", "deg", ("growth_deg",), "mean", most=0.02),
    Row("peak drop, mean magnitude of bias", "deg", ("peak_drop_deg", "bias"), "magnitude", most=0.08),
    Row("peak drop, SD", "deg", ("peak_drop_deg",), "sd", most=0.10),
    Row("excursion, bias", "deg", ("excursion_deg", "bias"), "mean", most=0.05),
    Row("excursion, SD", "deg", ("excursion_deg",), "sd", most=0.07),
    Row("peak drop as the cue knew it, SD", "deg", ("peak_drop_causal_deg",), "sd", most=0.17),
    Row("initial contact, bias", "ms", ("initial_contact_ms", "bias"), "mean", most=10.0),
    Row("initial contact, SD", "ms", ("initial_contact_ms",), "sd", most=15.0),
    Row("contacts missed", "%", ("missed_share",), "share", most=1.0),
    Row("contacts extra", "%", ("extra_share",), "share", most=1.0),
    Row("side right", "%", ("side_right_share",), "share", least=99.0),
    Row("steps reported valid", "%", ("valid_share",), "share", least=95.0),
)


def _sd(values):
    bias, sd = np.array([(value["bias"], value["sd"]) for value in values]).T
    return float(np.sqrt(np.mean(sd**2 + bias**2) - bias.mean() ** 2))


POOLS = {
    "mean": lambda values: float(np.mean(values)),
    "magnitude": lambda values: float(np.mean(np.abs(values))),
    "rms": lambda values: float(np.sqrt(np.mean(np.square(values)))),
    "share": lambda values: float(np.mean(values)) * 100,
    "sd": _sd,
}


def pool(row, errors_by_recording):
    """Return (pooled, worst, name of the worst recording) of `row`, or None where no recording has the figure.

    `errors_by_recording`: recording's name -> one method's errors on it.
    """
    values = {name: _value(row, errors) for name, errors in errors_by_recording.items()}
    values = {name: value for name, value in values.items() if value is not None}
    if not values:
        return None
    single = {name: _single(row, value) for name, value in values.items()}
    worst = min(single, key=single.get) if row.least is not None else max(single, key=lambda name: abs(single[name]))
    return POOLS[row.pool](list(values.values())), single[worst], worst


def passes(row, pooled):
    """Return whether the `pooled` value passes the bar, None where there is none."""
    if row.least is not None:
        return pooled >= row.least
    if row.most is None:
        return None
    # Growth is one-sided: an error that shrinks is no fault.
    return (pooled if row.path == ("growth_deg",) else abs(pooled)) <= row.most


def _value(row, errors):
    value = errors
    for key in row.path:
        value = (value or {}).get(key)
    if row.pool == "sd" and value is not None and value["sd"] is None:
        return None
    return value


def _single(row, value):
    """Return one recording's figure as the table shows it."""
    if row.pool == "sd":
        return value["sd"]
    return value * 100 if row.pool == "share" else value
