"""What could not be read or has no place (shell): counted by device and reason, with the newest example."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from agent.store.mapping import from_row
from agent.store.tables import QuarantineRow

_EXAMPLE_CHARS = 500


@dataclass(frozen=True, slots=True)
class Quarantine:
    """How often one device said something unusable for one reason. ``example`` is hostile until escaped."""

    device_id: str
    reason: str
    example: str
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Unusable:
    """Something a device said that could not be used. ``count`` ≥ 1 of them, of which ``example`` is the newest."""

    device_id: str
    reason: str
    example: str
    count: int = 1


def count_quarantined(session: Session, unusable: Unusable, now: datetime) -> None:
    """Count it by device and reason, and keep the example, cut to 500 characters."""
    count_all_quarantined(session, (unusable,), now)


def count_all_quarantined(session: Session, unusables: Iterable[Unusable], now: datetime) -> None:
    """Count all of them, oldest first, at the cost of few statements: poison comes by the thousand."""
    found: dict[tuple[str, str], Unusable] = {}
    for one in unusables:
        known = found.get((one.device_id, one.reason))
        found[one.device_id, one.reason] = one if known is None else replace(one, count=known.count + one.count)
    if not found:
        return
    devices = {device_id for device_id, _ in found}
    rows = session.exec(select(QuarantineRow).where(col(QuarantineRow.device_id).in_(devices)))
    known_rows = {(row.device_id, row.reason): row for row in rows}
    for (device_id, reason), one in found.items():
        row = known_rows.get((device_id, reason))
        if row is None:
            row = QuarantineRow(device_id=device_id, reason=reason, example="", count=0, first_at=now, last_at=now)
        row.count += one.count
        row.example, row.last_at = one.example[:_EXAMPLE_CHARS], now
        session.add(row)
    session.flush()


def quarantined(session: Session, limit: int = 100) -> tuple[Quarantine, ...]:
    """Return what is in quarantine, newest first."""
    rows = session.exec(select(QuarantineRow).order_by(col(QuarantineRow.last_at).desc()).limit(limit))
    return tuple(from_row(row, Quarantine) for row in rows)
