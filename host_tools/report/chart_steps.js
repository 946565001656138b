// The steps: unpacked from the page's JSON, found by time, their medians. No drawing, no page.

function unpack(text, Kind) {
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let k = 0; k < raw.length; k++) bytes[k] = raw.charCodeAt(k);
  return new Kind(bytes.buffer);
}

// Returns {count, at, side, quality, run, <column>}: arrays over steps; `at`: s on the axis of all runs; NaN: unknown.
function readSteps(page) {
  const steps = { count: page.count, at: new Float64Array(page.count), run: new Uint16Array(page.count) };
  const milliseconds = unpack(page.columns.t_ms, Uint32Array);
  page.runs.forEach((run, number) => {
    const end = number + 1 < page.runs.length ? page.runs[number + 1].first : page.count;
    for (let k = run.first; k < end; k++) {
      steps.at[k] = run.from + milliseconds[k] / 1000;
      steps.run[k] = number;
    }
  });
  steps.side = unpack(page.columns.side, Uint8Array);
  steps.quality = unpack(page.columns.own_quality, Int16Array);
  for (const [name, unit] of Object.entries(page.units)) {
    const whole = unpack(page.columns[name], Int16Array);
    steps[name] = Float32Array.from(whole, (value) => (value === page.unknown ? NaN : value * unit));
  }
  return steps;
}

// Returns the first step at or after `atS`.
function firstFrom(steps, atS) {
  let low = 0, high = steps.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps.at[middle] < atS) low = middle + 1; else high = middle;
  }
  return low;
}

function percentile(sorted, share) {
  const place = share * (sorted.length - 1), below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

function binWidth(page, spanS) {
  return page.bins_s.find((width) => spanS / width <= page.most_bins) || page.bins_s[page.bins_s.length - 1];
}

// Returns [{at, low, middle, high}] of `column` over steps [from, to), all of one run, of a side: a point per `binS` of
// the run's own time; NaN where fewer steps are than the page asks for.
function binned(page, steps, runNumber, side, column, from, to, binS) {
  const start = page.runs[runNumber].from, points = [];
  let values = [], bin = null;
  const close = () => {
    if (bin === null) return;
    const known = values.length >= page.least_in_bin;
    const sorted = Float64Array.from(values).sort();
    const of = (share) => (known ? percentile(sorted, share) : NaN);
    points.push({ at: start + (bin + 0.5) * binS, low: of(0.25), middle: of(0.5), high: of(0.75) });
  };
  for (let k = from; k < to; k++) {
    if (steps.side[k] !== side || Number.isNaN(steps[column][k])) continue;
    const own = Math.floor((steps.at[k] - start) / binS);
    if (own !== bin) {
      close();
      const skipped = bin !== null && own > bin + 1;
      if (skipped) points.push({ at: start + (bin + 1.5) * binS, low: NaN, middle: NaN, high: NaN });
      values = [];
      bin = own;
    }
    values.push(steps[column][k]);
  }
  close();
  return points;
}
