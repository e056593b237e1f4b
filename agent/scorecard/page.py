"""The page as one HTML file (pure): table and plots, for light and dark, screen and paper; nothing is loaded."""

from html import escape
from typing import Final

from agent.scorecard.figures import Scorecard
from agent.scorecard.plots import amounts, lead_times, shares
from agent.scorecard.rows import ROWS, contenders, headline

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c2430; --dim: #5b6776; --paper: #ffffff; --line: #d9dee5;
  --one: #1f6f5c; --two: #d08a1d; --none: #eceff3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --dim: #9aa6b5; --paper: #12161c; --line: #2c3440;
  --one: #4db89b; --two: #e0aa4f; --none: #232a34; } }
@media print { :root { --ink: #000; --dim: #444; --paper: #fff; --line: #bbb; --none: #eee; }
  figure { break-inside: avoid; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 46rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } p { color: var(--dim); margin: 0 0 1.5rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .5rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; } td:nth-child(2) { color: var(--dim); }
th[scope=row] { font-weight: 400; } figure { margin: 2rem 0 0; } figcaption { font-weight: 600; margin-bottom: .5rem; }
svg { width: 100%; height: auto; font: 14px system-ui, sans-serif; } text { fill: var(--ink); }
.value { fill: var(--dim); } .p0 { fill: var(--none); } .p1 { fill: var(--one); } .p2 { fill: var(--two); }
.mark { fill: var(--ink); }
"""


def page(card: Scorecard) -> str:
    """Return the whole page."""
    named = contenders(card)
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in named)
    rows = "".join(
        f'<tr><th scope="row">{escape(row.title.strip())}</th><td>{escape(row.better)}</td>'
        + "".join(f"<td>{escape(row.written(figures))}</td>" for figures in named.values())
        + "</tr>"
        for row in ROWS
    )
    false_actions = {name: figures.false_actions_per_device_month for name, figures in named.items()}
    needless = {name: figures.needless_visits_per_device_month for name, figures in named.items()}
    touched = {name: float(figures.tickets_touched_by_people) for name, figures in named.items()}
    plots = (
        shares(named),
        lead_times(named),
        amounts(false_actions, "False actions a device and month", ""),
        amounts(needless, "Needless visits a device and month", ""),
        amounts(touched, "Matters a person had to touch", ""),
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>amends: scorecard</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main><h1>The same lives, looked after in three ways</h1>"
        f"<p>{escape(headline(card))}</p>"
        '<div class="scroll" tabindex="0" role="region" aria-label="Figures"><table><thead><tr><td></td>'
        f'<th scope="col">better</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
        f"{''.join(plots)}</main></body></html>\n"
    )
