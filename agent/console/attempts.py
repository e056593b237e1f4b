"""How often somebody may get a password wrong (state): told the time, forgets by itself."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

_KEPT = 10_000  # names and addresses remembered; a flood of invented names pushes out the oldest


@dataclass(slots=True)
class Attempts:
    """Failed attempts by name or address, within a sliding window. ``window_s`` in seconds."""

    allowed: int = 5
    window_s: float = 300.0
    _failed: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    def wait_s(self, who: str, now_s: float) -> float:
        """Return how long ``who`` has to wait before the next attempt; 0: none."""
        failed = self._failed.get(who)
        if failed is None:
            return 0.0
        while failed and failed[0] <= now_s - self.window_s:
            failed.popleft()
        if len(failed) < self.allowed:
            return 0.0
        return failed[0] + self.window_s - now_s

    def failed(self, who: str, now_s: float) -> None:
        """Count a wrong password."""
        self._failed.setdefault(who, deque(maxlen=self.allowed)).append(now_s)
        self._failed.move_to_end(who)
        while len(self._failed) > _KEPT:
            self._failed.popitem(last=False)

    def succeeded(self, who: str) -> None:
        """Forget the wrong ones: they know their password."""
        self._failed.pop(who, None)
