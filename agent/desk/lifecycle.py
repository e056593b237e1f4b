"""Where a ticket may go from where it stands (pure)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from agent.desk.ticket import Outcome, Ticket, TicketState, Tried
from agent.errors import IllegalChangeError

_T = TicketState
CHANGES: Mapping[TicketState, frozenset[TicketState]] = {
    _T.NOTICED: frozenset({_T.AWAITING_APPROVAL, _T.FIXING, _T.VISIT_BOOKED, _T.WITH_OWNER, _T.WITH_PERSON, _T.CLOSED}),
    _T.AWAITING_APPROVAL: frozenset({_T.FIXING, _T.NOTICED, _T.WITH_PERSON, _T.CLOSED}),
    # A remedy that failed sends the ticket back to be weighed: what next is one decision in one place.
    _T.FIXING: frozenset({_T.VERIFYING, _T.NOTICED, _T.WITH_PERSON, _T.CLOSED}),
    _T.VERIFYING: frozenset({_T.HEALED, _T.NOTICED, _T.WITH_PERSON, _T.CLOSED}),
    _T.HEALED: frozenset({_T.NOTICED, _T.WITH_PERSON, _T.CLOSED}),
    _T.VISIT_BOOKED: frozenset({_T.VERIFYING, _T.WITH_PERSON, _T.CLOSED}),
    _T.WITH_OWNER: frozenset({_T.NOTICED, _T.WITH_PERSON, _T.CLOSED}),
    _T.WITH_PERSON: frozenset({_T.FIXING, _T.VERIFYING, _T.NOTICED, _T.VISIT_BOOKED, _T.CLOSED}),
    _T.CLOSED: frozenset({_T.NOTICED, _T.WITH_PERSON}),  # reopened by staff, or its owner is not content
}
OPEN = frozenset(TicketState) - {_T.CLOSED}
# Something is being done, or decided, about the fault; a healed one is only watched.
ACTIVE = OPEN - {_T.HEALED}
# The agent itself is at it; its fault may yet turn out to be another.
AT_WORK = frozenset({_T.NOTICED, _T.FIXING, _T.VERIFYING})


def change(ticket: Ticket, state: TicketState, now: datetime, *, due_at: datetime | None = None) -> Ticket:
    """Return the ticket in another state, to be looked at again at ``due_at`` (``None``: when something happens).

    Raises:
        IllegalChangeError: a ticket cannot go there from where it stands.
    """
    if state not in CHANGES[ticket.state]:
        raise IllegalChangeError(ticket.state, state)
    return replace(ticket, state=state, changed_at=now, due_at=due_at, verify_from=None, verify_by=None)


def close(ticket: Ticket, resolution: str, now: datetime) -> Ticket:
    """Return the ticket closed, with one sentence on how it ended."""
    return replace(change(ticket, TicketState.CLOSED, now), closed_at=now, resolution=resolution)


def reopen(ticket: Ticket, now: datetime) -> Ticket:
    """Return a ticket back on the desk, to be looked at right away; a remedy still being judged goes on being so."""
    if ticket.verify_by is not None:
        verifying = change(ticket, TicketState.VERIFYING, now, due_at=now)
        return replace(verifying, verify_from=ticket.verify_from, verify_by=ticket.verify_by)
    return replace(change(ticket, TicketState.NOTICED, now, due_at=now), closed_at=None, resolution="")


def having_tried(ticket: Ticket, remedy: str, command_id: str, now: datetime) -> Ticket:
    """Return the ticket with a remedy tried whose outcome is not known yet."""
    return replace(ticket, tried=(*ticket.tried, Tried(remedy, command_id, now)))


def having_ended(ticket: Ticket, command_id: str, outcome: Outcome) -> Ticket:
    """Return the ticket with the outcome of one of its remedies."""
    tried = tuple(replace(one, outcome=outcome) if one.command_id == command_id else one for one in ticket.tried)
    return replace(ticket, tried=tried)


def never_tried(ticket: Ticket, command_id: str) -> Ticket:
    """Return the ticket without a remedy whose command never left."""
    return replace(ticket, tried=tuple(one for one in ticket.tried if one.command_id != command_id))
