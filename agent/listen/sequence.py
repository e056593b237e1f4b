"""Duplicates, gaps and disorder by ``(boot, seq)`` (state): what of a device's numbering was seen.

A repeated number changes nothing, a hole is counted, and one that comes late is told from one that comes twice.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

_REMEMBERED_HOLES: Final = 512  # numbers; older ones are taken for lost for good
_REMEMBERED_BOOTS: Final = 4  # a device that restarts while its backlog is still coming


class Order(StrEnum):
    """How a number stands to those before it."""

    NEXT = "next"
    LATE = "late"  # fills a hole
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Placed:
    """``missed`` numbers were skipped to get here; ``order`` is ``NEXT`` whenever it is above 0."""

    order: Order
    missed: int = 0


_NEXT: Final = Placed(Order.NEXT)
_LATE: Final = Placed(Order.LATE)
_DUPLICATE: Final = Placed(Order.DUPLICATE)


@dataclass(slots=True)
class _Boot:
    expected: int
    holes: dict[int, None] = field(default_factory=dict)


@dataclass(slots=True)
class Sequence:
    """The numbers of one channel of one device."""

    boots: dict[str, _Boot] = field(default_factory=dict)

    def place(self, boot: str, seq: int) -> Placed:
        """Take note of a number and say how it stands; the first of a boot may be any, nothing is known before it."""
        known = self.boots.get(boot)
        if known is None:
            while len(self.boots) >= _REMEMBERED_BOOTS:
                del self.boots[next(iter(self.boots))]
            self.boots[boot] = _Boot(seq + 1)
            return _NEXT
        if seq == known.expected:
            known.expected = seq + 1
            return _NEXT
        if seq > known.expected:
            missed = seq - known.expected
            known.holes.update(dict.fromkeys(range(max(known.expected, seq - _REMEMBERED_HOLES), seq)))
            while len(known.holes) > _REMEMBERED_HOLES:
                del known.holes[next(iter(known.holes))]
            known.expected = seq + 1
            return Placed(Order.NEXT, missed)
        if seq in known.holes:
            del known.holes[seq]
            return _LATE
        return _DUPLICATE

    def saved(self) -> list[tuple[str, int, list[int]]]:
        """Return what was seen, for a snapshot."""
        return [(boot, known.expected, list(known.holes)) for boot, known in self.boots.items()]

    @classmethod
    def restored(cls, saved: list[tuple[str, int, list[int]]]) -> "Sequence":
        """Return the sequence that was saved."""
        return cls({boot: _Boot(expected, dict.fromkeys(holes)) for boot, expected, holes in saved})
