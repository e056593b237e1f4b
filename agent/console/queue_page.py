"""What the queue page shows (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.console.instants import Moment, span
from agent.console.reader import Reader
from agent.console.words import STATES, Label, Tone, title_of
from agent.desk.ticket import TicketState
from agent.diagnose.explain import certainty
from agent.store.queue import LOW_SCORE, Counts, QueueEntry

HEALED_WITHIN = timedelta(days=7)
_UNHAPPY = Label("Unhappy owner", Tone.ASK, "star")


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket on one line. ``probability`` and ``note`` are empty where there is nothing to say.

    ``device_id`` is empty for one about many devices.
    """

    number: str
    device_id: str
    product: str
    title: str
    probability: str
    label: Label
    note: str
    changed: Moment
    score: int | None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The queue: what needs a person, what is under way, what was healed last."""

    counts: Counts
    score: str
    needs: tuple[Line, ...]
    busy: tuple[Line, ...]
    healed: tuple[Line, ...]


def queue_page(
    counts: Counts,
    needs: Sequence[QueueEntry],
    busy: Sequence[QueueEntry],
    healed: Sequence[QueueEntry],
    reader: Reader,
) -> QueuePage:
    """Return the queue as it is shown."""
    return QueuePage(
        counts=counts,
        score="–" if counts.score is None else f"{counts.score:.1f}",
        needs=lines(needs, reader),
        busy=lines(busy, reader),
        healed=lines(healed, reader),
    )


def lines(entries: Sequence[QueueEntry], reader: Reader) -> tuple[Line, ...]:
    """Return tickets as lines."""
    return tuple(line(entry, reader) for entry in entries)


def line(entry: QueueEntry, reader: Reader) -> Line:
    """Return a ticket as a line."""
    unhappy = entry.state is TicketState.HEALED and entry.score is not None and entry.score <= LOW_SCORE
    return Line(
        number=f"T-{entry.id}",
        device_id="" if entry.gathers else entry.device_id,
        product=reader.product(entry.product),
        title=title_of(reader.fault(entry.product, entry.fault), gathers=entry.gathers),
        probability=certainty(entry.probability) if entry.fault is not None and not entry.gathers else "",
        label=_UNHAPPY if unhappy else STATES[entry.state],
        note=_note(entry, reader.now),
        changed=reader.moment(entry.changed_at),
        score=entry.score,
    )


def _note(entry: QueueEntry, now: datetime) -> str:
    match entry.state:
        case TicketState.HEALED:
            return f"healed in {span(entry.changed_at - entry.opened_at)}"
        case TicketState.CLOSED:
            return entry.resolution
        case TicketState.WITH_PERSON if entry.owner:
            return f"taken by {entry.owner}"
        case _ if entry.fails_by is not None and entry.fails_by > now:
            return f"{span(entry.fails_by - now)} left before the owner would notice"
        case _ if entry.fails_by is not None:
            return "the owner may notice by now"
        case _:
            return ""
