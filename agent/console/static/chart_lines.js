// The lines drawn into a chart beside its curve: the usual level, and the moments that mattered.
"use strict";

const chartLines = (() => {
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const toneOf = { finding: "--ask", command: "--ink", verified: "--accent" };

  function level(u, value, colour) {
    const y = Math.round(u.valToPos(value, "y", true)) + 0.5;
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

  // Where samples are missing; a short gap is as wide as a hair, or it would not be seen.
  function shades(u, gaps) {
    const { ctx, bbox } = u;
    const end = bbox.left + bbox.width;
    ctx.save();
    ctx.fillStyle = style("--ask");
    ctx.globalAlpha = 0.18;
    gaps.forEach((gap) => {
      const left = Math.max(bbox.left, u.valToPos(gap.since_s, "x", true));
      const right = Math.min(end, u.valToPos(gap.until_s, "x", true));
      if (right < bbox.left || left > end) return;
      ctx.fillRect(left, bbox.top, Math.max(right - left, 2 * devicePixelRatio), bbox.height);
    });
    ctx.restore();
  }

  // Words stand above the plot, beside their lines; one without room there goes into the plot.
  function moments(u, marks) {
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

  return { level, moments, shades };
})();
