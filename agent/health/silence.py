"""When a device has been quiet for too long (state): against its own habit, never against a clock of ours.

Silence is no fault by itself: diagnosis decides. A device that was switched off on purpose is not silent, and nobody
is while we did not listen ourselves.
"""

from dataclasses import dataclass
from typing import Final

from agent.health.findings import LEAST_PATIENCE_S

_MANY: Final = 5.0  # intervals
_BURST_S: Final = 1.0  # messages closer than this are a backlog or a batch, no habit
_KNOWN_AFTER: Final = 3  # intervals
_MEMORY: Final = 50
POWER_OFF: Final = "power_off"
POWER_ON: Final = "power_on"


@dataclass(slots=True)
class Habit:
    """How often one device speaks. Instants are in Unix seconds of arrival.

    ``since_s`` is the last message before a silence that was noticed (``None``: it is not silent).
    """

    last_s: float | None = None
    interval_s: float = 0.0
    intervals: int = 0
    off_on_purpose: bool = False
    since_s: float | None = None

    def heard(self, at_s: float) -> None:
        """Take note that it spoke."""
        if self.last_s is not None and at_s - self.last_s >= _BURST_S:
            passed = at_s - self.last_s
            if self.intervals >= _KNOWN_AFTER:
                passed = min(passed, self.longest_s)  # an outage is no habit, unless it goes on happening
            self.intervals = min(self.intervals + 1, _MEMORY)
            self.interval_s += (passed - self.interval_s) / self.intervals
        self.last_s = at_s
        self.since_s = None

    def said(self, code: str) -> None:
        """Take note of an event: whether somebody switched it off or on."""
        if code == POWER_OFF:
            self.off_on_purpose = True
        elif code == POWER_ON:
            self.off_on_purpose = False

    @property
    def longest_s(self) -> float:
        """Return how long it may be quiet, in seconds."""
        return max(_MANY * self.interval_s, LEAST_PATIENCE_S)

    def falls_silent(self, now_s: float, listening_since_s: float) -> bool:
        """Tell, once a silence, that it is quiet for too long while we were listening."""
        if self.last_s is None or self.intervals < _KNOWN_AFTER or self.off_on_purpose or self.since_s is not None:
            return False
        if now_s - max(self.last_s, listening_since_s) <= self.longest_s:
            return False
        self.since_s = self.last_s
        return True
