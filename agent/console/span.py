"""How far back a device's charts go (pure)."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final


class Span(StrEnum):
    """What a reader may choose."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    @property
    def length(self) -> timedelta:
        """Return how long it is."""
        return _LENGTHS[self]


_LENGTHS: Final = {
    Span.DAY: timedelta(days=1),
    Span.WEEK: timedelta(days=7),
    Span.MONTH: timedelta(days=30),
    Span.YEAR: timedelta(days=365),
}

AHEAD: Final = timedelta(minutes=10)
"""How far a device's clock may run before ours; its newest samples belong into the picture too."""
OLDEST: Final = datetime(1971, 1, 1, tzinfo=UTC)
NEWEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""What may be asked for; nothing was ever measured outside, and no arithmetic on it fails."""
POINTS: Final = 720
"""Points of a chart on a page: two pixels each, and an hour each over a month."""
