"""One device as a page of pictures (pure): metrics, scores, alarms and what was labelled, over the same time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from numpy.typing import NDArray

from agent.backtest.alarm import Alarm
from agent.backtest.axes import Tick, stamp, time_ticks, value_ticks
from agent.backtest.envelope import Envelope
from agent.backtest.frames import Page
from agent.backtest.legend import legend
from agent.backtest.replay import Recorded
from agent.backtest.report import Report

WIDTH: Final = 1_160
SCORES: Final = ("onset", "state", "drift")
_RIGHT, _BETWEEN = 52, 40
_LEAST_GUTTER, _LETTER, _LONGEST_NAME = 64, 7, 18
_PANEL, _GAP, _STRIP, _AXIS = 58, 10, 20, 26
_LEAST_TOP: Final = {"onset": 4.0, "state": 4.0, "drift": 1.25}
_LINE: Final = {"onset": 3.0, "state": 3.0, "drift": 1.0}

templates: Final = Environment(
    loader=PackageLoader("agent.backtest", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Panel:
    """One series; places are pixels in the view. ``line`` is where a score begins to mean something."""

    name: str
    kind: str
    top: float
    path: str
    ticks: tuple[Tick, ...]
    line: float | None


@dataclass(frozen=True, slots=True)
class Mark:
    """An alarm at a place; ``right``: it was, it was not, or nobody knows (``None``)."""

    x: float
    kind: str
    right: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time with a meaning: an event, or the time alarms were quiet."""

    x: float
    width: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class View:
    """A frame as drawn: ``x`` and ``y`` are where it stands on the page, ``height`` without its title and axis."""

    title: str
    x: float
    y: float
    left: float
    width: float
    height: float
    panels: tuple[Panel, ...]
    marks: tuple[Mark, ...]
    bands: tuple[Band, ...]
    ticks: tuple[Tick, ...]


def draw(page: Page, envelopes: Sequence[Envelope], device: Recorded, report: Report) -> str:
    """Return a device's page as SVG; ``envelopes`` belong to the page's frames, the scores after the metrics."""
    views: list[View] = []
    y = 64.0
    for place, envelope in enumerate(envelopes):
        column = 0 if place == 0 else (place - 1) % 2
        width = WIDTH if place == 0 else (WIDTH - _BETWEEN) / 2
        views.append(_view(envelope, device, report, (column * (width + _BETWEEN), y, width)))
        if place == 0 or column == 1 or place == len(envelopes) - 1:
            y += max(view.height for view in views[-1 - column :]) + 30 + _AXIS + 18
    alarms = [alarm for alarm in report.alarms if alarm.device == page.device]
    return templates.get_template("page.svg.jinja").render(
        width=WIDTH,
        height=round(y),
        title=device.device_id,
        subtitle=_subtitle(device, alarms, report),
        legend=legend(
            (alarm.kind for alarm in alarms),
            (band.kind for view in views for band in view.bands),
            judged=report.events is not None,
        ),
        views=views,
    )


def _view(envelope: Envelope, device: Recorded, report: Report, where: tuple[float, float, float]) -> View:
    frame = envelope.frame
    x, y, width = where
    names = (*frame.metrics, *SCORES)
    gutter = max(_LEAST_GUTTER, 20 + _LETTER * min(max(map(len, names)), _LONGEST_NAME))
    inner = width - gutter - _RIGHT
    scale = inner / (frame.end_us - frame.start_us)
    panels = tuple(
        _panel(name, kind, _STRIP + row * (_PANEL + _GAP), (envelope.low[row], envelope.high[row]), inner)
        for row, (name, kind) in enumerate(zip(names, [*["metric"] * len(frame.metrics), *SCORES], strict=True))
    )
    false = set(report.events.false) if report.events is not None else None
    marks = tuple(
        Mark(
            (alarm.at_us - frame.start_us) * scale,
            alarm.kind,
            None if false is None else alarm not in false,
            said(alarm),
        )
        for alarm in report.alarms
        if alarm.device == frame.device and frame.start_us <= alarm.at_us <= frame.end_us
    )
    bands = [
        _band(max(start, frame.start_us), min(end, frame.end_us), frame.start_us, scale, (kind, text))
        for start, end, kind, text in _stretches(frame.device, device, report)
        if start <= frame.end_us and end >= frame.start_us
    ]
    ticks = time_ticks(frame.start_us, frame.end_us, 10 if frame.alarm is None else 5)
    return View(
        title="The whole recording" if frame.alarm is None else f"Closer: {said(frame.alarm)}",
        x=x,
        y=y,
        left=gutter,
        width=inner,
        height=_STRIP + len(panels) * (_PANEL + _GAP) - _GAP,
        panels=panels,
        marks=marks,
        bands=tuple(bands),
        ticks=tuple(Tick(round((tick.at - frame.start_us) * scale, 1), tick.text) for tick in ticks),
    )


def said(alarm: Alarm) -> str:
    """Return an alarm in one line."""
    score = f"{alarm.score:.0f} min" if alarm.kind == "silence" else f"{alarm.score:.1f}"
    because = f" · {', '.join(alarm.metrics[:3])}" if alarm.metrics else ""
    return f"{alarm.kind} {score} at {stamp(alarm.at_us)}{because}"


def _subtitle(device: Recorded, alarms: Sequence[Alarm], report: Report) -> str:
    parts = [device.product] if device.product else []
    parts += [f"{device.rows:,} samples", f"{stamp(device.first_us)} – {stamp(device.last_us)} UTC"]
    parts.append("1 alarm" if len(alarms) == 1 else f"{len(alarms)} alarms")
    if report.events is not None:
        false = sum(alarm in alarms for alarm in report.events.false)
        parts.append(f"{false} false")
    return " · ".join(parts)


def _stretches(place: int, device: Recorded, report: Report) -> list[tuple[int, int, str, str]]:
    found = [(device.first_us, device.quiet_until_us, "quiet", "learning, alarms quiet")]
    for window in report.labelled.get(place, ()):
        affected = f": {', '.join(window.metrics)}" if window.metrics else ""
        found.append((window.start_us, window.end_us, "event", f"labelled event{affected}"))
    found += [
        (failure.failed_us, failure.failed_us, "failure", f"failed {failure.component}".rstrip())
        for failure in report.failing.get(place, ())
    ]
    return [stretch for stretch in found if stretch[1] >= stretch[0]]


def _band(start_us: int, end_us: int, origin_us: int, scale: float, what: tuple[str, str]) -> Band:
    width = max((end_us - start_us) * scale, 1.5)
    return Band(round((start_us - origin_us) * scale, 1), round(width, 1), *what)


def _panel(
    name: str, kind: str, top: float, series: tuple[NDArray[np.float32], NDArray[np.float32]], width: float
) -> Panel:
    low, high = series
    bottom_value, top_value = _limits(kind, low, high)
    span = top_value - bottom_value or 1.0

    def height_of(value: float) -> float:
        return round(top + _PANEL - 3 - (value - bottom_value) / span * (_PANEL - 6), 1)

    ticks = tuple(Tick(height_of(tick.at), tick.text) for tick in value_ticks(bottom_value, top_value))
    line = height_of(_LINE[kind]) if kind in _LINE else None
    path = " ".join(
        _outline(
            [
                (round((place + 0.5) * width / len(low), 1), height_of(low[place]), height_of(high[place]))
                for place in run
            ]
        )
        for run in _runs(np.flatnonzero(np.isfinite(low)))
    )
    return Panel(name, kind, top, path, ticks, line)


def _limits(kind: str, low: NDArray[np.float32], high: NDArray[np.float32]) -> tuple[float, float]:
    if not np.isfinite(high).any():
        return 0.0, 1.0
    least, most = float(np.nanmin(low)), float(np.nanmax(high))
    return (0.0, max(most, _LEAST_TOP[kind])) if kind in _LEAST_TOP else (least, most)


def _runs(filled: NDArray[np.intp]) -> list[list[int]]:
    """Return the filled slices in runs without a gap that is long for how densely they lie."""
    if not len(filled):
        return []
    steps = np.diff(filled)
    longest = 3.5 * float(np.median(steps)) if len(steps) else 1.0
    return [run.tolist() for run in np.split(filled, np.flatnonzero(steps > longest) + 1)]


def _outline(points: Sequence[tuple[float, float, float]]) -> str:
    """Return the outline of the band between low and high; a single point becomes a dash."""
    if len(points) == 1:
        x, low, high = points[0]
        return f"M{x - 0.5} {high}L{x + 0.5} {low}"
    upper = "L".join(f"{x} {high}" for x, _, high in points)
    if all(low == high for _, low, high in points):
        return f"M{upper}"
    lower = "L".join(f"{x} {low}" for x, low, _ in reversed(points))
    return f"M{upper}L{lower}Z"
