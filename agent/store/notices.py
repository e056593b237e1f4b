"""What staff should know about a whole product (shell): each matter is written down once."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from agent.health.findings import FindingKind
from agent.store.learning_tables import NoticeRow
from agent.store.mapping import columns, from_row
from agent.store.tables import DeviceRow, FindingRow

FIRMWARE_CHANGED = "firmware_changed"
"""The code of the finding that says since when a device has its firmware; its text is the firmware."""


@dataclass(frozen=True, slots=True)
class Notice:
    """That a firmware moved what is normal of a metric, on ``moved`` of ``watched`` devices then."""

    product: str
    firmware: str
    metric: str
    moved: int
    watched: int
    text: str
    at: datetime


def add_notice(session: Session, notice: Notice) -> bool:
    """Write a matter down; False: it was known already, and stays as it is."""
    known = select(NoticeRow.id).where(
        NoticeRow.product == notice.product,
        NoticeRow.firmware == notice.firmware,
        NoticeRow.metric == notice.metric,
    )
    if session.exec(known).first() is not None:
        return False
    session.add(NoticeRow(**columns(notice)))
    session.flush()
    return True


def notices(session: Session, limit: int) -> tuple[Notice, ...]:
    """Return what staff should know, newest first."""
    rows = session.exec(select(NoticeRow).order_by(col(NoticeRow.id).desc()).limit(limit))
    return tuple(from_row(row, Notice) for row in rows)


def moved_metrics(session: Session, product: str, firmware: str) -> frozenset[str]:
    """Return the metrics whose normal a firmware of a product moved."""
    rows = session.exec(select(NoticeRow.metric).where(NoticeRow.product == product, NoticeRow.firmware == firmware))
    return frozenset(rows)


def updated_since(session: Session, product: str, firmware: str, since: datetime) -> dict[str, datetime]:
    """Return the devices of a product that came to a firmware at ``since`` or later and still have it, with when."""
    rows = session.exec(
        select(FindingRow.device_id, FindingRow.at)
        .join(DeviceRow, col(FindingRow.device_id) == DeviceRow.id)
        .where(
            col(FindingRow.at) >= since,
            FindingRow.kind == FindingKind.EVENT,
            FindingRow.code == FIRMWARE_CHANGED,
            DeviceRow.product == product,
            DeviceRow.firmware == firmware,
            FindingRow.text == firmware,
        )
        .order_by(col(FindingRow.at))
    )
    return dict(rows.all())


def devices_without(session: Session, product: str, firmware: str, limit: int) -> tuple[str, ...]:
    """Return devices of a product that have another firmware, at most ``limit``."""
    rows = session.exec(
        select(DeviceRow.id)
        .where(DeviceRow.product == product, DeviceRow.firmware != firmware)
        .order_by(col(DeviceRow.id))
        .limit(limit)
    )
    return tuple(rows)
