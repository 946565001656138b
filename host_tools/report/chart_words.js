// A step in words. What is not known is said to be unknown.

const SIDE_NAMES = { 1: "left", 2: "right" };

const inWords = (value, digits, unit) => (Number.isNaN(value) ? "unknown" : value.toFixed(digits) + unit);

// Returns the lines that tell of step `k`.
function describe(page, steps, k) {
  const run = page.runs[steps.run[k]], side = steps.side[k], name = SIDE_NAMES[side];
  const of = (which) => " %" + (run.references[which] ? " of " + run.references[which] : "");
  const rows = [
    (page.runs.length > 1 ? run.label + ", " : "") + clock(steps.at[k] - run.from) + ", " + name + " stance",
    "drop " + inWords(steps.peak_drop_deg[k], 1, " deg") + againstBaseline(page, steps, k),
    "excursion " + inWords(steps.excursion_deg[k], 1, " deg"),
  ];
  if (!page.panels.some((panel) => panel.sides.length > 1)) return rows; // nothing is known of the glutes
  rows.push(name + " glute " + inWords(steps.own_pct[k], 0, of(side)) + codes(page, steps.quality[k]));
  rows.push("onset " + inWords(steps.onset_ms[k], 0, " ms"));
  rows.push(SIDE_NAMES[3 - side] + " glute " + inWords(steps.other_pct[k], 0, of(3 - side)));
  return rows;
}

function againstBaseline(page, steps, k) {
  const panel = page.panels.find((each) => each.baseline !== null && each.sides[0] === steps.side[k]);
  const change = panel ? steps.peak_drop_deg[k] - panel.baseline : NaN;
  if (Number.isNaN(change)) return "";
  return " (" + (change < 0 ? "-" : "+") + Math.abs(change).toFixed(1) + " on own baseline)";
}

function codes(page, quality) {
  if (quality < 0) return " (not measured)";
  const names = page.emg_quality.filter(([bit]) => quality & bit).map(([, name]) => name);
  return names.length ? " (" + names.join(", ") + ")" : "";
}
