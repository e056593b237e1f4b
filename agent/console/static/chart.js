// Draws the figures inside [data-chart] with uPlot: the curve, the usual level, and the moments that mattered.
"use strict";

(() => {
  const HEIGHT = 168;
  const charts = new Map();
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zoneName() });
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: zoneName() });
  const toneOf = { finding: "--ask", command: "--ink", verified: "--accent" };

  function zoneName() {
    return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  }

  function dashedLine(u, level, colour) {
    const y = Math.round(u.valToPos(level, "y", true)) + 0.5;
    const { ctx, bbox } = u;
    if (y < bbox.top || y > bbox.top + bbox.height) return;
    ctx.save();
    ctx.strokeStyle = colour;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.restore();
  }

  // Words stand above the plot, beside their lines; one without room there goes into the plot.
  function verticalMarks(u, marks) {
    const { ctx, bbox } = u;
    const px = devicePixelRatio;
    const end = bbox.left + bbox.width;
    const xs = marks.map((mark) => Math.round(u.valToPos(mark.at_s, "x", true)) + 0.5);
    let free = bbox.left - 40 * px;
    ctx.save();
    ctx.font = `600 ${11 * px}px system-ui, sans-serif`;
    ctx.textBaseline = "alphabetic";
    ctx.textAlign = "left";
    ctx.lineWidth = 1.5 * px;
    marks.forEach((mark, i) => {
      ctx.strokeStyle = ctx.fillStyle = style(toneOf[mark.kind]);
      ctx.beginPath();
      ctx.moveTo(xs[i], bbox.top - 4 * px);
      ctx.lineTo(xs[i], bbox.top + bbox.height);
      ctx.stroke();
      const width = ctx.measureText(mark.text).width;
      const next = i + 1 < xs.length ? xs[i + 1] - 4 * px : end;
      const toRight = xs[i] - 2 * px;
      const left = toRight >= free && toRight + width <= next ? toRight : xs[i] + 2 * px - width;
      if (left < free || left + width > end + 8 * px) {
        const inside = Math.min(xs[i] + 4 * px, end - width);
        ctx.clearRect(inside - px, bbox.top + 2 * px, width + 2 * px, 13 * px);
        ctx.fillText(mark.text, inside, bbox.top + 12 * px);
        return;
      }
      ctx.fillText(mark.text, left, bbox.top - 8 * px);
      free = left + width + 6 * px;
    });
    ctx.restore();
  }

  // The usual level belongs into the picture even when every sample is far from it.
  function rangeWith(usual) {
    return (_u, low, high) => {
      const min = usual === null ? low : Math.min(low, usual);
      const max = usual === null ? high : Math.max(high, usual);
      const air = (max - min || Math.abs(max) || 1) * 0.1;
      return [min - air, max + air];
    };
  }

  function timeTicks(_u, splits, _axis, _space, step) {
    return splits.map((s) => (step >= 86400 ? day : clock).format(s * 1000));
  }

  function options(curve, marks, width) {
    const axis = {
      stroke: style("--soft-ink"),
      font: "12px system-ui, sans-serif",
      grid: { stroke: style("--line"), width: 1 },
      ticks: { show: false },
    };
    return {
      width,
      height: HEIGHT,
      padding: [22, 10, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 6 }, sync: { key: "amends" }, drag: { x: false, y: false } },
      scales: { y: { range: rangeWith(curve.usual) } },
      axes: [
        { ...axis, size: 26, gap: 6, space: 70, values: timeTicks, grid: { show: false } },
        { ...axis, size: 52, gap: 6, space: 34 },
      ],
      series: [{}, { label: curve.title, stroke: style("--accent"), width: 1.75, points: { show: false }, spanGaps: false }],
      hooks: {
        drawAxes: [(u) => curve.usual !== null && dashedLine(u, curve.usual, style("--strong-line"))],
        draw: [(u) => verticalMarks(u, marks)],
      },
    };
  }

  function say(canvas, text) {
    const words = document.createElement("p");
    words.className = "nothing";
    words.textContent = text;
    canvas.replaceChildren(words);
  }

  function drawAll(data, place) {
    for (const figure of place.querySelectorAll("[data-metric]")) {
      const canvas = figure.querySelector(".canvas");
      const curve = data.curves.find((each) => each.metric === figure.dataset.metric);
      if (!curve) {
        say(canvas, "No samples of this time are kept.");
        continue;
      }
      canvas.replaceChildren();
      new uPlot(options(curve, data.marks, canvas.clientWidth), [data.at_s, curve.values], canvas);
    }
  }

  async function load(place) {
    try {
      const answer = await fetch(place.dataset.chart, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      charts.set(place, await answer.json());
      drawAll(charts.get(place), place);
    } catch {
      if (charts.has(place)) return;
      for (const canvas of place.querySelectorAll(".canvas")) say(canvas, "The chart could not be loaded.");
    }
  }

  let waiting;
  const soon = (what) => () => {
    clearTimeout(waiting);
    waiting = setTimeout(what, 150);
  };
  const places = document.querySelectorAll("[data-chart]");
  const redraw = soon(() => charts.forEach(drawAll));
  const reload = soon(() => places.forEach(load));
  places.forEach(load);
  window.addEventListener("resize", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  document.addEventListener("htmx:afterSwap", (event) => event.target.id === "story" && reload());
})();
