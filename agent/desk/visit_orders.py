"""What staff and technicians do with a ticket's visits (shell): each order is checked, carried out and told.

Errors are those of ``orders.py``: raised before anything is changed, with a sentence for whoever asked.
"""

from typing import Final

from agent.act.issue import withdraw_proposals
from agent.care.message import Stage
from agent.decide.moves import Book
from agent.desk.carry import message, place_visit, watch_after_visit
from agent.desk.lessons import NO_WORD, Word, check_word, learn_from_word
from agent.desk.lifecycle import CHANGES
from agent.desk.ticket import StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.diagnose.impression import Source
from agent.errors import NoReasonError, NotPossibleError
from agent.service.book import cancel_visit, visit_done
from agent.service.visit import Visit, VisitState
from agent.store.tickets import find_ticket
from agent.store.visits import booked_visit, visit_by_id

_REPORT: Final = "a visit's report"


def book_visit(turn: Turn, ticket_id: int, staff: str, bounds: Book | None = None) -> Visit:
    """Take the best free slot for a ticket; a visit that is ahead already is given back as it stands.

    ``bounds`` ``None``: as soon as can be.

    Raises:
        NotPossibleError: no slot is free then, or the ticket is where no visit can be booked.
    """
    ticket = find_ticket(turn.session, ticket_id)
    booked = booked_visit(turn.session, ticket_id)
    if booked is not None and booked.is_ahead(turn.now):
        return booked
    if TicketState.VISIT_BOOKED not in CHANGES[ticket.state] or ticket.gathers or turn.ruling(ticket) is None:
        raise NotPossibleError(ticket_id, f"no visit can be booked while it is {ticket.state}")
    visit = place_visit(turn, ticket, bounds or Book(turn.now, None), staff)
    if visit is None:
        raise NotPossibleError(ticket_id, "no slot is free then")
    withdraw_proposals(turn, ticket)
    return visit


def call_off_visit(turn: Turn, ticket: Ticket, staff: str) -> None:
    """Cancel the visit a ticket has; whoever waits for the technician hears that nobody comes."""
    visit = booked_visit(turn.session, ticket.id)
    if visit is None:
        return
    cancelled = cancel_visit(turn.session, visit_id=visit.id, now=turn.now, playbook=turn.ruling(ticket))
    turn.tell(ticket.id, StoryKind.VISIT, "The visit is cancelled.", actor=staff)
    if visit.is_ahead(turn.now):
        message(turn, ticket, Stage.VISIT_CANCELLED, cancelled)


def record_visit_result(turn: Turn, visit_id: int, by: str, report: str, word: Word = NO_WORD) -> Ticket:
    """Take a technician's word that a visit is done; whether it helped is then judged by the device's signal.

    ``word`` is what they found; later diagnoses learn from it. A report that comes after the visit was judged without
    one is kept and learned from, and nothing is judged twice.

    Raises:
        UnknownVisitError, VisitOverError: see ``agent.service.book``.
        UnknownFaultError: the playbook has no fault like the one in ``word``.
    """
    visit = visit_by_id(turn.session, visit_id)
    if visit is not None:
        check_word(turn, find_ticket(turn.session, visit.ticket_id), word)
    if not report.strip():
        raise NoReasonError(_REPORT)
    done = visit_done(turn.session, visit_id=visit_id, report=report)
    assert visit is not None  # ``visit_done`` would have raised
    ticket = find_ticket(turn.session, done.ticket_id)
    turn.tell(ticket.id, StoryKind.VISIT, f"The visit is done: {done.report}", actor=by)
    learn_from_word(turn, ticket.id, word, Source.TECHNICIAN, by)
    if visit.state is VisitState.DONE or TicketState.VERIFYING not in CHANGES[ticket.state]:
        return ticket  # judged or closed meanwhile: the report stays in the story
    return watch_after_visit(turn, ticket)
