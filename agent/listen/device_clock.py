"""Whose time a sample gets (pure): the device's own where it can be right, the arrival's where it cannot.

A device without a clock says nothing or 1970; one that sends seconds for milliseconds lands in 1970 too. A clock that
is hours behind looks like a backlog at first. But a backlog catches up with now: when in a whole hour nothing came
that was younger than two minutes, it is the clock.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

_MS: Final = timedelta(milliseconds=1)
OLDEST_MS: Final = timedelta(days=400) // _MS  # a backlog of a device that was away for a year
AHEAD_MS: Final = timedelta(minutes=10) // _MS  # what clocks drift apart when somebody minds them
LATE_MS: Final = timedelta(minutes=2) // _MS  # how late the youngest sample of an hour may come
WATCH_MS: Final = timedelta(hours=1) // _MS
STEP_S: Final = 0.001  # between samples that came at once from a device without a clock


def can_be_right(ts_ms: int | None, arrival_ms: int) -> bool:
    """Tell whether a device's own time may be used; ``None``: it gave none."""
    return ts_ms is not None and arrival_ms - OLDEST_MS <= ts_ms <= arrival_ms + AHEAD_MS


@dataclass(slots=True)
class Lag:
    """How late a device's youngest samples come; ``behind``: its clock is.

    ``since_ms`` is when the watch began, ``None`` before the first sample; ``least_ms`` is the least lag in this watch.
    """

    since_ms: int | None = None
    least_ms: int = 0
    behind: bool = False

    def take(self, newest_ms: int, arrival_ms: int) -> None:
        """Take the youngest instant of a message."""
        lag_ms = arrival_ms - newest_ms
        if lag_ms <= LATE_MS:
            self.behind = False
        if self.since_ms is None:
            self.since_ms, self.least_ms = arrival_ms, lag_ms
            return
        self.least_ms = min(self.least_ms, lag_ms)
        if arrival_ms - self.since_ms >= WATCH_MS or arrival_ms < self.since_ms:
            self.behind = self.least_ms > LATE_MS
            self.since_ms, self.least_ms = arrival_ms, lag_ms
