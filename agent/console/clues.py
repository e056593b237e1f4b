"""Which metrics gave a fault away, in figures and words (pure)."""

from dataclasses import dataclass

from agent.console.reader import Reader
from agent.console.words import deviation, figure, side
from agent.desk.chart import evidence_of, strongest, telling_metrics
from agent.diagnose.playbook import Fault
from agent.health.findings import Because
from agent.store.ticket_file import TicketFile


@dataclass(frozen=True, slots=True)
class Clue:
    """One metric that gave the fault away. ``value`` and ``usual`` with their unit; "–" where not known."""

    metric: str
    title: str
    value: str
    usual: str
    deviation: str


def drawn_metrics(file: TicketFile, fault: Fault | None) -> tuple[str, ...]:
    """Return the metrics whose curves a ticket's page has: those of the kept chart, so that none is without samples."""
    kept = tuple(curve.metric for curve in file.chart.curves)
    return kept or telling_metrics(file.evidence, fault)


def clues(file: TicketFile, fault: Fault | None, reader: Reader) -> tuple[Clue, ...]:
    """Return the metrics that gave a fault away, most telling first, each as it was when it said the most.

    () where no finding names a metric, whatever is drawn. Where only a later finding names one, it is as it was there,
    unless a remedy had left by then.
    """
    sent_at = min((command.sent_at for command in file.commands if command.sent_at is not None), default=None)
    found = strongest(evidence_of(file.findings, sent_at)) | strongest(file.evidence)
    if not found:
        return ()
    product = file.ticket.product
    return tuple(
        _clue(found.get(metric, Because(metric, 0.0, None, None, None)), product, reader)
        for metric in drawn_metrics(file, fault)
    )


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
