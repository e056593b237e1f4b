"""A clock that stands until it is set (state): virtual time."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class VirtualClock:
    """Shows ``at``, in UTC, until somebody sets it later."""

    at: datetime

    def now(self) -> datetime:
        """Return the virtual instant."""
        return self.at

    def wall_seconds(self, duration: timedelta) -> float:
        """Return the duration in seconds: nothing waits for virtual time, so only its sign and size are told."""
        return max(duration.total_seconds(), 0.0)
