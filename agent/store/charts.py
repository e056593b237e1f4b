"""The chart kept with a ticket (shell), within the caller's transaction."""

import msgspec
from sqlmodel import Session

from agent.desk.chart import Chart
from agent.errors import UnknownTicketError
from agent.store.tables import TicketRow


def save_chart(session: Session, ticket_id: int, chart: Chart) -> None:
    """Keep a chart with a ticket, in place of an earlier one.

    Raises:
        UnknownTicketError: there is no such ticket.
    """
    row = session.get(TicketRow, ticket_id)
    if row is None:
        raise UnknownTicketError(ticket_id)
    row.chart = msgspec.to_builtins(chart)
    session.add(row)
    session.flush()


def find_chart(session: Session, ticket_id: int) -> Chart:
    """Return a ticket's chart; an empty one where none was kept.

    Raises:
        UnknownTicketError: there is no such ticket.
    """
    row = session.get(TicketRow, ticket_id)
    if row is None:
        raise UnknownTicketError(ticket_id)
    return msgspec.convert(row.chart, Chart) if row.chart else Chart()
