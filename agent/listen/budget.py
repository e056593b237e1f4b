"""How many samples of one device are scored (pure values and state): so that one that floods takes only its own share.

What is beyond the budget is journaled, acknowledged and kept in history like any other; only the model does not get it,
and that is said. Time counts as the samples have it: a backlog of hours brings the budget of hours with it.
"""

from dataclasses import dataclass
from typing import Final

SAMPLES_A_SECOND: Final = 100.0
MOST_SAVED: Final = 6_000.0
"""A minute's worth: what a device may send at once."""
TELL_EVERY_MS: Final = 60_000


@dataclass(slots=True)
class Budget:
    """What one device has left, in samples. ``told_ms`` is when it was last said that it floods, ``None``: never.

    ``over`` counts the messages over budget since then.
    """

    left: float = MOST_SAVED
    told_ms: int | None = None
    over: int = 0

    def spend(self, samples: int, passed_s: float) -> int:
        """Return how many of these samples may be scored, ``passed_s`` seconds after those before."""
        self.left = min(self.left + passed_s * SAMPLES_A_SECOND, MOST_SAVED)
        allowed = min(samples, int(self.left))
        self.left -= allowed
        return allowed

    def tell(self, arrival_ms: int) -> int:
        """Count a message over budget; return how many there were when it is time to say so, else 0."""
        self.over += 1
        if self.told_ms is not None and 0 <= arrival_ms - self.told_ms < TELL_EVERY_MS:
            return 0
        self.told_ms = arrival_ms
        over, self.over = self.over, 0
        return over
