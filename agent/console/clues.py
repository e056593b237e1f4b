"""Which metrics gave a fault away, in figures and words (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.console.reader import Reader
from agent.console.words import deviation, figure, side
from agent.desk.chart import telling_metrics
from agent.health.findings import Because, Finding


@dataclass(frozen=True, slots=True)
class Clue:
    """One metric that gave the fault away. ``value`` and ``usual`` with their unit; "–" where not known."""

    metric: str
    title: str
    value: str
    usual: str
    deviation: str


def clues(findings: Sequence[Finding], product: str, reader: Reader) -> tuple[Clue, ...]:
    """Return the metrics that gave a fault away, most telling first, each as it was when it said the most."""
    parts = [part for finding in findings for part in finding.because]
    strongest: dict[str, Because] = {}
    for part in parts:
        if part.metric not in strongest or abs(part.z or 0.0) > abs(strongest[part.metric].z or 0.0):
            strongest[part.metric] = part
    return tuple(_clue(strongest[metric], product, reader) for metric in telling_metrics(findings))


def _agrees(part: Because) -> bool:
    """Tell whether the newest sample lies on the side the short run moved to; it may be back for a moment."""
    if part.z is None or part.value is None or part.usual is None:
        return True
    return (part.value - part.usual) * part.z >= 0.0


def _clue(part: Because, product: str, reader: Reader) -> Clue:
    unit = reader.unit(product, part.metric)
    value = part.value if _agrees(part) else None
    apart = "" if part.z is None else f"{deviation(part.z)} {side(part.z)} usual"
    return Clue(
        part.metric,
        reader.metric(product, part.metric),
        figure(value, unit) or "–",
        figure(part.usual, unit) or "–",
        apart,
    )
