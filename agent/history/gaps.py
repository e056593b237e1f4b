"""Gaps: which samples of a device are known to be missing, and between which instants (state, and pure reading).

A row says that numbers did not come, or that one came late after all; what is missing is the one without the other. So
a gap that is filled days later closes by itself, and no file is ever changed for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from agent.history.columns import AT, DEVICE, INSTANT
from agent.listen.heard import Timed
from broker.messages import Telemetry

SINCE: Final = "since"
BOOT: Final = "boot"
FIRST: Final = "first"
MISSED: Final = "missed"
COLUMNS: Final = (AT, SINCE, BOOT, FIRST, MISSED)
_SECOND_US: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Gap:
    """``missed`` ≥ 1 samples between two instants, in Unix seconds, that were sent and never came."""

    since_s: float
    until_s: float
    missed: int


@dataclass(frozen=True, slots=True)
class GapRow:
    """Numbers from ``first`` on that did not come, until ``at_us``; ``missed`` 0: number ``first`` came late."""

    at_us: int
    since_us: int
    boot: str
    first: int
    missed: int


@dataclass(slots=True)
class GapBlock:
    """What waits to be written about the gaps of one product's devices."""

    devices: list[str] = field(default_factory=list)
    rows: list[GapRow] = field(default_factory=list)

    def add(self, device_id: str, message: Telemetry, timed: Timed) -> None:
        """Take what one message showed to be missing, and what it brought that had been."""
        for hole in timed.holes:
            self.devices.append(device_id)
            self.rows.append(GapRow(_micros(hole.until_s), _micros(hole.since_s), hole.boot, hole.first, hole.missed))
        for place in timed.late:
            at_us = _micros(timed.at_s[place])
            self.devices.append(device_id)
            self.rows.append(GapRow(at_us, at_us, message.boot[place], message.seq[place], 0))

    def table(self) -> pa.Table:
        """Return it as a table."""
        return pa.table(
            {
                DEVICE: pa.array(self.devices, pa.string()),
                AT: pa.array([row.at_us for row in self.rows], pa.int64()).cast(INSTANT),
                SINCE: pa.array([row.since_us for row in self.rows], pa.int64()).cast(INSTANT),
                BOOT: pa.array([row.boot for row in self.rows], pa.string()),
                FIRST: pa.array([row.first for row in self.rows], pa.int64()),
                MISSED: pa.array([row.missed for row in self.rows], pa.int64()),
            }
        )


def rows_in(table: pa.Table) -> list[GapRow]:
    """Return the rows of a table of one device."""
    at_us, since_us = (table[name].cast(pa.int64()).to_pylist() for name in (AT, SINCE))
    numbers = zip(at_us, since_us, *(table[name].to_pylist() for name in (BOOT, FIRST, MISSED)), strict=True)
    return [GapRow(*row) for row in numbers]


def still_missing(rows: Sequence[GapRow], since_us: int, until_us: int) -> tuple[Gap, ...]:
    """Return the gaps that touch a range and are not filled, oldest first."""
    came: dict[str, set[int]] = {}
    for row in rows:
        if not row.missed:
            came.setdefault(row.boot, set()).add(row.first)
    gaps = []
    for row in rows:
        if not row.missed or row.at_us < since_us or row.since_us > until_us:
            continue
        filled = sum(row.first <= number < row.first + row.missed for number in came.get(row.boot, ()))
        if filled < row.missed:
            gaps.append(Gap(row.since_us / _SECOND_US, row.at_us / _SECOND_US, row.missed - filled))
    return tuple(sorted(gaps, key=lambda gap: (gap.since_s, gap.until_s)))


def _micros(at_s: float) -> int:
    return round(at_s * 1000) * 1000
