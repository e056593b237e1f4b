"""What a chart draws (pure): readings, the usual level, and the moments that mattered."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from agent.act.command import Command, CommandState
from agent.console.clues import drawn_metrics
from agent.console.in_hand import fault_of
from agent.console.reader import Reader
from agent.console.words import unit_factor, unit_words
from agent.desk.ticket import Story, StoryKind, TicketState
from agent.health.findings import Because
from agent.health.reading import Readings
from agent.history.gaps import Gap
from agent.store.ticket_file import TicketFile
from agent.watch.losses import Loss

BEFORE = timedelta(hours=6)  # enough of the usual to see what changed
AFTER = timedelta(hours=3)
_DIGITS = 5


class MarkKind(StrEnum):
    """What happened at a moment that is drawn into a chart."""

    FINDING = "finding"
    COMMAND = "command"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line with a word. ``at_s`` in Unix seconds."""

    at_s: float
    kind: MarkKind
    text: str


@dataclass(frozen=True, slots=True)
class Curve:
    """One metric over time. ``None`` among the values: not measured. ``usual`` ``None``: not known."""

    metric: str
    title: str
    unit: str
    usual: float | None
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """When the broker dropped messages of any devices, in Unix seconds."""

    since_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Curves over one axis of Unix seconds, each as long as ``at_s``; empty when nothing was kept.

    ``gaps`` are where samples of the device are missing, ``losses`` where some may be that nobody can name;
    ``incomplete`` says so, empty when there are none.
    """

    at_s: tuple[float, ...]
    curves: tuple[Curve, ...]
    marks: tuple[Mark, ...]
    gaps: tuple[Gap, ...] = ()
    losses: tuple[Lost, ...] = ()
    incomplete: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What to draw: which metrics of a product, with their usual levels, between two instants."""

    product: str
    metrics: tuple[str, ...]
    usual: tuple[tuple[str, float], ...]
    since: datetime
    until: datetime
    marks: tuple[Mark, ...] = ()


def draw(
    frame: Frame, readings: Readings, reader: Reader, gaps: Sequence[Gap] = (), losses: Sequence[Loss] = ()
) -> Chart:
    """Return the chart of a frame; metrics that were never measured are left out."""
    first, last = frame.since.timestamp(), frame.until.timestamp()
    rows = [row for row, at_s in enumerate(readings.at_s) if first <= at_s <= last]
    usual = dict(frame.usual)
    curves = []
    for metric in frame.metrics:
        if metric not in readings.metrics:
            continue
        column = readings.metrics.index(metric)
        unit = reader.unit(frame.product, metric)
        factor = unit_factor(unit)
        values = tuple(_rounded(float(readings.values[row, column]) * factor) for row in rows)
        if any(value is not None for value in values):
            level = _rounded(usual.get(metric, math.nan) * factor)
            curves.append(Curve(metric, reader.metric(frame.product, metric), unit_words(unit), level, values))
    at_s = tuple(float(readings.at_s[row]) for row in rows)
    marks = tuple(mark for mark in frame.marks if first <= mark.at_s <= last)
    words = " ".join(filter(None, (incomplete(gaps, reader), dropped(losses, reader))))
    return Chart(at_s, tuple(curves), marks, tuple(gaps), tuple(_lost(loss) for loss in losses), words)


def _lost(loss: Loss) -> Lost:
    return Lost((loss.since or loss.until).timestamp(), loss.until.timestamp())


def dropped(losses: Sequence[Loss], reader: Reader) -> str:
    """Return the sentence about what the broker dropped of any devices; empty: nothing."""
    if not losses:
        return ""
    count, longest = sum(loss.messages for loss in losses), max(losses, key=lambda loss: loss.messages)
    messages = "1 message" if count == 1 else f"{count:,} messages"
    until = reader.moment(longest.until).full
    when = f"by {until}" if longest.since is None else f"between {reader.moment(longest.since).full} and {until}"
    where = "" if len(losses) == 1 else f" {len(losses):,} times, most of them"
    return f"The broker dropped {messages} of all devices{where} {when}: some may be of this one."


def incomplete(gaps: Sequence[Gap], reader: Reader) -> str:
    """Return the sentence that says what a chart's shaded gaps say; empty: nothing is missing."""
    if not gaps:
        return ""
    missed, longest = sum(gap.missed for gap in gaps), max(gaps, key=lambda gap: (gap.missed, gap.until_s))
    samples = "1 sample" if missed == 1 else f"{missed:,} samples"
    ends = (datetime.fromtimestamp(at_s, UTC) for at_s in (longest.since_s, longest.until_s))
    since, until = (reader.moment(at).full for at in ends)
    where = "" if len(gaps) == 1 else f" in {len(gaps):,} gaps, most of them"
    return f"Data incomplete: {samples} never came{where} between {since} and {until}."


def _rounded(value: float) -> float | None:
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None


def ticket_frame(file: TicketFile, reader: Reader) -> Frame:
    """Return what a ticket's chart draws: the metrics that gave it away, and what happened when."""
    ticket, now = file.ticket, reader.now
    because = [part for finding in file.findings for part in finding.because]
    first = min((finding.at for finding in file.findings), default=ticket.opened_at)
    ended = ticket.closed_at or (ticket.changed_at if ticket.state is TicketState.HEALED else None)
    return Frame(
        product=ticket.product,
        metrics=drawn_metrics(file, fault_of(ticket, reader.of_ticket(ticket).playbooks)),
        usual=usual_levels(because),
        since=first - BEFORE,
        until=now if ended is None else min(now, ended + AFTER),
        marks=_marks(first, file.commands, file.story),
    )


def usual_levels(because: Iterable[Because]) -> tuple[tuple[str, float], ...]:
    """Return the level each metric had before it went astray: the earliest that is known."""
    levels: dict[str, float] = {}
    for part in because:
        if part.usual is not None:
            levels.setdefault(part.metric, part.usual)
    return tuple(levels.items())


def _marks(first: datetime, commands: Sequence[Command], story: Sequence[Story]) -> tuple[Mark, ...]:
    sent = [
        Mark(command.sent_at.timestamp(), MarkKind.COMMAND, command.verb.replace("_", " "))
        for command in commands
        if command.sent_at is not None and command.state is not CommandState.CANCELLED
    ]
    verified = [
        Mark(entry.at.timestamp(), MarkKind.VERIFIED, "verified") for entry in story if entry.kind is StoryKind.OUTCOME
    ]
    return (Mark(first.timestamp(), MarkKind.FINDING, "noticed"), *sent, *verified[-1:])
