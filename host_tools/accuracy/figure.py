"""The accuracy table as one picture: error per method, one dot per recording."""

import numpy as np

PANELS = (
    ("obliquity RMSE, zero-mean", lambda errors: errors["obliquity_zero_mean_rmse_deg"], 0.14),
    ("peak drop, SD", lambda errors: errors["peak_drop_deg"]["sd"], 0.10),
    ("excursion, SD", lambda errors: errors["excursion_deg"]["sd"], 0.07),
)
DOT, BAR = "#1b6ca8", "#b3431e"
SPREAD = 0.3  # sideways, of one method's dots


def draw(results, path):
    """Write the picture of `results` (recording's name -> method -> errors) to `path`."""
    from matplotlib.figure import Figure

    methods = list(next(iter(results.values())))
    figure = Figure(figsize=(11, 4), layout="constrained")
    for axes, (title, figure_of, bar_deg) in zip(figure.subplots(1, len(PANELS)), PANELS, strict=True):
        for position, method in enumerate(methods):
            values = [figure_of(errors[method]) for errors in results.values()]
            values = [value for value in values if value is not None]
            places = position + SPREAD * (np.arange(len(values)) / max(1, len(values) - 1) - 0.5)
            axes.plot(places, values, "o", color=DOT, markersize=4, alpha=0.7)
        axes.axhline(bar_deg, color=BAR, linewidth=1)
        axes.annotate("bar %g deg" % bar_deg, (len(methods) - 0.5, bar_deg), color=BAR, ha="right", va="bottom")
        axes.set(title=title, yscale="log", ylabel="deg")
        axes.set_xticks(range(len(methods)), methods, rotation=30, ha="right")
        axes.grid(axis="y", alpha=0.3)
    figure.suptitle("Error per method; each dot is one of %d recordings" % len(results))
    figure.savefig(path, dpi=130)
