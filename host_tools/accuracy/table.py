"""The accuracy table as Markdown, which reads well on a terminal too."""

from host_tools.accuracy.pooled import ROWS, passes, pool

CAVEAT = "Virtual recordings hold no skin or clothing movement: this shows arithmetic, not accuracy on a body."


def markdown(results, sacral):
    """Return the lines: all recordings pooled, each method's figures per recording, the sacral accelerometer.

    `results`: recording's name -> method -> errors; `sacral`: rows of sacral.run(), or None.
    """
    methods = list(next(iter(results.values())))
    lines = ["# Accuracy over %d recordings" % len(results), "", "Every recording weighs alike. " + CAVEAT, ""]
    lines += _grid(["figure", "bar", *methods, "clip's worst", "of", "verdict"], _pooled_rows(results, methods))
    lines += ["", "## The clip on each recording", ""]
    lines += _grid(["recording", *[name for name, _ in PER_RECORDING]], _recording_rows(results, methods[0]))
    if sacral:
        lines += [
            "",
            "## Initial contact on a real sacral accelerometer (Alcantara et al. 2022, force-plate truth)",
            "",
        ]
        lines += _grid(["trial", "bias ms", "SD ms", "true", "missed", "extra"], [_sacral_row(row) for row in sacral])
    return lines


def _pooled_rows(results, methods):
    rows = []
    for row in ROWS:
        pools = [pool(row, {name: errors[method] for name, errors in results.items()}) for method in methods]
        clip = pools[0]
        cells = [_number(row.unit, each[0]) if each else "-" for each in pools]
        worst = [_number(row.unit, clip[1]), clip[2]] if clip else ["-", "-"]
        rows.append(["%s (%s)" % (row.label, row.unit), _bar(row), *cells, *worst, _verdict(row, clip)])
    return rows


def _bar(row):
    if row.least is not None:
        return ">= %g" % row.least
    return "-" if row.most is None else "<= %g" % row.most


def _verdict(row, clip):
    if clip is None:
        return "no such recording"
    passed = passes(row, clip[0])
    return "" if passed is None else "pass" if passed else "FALLS SHORT"


def _number(unit, value):
    return {"deg": "%+.3f", "ms": "%+.1f", "%": "%.1f"}[unit] % value


def _statistic(name):
    def text(errors):
        each = errors[name]
        form = "%+.1f ± %.1f" if name.endswith("_ms") else "%+.3f ± %.3f"
        return form % (each["bias"], each["sd"]) if each["count"] else "-"

    return text


def _share(name):
    return lambda errors: "-" if errors[name] is None else "%.1f" % (100 * errors[name])


def _degrees(name):
    return lambda errors: "-" if errors[name] is None else "%.3f" % errors[name]


PER_RECORDING = (
    ("zero-mean RMSE deg", _degrees("obliquity_zero_mean_rmse_deg")),
    ("peak drop deg", _statistic("peak_drop_deg")),
    ("excursion deg", _statistic("excursion_deg")),
    ("causal peak deg", _statistic("peak_drop_causal_deg")),
    ("contact ms", _statistic("initial_contact_ms")),
    ("missed %", _share("missed_share")),
    ("extra %", _share("extra_share")),
    ("side %", _share("side_right_share")),
    ("valid %", _share("valid_share")),
    ("steps", lambda errors: str(errors["truth_steps"])),
)


def _recording_rows(results, method):
    return [[name, *[text(errors[method]) for _, text in PER_RECORDING]] for name, errors in results.items()]


def _sacral_row(row):
    bias, sd = row["contact_ms"]["bias"], row["contact_ms"]["sd"]
    return [row["trial"], "%+.1f" % bias, "%.1f" % sd, str(row["true"]), str(row["missed"]), str(row["extra"])]


def _grid(header, rows):
    """Return a Markdown table with its columns padded."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]

    def line(cells):
        first = cells[0].ljust(widths[0])
        return "| %s |" % " | ".join([first] + [cell.rjust(widths[i + 1]) for i, cell in enumerate(cells[1:])])

    rule = "|%s|" % "|".join(["-" * (widths[0] + 2)] + ["-" * (width + 1) + ":" for width in widths[1:]])
    return [line(header), rule, *[line(row) for row in rows]]
