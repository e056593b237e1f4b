"""In which operating regime a device was, and from when on (pure).

A fault may show in one regime only: a house that stays cold is not seen while its heat pump makes hot water.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from agent.health.layout import Context

_LATELY: Final = timedelta(minutes=15)
"""How far back it is looked which regime ruled: what was seen just after a change had begun before it."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay in a regime, from its first sample until the next stay begins. ``regime`` ``None``: not known."""

    regime: Context | None
    since: datetime


def ruled_at(stays: Sequence[Stay], at: datetime) -> Context | None:
    """Return the regime in which the device was most of the quarter of an hour before ``at``; ``None``: not known."""
    lasted: dict[Context | None, timedelta] = {}
    for stay, ends_at in _ending(stays, at):
        time = ends_at - max(stay.since, at - _LATELY)
        if time > timedelta() or stay.since == at:
            lasted[stay.regime] = lasted.get(stay.regime, timedelta()) + time
    return max(lasted, key=lambda regime: lasted[regime], default=None)


def time_elsewhere(stays: Sequence[Stay], regimes: Collection[Context], since: datetime, until: datetime) -> timedelta:
    """Return how long, from ``since`` to ``until``, the device was in regimes that are known and none of these.

    Where none are given, nothing is known of where it should be: 0.
    """
    if not regimes:
        return timedelta()
    spent = (
        ends_at - max(stay.since, since)
        for stay, ends_at in _ending(stays, until)
        if stay.regime is not None and stay.regime not in regimes and ends_at > since
    )
    return sum(spent, timedelta())


def _ending(stays: Sequence[Stay], until: datetime) -> list[tuple[Stay, datetime]]:
    """Return the stays that had begun by an instant, each with its end, which is no later."""
    begun = [stay for stay in stays if stay.since <= until]
    return [*((stay, after.since) for stay, after in pairwise(begun)), *((stay, until) for stay in begun[-1:])]
