"""The curves that gave a fault away, thinned to what a page can show (pure)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.health.findings import Finding
from agent.health.reading import Readings

MOST_POINTS = 600  # about one a pixel of a phone held sideways
MOST_METRICS = 4  # more curves than that nobody compares
_DIGITS = 5  # more than a curve can show, and half the bytes


@dataclass(frozen=True, slots=True)
class Curve:
    """One metric over the chart's instants, in its own unit; ``None``: not measured."""

    metric: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Curves over the same instants ``at_s`` (Unix seconds, increasing), all of the same length.

    ``state`` is −log10 of the tail probability of being normal. An empty chart has no instants.
    """

    at_s: tuple[float, ...] = ()
    curves: tuple[Curve, ...] = ()
    state: tuple[float | None, ...] = ()


def telling_metrics(findings: Iterable[Finding], most: int = MOST_METRICS) -> tuple[str, ...]:
    """Return the metrics with the largest share in the findings, largest first."""
    shares: Counter[str] = Counter()
    for finding in findings:
        for because in finding.because:
            shares[because.metric] += because.share  # type: ignore[assignment]  # a Counter also adds up fractions
    return tuple(metric for metric, _ in shares.most_common(most))


def draw(readings: Readings, most_points: int = MOST_POINTS) -> Chart:
    """Return the readings as a chart of at most ``most_points`` instants, the newest always among them.

    Samples are picked, never averaged: what the page shows is what the device said.
    """
    n = len(readings.at_s)
    if n == 0:
        return Chart()
    picked = np.unique(np.linspace(0, n - 1, min(n, most_points)).round().astype(np.intp))
    curves = tuple(
        Curve(metric, _plain(readings.values[picked, column])) for column, metric in enumerate(readings.metrics)
    )
    return Chart(tuple(float(at) for at in readings.at_s[picked]), curves, _plain(readings.state[picked]))


def joined(old: Chart, new: Chart, most_points: int = MOST_POINTS) -> Chart:
    """Return ``old`` up to where ``new`` begins and ``new`` from there: what memory has let go of stays on the page.

    Only where both have the same curves; otherwise ``new``, unless it is empty.
    """
    if not new.at_s:
        return old
    names = tuple(curve.metric for curve in new.curves)
    if tuple(curve.metric for curve in old.curves) != names:
        return new
    kept = sum(at < new.at_s[0] for at in old.at_s)
    if kept == 0:
        return new
    at_s = (*old.at_s[:kept], *new.at_s)
    picked = np.unique(np.linspace(0, len(at_s) - 1, min(len(at_s), most_points)).round().astype(int)).tolist()
    curves = tuple(
        Curve(name, tuple((*a.values[:kept], *b.values)[i] for i in picked))
        for name, a, b in zip(names, old.curves, new.curves, strict=True)
    )
    state = (*old.state[:kept], *new.state)
    return Chart(tuple(at_s[i] for i in picked), curves, tuple(state[i] for i in picked))


def _plain(values: NDArray[np.float32]) -> tuple[float | None, ...]:
    return tuple(float(f"{value:.{_DIGITS}g}") if np.isfinite(value) else None for value in values)


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept chart in the shape of ``agent.health.reading.Readings``, so that one page draws both."""

    at_s: NDArray[np.float64]
    metrics: tuple[str, ...]
    values: NDArray[np.float32]
    state: NDArray[np.float32]


def as_readings(chart: Chart) -> Kept:
    """Return the chart's samples as readings; what was not measured is NaN again."""
    columns = [[np.nan if value is None else value for value in curve.values] for curve in chart.curves]
    return Kept(
        at_s=np.array(chart.at_s, dtype=np.float64),
        metrics=tuple(curve.metric for curve in chart.curves),
        values=np.array(columns, dtype=np.float32).reshape(len(columns), len(chart.at_s)).T,
        state=np.array([np.nan if value is None else value for value in chart.state], dtype=np.float32),
    )
