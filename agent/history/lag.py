"""How far history is behind (state): the age of the oldest journal record that is not in files yet."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

_MOST: Final = 20_000


@dataclass(slots=True)
class Lag:
    """Fed how far the journal was, and when; instants are seconds of any steady clock, and never go back."""

    _reached: deque[tuple[int, float]] = field(default_factory=deque)

    def note(self, next_offset: int, now_s: float) -> None:
        """Remember that the journal ended before ``next_offset`` at ``now_s``."""
        if not self._reached or next_offset > self._reached[-1][0]:
            self._reached.append((next_offset, now_s))
        if len(self._reached) > _MOST:  # every other one tells nearly as much
            self._reached = deque(list(self._reached)[::2])

    def seconds(self, written: int, now_s: float) -> float:
        """Return how long ago the oldest record not before ``written`` was noted; 0 when there is none."""
        while self._reached and self._reached[0][0] <= written:
            self._reached.popleft()
        return now_s - self._reached[0][1] if self._reached else 0.0
