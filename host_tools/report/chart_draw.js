// Drawing on the canvas: the same plot as the still picture, for the part of the time that is shown.

const EDGE = { left: 42, right: 8, top: 42, gap: 28, bottom: 36 };
const CROWDED = 3000; // more steps than this in view are drawn as a cloud of points without shape
const FONT = '12px system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif';

// Returns the frames of the panels that have a side left to show, and the height of it all, in px.
function layOut(page, view, width) {
  const unit = width < 560 ? 82 : 104, frames = [];
  let top = EDGE.top;
  for (const panel of page.panels) {
    if (!panel.sides.some((side) => view.on[side])) continue;
    frames.push({ panel, left: EDGE.left, top, width: width - EDGE.left - EDGE.right, height: unit * panel.share });
    top += unit * panel.share + EDGE.gap;
  }
  return { frames, height: top - EDGE.gap + EDGE.bottom };
}

const toX = (frame, view, atS) => frame.left + (frame.width * (atS - view.from)) / (view.to - view.from);
const toTime = (frame, view, x) => view.from + ((x - frame.left) / frame.width) * (view.to - view.from);

function toY(frame, value) {
  const { low, high } = frame.panel;
  return frame.top + (frame.height * (high - Math.min(Math.max(value, low), high))) / (high - low);
}

function roundTicks(low, high, most) {
  const rough = (high - low) / most, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 2.5, 5, 10].find((nice) => nice * power >= rough * (1 - 1e-9));
  const found = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) found.push(+(k * step).toFixed(6));
  return found;
}

const clock = (seconds) => Math.floor(seconds / 60) + ":" + String(Math.floor(seconds % 60)).padStart(2, "0");

function stroke(ctx, x1, y1, x2, y2, colour, width = 1, dash = []) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
  ctx.setLineDash([]);
}

function write(ctx, words, x, y, colour, align = "left", weight = "") {
  ctx.font = (weight ? weight + " " : "") + FONT;
  ctx.fillStyle = colour;
  ctx.textAlign = align;
  ctx.fillText(words, x, y);
}

// Draws on an empty canvas; returns how many points were drawn.
function drawChart(ctx, page, steps, view, layout) {
  const from = Math.max(0, firstFrom(steps, view.from) - 1), to = Math.min(steps.count, firstFrom(steps, view.to) + 1);
  let drawn = 0;
  for (const frame of layout.frames) {
    ctx.save();
    ctx.beginPath();
    ctx.rect(frame.left, frame.top - 1, frame.width, frame.height + 2);
    ctx.clip();
    drawGround(ctx, page, view, frame);
    drawn += drawEachStep(ctx, page, steps, view, frame, from, to);
    drawCourses(ctx, page, steps, view, frame);
    drawCues(ctx, page, view, frame);
    drawFeedback(ctx, page, view, frame);
    ctx.restore();
    drawTitles(ctx, page, view, frame);
  }
  if (layout.frames.length) drawTime(ctx, page, view, layout);
  return drawn;
}

function drawGround(ctx, page, view, frame) {
  const { colours } = page, bottom = frame.top + frame.height, { panel } = frame;
  ctx.fillStyle = colours.pause;
  for (const run of page.runs)
    for (const [a, b] of run.pauses) {
      const x = toX(frame, view, run.from + a);
      ctx.fillRect(x, frame.top, toX(frame, view, run.from + b) - x, frame.height);
    }
  if (panel.baseline !== null) {
    const top = toY(frame, panel.baseline + page.least_change_deg);
    ctx.fillStyle = colours.band;
    ctx.fillRect(frame.left, top, frame.width, toY(frame, panel.baseline - page.least_change_deg) - top);
  }
  for (const value of roundTicks(panel.low, panel.high, 5)) {
    const y = toY(frame, value);
    stroke(ctx, frame.left, y, frame.left + frame.width, y, colours.grid);
  }
  page.runs.forEach((run, number) => {
    for (const [a, b] of run.unknown) {
      const end = Math.min(toX(frame, view, run.from + b), frame.left + frame.width);
      for (let x = Math.max(toX(frame, view, run.from + a), frame.left); x < end; x += 4) // ruled: nothing is known
        stroke(ctx, x, frame.top, x, bottom, colours.soft, 0.8);
    }
    for (const edge of run.thirds) {
      const x = toX(frame, view, run.from + edge);
      stroke(ctx, x, frame.top, x, bottom, colours.soft, 0.8, [1, 3]);
    }
    if (number) {
      const before = page.runs[number - 1], x = toX(frame, view, (before.from + before.end + run.from) / 2);
      stroke(ctx, x, frame.top, x, bottom, colours.soft);
    }
    const levels = (panel.column === "peak_drop_deg" && run.thresholds[panel.sides[0]]) || [];
    levels.forEach(([level, from], order) => {
      const y = toY(frame, level), end = order + 1 < levels.length ? levels[order + 1][1] : run.end;
      stroke(ctx, toX(frame, view, run.from + from), y, toX(frame, view, run.from + end), y, colours.ink, 1, [4, 3]);
    });
  });
}

function drawEachStep(ctx, page, steps, view, frame, from, to) {
  let drawn = 0;
  for (const side of frame.panel.sides) {
    if (!view.on[side]) continue;
    drawn += (to - from > CROWDED ? drawCloud : drawMarks)(ctx, page, steps, view, frame, side, from, to);
  }
  return drawn;
}

function drawMarks(ctx, page, steps, view, frame, side, from, to) {
  const values = steps[frame.panel.column];
  let drawn = 0;
  ctx.fillStyle = ctx.strokeStyle = page.colours[side];
  ctx.globalAlpha = 0.5;
  ctx.lineWidth = 1.2;
  for (let k = from; k < to; k++) {
    if (steps.side[k] !== side || Number.isNaN(values[k])) continue;
    mark(ctx, side, toX(frame, view, steps.at[k]), toY(frame, values[k]), 2.4);
    drawn++;
  }
  ctx.globalAlpha = 1;
  return drawn;
}

// A pixel or a few a step, darker where several meet: a canvas call a step would take seconds for a week.
function drawCloud(ctx, page, steps, view, frame, side, from, to) {
  const values = steps[frame.panel.column], ratio = ctx.getTransform().a;
  const wide = Math.ceil(frame.width * ratio), high = Math.ceil(frame.height * ratio) + 1;
  const cloud = new OffscreenCanvas(wide, high), image = new ImageData(wide, high), pixels = image.data;
  const colour = [1, 3, 5].map((at) => parseInt(page.colours[side].slice(at, at + 2), 16));
  const least = Math.max(24, 110 - (to - from) / 800), size = Math.round((to - from < 20000 ? 2 : 1) * ratio);
  let drawn = 0;
  for (let k = from; k < to; k++) {
    if (steps.side[k] !== side || Number.isNaN(values[k])) continue;
    const x = Math.floor((toX(frame, view, steps.at[k]) - frame.left) * ratio);
    if (x < 0 || x >= wide) continue;
    const y = Math.min(Math.floor((toY(frame, values[k]) - frame.top) * ratio), high - size);
    for (let row = y; row < y + size; row++)
      for (let column = x; column < Math.min(x + size, wide); column++) {
        const at = 4 * (column + wide * row);
        [pixels[at], pixels[at + 1], pixels[at + 2]] = colour;
        pixels[at + 3] = Math.min(255, pixels[at + 3] + least);
      }
    drawn++;
  }
  cloud.getContext("2d").putImageData(image, 0, 0);
  ctx.drawImage(cloud, frame.left, frame.top, wide / ratio, high / ratio);
  return drawn;
}

function mark(ctx, side, x, y, size) {
  if (side === 2) ctx.strokeRect(x - size + 0.4, y - size + 0.4, 2 * size - 0.8, 2 * size - 0.8);
  else {
    ctx.beginPath();
    ctx.arc(x, y, size, 0, 2 * Math.PI);
    ctx.fill();
  }
}

function drawCourses(ctx, page, steps, view, frame) {
  const { panel } = frame, binS = binWidth(page, view.to - view.from), courses = [];
  const from = firstFrom(steps, view.from - 2 * binS), to = firstFrom(steps, view.to + 2 * binS); // whole bins
  if (panel.baseline !== null) {
    const y = toY(frame, panel.baseline);
    stroke(ctx, frame.left, y, frame.left + frame.width, y, page.colours.ink);
  }
  for (const side of panel.sides) {
    if (!view.on[side]) continue;
    page.runs.forEach((run, number) => {
      const end = number + 1 < page.runs.length ? page.runs[number + 1].first : page.count;
      const [first, last] = [Math.max(from, run.first), Math.min(to, end)];
      const points = binned(page, steps, number, side, panel.column, first, last, binS);
      for (const part of stretches(points, panel.baseline, page.least_change_deg)) courses.push({ side, ...part });
    });
  }
  for (const course of courses) drawCourse(ctx, view, frame, course.points, "#fff", course.small ? 4 : 5.5);
  for (const { side, small, points } of courses) {
    const dash = side === 2 && panel.baseline === null ? [7, 3] : [];
    drawCourse(ctx, view, frame, points, small ? page.colours.soft : page.colours[side], small ? 1.8 : 3, dash);
  }
}

// Returns [{small, points}]: unbroken stretches of a line, parted where it comes within the error of the baseline.
function stretches(points, baseline, least) {
  const found = [];
  let before = null;
  for (const point of points) {
    if (Number.isNaN(point.middle)) {
      before = null;
      continue;
    }
    const small = baseline !== null && Math.abs(point.middle - baseline) < least;
    if (!before || small !== found[found.length - 1].small) found.push({ small, points: before ? [before] : [] });
    found[found.length - 1].points.push(point);
    before = point;
  }
  return found;
}

function drawCourse(ctx, view, frame, points, colour, width, dash = []) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.beginPath();
  for (const point of points) ctx.lineTo(toX(frame, view, point.at), toY(frame, point.middle));
  if (points.length === 1) ctx.lineTo(toX(frame, view, points[0].at) + 2, toY(frame, points[0].middle));
  ctx.stroke();
  ctx.setLineDash([]);
}

function drawCues(ctx, page, view, frame) {
  if (frame.panel.column !== "peak_drop_deg") return;
  ctx.fillStyle = page.colours.ink;
  for (const run of page.runs)
    for (const [at, side] of run.cues) {
      if (side !== frame.panel.sides[0]) continue;
      const x = toX(frame, view, run.from + at), y = frame.top + 1;
      ctx.beginPath();
      ctx.moveTo(x - 4, y);
      ctx.lineTo(x + 4, y);
      ctx.lineTo(x, y + 7);
      ctx.fill();
    }
}

// The bar at the bottom that spans the parts with feedback of a programme.
function drawFeedback(ctx, page, view, frame) {
  if (frame.panel.column !== "peak_drop_deg") return;
  ctx.fillStyle = page.colours.soft;
  for (const run of page.runs)
    for (const [a, b] of run.feedback) {
      const x = toX(frame, view, run.from + a), wide = toX(frame, view, run.from + b) - x;
      ctx.fillRect(x, frame.top + frame.height - page.feedback_px, wide, page.feedback_px);
    }
}

function drawTitles(ctx, page, view, frame) {
  const { panel } = frame, { colours } = page;
  write(ctx, panel.title, frame.left, frame.top - 8, colours.ink, "left", "600");
  for (const value of roundTicks(panel.low, panel.high, 5))
    write(ctx, String(value), frame.left - 6, toY(frame, value) + 4, colours.soft, "right");
}

function drawTime(ctx, page, view, layout) {
  const frame = layout.frames[layout.frames.length - 1], y = layout.height - EDGE.bottom, { colours } = page;
  const shown = page.runs.filter((run) => run.from < view.to && run.from + run.end > view.from);
  let clear = 0;
  for (const run of shown) {
    const a = Math.max(view.from, run.from), b = Math.min(view.to, run.from + run.end);
    const labelX = Math.max(toX(frame, view, a), frame.left) + 2;
    ctx.font = "600 " + FONT;
    const long = ctx.measureText(run.label).width;
    if (page.runs.length > 1 && labelX >= clear && labelX + long <= frame.left + frame.width + EDGE.right) {
      write(ctx, run.label, labelX, 13, colours.ink, "left", "600");
      clear = labelX + long + 8;
    }
    const perPx = (view.to - view.from) / frame.width;
    const step = page.axis_steps_s.find((each) => each / perPx >= 52) || 1e9;
    for (let at = Math.ceil((a - run.from) / step) * step; run.from + at <= b; at += step) {
      const x = toX(frame, view, run.from + at);
      stroke(ctx, x, y, x, y + 4, colours.soft);
      const half = ctx.measureText(clock(at)).width / 2; // the last one keeps clear of the canvas's edge
      write(ctx, clock(at), Math.min(x, frame.left + frame.width + EDGE.right - half), y + 16, colours.soft, "center");
    }
  }
  const origin = page.runs.length > 1 ? "each run" : "the recording";
  write(ctx, "min:s from the start of " + origin, frame.left + frame.width / 2, y + 32, colours.soft, "center");
}
