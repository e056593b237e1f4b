"""How remedies ended (shell): kept for the breaker, the learner and the record beside each button."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from agent.desk.ticket import Outcome
from agent.store.mapping import columns, from_row
from agent.store.tables import OutcomeRow, TicketRow


@dataclass(frozen=True, slots=True)
class Ending:
    """How one remedy on one ticket ended. ``fault`` is ``None`` where no diagnosis was sure.

    ``command_id`` and ``playbook``, the version that held then, are empty in what was kept before they were known.
    """

    ticket_id: int
    remedy: str
    fault: str | None
    product: str
    firmware: str
    outcome: Outcome
    at: datetime
    command_id: str = ""
    playbook: str = ""


def add_ending(session: Session, ending: Ending) -> None:
    """Keep how a remedy ended."""
    session.add(OutcomeRow(**columns(ending)))
    session.flush()


def newest_ending(session: Session, command_id: str) -> Ending | None:
    """Return how a command ended, as it turned out at last; ``None``: it has not, or nobody kept it."""
    if not command_id:  # of many, in what was kept before they were known
        return None
    query = select(OutcomeRow).where(OutcomeRow.command_id == command_id).order_by(col(OutcomeRow.id).desc())
    row = session.exec(query.limit(1)).first()
    return None if row is None else from_row(row, Ending)


def endings_of(session: Session, *, product: str, firmware: str, remedy: str, limit: int) -> tuple[Ending, ...]:
    """Return how a remedy ended last on one firmware of one product, newest first, at most ``limit``."""
    rows = session.exec(
        select(OutcomeRow)
        .where(OutcomeRow.product == product, OutcomeRow.firmware == firmware, OutcomeRow.remedy == remedy)
        .order_by(col(OutcomeRow.id).desc())
        .limit(limit)
    )
    return tuple(from_row(row, Ending) for row in rows)


def had_healed(
    session: Session, device_id: str, product: str, remedies: Collection[str], since: datetime
) -> frozenset[str]:
    """Return which of the remedies healed a device, as this product, since ``since``, or ever and it came back."""
    query = (
        select(OutcomeRow.remedy)
        .join(TicketRow, col(TicketRow.id) == OutcomeRow.ticket_id)
        .where(
            TicketRow.device_id == device_id,
            OutcomeRow.product == product,
            col(OutcomeRow.remedy).in_(remedies),
            or_(
                col(OutcomeRow.outcome) == Outcome.RECURRED,
                (col(OutcomeRow.outcome) == Outcome.HEALED) & (col(OutcomeRow.at) >= since),
            ),
        )
    )
    return frozenset(session.exec(query))
