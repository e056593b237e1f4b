"""The plots of the page as SVG (pure): bars that read without colour, in the page's own colours."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from agent.scorecard.figures import Figures

_WIDTH: Final = 640
_LEFT: Final = 150
_RIGHT: Final = 90
_BAR: Final = 22
_STEP: Final = 36
_TOP: Final = 12
_ROOM: Final = _WIDTH - _LEFT - _RIGHT


def shares(named: Mapping[str, Figures]) -> str:
    """Return what became of the healable faults: by command, by a visit, or noticed first."""
    bars: list[str] = []
    for place, (name, figures) in enumerate(named.items()):
        cases = figures.cases
        whole = max(cases.healable, 1)
        parts = (("by command", cases.healed_by_command, "p1"), ("by visit", cases.repaired_by_visit, "p2"))
        y, x = _TOP + place * _STEP, float(_LEFT)
        bars += [_label(name, y), _rect(_LEFT, y, _ROOM, "p0")]
        for words, count, style in parts:
            wide = _ROOM * count / whole
            bars.append(_rect(x, y, wide, style, f"{name}: {count} {words}"))
            x += wide
        done = cases.healed_by_command + cases.repaired_by_visit
        bars.append(_value(f"{done} of {cases.healable}", _WIDTH - _RIGHT + 8, y))
    return _svg("Healable faults: put right by command, by a visit, or noticed first", bars, len(named))


def lead_times(named: Mapping[str, Figures]) -> str:
    """Return from p10 to p90 of the lead time, with a mark at the median."""
    leads = {name: figures.lead_time_hours for name, figures in named.items()}
    longest = max((lead.p90 for lead in leads.values() if lead is not None), default=0.0) or 1.0
    bars: list[str] = []
    for place, (name, lead) in enumerate(leads.items()):
        y = _TOP + place * _STEP
        bars += [_label(name, y), _rect(_LEFT, y, _ROOM, "p0")]
        if lead is None:
            continue
        begin, middle, end = (_LEFT + _ROOM * hours / longest for hours in (lead.p10, lead.p50, lead.p90))
        words = f"{name}: {lead.p10:.0f} to {lead.p90:.0f} hours, median {lead.p50:.0f}"
        bars.append(_rect(begin, y, max(end - begin, 1.0), "p1", words))
        bars.append(f'<rect class="mark" x="{middle - 1.5:.1f}" y="{y - 3}" width="3" height="{_BAR + 6}"/>')
        bars.append(_value(f"{lead.p50:.0f} h", _WIDTH - _RIGHT + 8, y))
    return _svg("Lead time before the owner would notice: p10 to p90 and the median", bars, len(named))


def amounts(named: Mapping[str, float], title: str, unit: str) -> str:
    """Return a bar a contender for an amount that is better the smaller it is."""
    most = max(named.values(), default=0.0) or 1.0
    bars: list[str] = []
    for place, (name, amount) in enumerate(named.items()):
        y = _TOP + place * _STEP
        words = f"{amount:.3g} {unit}".strip()
        bars += [_label(name, y), _rect(_LEFT, y, _ROOM * amount / most, "p1", f"{name}: {words}")]
        bars.append(_value(words, _LEFT + _ROOM * amount / most + 8, y))
    return _svg(title, bars, len(named))


def _label(name: str, y: int) -> str:
    return f'<text x="{_LEFT - 10}" y="{y + 16}" text-anchor="end">{escape(name)}</text>'


def _value(words: str, x: float, y: int) -> str:
    return f'<text x="{x:.1f}" y="{y + 16}" class="value">{escape(words)}</text>'


def _rect(x: float, y: float, width: float, style: str, words: str = "") -> str:
    title = f"<title>{escape(words)}</title>" if words else ""
    return f'<rect class="{style}" x="{x:.1f}" y="{y}" width="{max(width, 0.0):.1f}" height="{_BAR}">{title}</rect>'


def _svg(title: str, parts: Sequence[str], rows: int) -> str:
    height = _TOP + rows * _STEP
    drawn = "".join(parts)
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>"
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}">{drawn}</svg></figure>'
    )
