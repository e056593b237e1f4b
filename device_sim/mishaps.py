"""The troubles a device will have (state): a stream in time order, drawn by seed."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from types import MappingProxyType
from typing import Final

from device_sim.ailments import Trouble
from device_sim.faults import Fault, FaultKind
from device_sim.products.appliance import Product
from device_sim.reactions import Reaction, draw_reaction

LIKELIHOOD: Final[Mapping[FaultKind, float]] = MappingProxyType(
    {FaultKind.HEALABLE: 3.0, FaultKind.VISIT: 1.0, FaultKind.OWNER: 1.0, FaultKind.BENIGN: 0.7}
)
"""How often a kind of fault comes, against the others."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How quickly things happen.

    A fault that ordinarily grows for longer than ``grows_for`` grows for a time drawn from it; one that
    passes holds for a time drawn from ``passes_after``, unless it ordinarily holds less. A fault that
    nobody mends is mended unasked ``mended_after`` its height. ``wait`` is the mean time from one
    trouble of a device to its next (``None``: there are none by chance). ``None`` elsewhere: as in life.
    """

    wait: timedelta | None
    mended_after: timedelta
    grows_for: tuple[timedelta, timedelta] | None = None
    passes_after: tuple[timedelta, timedelta] | None = None


def trouble_at(fault: Fault, begins_s: float, pace: Pace, chance: Random, reaction: Reaction | None = None) -> Trouble:
    """Return one occurrence of ``fault`` at this pace; ``reaction`` ``None``: drawn by the table of odds."""
    own_s = fault.grows_for.total_seconds()
    spread = chance.uniform(0.7, 1.4)
    drawn = draw_reaction(fault, chance)
    return Trouble(
        fault=fault,
        begins_s=begins_s,
        grows_s=_drawn_s(pace.grows_for, own_s, chance) if pace.grows_for else own_s * spread,
        holds_s=_holds_s(fault, pace, chance),
        reaction=drawn if reaction is None else reaction,
    )


class Troubles:
    """The troubles of one device in time order: those that are sure to come, then others by chance, for ever.

    Those by chance come after ``after_s`` (Unix seconds); none at all when the pace has no ``wait``.
    """

    def __init__(
        self, openings: Sequence[Trouble], product: Product, after_s: float, pace: Pace, chance: Random
    ) -> None:
        self._openings = deque(openings)
        self._faults = tuple(product.faults.values())
        self._begins_s = after_s
        self._pace = pace
        self._chance = chance

    def __iter__(self) -> "Troubles":
        return self

    def __next__(self) -> Trouble:
        if self._openings:
            return self._openings.popleft()
        if self._pace.wait is None:
            raise StopIteration
        self._begins_s += self._chance.expovariate(1.0 / self._pace.wait.total_seconds())
        weights = [LIKELIHOOD[fault.kind] for fault in self._faults]
        fault = self._chance.choices(self._faults, weights)[0]
        return trouble_at(fault, self._begins_s, self._pace, self._chance)


def _holds_s(fault: Fault, pace: Pace, chance: Random) -> float:
    if fault.holds_for is None:
        felt_s = fault.felt_after.total_seconds()
        return felt_s + pace.mended_after.total_seconds() * chance.uniform(0.8, 1.3)
    own_s = fault.holds_for.total_seconds()
    return _drawn_s(pace.passes_after, own_s, chance) if pace.passes_after else own_s * chance.uniform(0.6, 1.4)


def _drawn_s(limits: tuple[timedelta, timedelta], own_s: float, chance: Random) -> float:
    return min(own_s, chance.uniform(limits[0].total_seconds(), limits[1].total_seconds()))
