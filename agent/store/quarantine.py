"""What could not be read or has no place (shell): counted by device and reason, with the newest example."""

from dataclasses import dataclass
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
    device_id, reason = unusable.device_id, unusable.reason
    query = select(QuarantineRow).where(QuarantineRow.device_id == device_id, QuarantineRow.reason == reason)
    row = session.exec(query).first()
    if row is None:
        row = QuarantineRow(device_id=device_id, reason=reason, example="", count=0, first_at=now, last_at=now)
    row.count += unusable.count
    row.example, row.last_at = unusable.example[:_EXAMPLE_CHARS], now
    session.add(row)
    session.flush()


def quarantined(session: Session, limit: int = 100) -> tuple[Quarantine, ...]:
    """Return what is in quarantine, newest first."""
    rows = session.exec(select(QuarantineRow).order_by(col(QuarantineRow.last_at).desc()).limit(limit))
    return tuple(from_row(row, Quarantine) for row in rows)
