"""What owners were told and what they said, as staff see it (shell): reading only, newest first."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from agent.care.message import Message
from agent.care.rating import Rating
from agent.desk.ticket import TicketState
from agent.store.mapping import from_row
from agent.store.tables import CustomerRow, MessageRow, RatingRow, TicketRow


@dataclass(frozen=True, slots=True)
class Letter:
    """A message beside the device and the person it is about; ``customer`` is empty when the owner is not known."""

    message: Message
    device_id: str
    customer: str


def _letters() -> Select[MessageRow, str, str]:
    return (
        select(MessageRow, TicketRow.device_id, CustomerRow.name)
        .join(TicketRow, col(MessageRow.ticket_id) == TicketRow.id)
        .join(CustomerRow, col(MessageRow.customer_id) == CustomerRow.id, isouter=True)
    )


def _letter(row: MessageRow, device_id: str, customer: str | None) -> Letter:
    return Letter(from_row(row, Message), device_id, customer or "")


def list_letters(session: Session, *, state: str = "", after: int | None = None, limit: int) -> tuple[Letter, ...]:
    """Return messages with an id below ``after`` (``None``: from the newest on), newest first; empty: any state."""
    query = _letters()
    if state:
        query = query.where(MessageRow.state == state)
    if after is not None:
        query = query.where(col(MessageRow.id) < after)
    return tuple(_letter(*row) for row in session.exec(query.order_by(col(MessageRow.id).desc()).limit(limit)))


def find_letter(session: Session, message_id: int) -> Letter | None:
    """Return one message; ``None``: there is none with this id."""
    found = session.exec(_letters().where(MessageRow.id == message_id)).first()
    return None if found is None else _letter(*found)


def letter_counts(session: Session) -> dict[str, int]:
    """Return how many messages are in each state; states with none are left out."""
    return dict(session.exec(select(MessageRow.state, func.count()).group_by(MessageRow.state)).all())


@dataclass(frozen=True, slots=True)
class RatedTicket:
    """A rating beside the ticket it is about."""

    rating: Rating
    device_id: str
    product: str
    fault: str | None
    state: TicketState


def list_ratings(
    session: Session, *, score: int | None = None, after: int | None = None, limit: int
) -> tuple[RatedTicket, ...]:
    """Return ratings of tickets with a number below ``after`` (``None``: from the newest on), newest ticket first."""
    query = select(RatingRow, TicketRow).join(TicketRow, col(RatingRow.ticket_id) == TicketRow.id)
    query = query.options(load_only(TicketRow.device_id, TicketRow.product, TicketRow.fault, TicketRow.state))  # type: ignore[arg-type]  # SQLModel types a column as its value
    if score is not None:
        query = query.where(RatingRow.score == score)
    if after is not None:
        query = query.where(col(RatingRow.ticket_id) < after)
    rows = session.exec(query.order_by(col(RatingRow.ticket_id).desc()).limit(limit))
    return tuple(
        RatedTicket(
            rating=from_row(rating, Rating),
            device_id=ticket.device_id,
            product=ticket.product,
            fault=ticket.fault,
            state=TicketState(ticket.state),
        )
        for rating, ticket in rows
    )


def rating_counts(session: Session) -> dict[int, int]:
    """Return how often each score was given; scores never given are left out."""
    return dict(session.exec(select(RatingRow.score, func.count()).group_by(col(RatingRow.score))).all())
