"""How long to wait before the next try (pure)."""

from datetime import timedelta
from typing import Final

FIRST: Final = timedelta(milliseconds=200)
LONGEST: Final = timedelta(seconds=15)
_DOUBLINGS: Final = 16


def full_jitter(attempt: int, chance: float) -> timedelta:
    """Return the wait before try number ``attempt`` ≥ 1: anything from nothing to ``FIRST`` doubled each time.

    At most ``LONGEST``. ``chance`` is drawn evenly from 0..1; spreading over the whole span keeps a crowd that lost
    its broker together from coming back together.

    Source:
        M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    doublings = min(max(attempt - 1, 0), _DOUBLINGS)
    return min(FIRST * (1 << doublings), LONGEST) * chance
