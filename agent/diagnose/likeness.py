"""Faults that begin alike (pure): where a second look costs little and a hasty one much."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from agent.diagnose.playbook import Direction, Fault, FaultKind, Playbook
from agent.diagnose.signs import PLAIN_Z
from agent.health.findings import Because

_LEAST: Final = timedelta(minutes=10)
_SHARE: Final = 0.1  # of the usual time left beyond two days: what takes a week to be felt leaves hours to be sure
_SHORT: Final = timedelta(days=2)
_MOST: Final = timedelta(hours=12)


def hold(fault: Fault, now: Sequence[Because]) -> timedelta:
    """Return how long a name must hold where it might turn out to be one that begins alike.

    ``now`` is the device's short run: once what shows first shows that plainly, what else there is would show too.
    """
    first = _first_move(fault)
    plain = {because.metric for because in now if because.z is not None and abs(because.z) >= PLAIN_Z}
    if fault.time_left is None or (first is not None and first[0] in plain):
        return _LEAST
    return max(_LEAST, min(_SHARE * (fault.time_left - _SHORT), _MOST))


def begins_like_a_visit(fault: Fault, playbook: Playbook) -> bool:
    """Tell whether a fault somebody has to come for shows first in what this one shows too.

    A playbook lists the symptom that shows first as a fault's first. A fault that itself asks for a visit needs no
    second look: somebody will see for themselves.
    """
    if fault.kind is FaultKind.VISIT:
        return False
    moves = {(symptom.metric, symptom.direction) for symptom in fault.symptoms}
    others = (other for other in playbook.faults if other.kind is FaultKind.VISIT)
    return any(_first_move(other) in moves for other in others)


def _first_move(fault: Fault) -> tuple[str, Direction] | None:
    moving = (symptom for symptom in fault.symptoms if symptom.direction is not Direction.STEADY)
    first = next(moving, None)
    return None if first is None else (first.metric, first.direction)
