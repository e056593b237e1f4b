"""Takes an owner's rating to its ticket (shell): told in the story, and followed up when they are unhappy."""

from dataclasses import dataclass, replace

from agent.care.message import Stage
from agent.care.rate import record_rating
from agent.care.rating import RatingSource
from agent.desk.carry import message
from agent.desk.lifecycle import change
from agent.desk.ticket import StoryKind, TicketState
from agent.desk.turn import Turn
from agent.store.tickets import find_ticket, save_ticket

# Nothing is being done about the device just now, so nobody but a person would follow up.
_AT_REST = frozenset({TicketState.NOTICED, TicketState.WITH_OWNER, TicketState.HEALED, TicketState.CLOSED})


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
        ticket = replace(change(ticket, TicketState.WITH_PERSON, turn.now), closed_at=None, resolution="")
        save_ticket(turn.session, ticket)
        turn.tell(ticket.id, StoryKind.MOVE, "A person follows up: the owner is not content.")
    message(turn, ticket, Stage.FOLLOW_UP)
