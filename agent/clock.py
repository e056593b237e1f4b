"""What time it is, and how long to wait (shell): the only place of the agent that reads a clock.

Pure code is told the time. Shells are handed a ``Clock`` and ask it. A ``ScaledClock`` lets the
demo live an hour in half a minute without any shortened rule: every guard, verification and quiet
hour is counted in its time, and simulated devices stamp their samples with it.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant and how its durations map to seconds on the wall."""

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        ...

    def wall_seconds(self, duration: timedelta) -> float:
        """Return how many real seconds pass while ``duration`` passes on this clock, ≥ 0."""
        ...


@dataclass(frozen=True, slots=True)
class RealClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the machine's time, in UTC."""
        return datetime.now(UTC)

    def wall_seconds(self, duration: timedelta) -> float:
        """Return the duration in seconds; one second is one second."""
        return max(duration.total_seconds(), 0.0)


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """A clock that started at ``origin`` when the wall showed ``wall_origin_s`` and runs ``speed`` times as fast.

    Two processes that are handed the same three figures agree on the time.
    """

    origin: datetime
    wall_origin_s: float  # Unix seconds
    speed: float  # > 0

    def now(self) -> datetime:
        """Return the scaled instant, in UTC."""
        return self.origin + timedelta(seconds=(time.time() - self.wall_origin_s) * self.speed)

    def wall_seconds(self, duration: timedelta) -> float:
        """Return the real seconds in which ``duration`` passes on this clock."""
        return max(duration.total_seconds(), 0.0) / self.speed
