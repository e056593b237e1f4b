"""Tickets and their stories (shell): rows to values and back, within the caller's transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, literal_column
from sqlmodel import Session, col, select

from agent.desk.ticket import Outcome, Story, StoryKind, Ticket, TicketState
from agent.errors import UnknownTicketError
from agent.store.learning_tables import ImpressionRow
from agent.store.mapping import columns, from_row
from agent.store.tables import UNDER_TREATMENT, OutcomeRow, StoryRow, TicketRow


def open_ticket(session: Session, *, device_id: str, product: str, playbook_version: str, now: datetime) -> Ticket:
    """Return a new ticket without a diagnosis, to be looked at right away. The device must be known."""
    row = TicketRow(
        device_id=device_id,
        product=product,
        state=TicketState.NOTICED,
        opened_at=now,
        changed_at=now,
        due_at=now,
        playbook_version=playbook_version,
        tried=[],
        chart={},
    )
    session.add(row)
    session.flush()
    return _ticket(row)


def find_ticket(session: Session, ticket_id: int) -> Ticket:
    """Return a ticket as it stands.

    Raises:
        UnknownTicketError: there is none of that number.
    """
    return _ticket(_row(session, ticket_id))


def save_ticket(session: Session, ticket: Ticket) -> None:
    """Write a ticket as it stands now.

    Raises:
        UnknownTicketError: it was never opened.
    """
    row = _row(session, ticket.id)
    for name, value in columns(ticket).items():
        setattr(row, name, value)
    session.add(row)
    session.flush()


def _row(session: Session, ticket_id: int) -> TicketRow:
    row = session.get(TicketRow, ticket_id)
    if row is None:
        raise UnknownTicketError(ticket_id)
    return row


def _ticket(row: TicketRow) -> Ticket:
    return from_row(row, Ticket)


def open_tickets_of(session: Session, device_id: str) -> tuple[Ticket, ...]:
    """Return a device's tickets that are not closed, oldest first; healed ones still watched are among them.

    One that gathers a fault of many devices is nobody's own and not among them.
    """
    rows = session.exec(
        select(TicketRow)
        .where(
            TicketRow.device_id == device_id,
            TicketRow.state != TicketState.CLOSED,
            col(TicketRow.gathers).is_(False),
        )
        .order_by(col(TicketRow.id))
    )
    return tuple(_ticket(row) for row in rows)


def closed_lately(session: Session, device_id: str, product: str, fault: str, since: datetime) -> Ticket | None:
    """Return a device's newest ticket about a fault of this product closed at ``since`` or later; ``None``: none."""
    query = select(TicketRow).where(
        TicketRow.device_id == device_id,
        TicketRow.fault == fault,
        TicketRow.product == product,
        TicketRow.state == TicketState.CLOSED,
        col(TicketRow.closed_at) >= since,
    )
    row = session.exec(query.order_by(col(TicketRow.id).desc()).limit(1)).first()
    return None if row is None else _ticket(row)


def closed_after_healing(session: Session, device_id: str, product: str, fault: str, since: datetime) -> Ticket | None:
    """Return the ticket on which a fault of a device was healed last, at ``since`` or later, and that is closed by now.

    Only what it had as this ``product`` is its own. ``None``: there is none.
    """
    query = (
        select(TicketRow)
        .join(OutcomeRow, col(OutcomeRow.ticket_id) == TicketRow.id)
        .where(
            TicketRow.device_id == device_id,
            TicketRow.state == TicketState.CLOSED,
            TicketRow.fault == fault,
            TicketRow.product == product,
            OutcomeRow.outcome == Outcome.HEALED,
            col(OutcomeRow.at) >= since,
        )
    )
    row = session.exec(query.order_by(col(OutcomeRow.id).desc()).limit(1)).first()
    return None if row is None else _ticket(row)


def due_tickets(session: Session, now: datetime, limit: int) -> tuple[Ticket, ...]:
    """Return tickets to be looked at by ``now``, longest overdue first, at most ``limit``."""
    rows = session.exec(
        select(TicketRow)
        .where(col(TicketRow.due_at) <= now)
        .order_by(col(TicketRow.due_at), col(TicketRow.id))
        .limit(limit)
    )
    return tuple(_ticket(row) for row in rows)


def let_go_by_people(session: Session, device_id: str, since: datetime) -> tuple[Ticket, ...]:
    """Return a device's tickets that a person closed at ``since`` or later and nobody named a fault for."""
    by_a_person = select(StoryRow.id).where(
        StoryRow.ticket_id == TicketRow.id,
        StoryRow.kind == StoryKind.STATE,
        StoryRow.at == TicketRow.closed_at,
        StoryRow.actor != "agent",
    )
    named = select(ImpressionRow.ticket_id).where(
        ImpressionRow.ticket_id == TicketRow.id, col(ImpressionRow.confirmed).is_not(None)
    )
    rows = session.exec(
        select(TicketRow)
        .where(
            TicketRow.device_id == device_id,
            col(TicketRow.fault).is_(None),
            col(TicketRow.closed_at) >= since,
            by_a_person.exists(),
            ~named.exists(),
        )
        .order_by(col(TicketRow.id))
    )
    return tuple(_ticket(row) for row in rows)


def tickets_in(session: Session, states: Collection[TicketState]) -> tuple[Ticket, ...]:
    """Return every ticket in one of the states, oldest first."""
    rows = session.exec(select(TicketRow).where(col(TicketRow.state).in_(states)).order_by(col(TicketRow.id)))
    return tuple(_ticket(row) for row in rows)


@dataclass(frozen=True, slots=True)
class UnderTreatment:
    """A ticket whose remedy is at work or being verified, as far as ``agent.act.hush`` asks."""

    device_id: str
    state: TicketState
    verify_from: datetime | None


def is_under_treatment() -> ColumnElement[bool]:
    """Return the condition that a remedy is at work or judged, also where a person has taken the ticket over.

    It is for queries of tickets alone, and answered by an index that holds no others: people may have thousands.
    """
    return literal_column(UNDER_TREATMENT)  # untyped: of a Boolean SQLite would be asked whether it is 1


def tickets_under_treatment(session: Session) -> tuple[UnderTreatment, ...]:
    """Return every ticket that is being fixed or verified; read at every turn, so no more of it than is asked."""
    query = select(TicketRow.device_id, TicketRow.state, TicketRow.verify_from).where(is_under_treatment())
    return tuple(UnderTreatment(device, TicketState(state), since) for device, state, since in session.exec(query))


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a story that is about to be told. ``actor`` is ``agent``, ``device``, ``owner`` or a staff name."""

    at: datetime
    kind: StoryKind
    text: str
    actor: str = "agent"


def tell(session: Session, ticket_id: int, line: Line) -> None:
    """Add a sentence to a ticket's story."""
    session.add(StoryRow(ticket_id=ticket_id, **columns(line)))
    session.flush()


def has_told(session: Session, ticket_id: int, kind: StoryKind, text: str, since: datetime) -> bool:
    """Tell whether the very sentence stands in the story already, at ``since`` or later."""
    query = select(StoryRow.id).where(
        StoryRow.ticket_id == ticket_id, StoryRow.kind == kind, StoryRow.text == text, col(StoryRow.at) >= since
    )
    return session.exec(query.limit(1)).first() is not None


def last_told_at(session: Session, ticket_id: int, kind: StoryKind, actor: str = "agent") -> datetime | None:
    """Return when somebody, the agent itself unless named, last told of something in a story; ``None``: never."""
    query = select(StoryRow.at).where(StoryRow.ticket_id == ticket_id, StoryRow.kind == kind, StoryRow.actor == actor)
    return session.exec(query.order_by(col(StoryRow.id).desc()).limit(1)).first()


def story_of(session: Session, ticket_id: int) -> tuple[Story, ...]:
    """Return a ticket's story in the order it was told."""
    rows = session.exec(select(StoryRow).where(StoryRow.ticket_id == ticket_id).order_by(col(StoryRow.id)))
    return tuple(from_row(row, Story) for row in rows)
