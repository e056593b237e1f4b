"""What owners do about a visit (shell): confirm, move or cancel, each one transaction and told."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from agent.care.message import Stage
from agent.care.tell import tell_owner
from agent.console.owner_page import CONFIRMED, is_confirmed
from agent.console.parts import ConsoleParts
from agent.console.reader import ruling
from agent.desk.lifecycle import CHANGES, change
from agent.desk.ticket import StoryKind, Ticket, TicketState
from agent.diagnose.playbook import Playbook
from agent.service.book import cancel_visit, move_visit
from agent.service.errors import UnknownVisitError
from agent.service.visit import Visit, VisitState
from agent.store.tickets import Line, find_ticket, save_ticket, story_of, tell
from agent.store.visits import visit_by_id

OWNER = "owner"


def playbook_for(parts: ConsoleParts, ticket: Ticket) -> Playbook:
    """Return the playbook that rules a ticket; an empty one where there is none any more, so that pages still speak."""
    product = ticket.product
    empty = Playbook(product=product, title=product, version="", metrics=(), faults=(), remedies=())
    return ruling(ticket, parts.playbooks, parts.versions).get(product, empty)


def find_visit(session: Session, visit_id: int) -> Visit:
    """Return a visit.

    Raises:
        UnknownVisitError: there is none with this id.
    """
    visit = visit_by_id(session, visit_id)
    if visit is None:
        raise UnknownVisitError(visit_id)
    return visit


def confirm(parts: ConsoleParts, visit_id: int, now: datetime) -> None:
    """Write down that the time suits the owner; saying so twice is told once."""
    with parts.database.transaction() as session:
        visit = find_visit(session, visit_id)
        if visit.state is VisitState.BOOKED and not is_confirmed(story_of(session, visit.ticket_id)):
            tell(session, visit.ticket_id, Line(now, StoryKind.VISIT, CONFIRMED, OWNER))


def move(parts: ConsoleParts, visit_id: int, slot_id: int, now: datetime) -> bool:
    """Move a visit to another free slot; False: somebody was quicker, and nothing changed."""
    with parts.database.transaction() as session:
        ticket = find_ticket(session, find_visit(session, visit_id).ticket_id)
        playbook = playbook_for(parts, ticket)
        moved = move_visit(session, visit_id=visit_id, slot_id=slot_id, playbook=playbook, now=now)
        if moved is None:
            return False
        if ticket.state is TicketState.VISIT_BOOKED:
            # Looked at when it is over; the time for its report counts from there.
            save_ticket(session, replace(ticket, due_at=moved.ends_at))
        text = f"Moved the visit to {moved.starts_at:%Y-%m-%d %H:%M} UTC."
        tell(session, ticket.id, Line(now, StoryKind.VISIT, text, OWNER))
        _tell_owner(session, parts, ticket, Stage.VISIT_MOVED, moved, now)
        return True


def cancel(parts: ConsoleParts, visit_id: int, now: datetime) -> None:
    """Cancel a visit; a person looks at what else can be done. Cancelling twice changes nothing."""
    with parts.database.transaction() as session:
        visit = find_visit(session, visit_id)
        if visit.state is VisitState.CANCELLED:
            return
        ticket = find_ticket(session, visit.ticket_id)
        playbook = playbook_for(parts, ticket)
        cancelled = cancel_visit(session, visit_id=visit_id, now=now, playbook=playbook)
        tell(session, ticket.id, Line(now, StoryKind.VISIT, "Cancelled the visit.", OWNER))
        if TicketState.WITH_PERSON in CHANGES[ticket.state]:
            ticket = change(ticket, TicketState.WITH_PERSON, now)
            save_ticket(session, ticket)
            tell(session, ticket.id, Line(now, StoryKind.STATE, "A person takes over: the owner cancelled the visit."))
        _tell_owner(session, parts, ticket, Stage.VISIT_CANCELLED, cancelled, now)


def _tell_owner(  # noqa: PLR0913, PLR0917 - the moment and all it is about
    session: Session, parts: ConsoleParts, ticket: Ticket, stage: Stage, visit: Visit, now: datetime
) -> None:
    told = tell_owner(
        session,
        ticket=ticket,
        stage=stage,
        playbook=playbook_for(parts, ticket),
        now=now,
        public_url=parts.public_url,
        visit=visit,
    )
    tell(session, ticket.id, Line(now, StoryKind.MESSAGE, told))
