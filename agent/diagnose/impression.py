"""What a ticket looked like when it was judged (pure values): kept, because the truth comes days later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from agent.diagnose.experience import NO_LESSON, Lesson
from agent.diagnose.signs import Signs


class Source(StrEnum):
    """Who or what says which fault it was."""

    SIGNAL = "signal"  # it passed by itself
    REMEDY = "remedy"  # a remedy for this fault alone has healed it, verified; or it has not
    OWNER = "owner"  # the owner did what they were told, and the signal is normal again
    STAFF = "staff"  # said on closing the ticket
    TECHNICIAN = "technician"  # was there
    TAKEN_BACK = "taken back"  # a remedy, but the fault came back: it counts for nothing any more


_WEIGHT = {
    Source.TAKEN_BACK: 0,
    Source.SIGNAL: 0,
    Source.REMEDY: 0,
    Source.OWNER: 0,
    Source.STAFF: 1,
    Source.TECHNICIAN: 2,
}


@dataclass(frozen=True, slots=True)
class Impression:
    """A ticket as it was judged, and what it has taught.

    ``chances`` are the playbook's own, without experience. ``leader`` is the suspect sure enough to act on (``None``:
    none was), ``led_since`` since when it is that one. ``began_at`` is the first sign. ``confirmed`` and ``ruled_out``
    are what was learned from it by ``source`` at ``learned_at`` (``None``: nothing yet). ``failed_at`` is when the
    device no longer did its work, ``over_at`` when it was put right before that (``None``: not known, or not yet).
    """

    ticket_id: int
    product: str
    firmware: str
    playbook_version: str
    at: datetime
    signs: Signs
    chances: Mapping[str, float]
    drift: float
    leader: str | None
    led_since: datetime | None
    began_at: datetime
    confirmed: str | None = None
    ruled_out: frozenset[str] = frozenset()
    source: Source | None = None
    learned_at: datetime | None = None
    failed_at: datetime | None = None
    over_at: datetime | None = None

    @property
    def lesson(self) -> Lesson:
        """What it has taught so far, and still counts."""
        return NO_LESSON if self.source is Source.TAKEN_BACK else Lesson(self.confirmed, self.ruled_out)

    @property
    def lasted(self) -> timedelta | None:
        """How long it took to pass by itself, as far as that is what it has taught; ``None``: it did not pass."""
        return self.learned_at - self.began_at if self.source is Source.SIGNAL and self.learned_at else None


def is_news(kept: Impression, lesson: Lesson, source: Source) -> bool:
    """Tell whether a lesson changes what a ticket has taught, or who says so: what people bear out is theirs.

    Whoever was there knows better than the office, and people better than what a remedy did. What it was says more
    than what it was not.
    """
    if kept.source is None:
        return lesson != kept.lesson
    if lesson == kept.lesson:
        return _WEIGHT[source] > _WEIGHT[kept.source]
    if lesson.confirmed is None and kept.lesson.confirmed is not None:
        return False
    return outweighs(kept, source)


def outweighs(kept: Impression, source: Source) -> bool:
    """Tell whether a source knows at least as well as the one that a ticket has been learned from so far, if any."""
    return kept.source is None or _WEIGHT[source] >= _WEIGHT[kept.source]
