"""What the broker dropped, by its own count (state): a rise is a loss, between two instants, of messages of anybody.

The count begins anew when the broker starts. What was dropped before we ever looked is a loss since an unknown
instant; the last look of an agent that ran before counts as ours.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

REMEMBERED_FOR: Final = timedelta(minutes=10)
"""How long after a loss the agent is not ready: what was measured is incomplete, and people shall know."""


@dataclass(frozen=True, slots=True)
class Loss:
    """So many messages dropped between ``since`` (``None``: not known) and ``until``."""

    messages: int
    since: datetime | None
    until: datetime

    def __str__(self) -> str:
        """Return the loss as a sentence without its full stop."""
        since = "" if self.since is None else f"between {self.since:%H:%M:%S} and "
        before = "by " if self.since is None else ""
        return (
            f"the broker dropped {self.messages} messages {since}{before}{self.until:%H:%M:%S} UTC: "
            "what was measured then is incomplete"
        )


@dataclass(frozen=True, slots=True)
class Look:
    """The broker's count, and when it said so."""

    count: int
    at: datetime


@dataclass(slots=True)
class Losses:
    """Follows the broker's count. ``dropped`` is the sum of all rises that were seen; ``last`` the newest loss.

    ``look`` is the newest look (``None``: never one).
    """

    dropped: int = 0
    last: Loss | None = None
    look: Look | None = None

    def counted(self, count: int, now: datetime) -> Loss | None:
        """Take the broker's count at ``now`` and return what was lost since the last; ``None``: nothing."""
        before = 0 if self.look is None or count < self.look.count else self.look.count
        since = None if self.look is None else self.look.at
        self.look = Look(count, now)
        if count == before:
            return None
        lost = count - before
        self.dropped += lost
        going_on = self.last is not None and now - self.last.until < REMEMBERED_FOR
        if self.last is not None and going_on:
            self.last = Loss(self.last.messages + lost, self.last.since, now)
        else:
            self.last = Loss(lost, since, now)
        return self.last

    def lately(self, now: datetime) -> Loss | None:
        """Return the loss that is still to be shown at ``now``; ``None``: there is none."""
        return self.last if self.last is not None and now - self.last.until < REMEMBERED_FOR else None
