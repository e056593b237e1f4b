"""Whether a message may still be said when it leaves (pure): what was planned by night may be past by morning."""

from typing import assert_never

from agent.care.message import Stage
from agent.desk.lifecycle import OPEN
from agent.desk.ticket import Outcome, Ticket, TicketState
from agent.service.visit import Visit, VisitState

# A person has it, or had it last: whether it is healed shows in how the last remedy ended.
_WITH_PEOPLE = frozenset({TicketState.WITH_PERSON, TicketState.CLOSED})
_PEOPLE_LOOK = OPEN - {TicketState.HEALED}


def occasion_of(visit: Visit) -> str:
    """Return what tells one moment of a visit apart from the others: each of its changes is one."""
    return f"{visit.id}.{visit.sequence}"


def untrue(stage: Stage, occasion: str, ticket: Ticket, visit: Visit | None) -> str:
    """Return why a stage may not be said any more of a ticket as it stands, for staff; empty: it may.

    ``occasion`` is that of the message, and ``visit`` the one booked for the ticket (``None``: none is). That a visit
    will not take place and that a person reads what somebody wrote stay true whatever comes.
    """
    match stage:
        case Stage.FIXED:
            return "" if _is_fixed(ticket) else "it is not known to be fixed any more"
        case Stage.NEEDS_YOU:
            return "" if ticket.state is TicketState.WITH_OWNER else "there is nothing left for the owner to do"
        case Stage.WITH_PERSON:
            return "" if ticket.state in _PEOPLE_LOOK else "no person needs to look at it any more"
        case Stage.VISIT_BOOKED | Stage.VISIT_MOVED:
            stands = visit is not None and visit.state is VisitState.BOOKED and occasion_of(visit) == occasion
            return "" if stands else "the visit it speaks of does not stand like that any more"
        case Stage.VISIT_CANCELLED | Stage.FOLLOW_UP:
            return ""
        case never:
            assert_never(never)


def _is_fixed(ticket: Ticket) -> bool:
    """Tell whether what was healed still is, as far as the ticket knows."""
    if ticket.state in _WITH_PEOPLE:
        last = ticket.tried[-1].outcome if ticket.tried else None
        return last is Outcome.HEALED or (ticket.state is TicketState.CLOSED and last is not Outcome.RECURRED)
    return ticket.state is TicketState.HEALED
