// What is shown and how it is steered: sides, zoom, a step under the pointer or the keys.

const LEAST_SPAN_S = 4;

function startChart(figure) {
  const page = JSON.parse(document.getElementById("steps-data").textContent);
  const steps = readSteps(page), last = page.runs[page.runs.length - 1];
  const all = { from: 0, to: last.from + last.end };
  const view = { ...all, on: { 1: true, 2: true }, cursor: -1, drag: null };
  const plot = figure.querySelector(".plot"), canvas = figure.querySelector("canvas");
  const tip = figure.querySelector(".tip"), live = figure.querySelector(".said"), span = figure.querySelector(".span");
  const ctx = canvas.getContext("2d");
  let ground = null, stale = true, layout = null, width = 0, asked = false;

  function draw() {
    asked = false;
    const ratio = window.devicePixelRatio || 1;
    if (stale) drawSteps(ratio);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, canvas.width, canvas.height);
    ctx.drawImage(ground, 0, 0);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawCursor();
  }

  function drawSteps(ratio) {
    stale = false;
    width = plot.clientWidth;
    layout = layOut(page, view, width);
    ground = new OffscreenCanvas(Math.max(1, Math.round(width * ratio)), Math.round(layout.height * ratio));
    canvas.width = ground.width;
    canvas.height = ground.height;
    canvas.style.height = layout.height + "px";
    const below = ground.getContext("2d");
    below.setTransform(ratio, 0, 0, ratio, 0, 0);
    figure.dataset.drawn = drawChart(below, page, steps, view, layout);
    figure.dataset.from = view.from.toFixed(2);
    figure.dataset.to = view.to.toFixed(2);
    tellSpan();
  }

  // The pointer moves many times a second: what lies below it is drawn anew only when it has changed.
  function repoint() {
    if (!asked) requestAnimationFrame(draw);
    asked = true;
  }

  function redraw() {
    stale = true;
    repoint();
  }

  function tellSpan() {
    const binS = binWidth(page, view.to - view.from);
    const length = binS < 60 ? binS + " s" : binS / 60 + " min";
    span.textContent = (view.from === all.from && view.to === all.to ? "All" : clock(view.to - view.from) + " min") +
      " shown; line: median of " + length + " of that side";
  }

  function drawCursor() {
    tip.hidden = view.cursor < 0;
    const frame = layout.frames[0];
    if (view.drag && frame) {
      ctx.fillStyle = "rgba(28,33,38,.12)";
      ctx.fillRect(Math.min(view.drag.from, view.drag.to), frame.top, Math.abs(view.drag.to - view.drag.from),
        layout.height - frame.top - EDGE.bottom);
    }
    if (tip.hidden || !frame) return;
    const k = view.cursor, x = toX(frame, view, steps.at[k]);
    stroke(ctx, x, frame.top, x, layout.height - EDGE.bottom, page.colours.ink, 1, [2, 2]);
    for (const each of layout.frames) {
      const value = steps[each.panel.column][k];
      if (!each.panel.sides.includes(steps.side[k]) || Number.isNaN(value)) continue;
      ctx.strokeStyle = page.colours.ink;
      ctx.lineWidth = 2;
      ctx.beginPath();
      ctx.arc(x, toY(each, value), 5.5, 0, 2 * Math.PI);
      ctx.stroke();
    }
    placeTip(x);
  }

  function placeTip(x) {
    tip.replaceChildren(...describe(page, steps, view.cursor).map((words) => {
      const row = document.createElement("div");
      row.textContent = words;
      return row;
    }));
    tip.style.left = Math.max(0, Math.min(x + 12, width - tip.offsetWidth)) + "px";
    if (x + 12 + tip.offsetWidth > width) tip.style.left = Math.max(0, x - 12 - tip.offsetWidth) + "px";
    tip.style.top = EDGE.top + 6 + "px";
  }

  const shown = (k) => view.on[steps.side[k]] && !Number.isNaN(steps.peak_drop_deg[k]);

  function nearest(x, y) {
    const frame = layout.frames.find((each) => y < each.top + each.height + EDGE.gap / 2);
    if (!frame) return -1;
    const reach = toTime(frame, view, x + 14) - toTime(frame, view, x);
    const middle = toTime(frame, view, x), values = steps[frame.panel.column];
    let best = -1, least = Infinity;
    for (let k = firstFrom(steps, middle - reach); k < steps.count && steps.at[k] <= middle + reach; k++) {
      if (!view.on[steps.side[k]] || !frame.panel.sides.includes(steps.side[k]) || Number.isNaN(values[k])) continue;
      const distance = Math.hypot(toX(frame, view, steps.at[k]) - x, toY(frame, values[k]) - y);
      if (distance < least) [best, least] = [k, distance];
    }
    return best;
  }

  function walk(by) {
    const start = view.cursor < 0 ? firstFrom(steps, view.from) - Math.sign(by) * (by > 0 ? 1 : 0) : view.cursor;
    let k = start, left = Math.abs(by);
    for (let next = start + Math.sign(by); left && next >= 0 && next < steps.count; next += Math.sign(by))
      if (shown(next)) [k, left] = [next, left - 1];
    if (k < 0 || k >= steps.count) return;
    view.cursor = k;
    const spanS = view.to - view.from;
    if (steps.at[k] < view.from || steps.at[k] > view.to) show(steps.at[k] - spanS / 2, steps.at[k] + spanS / 2);
    live.textContent = describe(page, steps, k).join(", ");
    repoint();
  }

  function show(from, to) {
    const spanS = Math.min(Math.max(to - from, LEAST_SPAN_S), all.to);
    const middle = (from + to) / 2;
    view.from = Math.min(Math.max(middle - spanS / 2, 0), all.to - spanS);
    view.to = view.from + spanS;
    redraw();
  }

  function zoom(by, aboutS = view.cursor < 0 ? (view.from + view.to) / 2 : steps.at[view.cursor]) {
    show(aboutS - (aboutS - view.from) / by, aboutS + (view.to - aboutS) / by);
  }

  function pan(share) {
    const by = share * (view.to - view.from);
    if (view.from + by < 0) show(0, view.to - view.from);
    else if (view.to + by > all.to) show(all.to - (view.to - view.from), all.to);
    else show(view.from + by, view.to + by);
  }

  function toggle(side) {
    view.on[side] = !view.on[side];
    if (!view.on[1] && !view.on[2]) view.on[3 - side] = true; // one stays
    if (view.cursor >= 0 && !shown(view.cursor)) view.cursor = -1;
    for (const button of figure.querySelectorAll("button[data-side]"))
      button.setAttribute("aria-pressed", String(view.on[button.dataset.side]));
    redraw();
  }

  const KEYS = {
    ArrowRight: () => walk(1), ArrowLeft: () => walk(-1), PageDown: () => walk(20), PageUp: () => walk(-20),
    "+": () => zoom(2), "=": () => zoom(2), "-": () => zoom(0.5), "0": () => show(0, all.to),
    ">": () => pan(0.5), "<": () => pan(-0.5), l: () => toggle(1), r: () => toggle(2),
    Escape: () => { view.cursor = -1; repoint(); },
  };

  plot.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (view.drag) view.drag.to = event.offsetX;
    else view.cursor = nearest(event.offsetX, event.offsetY);
    repoint();
  });
  canvas.addEventListener("pointerleave", (event) => {
    if (view.drag || event.pointerType !== "mouse") return; // a finger leaves with every tap
    view.cursor = -1;
    repoint();
  });
  canvas.addEventListener("pointerdown", (event) => {
    plot.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    view.drag = { from: event.offsetX, to: event.offsetX };
  });
  canvas.addEventListener("pointercancel", () => { view.drag = null; repoint(); });
  canvas.addEventListener("pointerup", (event) => {
    const drag = view.drag, frame = layout.frames[0];
    view.drag = null;
    if (drag && Math.abs(drag.to - drag.from) > 8) {
      const ends = [drag.from, drag.to].map((x) => toTime(frame, view, x)).sort((a, b) => a - b);
      view.cursor = -1;
      show(Math.max(ends[0], view.from), Math.min(ends[1], view.to));
    } else view.cursor = nearest(event.offsetX, event.offsetY);
    repoint();
  });
  canvas.addEventListener("wheel", (event) => {
    if (document.activeElement !== plot && !event.ctrlKey) return; // until it is chosen, the page scrolls
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.25 : 0.8, toTime(layout.frames[0], view, event.offsetX));
  }, { passive: false });
  for (const button of figure.querySelectorAll("button"))
    button.addEventListener("click", () => {
      if (button.dataset.side) toggle(+button.dataset.side);
      else KEYS[button.dataset.key]();
    });
  const choice = figure.querySelector("select");
  if (choice) choice.addEventListener("change", () => {
    const run = page.runs[choice.value];
    view.cursor = -1;
    if (run) show(run.from, run.from + run.end); else show(0, all.to);
  });
  document.documentElement.classList.add("live"); // from here on the still picture gives way to this one
  new ResizeObserver(redraw).observe(plot);
  draw();
}

for (const figure of document.querySelectorAll("figure.chart")) startChart(figure);
