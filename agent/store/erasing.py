"""Forgetting a customer's records (shell), within the caller's transaction.

What only tells of them is deleted. What counts for all, which faults there were and which remedies helped, stays under
a device that never was, without a word, a reading or a name.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, insert, update
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_one

from agent.act.command import CommandState
from agent.desk.ticket import StoryKind, TicketState
from agent.service.visit import VisitState
from agent.store.about import About, tables
from agent.store.tables import CommandRow, DeviceRow, MessageRow, OutboxRow, SlotRow, StoryRow, TokenRow, VisitRow

GONE: Final = "What was here was erased at the owner's wish."
DELETED: Final = frozenset({"consent", "erasure_request", "finding", "message", "quarantine", "story"})
"""Tables whose rows about a customer go altogether."""
EMPTIED: Final[Mapping[str, Mapping[str, Any]]] = {
    "command": {"args": {}, "detail": "", "before": {}, "earlier": None, "boot": ""},
    "rating": {"comment": ""},
    "ticket": {
        "explanation": "",
        "resolution": GONE,
        "chart": {},
        "due_at": None,
        "verify_from": None,  # what is being verified counts as at work, and holds up others
        "verify_by": None,
    },
    "visit": {"report": ""},
    "sighting": {"site": ""},
}
"""Tables whose rows stay, with these columns emptied."""
KEPT: Final[Mapping[str, str]] = {
    "impression": "which signs a fault showed; numbers without a time series, a device or a person",
    "outcome": "which remedy helped against which fault",
    "promise": "how good a foretold time was",
    "freeze": "a decision about a whole product",
}
"""Tables whose rows stay as they are, each with what they say."""
APART: Final = frozenset({"customer", "device"})
"""Tables that the code below sees to by name."""


def erase_records(session: Session, theirs: About, now: datetime) -> None:
    """Forget everything there is about a customer; doing it again changes nothing."""
    stand_in = _stand_in(session, theirs, now)
    _end_what_goes_on(session, theirs, now)
    _drop_links_and_letters(session, theirs)
    for table in reversed(tables()):
        chosen = theirs.rows_of(table)
        if chosen is None or table.name in APART:
            continue
        if table.name in DELETED:
            session.connection().execute(delete(table).where(chosen))
            continue
        changed = dict(EMPTIED.get(table.name, {}))
        if "device_id" in table.c:
            changed["device_id"] = stand_in
        if changed:
            session.connection().execute(update(table).where(chosen).values(changed))
    story = SQLModel.metadata.tables[StoryRow.__tablename__]
    for ticket_id in theirs.tickets:
        entry = {"ticket_id": ticket_id, "at": now, "kind": StoryKind.NOTE, "actor": "agent", "text": GONE}
        session.connection().execute(insert(story).values(entry))
    for name, chosen_ids in (("device", theirs.devices), ("customer", (theirs.customer_id,))):
        table = SQLModel.metadata.tables[name]
        session.connection().execute(delete(table).where(table.c.id.in_(chosen_ids)))
    session.expire_all()


def _stand_in(session: Session, theirs: About, now: datetime) -> str:
    """Return the id of a device that never was, made for what stays; empty: nothing will."""
    if not theirs.tickets:
        return ""
    products = session.exec(select_one(DeviceRow.product).where(col(DeviceRow.id).in_(theirs.devices))).all()
    made = DeviceRow(
        id=f"erased-{secrets.token_hex(6)}",
        product=products[0] if len(set(products)) == 1 else "",
        birth={},
        first_seen_at=now,
        status_at=now,
    )
    session.add(made)
    session.flush()
    return made.id


def _end_what_goes_on(session: Session, theirs: About, now: datetime) -> None:
    """Nothing is sent, nobody comes and nobody waits any more."""
    ticket, command = (SQLModel.metadata.tables[name] for name in ("ticket", "command"))
    connection = session.connection()
    still = ticket.c.id.in_(theirs.tickets) & (ticket.c.state != TicketState.CLOSED)
    connection.execute(update(ticket).where(still).values(state=TicketState.CLOSED, closed_at=now, changed_at=now))
    waiting = {CommandState.PROPOSED, CommandState.AWAITING_APPROVAL, CommandState.QUEUED}
    away = {CommandState.SENT, CommandState.ACCEPTED}
    of_theirs = command.c.ticket_id.in_(theirs.tickets)
    for states, end in ((waiting, CommandState.CANCELLED), (away, CommandState.UNKNOWN)):
        connection.execute(update(command).where(of_theirs & command.c.state.in_(states)).values(state=end))
    visits = select_one(VisitRow).where(col(VisitRow.ticket_id).in_(theirs.tickets))
    for visit in session.exec(visits.where(VisitRow.state == VisitState.BOOKED)):
        visit.state = VisitState.CANCELLED
        session.add(visit)
        for slot in session.exec(select_one(SlotRow).where(SlotRow.visit_id == visit.id)):
            slot.visit_id = None
            session.add(slot)
    session.flush()


def _drop_links_and_letters(session: Session, theirs: About) -> None:
    """Close every link they were sent, and drop every effect that speaks of their tickets, messages or commands."""
    tickets = {str(ticket_id) for ticket_id in theirs.tickets}
    visits = {
        str(one) for one in session.exec(select_one(VisitRow.id).where(col(VisitRow.ticket_id).in_(theirs.tickets)))
    }
    for purpose, subjects in (("me", {theirs.customer_id}), ("rate", tickets), ("visit", visits)):
        tokens = select_one(TokenRow).where(TokenRow.purpose == purpose, col(TokenRow.subject).in_(subjects))
        for token in session.exec(tokens):
            session.delete(token)
    numbers = {f"T-{ticket_id}" for ticket_id in theirs.tickets}
    messages = set(session.exec(select_one(MessageRow.id).where(col(MessageRow.ticket_id).in_(theirs.tickets))))
    commands = set(session.exec(select_one(CommandRow.id).where(col(CommandRow.ticket_id).in_(theirs.tickets))))
    for row in session.exec(select_one(OutboxRow)):
        said = row.payload
        of_theirs = said.get("device_id") in theirs.devices or said.get("customer_id") == theirs.customer_id
        of_theirs = of_theirs or said.get("message_id") in messages or said.get("command_id") in commands
        if of_theirs or numbers & set(row.key.split(":")):
            session.delete(row)
    session.flush()


def unspoken_for() -> frozenset[str]:
    """Return the tables with rows about people of which nothing here says what becomes of them: there shall be none."""
    nobody = About("", (), ())
    told = DELETED | EMPTIED.keys() | KEPT.keys() | APART
    return frozenset(table.name for table in tables() if nobody.rows_of(table) is not None) - told
