"""Takes an owner's rating to its ticket (shell): told in the story, and followed up when they are unhappy."""

from dataclasses import dataclass, replace

from agent.care.message import Stage
from agent.care.rate import record_rating
from agent.care.rating import RatingSource
from agent.desk.carry import message
from agent.desk.lifecycle import change
from agent.desk.ticket import StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.store.ratings import rating_of_ticket
from agent.store.tickets import find_ticket, save_ticket, story_of

# Nothing is being done about the device just now, so nobody but a person would follow up.
_AT_REST = frozenset({TicketState.NOTICED, TicketState.WITH_OWNER, TicketState.HEALED, TicketState.CLOSED})

# A visit that somebody books is an answer; to agree to a remedy is none.
_BY_PEOPLE = frozenset({StoryKind.NOTE, StoryKind.STATE, StoryKind.VISIT})
_NOBODY_OF_US = frozenset({"agent", "device", "owner"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an owner said of a ticket. ``device_id`` is the device it was said on; ``None``: not on a device."""

    ticket_id: int
    score: int
    comment: str
    source: RatingSource
    device_id: str | None = None


def take_verdict(turn: Turn, verdict: Verdict) -> None:
    """Record a rating and tell it; a newly unhappy owner gets a person, also where nobody is at it or nobody had asked.

    Raises:
        RatingError: the score is not 1 to 5.
        UnknownTicketError: there is no such ticket, or it is about another device.
    """
    recorded = record_rating(
        turn.session,
        ticket_id=verdict.ticket_id,
        score=verdict.score,
        comment=verdict.comment,
        source=verdict.source,
        now=turn.now,
        device_id=verdict.device_id,
    )
    if not recorded.changed:
        return
    turn.tell(verdict.ticket_id, StoryKind.RATING, f"The owner {recorded.sentence}.", actor="owner")
    ticket = find_ticket(turn.session, verdict.ticket_id)
    if not recorded.follow_up:
        return
    if ticket.state in _AT_REST:
        ticket = follow_up(turn, ticket)
    message(turn, ticket, Stage.FOLLOW_UP)


def follow_up(turn: Turn, ticket: Ticket) -> Ticket:
    """Give the ticket of an unhappy owner to a person, also one that is closed."""
    theirs = replace(change(ticket, TicketState.WITH_PERSON, turn.now), closed_at=None, resolution="")
    save_ticket(turn.session, theirs)
    turn.tell(ticket.id, StoryKind.MOVE, "A person follows up: the owner is not content.")
    return theirs


def is_unanswered(turn: Turn, ticket_id: int) -> bool:
    """Tell whether an owner is unhappy and no person has had the ticket, or written on it, since they said so."""
    rating = rating_of_ticket(turn.session, ticket_id)
    if rating is None or not rating.is_unhappy:
        return False
    since = [entry for entry in story_of(turn.session, ticket_id) if entry.at >= rating.at]
    return not any(entry.kind in _BY_PEOPLE and entry.actor not in _NOBODY_OF_US for entry in since)
