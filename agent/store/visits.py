"""Technicians, their slots and visits (shell): rows to values and back."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, func, update
from sqlmodel import Session, col, select

from agent.service.visit import Slot, Technician, Visit, VisitState
from agent.store.mapping import columns, from_row
from agent.store.tables import SlotRow, TechnicianRow, TicketRow, VisitRow


@dataclass(frozen=True, slots=True)
class NewVisit:
    """A visit before it is written down."""

    ticket_id: int
    slot: Slot
    ends_at: datetime
    uid: str
    parts: tuple[str, ...]


def save_technician(session: Session, technician: Technician) -> None:
    """Write the technician down, new or changed."""
    session.merge(TechnicianRow(**columns(technician)))
    session.flush()


def technician_by_id(session: Session, technician_id: str) -> Technician | None:
    """Return the technician; ``None``: there is none with this id."""
    row = session.get(TechnicianRow, technician_id)
    return None if row is None else from_row(row, Technician)


def offer_slot(session: Session, *, technician_id: str, starts_at: datetime, ends_at: datetime) -> bool:
    """Offer a stretch of a technician's time; False: they have a slot that starts then, and it stays."""
    query = select(SlotRow.id).where(SlotRow.technician_id == technician_id, SlotRow.starts_at == starts_at)
    if session.exec(query).first() is not None:
        return False
    session.add(SlotRow(technician_id=technician_id, starts_at=starts_at, ends_at=ends_at))
    session.flush()
    return True


def free_slots(session: Session, *, skill: str, since: datetime) -> tuple[Slot, ...]:
    """Return free slots from ``since`` on of technicians with the skill (empty: any), earliest first.

    Cost grows with the free slots ahead, not with those of the past.
    """
    query = (
        select(SlotRow, TechnicianRow)
        .join(TechnicianRow, col(SlotRow.technician_id) == TechnicianRow.id)
        .where(col(SlotRow.visit_id).is_(None), col(SlotRow.starts_at) >= since)
        .order_by(col(SlotRow.starts_at), col(SlotRow.technician_id))
    )
    return tuple(
        from_row(slot, Slot) for slot, technician in session.exec(query) if not skill or skill in technician.skills
    )


def take_slot(session: Session, slot_id: int, visit_id: int) -> bool:
    """Take a slot for a visit; False: somebody else has it.

    One statement decides, so that of any number who try at once exactly one wins, on any database.
    """
    statement = update(SlotRow).where(col(SlotRow.id) == slot_id, col(SlotRow.visit_id).is_(None))
    result = cast("CursorResult[tuple[()]]", session.execute(statement.values(visit_id=visit_id)))
    return result.rowcount == 1


def release_slots(session: Session, visit_id: int, *, keep: int | None = None) -> None:
    """Give back the slots of a visit, all but the one with id ``keep`` (``None``: all)."""
    statement = update(SlotRow).where(col(SlotRow.visit_id) == visit_id)
    if keep is not None:
        statement = statement.where(col(SlotRow.id) != keep)
    session.execute(statement.values(visit_id=None))


def add_visit(session: Session, new: NewVisit) -> Visit:
    """Write a booked visit down and return it with its id; the slot is taken apart, by ``take_slot``."""
    row = VisitRow(
        ticket_id=new.ticket_id,
        technician_id=new.slot.technician_id,
        starts_at=new.slot.starts_at,
        ends_at=new.ends_at,
        state=VisitState.BOOKED,
        uid=new.uid,
        parts=list(new.parts),
    )
    session.add(row)
    session.flush()
    return from_row(row, Visit)


def drop_visit(session: Session, visit_id: int) -> None:
    """Remove a visit that never got its slot."""
    row = session.get(VisitRow, visit_id)
    if row is not None:
        session.delete(row)
        session.flush()


def save_visit(session: Session, visit: Visit) -> None:
    """Write down what changed about a visit."""
    session.merge(VisitRow(**columns(visit)))
    session.flush()


def visit_by_id(session: Session, visit_id: int) -> Visit | None:
    """Return the visit; ``None``: there is none with this id."""
    row = session.get(VisitRow, visit_id)
    return None if row is None else from_row(row, Visit)


def booked_visit(session: Session, ticket_id: int) -> Visit | None:
    """Return the visit a ticket has ahead; ``None``: none is booked."""
    return _newest(session, ticket_id, VisitState.BOOKED)


def booked_visits(session: Session, device_id: str) -> tuple[Visit, ...]:
    """Return every visit to a device that nobody has reported on, whichever of its tickets it is for, newest first."""
    query = select(VisitRow).join(TicketRow, col(TicketRow.id) == VisitRow.ticket_id)
    booked = query.where(TicketRow.device_id == device_id, VisitRow.state == VisitState.BOOKED)
    return tuple(from_row(row, Visit) for row in session.exec(booked.order_by(col(VisitRow.id).desc())))


def last_done_visit(session: Session, ticket_id: int) -> Visit | None:
    """Return the newest visit of a ticket that took place; ``None``: nobody was there."""
    return _newest(session, ticket_id, VisitState.DONE)


def done_visits(session: Session, ticket_id: int) -> int:
    """Return how many visits of a ticket are done, or over and thought to be."""
    query = select(VisitRow.id).where(VisitRow.ticket_id == ticket_id, VisitRow.state == VisitState.DONE)
    return len(session.exec(query).all())


def count_visited(session: Session, device_id: str, product: str, fault: str, since: datetime) -> int:
    """Return how many visits to a device about a fault of a product took place and ended at or after ``since``."""
    query = select(func.count()).select_from(VisitRow).join(TicketRow, col(TicketRow.id) == VisitRow.ticket_id)
    about = query.where(TicketRow.device_id == device_id, TicketRow.product == product, TicketRow.fault == fault)
    return session.exec(about.where(VisitRow.state == VisitState.DONE, col(VisitRow.ends_at) >= since)).one()


def _newest(session: Session, ticket_id: int, state: VisitState) -> Visit | None:
    query = select(VisitRow).where(VisitRow.ticket_id == ticket_id, VisitRow.state == state)
    row = session.exec(query.order_by(col(VisitRow.id).desc())).first()
    return None if row is None else from_row(row, Visit)
