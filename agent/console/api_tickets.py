"""The HTTP API for tickets and appointments (shell)."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from agent.act.command import DECIDABLE
from agent.console.api_models import (
    AppointmentIn,
    ApproveIn,
    CommandOut,
    Listing,
    NoteIn,
    Place,
    RejectIn,
    RemedyIn,
    StoryOut,
    TicketChange,
    TicketLine,
    TicketOut,
    VisitOut,
    WhyIn,
)
from agent.console.gate import Known, Parts
from agent.console.in_hand import fault_of, possible_actions
from agent.console.parts import ConsoleParts
from agent.console.problems import ProblemError
from agent.console.reader import ruling
from agent.console.staff_pages import states_named, ticket_number
from agent.decide.moves import Book
from agent.desk.lessons import Word
from agent.service.visit import Visit
from agent.store.queue import QueueEntry, Search, search
from agent.store.ticket_file import read_file
from agent.store.visit_list import list_visits

router = APIRouter(prefix="/api/v1", tags=["tickets"])
Limit = Annotated[int, Query(ge=1, le=200)]


def _line(entry: QueueEntry) -> TicketLine:
    return TicketLine(
        number=f"T-{entry.id}",
        device=entry.device_id,
        product=entry.product,
        fault=entry.fault,
        probability=entry.probability,
        state=entry.state,
        opened_at=entry.opened_at,
        changed_at=entry.changed_at,
        explanation=entry.explanation,
        resolution=entry.resolution,
        owner=entry.owner,
        score=entry.score,
    )


def _ticket(parts: ConsoleParts, ticket_id: int) -> TicketOut:
    with parts.database.reading() as session:
        file = read_file(session, ticket_id)
    ticket = file.ticket
    now = parts.clock.now()
    waiting = any(command.state in DECIDABLE and now <= command.not_after for command in file.commands)
    fault = fault_of(ticket, ruling(ticket, parts.playbooks, parts.versions))
    return TicketOut(
        number=ticket.number,
        device=ticket.device_id,
        product=ticket.product,
        fault=ticket.fault,
        probability=ticket.probability,
        state=ticket.state,
        opened_at=ticket.opened_at,
        changed_at=ticket.changed_at,
        explanation=ticket.explanation,
        resolution=ticket.resolution,
        owner=ticket.owner,
        score=None if file.rating is None else file.rating.score,
        story=[StoryOut(id=one.id, at=one.at, kind=one.kind, actor=one.actor, text=one.text) for one in file.story],
        commands=[
            CommandOut(
                id=one.id,
                remedy=one.remedy,
                verb=one.verb,
                args=dict(one.args),
                state=one.state,
                created_at=one.created_at,
                sent_at=one.sent_at,
                answered_at=one.answered_at,
                detail=one.detail,
            )
            for one in file.commands
        ],
        can=sorted(possible_actions(ticket, file.visit, fault, now, waiting=waiting)),
    )


@router.get("/tickets")
def get_tickets(  # noqa: PLR0913, PLR0917 - each is a part of the address
    parts: Parts,
    _caller: Known,
    state: str = "",
    device: str = "",
    q: str = "",
    after: Place = None,
    limit: Limit = 50,
) -> Listing[TicketLine]:
    """List tickets, newest first. ``state`` is one of them, or ``needs`` or ``busy``."""
    states = states_named(state)
    if state and not states:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "There is no such state of a ticket.")
    with parts.database.reading() as session:
        found = search(session, Search(states, device, q), after=after, limit=limit + 1)
    items = [_line(entry) for entry in found[:limit]]
    return Listing(items=items, next=str(found[limit - 1].id) if len(found) > limit else None)


@router.get("/tickets/{number}")
def get_ticket(parts: Parts, _caller: Known, number: str) -> TicketOut:
    """Return a ticket with its whole story."""
    return _ticket(parts, ticket_number(number))


@router.patch("/tickets/{number}")
def patch_ticket(parts: Parts, caller: Known, number: str, body: TicketChange) -> TicketOut:
    """Close or reopen a ticket, or take it over."""
    ticket_id, name = ticket_number(number), caller.staff.name
    match body:
        case TicketChange(state="closed", owner=None):
            parts.desk.close(ticket_id, name, body.resolution, Word(body.found, failed=body.failed))
        case TicketChange(state="noticed", owner=None):
            parts.desk.reopen(ticket_id, name, body.resolution)
        case TicketChange(state=None, owner="me"):
            parts.desk.take_over(ticket_id, name)
        case _:
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "Send either a state or an owner.")
    return _ticket(parts, ticket_id)


@router.post("/tickets/{number}/notes", status_code=HTTPStatus.CREATED)
def post_note(parts: Parts, caller: Known, number: str, body: NoteIn) -> TicketOut:
    """Write on a ticket's story."""
    ticket_id = ticket_number(number)
    parts.desk.note(ticket_id, caller.staff.name, body.text)
    return _ticket(parts, ticket_id)


@router.post("/tickets/{number}/approve")
def approve(parts: Parts, caller: Known, number: str, body: ApproveIn | None = None) -> TicketOut:
    """Let the proposed remedy run. With ``command``, only if that is still the one that waits."""
    ticket_id = ticket_number(number)
    parts.desk.approve(ticket_id, caller.staff.name, None if body is None else body.command)
    return _ticket(parts, ticket_id)


@router.post("/tickets/{number}/remedies")
def try_again(parts: Parts, caller: Known, number: str, body: RemedyIn) -> TicketOut:
    """Send a remedy of the ticket's fault once more; what may do harm if done for nothing takes a second person."""
    ticket_id = ticket_number(number)
    parts.desk.try_again(ticket_id, body.remedy, caller.staff.name)
    return _ticket(parts, ticket_id)


@router.post("/tickets/{number}/thaw")
def thaw(parts: Parts, caller: Known, number: str, body: WhyIn) -> TicketOut:
    """Let the devices go on that a ticket about many holds back; many devices take a second person."""
    ticket_id = ticket_number(number)
    parts.desk.lift_freeze(ticket_id, caller.staff.name, body.why)
    return _ticket(parts, ticket_id)


@router.post("/tickets/{number}/reject")
def reject(parts: Parts, caller: Known, number: str, body: RejectIn) -> TicketOut:
    """Refuse the proposed remedy. With ``command``, only if that is still the one that waits."""
    ticket_id = ticket_number(number)
    parts.desk.reject(ticket_id, caller.staff.name, body.why, body.command)
    return _ticket(parts, ticket_id)


def _visit(visit: Visit) -> VisitOut:
    return VisitOut(
        id=visit.id,
        ticket=f"T-{visit.ticket_id}",
        technician_id=visit.technician_id,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        state=visit.state,
        parts=list(visit.parts),
    )


@router.get("/appointments")
def get_appointments(parts: Parts, _caller: Known, after: Place = None, limit: Limit = 50) -> Listing[VisitOut]:
    """List visits, newest first."""
    with parts.database.reading() as session:
        found = list_visits(session, after=after, limit=limit + 1)
    items = [_visit(visit) for visit in found[:limit]]
    return Listing(items=items, next=str(items[-1].id) if len(found) > limit else None)


@router.post("/appointments", status_code=HTTPStatus.CREATED)
def post_appointment(parts: Parts, caller: Known, body: AppointmentIn) -> VisitOut:
    """Book the best free slot for a ticket; one that is booked already is given back as it stands."""
    bounds = Book(body.not_before or parts.clock.now(), body.not_after)
    return _visit(parts.desk.book_visit(ticket_number(body.ticket), caller.staff.name, bounds))
