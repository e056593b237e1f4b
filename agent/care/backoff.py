"""How long to wait before trying again (pure)."""

from datetime import datetime, timedelta

FIRST = timedelta(minutes=1)
LONGEST = timedelta(hours=2)
GIVE_UP_AFTER = timedelta(days=1)
ENOUGH_TRIES = 5


def next_try(attempts: int, now: datetime, chance: float) -> datetime:
    """Return when to try again after ``attempts`` ≥ 1 failures.

    Doubles from a minute to two hours. ``chance`` in 0..1 takes away up to half of it, so that what failed together
    does not come back together.
    """
    wait: timedelta = min(FIRST * 2 ** min(attempts - 1, 20), LONGEST)
    return now + wait * (1 - chance / 2)


def is_hopeless(attempts: int, wanted_at: datetime, now: datetime) -> bool:
    """Whether to stop trying what was first due at ``wanted_at`` and has failed ``attempts`` times.

    A day alone is not enough: when it was we who were away, the other side has hardly been asked.
    """
    return attempts >= ENOUGH_TRIES and now - wanted_at >= GIVE_UP_AFTER
