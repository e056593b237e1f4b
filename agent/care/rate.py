"""Writing an owner's verdict down (shell)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from agent.care.rating import Rating, RatingSource, make_rating
from agent.errors import UnknownTicketError
from agent.store.ratings import rating_of_ticket, save_rating
from agent.store.tickets import find_ticket

_SOURCE_WORDS = {
    RatingSource.MAIL: "on the page in the mail",
    RatingSource.DEVICE: "on the device",
    RatingSource.STAFF: "to a member of staff",
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of a verdict.

    ``sentence`` is for the ticket's story. ``changed`` is False when the same verdict was there already, and there is
    nothing to tell. ``follow_up``: the owner has just become unhappy, so a person should follow up.
    """

    sentence: str
    follow_up: bool
    changed: bool


def record_rating(  # noqa: PLR0913 - all that a verdict is; keywords keep them apart
    session: Session,
    *,
    ticket_id: int,
    score: int,
    comment: str,
    source: RatingSource,
    now: datetime,
    device_id: str | None = None,
) -> Recorded:
    """Write the verdict down; an earlier one on the same ticket is changed, never doubled.

    Whoever calls has checked that the sender may speak about the ticket: with ``open_link`` for mail. For feedback from
    a device pass its ``device_id``; the ticket must then be about it.

    Raises:
        RatingError: the score is not 1 to 5.
        UnknownTicketError: there is no such ticket, or it is about another device.
    """
    rating = make_rating(ticket_id, score, comment, source, now)
    ticket = find_ticket(session, ticket_id)
    if device_id is not None and ticket.device_id != device_id:
        # The same answer as for a ticket that does not exist: a device learns nothing about others.
        raise UnknownTicketError(ticket_id)
    before = rating_of_ticket(session, ticket_id)
    if before is not None and before.says_the_same_as(rating):
        return Recorded(_sentence(rating, before), follow_up=False, changed=False)
    save_rating(session, rating)
    newly_unhappy = rating.is_unhappy and not (before is not None and before.is_unhappy)
    return Recorded(_sentence(rating, before), follow_up=newly_unhappy, changed=True)


def _sentence(rating: Rating, before: Rating | None) -> str:
    where = _SOURCE_WORDS[rating.source]
    if before is None:
        said = f"rated {rating.score} of 5 {where}"
    elif before.score != rating.score:
        said = f"changed the rating from {before.score} to {rating.score} of 5 {where}"
    elif not rating.comment:
        return f"took back the comment on the rating of {rating.score} of 5 {where}"
    else:
        said = f"{'changed the' if before.comment else 'added a'} comment on the rating of {rating.score} of 5 {where}"
    return f"{said}: “{rating.comment}”" if rating.comment else f"{said}, without a comment"
