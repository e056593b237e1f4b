"""What had healed and is back (shell): told by device, fault and remedy, whatever has become of its ticket since.

An owner may have been unhappy with it or staff may have closed it: what a remedy has healed is watched all the same.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from agent.desk.endings import record_outcome
from agent.desk.lifecycle import ACTIVE
from agent.desk.ticket import Outcome, StoryKind, Ticket
from agent.desk.turn import Turn
from agent.diagnose.impression import Source
from agent.store.learning import find_impression
from agent.store.outcomes import newest_ending
from agent.store.tickets import closed_after_healing, save_ticket
from agent.store.visits import last_done_visit

_NOT_THIS: Final = "The same shows again, and whoever looked had found something else, or nothing wrong."


def healed_at(turn: Turn, ticket: Ticket) -> datetime | None:
    """Return when the ticket's newest remedy healed it; ``None``: it did not, or that is watched no longer.

    The watch ends after its days, when it turns out to be about another fault, and with a visit: what holds from then
    on is the technician's doing.
    """
    if not ticket.tried or ticket.tried[-1].outcome is not Outcome.HEALED:
        return None
    last = ticket.tried[-1]
    ending = newest_ending(turn.session, last.command_id)
    visit = last_done_visit(turn.session, ticket.id)
    if ending is None or ending.fault != ticket.fault or turn.now - ending.at > turn.policy.watch_for:
        return None
    return None if visit is not None and visit.starts_at >= last.at else ending.at


def healed_and_closed(turn: Turn, device_id: str, product: str, fault: str) -> Ticket | None:
    """Return the closed ticket on which a remedy had healed the fault of a device, while watched; ``None``: none.

    What healed when the device was another product says nothing about what it is now.
    """
    ticket = closed_after_healing(turn.session, device_id, product, fault, turn.now - turn.policy.watch_for)
    return None if ticket is None or healed_at(turn, ticket) is None else ticket


def book_recurrence(turn: Turn, ticket: Ticket) -> Ticket:
    """Book that the fault of a ticket is back where its newest remedy had healed it; the ticket stays where it is."""
    since = healed_at(turn, ticket)
    if since is None:
        return ticket
    ended = record_outcome(turn, ticket, Outcome.RECURRED)
    held_h = (turn.now - since).total_seconds() / 3600
    recurred = replace(ended, tried=(*ended.tried[:-1], replace(ended.tried[-1], held_h=held_h)))
    save_ticket(turn.session, recurred)
    if ticket.state in ACTIVE:
        turn.tell(
            ticket.id, StoryKind.OUTCOME, f"The fault has come back though {recurred.tried[-1].remedy} healed it."
        )
    return recurred


def usual_end(turn: Turn, ticket: Ticket) -> datetime | None:
    """Return when a fault that is back now is felt as a rule: its time left begins anew. ``None``: nobody knows."""
    fault = turn.fault_of(ticket)
    return None if fault is None or fault.time_left is None else turn.now + fault.time_left


def not_ours(turn: Turn, ticket: Ticket) -> str | None:
    """Return why a person decides about what is back, and nobody is sent; ``None``: the agent goes on.

    A person has found another fault than the ticket is named after, or nothing: so would one more.
    """
    kept = find_impression(turn.session, ticket.id)
    said = kept is not None and kept.source in {Source.STAFF, Source.TECHNICIAN}
    return _NOT_THIS if kept is not None and said and kept.confirmed != ticket.fault else None
