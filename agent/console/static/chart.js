// Draws the figures inside [data-chart] with uPlot: the curve, the usual level, and the moments that mattered.
"use strict";

(() => {
  const HEIGHT = 168;
  const FEW = 30; // samples; a line alone would not be seen
  const SHORTEST_S = 600; // five minutes to each side of a single sample
  const charts = new Map();
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zoneName() });
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: zoneName() });

  function zoneName() {
    return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  }

  // The usual level belongs into the picture even when every sample is far from it.
  function rangeWith(usual) {
    return (_u, low, high) => {
      const min = usual === null ? low : Math.min(low, usual);
      const max = usual === null ? high : Math.max(high, usual);
      const air = Math.max((max - min) * 0.1, Math.max(Math.abs(min), Math.abs(max)) * 0.01, 1e-3);
      return [min - air, max + air];
    };
  }

  // A moment alone has no width: without some around it, every tick would read the same.
  function timeRange(_u, low, high) {
    if (low === null) return [null, null];
    const air = Math.max(0, SHORTEST_S - (high - low)) / 2;
    return [low - air, high + air];
  }

  const measured = (curve) => curve.values.reduce((count, value) => count + (value !== null), 0);

  function timeTicks(_u, splits, _axis, _space, step) {
    return splits.map((s) => (step >= 86400 ? day : clock).format(s * 1000));
  }

  function options(curve, marks, gaps, width) {
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
      scales: { x: { range: timeRange }, y: { range: rangeWith(curve.usual) } },
      axes: [
        { ...axis, size: 26, gap: 6, space: 70, values: timeTicks, grid: { show: false } },
        { ...axis, size: 52, gap: 6, space: 34 },
      ],
      series: [{}, { label: curve.title, stroke: style("--accent"), width: 1.75, points: { show: measured(curve) < FEW, size: 7, fill: style("--accent") }, spanGaps: false }],
      hooks: {
        drawClear: [(u) => chartLines.shades(u, gaps)],
        drawAxes: [(u) => curve.usual !== null && chartLines.level(u, curve.usual, style("--strong-line"))],
        draw: [(u) => chartLines.moments(u, marks)],
      },
    };
  }

  function say(canvas, text) {
    const words = document.createElement("p");
    words.className = "nothing";
    words.textContent = text;
    canvas.replaceChildren(words);
  }

  // Said once for a page, not once for each metric.
  function sayMissing(place, missing, all) {
    place.querySelector(".none-kept")?.remove();
    if (missing.length === 0) return;
    const words = document.createElement("p");
    words.className = "none-kept";
    words.textContent = missing.length === all ? "No samples of this time are kept." : `No samples of this time are kept of: ${missing.join(", ")}.`;
    place.prepend(words);
  }

  // What the shaded stretches mean, for whoever cannot see them.
  function sayIncomplete(place, text) {
    place.querySelector(".incomplete")?.remove();
    if (!text) return;
    const words = document.createElement("p");
    words.className = "incomplete";
    words.setAttribute("role", "note");
    words.textContent = text;
    place.prepend(words);
  }

  function drawAll(data, place) {
    const figures = place.querySelectorAll("[data-metric]");
    const missing = [];
    for (const figure of figures) {
      const canvas = figure.querySelector(".canvas");
      const curve = data.curves.find((each) => each.metric === figure.dataset.metric);
      canvas.hidden = !curve;
      if (!curve) {
        canvas.replaceChildren();
        missing.push(figure.querySelector("figcaption").firstChild.textContent.trim());
        continue;
      }
      canvas.replaceChildren();
      new uPlot(options(curve, data.marks, [...data.gaps, ...data.losses], canvas.clientWidth), [data.at_s, curve.values], canvas);
    }
    sayMissing(place, missing, figures.length);
    sayIncomplete(place, data.incomplete);
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
