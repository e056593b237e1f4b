"""The curves that gave a fault away, thinned to what a page can show (pure)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from agent.diagnose.playbook import Direction, Fault
from agent.diagnose.signs import TELLING_Z
from agent.health.findings import Because, Finding, FindingKind
from agent.health.reading import Readings

MOST_POINTS = 600  # about one a pixel of a phone held sideways
MOST_METRICS = 4  # more curves than that nobody compares
_TELLING_SHARE = 0.1  # of a long run's evidence; less is noise picked at a bad moment
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


def evidence_of(findings: Sequence[Finding], judged_at: datetime | None) -> tuple[Finding, ...]:
    """Return what a diagnosis stands on: findings up to when it was made, all of them where it never was (``None``).

    What came later may be what a remedy left behind, and must not explain why it was sent.
    """
    if judged_at is None:
        return tuple(findings)
    return tuple(finding for finding in findings if finding.at <= judged_at) or tuple(findings)


def strongest(findings: Iterable[Finding]) -> dict[str, Because]:
    """Return each metric of the findings as it was when it was furthest from its usual."""
    found: dict[str, Because] = {}
    for finding in findings:
        for part in finding.because:
            if part.metric not in found or abs(part.z or 0.0) > abs(found[part.metric].z or 0.0):
                found[part.metric] = part
    return found


def telling_metrics(
    findings: Sequence[Finding], fault: Fault | None = None, most: int = MOST_METRICS
) -> tuple[str, ...]:
    """Return the metrics that gave a fault away, the most telling first.

    The symptoms of the named ``fault`` come first (``None``: none is named), also those no finding names: a diagnosis
    looks at all a device measures. Then what else was far from its usual, by its share in the findings. What is known
    to have been as usual is left out, unless there is nothing else.
    """
    shares: Counter[str] = Counter()
    for finding in findings:
        for because in finding.because:
            shares[because.metric] += because.share  # type: ignore[assignment]  # a Counter also adds up fractions
    furthest = strongest(findings)
    symptoms = () if fault is None else _signs(fault, furthest, _worn(findings))
    ranked = [metric for metric, _ in shares.most_common() if metric not in symptoms]
    far = [metric for metric in ranked if abs(furthest[metric].z or 0.0) >= TELLING_Z]
    return tuple([*symptoms, *far] or ranked)[:most]


def _worn(findings: Iterable[Finding]) -> set[str]:
    """Return what has strayed for long: a drift shows in the long run, whatever the short run says."""
    drifts = (finding for finding in findings if finding.kind is FindingKind.DRIFT)
    return {part.metric for drift in drifts for part in drift.because if part.share >= _TELLING_SHARE}


def _signs(fault: Fault, furthest: Mapping[str, Because], worn: set[str]) -> list[str]:
    """Return the fault's symptoms but those that are known not to have moved its way, the strongest first."""
    strength: dict[str, tuple[float, float]] = {}
    for symptom in fault.symptoms:
        part = furthest.get(symptom.metric)
        z = 0.0 if part is None else part.z or 0.0
        moved = symptom.metric in worn or (abs(z) >= TELLING_Z and symptom.moves(z))
        if symptom.direction is not Direction.STEADY and (moved or part is None):
            strength[symptom.metric] = (abs(z) * symptom.weight, symptom.weight)
    return sorted(strength, key=strength.__getitem__, reverse=True)


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
