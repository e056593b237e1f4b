"""Booking, moving, cancelling and finishing visits (shell, inside the caller's transaction).

The technician hears of every change by an invitation in the outbox. The owner is told by whoever calls, with
``agent.care.tell.tell_owner`` and the visit that comes back from here.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session
from ulid import ULID

from agent.care.clean import paragraphs
from agent.care.customer import Customer
from agent.care.matter import fault_of
from agent.care.timing import waking
from agent.desk.ticket import Ticket
from agent.diagnose.playbook import Playbook
from agent.service.errors import UnknownVisitError, VisitOverError
from agent.service.inviting import want_invitation
from agent.service.job import Change
from agent.service.slots import Wish, suitable
from agent.service.visit import Slot, Visit, VisitState
from agent.store import people, visits
from agent.store.tickets import find_ticket

# Nobody should learn of a visit when the bell rings: between the moment we may write and the visit lies this much.
WARNING = timedelta(hours=2)
_USUAL_LENGTH = timedelta(hours=1)
_REPORT_LIMIT = 2000  # characters


def book_visit(  # noqa: PLR0913 - the visit and its bounds; keywords keep them apart
    session: Session,
    *,
    ticket: Ticket,
    playbook: Playbook,
    now: datetime,
    not_before: datetime,
    not_after: datetime | None = None,
) -> Visit | None:
    """Take the best free slot for the ticket's fault and return the visit; ``None``: no slot fits.

    A ticket has one visit ahead at most: when one is booked already it is returned as it stands. One that is over, and
    that nobody has reported on, has not taken place once another is booked. The slot starts at or after ``not_before``
    and outside the owner's quiet hours, the visit has ended by ``not_after`` (``None``: whenever), and a slot before
    ``ticket.fails_by`` is taken before any later one.
    """
    booked = visits.booked_visit(session, ticket.id)
    if booked is not None and booked.is_ahead(now):
        return booked
    fault = fault_of(ticket, playbook)
    owner = people.owner_of(session, ticket.device_id)
    wish = Wish(
        length=timedelta(minutes=fault.visit_minutes) if fault is not None else _USUAL_LENGTH,
        not_before=_first_start(not_before, now, owner),
        not_after=not_after,
        preferably_by=ticket.fails_by,
        customer=owner,
    )
    free = visits.free_slots(session, skill=fault.skill if fault is not None else "", since=wish.not_before)
    for slot in suitable(free, wish):
        visit = _take(session, slot, ticket, wish.length, fault.parts if fault is not None else ())
        if visit is not None:
            if booked is not None:
                # Past: nobody's calendar or slot is to be freed any more.
                visits.save_visit(session, replace(booked, state=VisitState.CANCELLED))
            want_invitation(session, visit, Change.BOOKED, now, playbook)
            return visit
    return None


def _first_start(not_before: datetime, now: datetime, owner: Customer | None) -> datetime:
    told_at = now if owner is None else waking(owner, now)
    return max(not_before, told_at + WARNING)


def _take(session: Session, slot: Slot, ticket: Ticket, length: timedelta, parts: tuple[str, ...]) -> Visit | None:
    new = visits.NewVisit(
        ticket_id=ticket.id,
        slot=slot,
        ends_at=slot.starts_at + length,
        uid=f"{ULID()}@amends",
        parts=parts,
    )
    visit = visits.add_visit(session, new)
    if visits.take_slot(session, slot.id, visit.id):
        return visit
    visits.drop_visit(session, visit.id)  # somebody was quicker
    return None


def other_slots(
    session: Session, *, visit_id: int, playbook: Playbook, now: datetime, limit: int = 8
) -> tuple[Slot, ...]:
    """Return free slots the visit could move to, earliest first: same skill, outside the owner's quiet hours.

    Where the playbook no longer has the fault, and so cannot say which skill it takes, they are the same technician's.

    Raises:
        UnknownVisitError: there is no such visit.
        VisitOverError: it was done or cancelled.
    """
    return _open_slots(session, _still_booked(session, visit_id), playbook, now)[:limit]


def _open_slots(session: Session, visit: Visit, playbook: Playbook, now: datetime) -> tuple[Slot, ...]:
    ticket = find_ticket(session, visit.ticket_id)
    fault = fault_of(ticket, playbook)
    owner = people.owner_of(session, ticket.device_id)
    wish = Wish(length=visit.ends_at - visit.starts_at, not_before=_first_start(now, now, owner), customer=owner)
    free = visits.free_slots(session, skill="" if fault is None else fault.skill, since=wish.not_before)
    able = [slot for slot in free if fault is not None or slot.technician_id == visit.technician_id]
    return tuple(suitable(able, wish))


def move_visit(session: Session, *, visit_id: int, slot_id: int, playbook: Playbook, now: datetime) -> Visit | None:
    """Move a visit to another slot and return it; ``None``: it is not one of ``other_slots``, or not any more.

    Raises:
        UnknownVisitError: there is no such visit.
        VisitOverError: it was done or cancelled.
    """
    visit = _still_booked(session, visit_id)
    slot = next((slot for slot in _open_slots(session, visit, playbook, now) if slot.id == slot_id), None)
    if slot is None or not visits.take_slot(session, slot.id, visit.id):
        return None
    visits.release_slots(session, visit.id, keep=slot.id)
    moved = replace(
        visit,
        technician_id=slot.technician_id,
        starts_at=slot.starts_at,
        ends_at=slot.starts_at + (visit.ends_at - visit.starts_at),
        sequence=visit.sequence + 1,
    )
    visits.save_visit(session, moved)
    if moved.technician_id != visit.technician_id:
        gone = replace(visit, state=VisitState.CANCELLED, sequence=moved.sequence)
        want_invitation(session, gone, Change.CANCELLED, now, playbook)
    want_invitation(session, moved, Change.MOVED, now, playbook)
    return moved


def cancel_visit(session: Session, *, visit_id: int, now: datetime, playbook: Playbook | None = None) -> Visit:
    """Cancel a visit, give its slot back, and return it. A visit cancelled before is returned as it is.

    ``playbook`` lends its words to the technician's mail (``None``: names from the records do).

    Raises:
        UnknownVisitError: there is no such visit.
        VisitOverError: it was done.
    """
    visit = visits.visit_by_id(session, visit_id)
    if visit is not None and visit.state is VisitState.CANCELLED:
        return visit
    visit = _still_booked(session, visit_id)
    visits.release_slots(session, visit.id)
    cancelled = replace(visit, state=VisitState.CANCELLED, sequence=visit.sequence + 1)
    visits.save_visit(session, cancelled)
    want_invitation(session, cancelled, Change.CANCELLED, now, playbook)
    return cancelled


def visit_done(session: Session, *, visit_id: int, report: str) -> Visit:
    """Note that a visit is over, with the technician's own words (empty: none came), and return it.

    Raises:
        UnknownVisitError: there is no such visit.
        VisitOverError: it was reported on or cancelled before.
    """
    visit = _visit(session, visit_id)
    if not visit.lacks_report:
        raise VisitOverError(visit_id, visit.state)
    done = replace(visit, state=VisitState.DONE, report=paragraphs(report, _REPORT_LIMIT))
    visits.save_visit(session, done)
    return done


def _still_booked(session: Session, visit_id: int) -> Visit:
    visit = _visit(session, visit_id)
    if visit.state is not VisitState.BOOKED:
        raise VisitOverError(visit_id, visit.state)
    return visit


def _visit(session: Session, visit_id: int) -> Visit:
    visit = visits.visit_by_id(session, visit_id)
    if visit is None:
        raise UnknownVisitError(visit_id)
    return visit
