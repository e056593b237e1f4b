"""What the system page tells (shell): kill switch, quarantine, outbox; reading only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from agent.store.halts import Halt
from agent.store.mapping import from_row
from agent.store.tables import HaltRow, OutboxRow, QuarantineRow, StoryRow


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in the outbox; ``oldest_due_at`` is ``None`` when nothing waits. ``failing`` was tried before."""

    waiting: int
    failing: int
    oldest_due_at: datetime | None


def halts(session: Session, limit: int) -> tuple[Halt, ...]:
    """Return the kill switch's history, newest first."""
    rows = session.exec(select(HaltRow).order_by(col(HaltRow.id).desc()).limit(limit))
    return tuple(from_row(row, Halt) for row in rows)


def standing_halt(session: Session) -> Halt | None:
    """Return the halt in force; ``None``: the agent may act."""
    newest = halts(session, 1)
    return newest[0] if newest and newest[0].halted else None


def count_halts(session: Session) -> int:
    """Return how often the kill switch was thrown, one way or the other."""
    return session.exec(select(func.count()).select_from(HaltRow)).one()


def count_unreadable(session: Session) -> int:
    """Return how many messages could not be read, of all reasons."""
    return int(session.exec(select(func.sum(QuarantineRow.count))).one() or 0)  # PostgreSQL gives a Decimal


def backlog(session: Session, now: datetime) -> Backlog:
    """Return what should have been sent by ``now`` and was not."""
    due = (col(OutboxRow.done_at).is_(None), col(OutboxRow.due_at) <= now)
    waiting, oldest = session.exec(select(func.count(), func.min(OutboxRow.due_at)).where(*due)).one()
    failing = session.exec(select(func.count()).where(*due, col(OutboxRow.attempts) > 0)).one()
    return Backlog(waiting=waiting, failing=failing, oldest_due_at=oldest)


def newest_story_at(session: Session) -> datetime | None:
    """Return when the newest entry of any story was written; ``None``: there is none yet."""
    return session.exec(select(func.max(col(StoryRow.at)))).one()


def damage_of(session: Session) -> str | None:
    """Return what a quick look finds broken in the database's file; ``None``: nothing, or it is no file of ours."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return None
    verdict: str = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
    return None if verdict == "ok" else verdict
