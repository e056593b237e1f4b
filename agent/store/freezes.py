"""Faults seen in many places at once, and what was frozen for it (shell), within the caller's transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from agent.decide.same_cause import Scope, Sighting
from agent.desk.ticket import Ticket, TicketState
from agent.store.guard_tables import FreezeRow, SightingRow
from agent.store.mapping import columns, from_row
from agent.store.tables import DeviceRow, TicketRow


@dataclass(frozen=True, slots=True)
class Freeze:
    """One cause everywhere: a fault in one ``place`` of a ``scope``, gathered by the ticket ``ticket_id``.

    ``product`` is that of the devices. ``lifted_at`` and ``lifted_by`` are ``None`` while it holds; ``lifted_by`` is a
    staff name, or ``agent`` where all of it was over.
    """

    ticket_id: int
    fault: str
    scope: Scope
    place: str
    product: str
    at: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = None


def record_sighting(session: Session, ticket_id: int, fault: str, sighting: Sighting, now: datetime) -> None:
    """Keep where a fault was named."""
    session.add(SightingRow(ticket_id=ticket_id, fault=fault, at=now, **columns(sighting)))
    session.flush()


def sightings_of(session: Session, fault: str, since: datetime) -> tuple[Sighting, ...]:
    """Return where a fault was named after ``since``, of whatever product."""
    rows = session.exec(select(SightingRow).where(SightingRow.fault == fault, col(SightingRow.at) > since))
    return tuple(from_row(row, Sighting) for row in rows)


def add_freeze(session: Session, freeze: Freeze) -> None:
    """Keep that a cause is frozen."""
    session.add(FreezeRow(**columns(freeze)))
    session.flush()


def freeze_of(session: Session, ticket_id: int) -> Freeze | None:
    """Return what a gathering ticket has frozen, lifted or not; ``None``: the ticket gathers nothing."""
    row = session.exec(select(FreezeRow).where(FreezeRow.ticket_id == ticket_id)).first()
    return None if row is None else from_row(row, Freeze)


def freezes_of(session: Session, fault: str) -> tuple[Freeze, ...]:
    """Return every freeze of a fault, lifted ones too, newest first."""
    rows = session.exec(select(FreezeRow).where(FreezeRow.fault == fault).order_by(col(FreezeRow.id).desc()))
    return tuple(from_row(row, Freeze) for row in rows)


def standing_freezes(session: Session) -> tuple[Freeze, ...]:
    """Return the freezes that hold now, oldest first."""
    rows = session.exec(select(FreezeRow).where(col(FreezeRow.lifted_at).is_(None)).order_by(col(FreezeRow.id)))
    return tuple(from_row(row, Freeze) for row in rows)


def lift_freeze(session: Session, ticket_id: int, by: str, now: datetime) -> None:
    """End what a gathering ticket has frozen; once is enough."""
    row = session.exec(select(FreezeRow).where(FreezeRow.ticket_id == ticket_id)).one()
    if row.lifted_at is None:
        row.lifted_at, row.lifted_by = now, by
        session.add(row)
        session.flush()


def open_gathering(session: Session, first: Ticket, now: datetime) -> Ticket:
    """Return a new ticket that gathers the fault of ``first`` from many devices, ruled by the same playbook.

    It begins with a person and is looked at again by itself.
    """
    row = TicketRow(
        device_id=first.device_id,
        product=first.product,
        fault=first.fault,
        probability=1.0,
        state=TicketState.WITH_PERSON,
        opened_at=now,
        changed_at=now,
        playbook_version=first.playbook_version,
        due_at=now,
        tried=[],
        chart={},
        gathers=True,
    )
    session.add(row)
    session.flush()
    return from_row(row, Ticket)


def children_ids(session: Session, ticket_id: int) -> tuple[int, ...]:
    """Return the ids of the tickets a gathering ticket has as children, the lowest first."""
    query = select(TicketRow.id).where(TicketRow.parent_id == ticket_id).order_by(col(TicketRow.id))
    return tuple(found for found in session.exec(query) if found is not None)


def children_of(session: Session, ticket_id: int, limit: int | None = None) -> tuple[Ticket, ...]:
    """Return the tickets a gathering ticket has as children, oldest first; ``None``: all, long in a large fleet."""
    query = select(TicketRow).where(TicketRow.parent_id == ticket_id).order_by(col(TicketRow.id))
    rows = session.exec(query.limit(limit))
    return tuple(from_row(row, Ticket) for row in rows)


def has_child_in(session: Session, ticket_id: int, states: Collection[TicketState]) -> bool:
    """Tell whether any child of a gathering ticket stands in one of these states."""
    query = select(TicketRow.id).where(TicketRow.parent_id == ticket_id, col(TicketRow.state).in_(states))
    return session.exec(query.limit(1)).first() is not None


def alike(session: Session, freeze: Freeze, states: Collection[TicketState]) -> tuple[int, ...]:
    """Return the ids of tickets in these states about a freeze's fault, in its place, that no standing freeze holds."""
    holding = select(FreezeRow.ticket_id).where(col(FreezeRow.lifted_at).is_(None))
    query = (
        select(TicketRow.id, TicketRow.product, DeviceRow.firmware, DeviceRow.customer_id)
        .join(DeviceRow, col(DeviceRow.id) == TicketRow.device_id)
        .where(
            TicketRow.fault == freeze.fault,
            col(TicketRow.state).in_(states),
            or_(col(TicketRow.parent_id).is_(None), col(TicketRow.parent_id).not_in(holding)),
            col(TicketRow.gathers).is_(False),
        )
    )
    found = []
    for ticket_id, product, firmware, site in session.exec(query):
        if ticket_id is not None and Sighting("", product, firmware, site or "").place(freeze.scope) == freeze.place:
            found.append(ticket_id)
    return tuple(found)
