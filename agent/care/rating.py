"""An owner's verdict (pure values and rules)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent.care.clean import paragraphs
from agent.care.errors import RatingError

LOWEST, HIGHEST = 1, 5
UNHAPPY = 2  # this score and below: a person follows up
COMMENT_LIMIT = 2000  # characters


class RatingSource(StrEnum):
    """Where a rating was given."""

    MAIL = "mail"  # on the page behind the link in a mail
    DEVICE = "device"  # on the device itself
    STAFF = "staff"  # told to a person, who wrote it down


@dataclass(frozen=True, slots=True)
class Rating:
    """An owner's verdict on one ticket. ``score`` is 1 (poor) to 5 (great); ``comment`` may be empty."""

    ticket_id: int
    score: int
    comment: str
    source: RatingSource
    at: datetime

    @property
    def is_unhappy(self) -> bool:
        """Whether somebody should follow up."""
        return self.score <= UNHAPPY

    def says_the_same_as(self, other: "Rating") -> bool:
        """Whether both are the same verdict, whenever and wherever it was given."""
        return (self.score, self.comment) == (other.score, other.comment)


def make_rating(ticket_id: int, score: int, comment: str, source: RatingSource, at: datetime) -> Rating:
    """Return a rating with a checked score and a cleaned comment, cut at ``COMMENT_LIMIT``.

    Raises:
        RatingError: the score is not a whole number from 1 to 5.
    """
    if not LOWEST <= score <= HIGHEST:
        raise RatingError(score, LOWEST, HIGHEST)
    return Rating(ticket_id, score, paragraphs(comment, COMMENT_LIMIT), source, at)
