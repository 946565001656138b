"""The plot over the steps in the page: a still picture, and over it what a script makes of the same numbers."""

from importlib.resources import files

from host_tools.report import facts, wording
from host_tools.report.markup import text
from host_tools.report.payload import payload
from host_tools.report.steps_figure import bin_width_s, steps_figure

_SCRIPTS = ("chart_steps.js", "chart_draw.js", "chart_words.js", "chart_view.js")

_FIGURE = """<figure class="chart" data-drawn="">
<div class="still wide">
%(still)s
</div>
<div class="tools" role="group" aria-label="What the plot shows">
<button type="button" data-side="1" aria-pressed="true"><span class="mark-left"></span>Left</button>
<button type="button" data-side="2" aria-pressed="true"><span class="mark-right"></span>Right</button>
<span class="gap"></span>
<button type="button" data-key="+" aria-label="Zoom in">+</button>
<button type="button" data-key="-" aria-label="Zoom out">&minus;</button>
<button type="button" data-key="&lt;" aria-label="Earlier">&lsaquo;</button>
<button type="button" data-key="&gt;" aria-label="Later">&rsaquo;</button>
<button type="button" data-key="0">All</button>%(choice)s
<span class="span"></span>
</div>
<div class="plot" tabindex="0" role="application" aria-roledescription="plot" aria-label="%(label)s">
<canvas></canvas>
<div class="tip" hidden></div>
</div>
<p class="said" aria-live="polite"></p>
<figcaption>%(caption)s</figcaption>
</figure>
<script type="application/json" id="steps-data">%(data)s</script>"""

_LABEL = (
    "Drop, glute activation and onset of every valid step. Arrow keys: step by step; page keys: 20 steps; "
    "plus and minus: zoom; less and greater than: move; 0: all; L and R: sides on and off; Escape: no step."
)


def steps_chart(runs, panels):
    """Return the figure of `panels` over all `runs`, with its data."""
    return _FIGURE % {
        "still": steps_figure(runs, panels),
        "choice": _choice(runs) if len(runs) > 1 else "",
        "label": _LABEL,
        "caption": _caption(runs),
        "data": payload(runs, panels),
    }


def script():
    """Return the page's only script."""
    return "".join(files(__package__).joinpath(name).read_text(encoding="utf-8") for name in _SCRIPTS)


def _choice(runs):
    named = [run.label for run in runs if len(run.line.t_s)]
    options = "".join('<option value="%d">%s</option>' % (k, text(label)) for k, label in enumerate(named))
    return '\n<label>Run <select><option value="all">all</option>%s</select></label>' % options


def _caption(runs):
    end_s = max(run.from_s + (run.plotted_s or 0.0) for run in runs)
    bin_s = bin_width_s(end_s)
    span = "%d s" % bin_s if bin_s < 60 else "%d min" % (bin_s / 60)
    fed = any(facts.feedback_spans_s(run.session, run.line) for run in runs)
    bar = "Bar at the bottom: feedback was on. " if fed else ""
    missing = any(facts.unknown_spans_s(run.session, run.line) for run in runs)
    ruled = "Ruled: nothing is known, as blocks of the log are missing. " if missing else ""
    return (
        '<span class="on-paper">Line: median of %s; shade: middle half of the steps.</span>'
        '<span class="on-screen">Each mark is a step (left: dot, right: square). Point at one, or use the arrow keys; '
        "drag across to zoom, or click and turn the wheel.</span> "
        "Grey band: %g deg around the own baseline; in it the line is thin and grey, as such a change is within the "
        "error. Dashed: the drop above which a cue may come. Black triangle: a cue. %sLight grey: no steps. %s"
        "Dotted: thirds of a run." % (span, wording.LEAST_CHANGE_DEG, bar, ruled)
    )
