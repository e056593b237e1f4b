"""Findings, the evidence behind tickets (shell), within the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from agent.health.findings import Finding, FindingKind
from agent.store.mapping import columns, from_row
from agent.store.tables import FindingRow


@dataclass(frozen=True, slots=True)
class Filed:
    """A finding as it was filed; ``ticket_id`` ``None``: it belongs to no ticket."""

    finding: Finding
    ticket_id: int | None


def add_finding(session: Session, finding: Finding, ticket_id: int | None) -> None:
    """Keep a finding; ``ticket_id`` ``None``: it belongs to no ticket."""
    session.add(FindingRow(**columns(finding), ticket_id=ticket_id))
    session.flush()


def findings_of(session: Session, ticket_id: int, since: datetime | None = None) -> tuple[Finding, ...]:
    """Return a ticket's findings at ``since`` or later, oldest first.

    ``None``: all of them. The first is older than its ticket: it bears the time of the sample.
    """
    query = select(FindingRow).where(FindingRow.ticket_id == ticket_id)
    if since is not None:
        query = query.where(col(FindingRow.at) >= since)
    rows = session.exec(query.order_by(col(FindingRow.at), col(FindingRow.id)))
    return tuple(from_row(row, Finding) for row in rows)


def findings_of_device(session: Session, device_id: str, limit: int) -> tuple[Filed, ...]:
    """Return a device's newest findings, on a ticket or not, newest first."""
    rows = session.exec(
        select(FindingRow)
        .where(FindingRow.device_id == device_id)
        .order_by(col(FindingRow.at).desc(), col(FindingRow.id).desc())
        .limit(limit)
    )
    return tuple(Filed(from_row(row, Finding), row.ticket_id) for row in rows)


def newest_finding_at(session: Session, ticket_id: int) -> datetime | None:
    """Return when a ticket's newest finding was raised; ``None``: it has none."""
    query = select(FindingRow.at).where(FindingRow.ticket_id == ticket_id).order_by(col(FindingRow.at).desc())
    return session.exec(query.limit(1)).first()


def onsets_of(session: Session, ticket_id: int, since: datetime) -> tuple[tuple[datetime, float], ...]:
    """Return when a ticket's signal was found off, at ``since`` or later, and with which score."""
    query = select(FindingRow.at, FindingRow.score).where(
        FindingRow.ticket_id == ticket_id, FindingRow.kind == FindingKind.ONSET, col(FindingRow.at) >= since
    )
    return tuple((at, score) for at, score in session.exec(query))


def newest_of_kind(session: Session, ticket_id: int, kind: FindingKind) -> Finding | None:
    """Return a ticket's newest finding of a kind; ``None``: it has none."""
    query = select(FindingRow).where(FindingRow.ticket_id == ticket_id, FindingRow.kind == kind)
    row = session.exec(query.order_by(col(FindingRow.at).desc()).limit(1)).first()
    return None if row is None else from_row(row, Finding)


def move_findings(session: Session, old_ticket_id: int, new_ticket_id: int) -> None:
    """Let a ticket's findings belong to another one."""
    for row in session.exec(select(FindingRow).where(FindingRow.ticket_id == old_ticket_id)).all():
        row.ticket_id = new_ticket_id
        session.add(row)
    session.flush()


def recent_codes(session: Session, device_id: str, since: datetime) -> tuple[str, ...]:
    """Return the event codes a device said at ``since`` or later, each once, on a ticket or not."""
    rows = session.exec(
        select(FindingRow.code)
        .where(FindingRow.device_id == device_id, FindingRow.kind == FindingKind.EVENT, col(FindingRow.at) >= since)
        .order_by(col(FindingRow.id))
    )
    return tuple(dict.fromkeys(rows))


def last_said(session: Session, device_id: str, code: str, since: datetime) -> datetime | None:
    """Return when a device said an event code last, at ``since`` or later; ``None``: it did not."""
    return session.exec(
        select(FindingRow.at)
        .where(
            FindingRow.device_id == device_id,
            FindingRow.kind == FindingKind.EVENT,
            FindingRow.code == code,
            col(FindingRow.at) >= since,
        )
        .order_by(col(FindingRow.at).desc())
        .limit(1)
    ).first()
