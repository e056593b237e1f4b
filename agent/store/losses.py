"""What the broker dropped, and its count when it was last looked at (shell)."""

from datetime import datetime

from sqlmodel import Session, col, or_, select

from agent.store.mapping import columns, from_row
from agent.store.watch_tables import BrokerCountRow, BrokerLossRow
from agent.watch.losses import Look, Loss

_ONLY = 1  # one broker, one row


def keep_look(session: Session, look: Look) -> None:
    """Keep the broker's newest count, in place of the one before."""
    session.merge(BrokerCountRow(id=_ONLY, **columns(look)))
    session.flush()


def kept_look(session: Session) -> Look | None:
    """Return the newest look that was kept; ``None``: never one."""
    row = session.get(BrokerCountRow, _ONLY)
    return None if row is None else from_row(row, Look)


def keep_loss(session: Session, loss: Loss) -> None:
    """Keep a loss; one that goes on, told by its beginning, takes its own place again."""
    begun = session.exec(select(BrokerLossRow).where(BrokerLossRow.since == loss.since)).first()
    row = BrokerLossRow(**columns(loss)) if begun is None else begun
    row.messages, row.until = loss.messages, loss.until
    session.add(row)
    session.flush()


def newest_loss(session: Session) -> Loss | None:
    """Return the loss that was kept last; ``None``: there was none."""
    row = session.exec(select(BrokerLossRow).order_by(col(BrokerLossRow.until).desc()).limit(1)).first()
    return None if row is None else from_row(row, Loss)


def losses_between(session: Session, since: datetime, until: datetime) -> tuple[Loss, ...]:
    """Return the losses that touch a time, oldest first; one since an unknown instant counts at its end."""
    begins = or_(col(BrokerLossRow.since) <= until, col(BrokerLossRow.since).is_(None))
    rows = session.exec(
        select(BrokerLossRow)
        .where(
            col(BrokerLossRow.until) >= since,
            begins,
            or_(col(BrokerLossRow.since).is_not(None), col(BrokerLossRow.until) <= until),
        )
        .order_by(col(BrokerLossRow.until))
    )
    return tuple(from_row(row, Loss) for row in rows)
