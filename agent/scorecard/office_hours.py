"""When people work (pure): Monday to Friday, by day, in UTC; enough for a simulation."""

from datetime import datetime, time, timedelta
from typing import Final

_OPENS: Final = time(8)
_CLOSES: Final = time(17)
_SATURDAY: Final = 5


def is_open(at: datetime) -> bool:
    """Tell whether people are at work."""
    return at.weekday() < _SATURDAY and _OPENS <= at.time() < _CLOSES


def next_open(at: datetime) -> datetime:
    """Return ``at`` where people are at work then, otherwise the next morning they are."""
    if is_open(at):
        return at
    morning = datetime.combine(at.date(), _OPENS, at.tzinfo)
    if at.time() >= _CLOSES or at.weekday() >= _SATURDAY:
        morning += timedelta(days=1)
    while morning.weekday() >= _SATURDAY:
        morning += timedelta(days=1)
    return morning
