"""Duplicates, gaps and disorder by ``(boot, seq)`` (state): what of a device's numbering was seen.

A repeated number changes nothing, a hole is counted, and one that comes late is told from one that comes twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import msgspec

_REMEMBERED_HOLES: Final = 512  # numbers; older ones are taken for lost for good
_REMEMBERED_BOOTS: Final = 4  # a device that restarts while its backlog is still coming
_BEFORE: Final = 63  # numbers before a boot's first, which may come after it; as bits they go into a snapshot's integer


class Order(StrEnum):
    """How a number stands to those before it."""

    NEXT = "next"
    LATE = "late"  # fills a hole
    EARLIER = "earlier"  # lies before the first that was heard of its boot, and was not counted as missed
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Placed:
    """``missed`` numbers were skipped to get here; ``order`` is ``NEXT`` whenever it is above 0."""

    order: Order
    missed: int = 0


_NEXT: Final = Placed(Order.NEXT)
_LATE: Final = Placed(Order.LATE)
_EARLIER: Final = Placed(Order.EARLIER)
_DUPLICATE: Final = Placed(Order.DUPLICATE)


class PackedBoot(msgspec.Struct, frozen=True, array_like=True):
    """What was seen of a boot, as it is written down; a snapshot of old knows nothing before the first number."""

    boot: str
    expected: int
    holes: list[int]
    first: int = 0
    earlier: int = 0


@dataclass(slots=True)
class _Boot:
    """``earlier`` has a bit for each number before ``first`` that came after it, the nearest in the lowest."""

    expected: int
    first: int
    holes: dict[int, None] = field(default_factory=dict)
    earlier: int = 0

    def skip(self, expected: int, seq: int) -> None:
        """Remember the numbers from ``expected`` up to ``seq``, which did not come, as holes."""
        self.holes.update(dict.fromkeys(range(max(expected, seq - _REMEMBERED_HOLES), seq)))
        while len(self.holes) > _REMEMBERED_HOLES:
            del self.holes[next(iter(self.holes))]

    def place_earlier(self, seq: int) -> Placed:
        """Say how a number before the first stands."""
        before = self.first - 1 - seq
        if before >= _BEFORE or self.earlier >> before & 1:
            return _DUPLICATE
        self.earlier |= 1 << before
        return _EARLIER


@dataclass(slots=True)
class Sequence:
    """The numbers of one channel of one device."""

    boots: dict[str, _Boot] = field(default_factory=dict)

    def place(self, boot: str, seq: int) -> Placed:
        """Take note of a number and say how it stands.

        The first of a boot may be any. Those shortly before it count as new when they come after all; older ones are
        taken for repeats.
        """
        known = self.boots.get(boot)
        if known is None:
            while len(self.boots) >= _REMEMBERED_BOOTS:
                del self.boots[next(iter(self.boots))]
            self.boots[boot] = _Boot(seq + 1, seq)
            return _NEXT
        if seq == known.expected:
            known.expected = seq + 1
            return _NEXT
        if seq > known.expected:
            missed = seq - known.expected
            known.skip(known.expected, seq)
            known.expected = seq + 1
            return Placed(Order.NEXT, missed)
        if seq in known.holes:
            del known.holes[seq]
            return _LATE
        return known.place_earlier(seq) if seq < known.first else _DUPLICATE

    def saved(self) -> list[PackedBoot]:
        """Return what was seen, for a snapshot."""
        return [
            PackedBoot(boot, known.expected, list(known.holes), known.first, known.earlier)
            for boot, known in self.boots.items()
        ]

    @classmethod
    def restored(cls, saved: Iterable[PackedBoot]) -> "Sequence":
        """Return the sequence that was saved."""
        return cls({one.boot: _Boot(one.expected, one.first, dict.fromkeys(one.holes), one.earlier) for one in saved})
