"""Owners' verdicts (shell): rows to values and back."""

from sqlmodel import Session

from agent.care.rating import Rating
from agent.store.mapping import from_row
from agent.store.tables import RatingRow


def rating_of_ticket(session: Session, ticket_id: int) -> Rating | None:
    """Return the verdict on a ticket; ``None``: none was given."""
    row = session.get(RatingRow, ticket_id)
    return None if row is None else from_row(row, Rating)


def save_rating(session: Session, rating: Rating) -> None:
    """Write the verdict down; it takes the place of an earlier one on the same ticket."""
    session.merge(
        RatingRow(
            ticket_id=rating.ticket_id,
            score=rating.score,
            comment=rating.comment,
            source=rating.source,
            at=rating.at,
        )
    )
    session.flush()
