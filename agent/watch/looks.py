"""Whether looking at what is due succeeds (state): when it fails, or never ends, every decision stops in silence."""

from dataclasses import dataclass, field
from typing import Final

_PATIENCE: Final = 3  # looks that failed one after the other
_STUCK_S: Final = 30.0


@dataclass(slots=True)
class Looks:
    """Follows the looks of some kinds by name; times are monotonic seconds."""

    _failed: dict[str, int] = field(default_factory=dict)
    _late_since_s: dict[str, float] = field(default_factory=dict)

    def succeeded(self, kind: str) -> None:
        """Take note that a look came to its end."""
        self._failed.pop(kind, None)
        self._late_since_s.pop(kind, None)

    def failed(self, kind: str) -> None:
        """Take note that a look raised."""
        self._failed[kind] = self._failed.get(kind, 0) + 1
        self._late_since_s.pop(kind, None)

    def late(self, kind: str, now_s: float) -> None:
        """Take note that a look could not begin because the one before still goes on."""
        self._late_since_s.setdefault(kind, now_s)

    def failures(self) -> int:
        """Return how many looks failed one after the other, of the kind that fails most."""
        return max(self._failed.values(), default=0)

    def problems(self, now_s: float) -> tuple[str, ...]:
        """Return what is wrong, as sentences without their full stops; empty: nothing."""
        failing = [
            f"looking at what is due ({kind}) failed {times} times in a row; its trace is in the log"
            for kind, times in sorted(self._failed.items())
            if times >= _PATIENCE
        ]
        stuck = [
            f"looking at what is due ({kind}) has not come to an end for {now_s - since_s:.0f} s"
            for kind, since_s in sorted(self._late_since_s.items())
            if now_s - since_s >= _STUCK_S
        ]
        return (*failing, *stuck)
