"""Breakers and the outcomes they count (shell): rows to values and back, within the caller's transaction."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from agent.decide.breaker import COUNTED, Breaker, Ended
from agent.desk.ticket import Outcome
from agent.store.guard_tables import BreakerRow
from agent.store.tables import CommandRow, OutcomeRow


@dataclass(frozen=True, slots=True)
class Fuse:
    """Which remedy a breaker guards: one remedy on one firmware of one product."""

    product: str
    firmware: str
    remedy: str


def find_breaker(session: Session, fuse: Fuse) -> Breaker | None:
    """Return a breaker as it stands; ``None``: it never opened."""
    row = session.get(BreakerRow, (fuse.product, fuse.firmware, fuse.remedy))
    return None if row is None else _breaker(row)


def _breaker(row: BreakerRow) -> Breaker:
    return Breaker(row.state == _OPEN, row.changed_at, row.counts_after, row.trials, row.why)


_OPEN = "open"
_CLOSED = "closed"


def save_breaker(session: Session, fuse: Fuse, breaker: Breaker) -> None:
    """Write a breaker as it stands now."""
    row = BreakerRow(
        product=fuse.product,
        firmware=fuse.firmware,
        remedy=fuse.remedy,
        state=_OPEN if breaker.is_open else _CLOSED,
        changed_at=breaker.changed_at,
        counts_after=breaker.counts_after,
        trials=breaker.trials,
        why=breaker.why,
    )
    session.merge(row)
    session.flush()


def list_breakers(session: Session) -> tuple[tuple[Fuse, Breaker], ...]:
    """Return every breaker that ever opened, those that are open first, the newest change first."""
    rows = session.exec(select(BreakerRow).order_by(col(BreakerRow.state).desc(), col(BreakerRow.changed_at).desc()))
    return tuple((Fuse(row.product, row.firmware, row.remedy), _breaker(row)) for row in rows)


def ended_lately(session: Session, fuse: Fuse, *, after: int, playbook: str, limit: int) -> tuple[Ended, ...]:
    """Return the newest outcomes of a remedy with an id above ``after``, one a command, oldest first.

    At most ``limit``. ``playbook`` is the version that holds now.
    """
    rows = session.exec(
        select(OutcomeRow, CommandRow.sent_at)
        .join(CommandRow, col(CommandRow.id) == OutcomeRow.command_id, isouter=True)
        .where(
            OutcomeRow.product == fuse.product,
            OutcomeRow.firmware == fuse.firmware,
            OutcomeRow.remedy == fuse.remedy,
            col(OutcomeRow.id) > after,
            col(OutcomeRow.outcome).in_(COUNTED),
        )
        .order_by(col(OutcomeRow.id).desc())
        .limit(2 * limit)  # a command has at most two: it healed, and it came back
    )
    newest: dict[str, Ended] = {}
    for row, sent_at in rows:
        ended = Ended(row.id or 0, Outcome(row.outcome), row.playbook == playbook, sent_at)
        newest.setdefault(row.command_id or f"#{row.id}", ended)
    return tuple(reversed([*newest.values()][:limit]))


def count_ended(session: Session, fuse: Fuse, *, after: int, playbook: str) -> int:
    """Return how many times a remedy has ended under a version of the playbook, with an id above ``after``."""
    query = select(func.count(func.distinct(OutcomeRow.command_id))).where(
        OutcomeRow.product == fuse.product,
        OutcomeRow.firmware == fuse.firmware,
        OutcomeRow.remedy == fuse.remedy,
        col(OutcomeRow.id) > after,
        OutcomeRow.playbook == playbook,
        col(OutcomeRow.outcome).in_(COUNTED),
    )
    return session.exec(query).one()
