"""What owners were told (shell): rows to values and back."""

from datetime import datetime

from sqlmodel import Session, col, select

from agent.care.message import Channel, Draft, Message, MessageState
from agent.store.mapping import columns, from_row
from agent.store.tables import MessageRow, OutboxRow, TicketRow


def _value(row: MessageRow) -> Message:
    return from_row(row, Message)


def add_message(session: Session, draft: Draft) -> Message:
    """Write a message down and return it with its id."""
    row = MessageRow(**columns(draft))
    session.add(row)
    session.flush()
    return _value(row)


def message_by_id(session: Session, message_id: int) -> Message | None:
    """Return the message; ``None``: there is none with this id."""
    row = session.get(MessageRow, message_id)
    return None if row is None else _value(row)


def messages_of_ticket(session: Session, ticket_id: int) -> tuple[Message, ...]:
    """Return every message of a ticket, in the order they were decided."""
    rows = session.exec(select(MessageRow).where(MessageRow.ticket_id == ticket_id).order_by(col(MessageRow.id)))
    return tuple(_value(row) for row in rows)


def newest_notice(session: Session, device_id: str) -> Message | None:
    """Return the last notice that went to a device's display, or is about to, of any ticket; ``None``: none.

    There is room for one: each takes the place of the one before.
    """
    tickets = select(TicketRow.id).where(TicketRow.device_id == device_id)
    query = select(MessageRow).where(col(MessageRow.ticket_id).in_(tickets), MessageRow.channel == Channel.DEVICE)
    reaches = {MessageState.PLANNED, MessageState.SENT}  # not asked of the database, which would go by them first
    newest_first = session.exec(query.order_by(col(MessageRow.id).desc()))
    return next((_value(row) for row in newest_first if row.state in reaches), None)


def mail_due_since(session: Session, *, customer_id: str, since: datetime) -> tuple[datetime, ...]:
    """Return when mails to a customer were or will be due after ``since``, earliest first.

    Planned and sent ones count, across all their devices, and so do those of a future that a clock set
    back has left behind: a wrong clock must not buy anybody more messages.
    """
    query = (
        select(MessageRow.due_at)
        .where(
            MessageRow.customer_id == customer_id,
            MessageRow.channel == Channel.MAIL,
            col(MessageRow.state).in_((MessageState.PLANNED, MessageState.SENT)),
            col(MessageRow.due_at) > since,
        )
        .order_by(col(MessageRow.due_at))
    )
    return tuple(session.exec(query))


def mark_sent(session: Session, message_id: int, now: datetime) -> None:
    """Note that a message went out; nothing happens when it is not planned any more."""
    row = session.get(MessageRow, message_id)
    if row is not None and row.state == MessageState.PLANNED:
        row.state = MessageState.SENT
        row.sent_at = now
        session.add(row)


def mark_unsent(session: Session, message_id: int, state: MessageState, why: str) -> bool:
    """Note that a planned message will not go out, withheld or failed, and why; False: it was not planned any more."""
    row = session.get(MessageRow, message_id)
    if row is None or row.state != MessageState.PLANNED:
        return False
    row.state = state
    row.why = why
    session.add(row)
    return True


def put_off(session: Session, effect_id: int, due_at: datetime) -> None:
    """Let a mail in the outbox wait until ``due_at``; that is no failed try."""
    row = session.get_one(OutboxRow, effect_id)
    row.due_at = due_at
    session.add(row)


def forget_letter(session: Session, effect_id: int) -> None:
    """Drop the text of a mail that is done with: its links would let whoever reads the database act for the owner."""
    row = session.get_one(OutboxRow, effect_id)
    row.payload = {}
    session.add(row)
