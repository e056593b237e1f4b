"""The first of two people's words (shell): rows to values and back, within the caller's transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlmodel import Session, col, select

from agent.store.agreement_tables import AgreementRow
from agent.store.mapping import columns, from_row

_STANDS_FOR: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Somebody's yes to a matter that takes two. ``matter`` names exactly what is decided; ``by`` is who said yes."""

    matter: str
    by: str
    at: datetime

    def stands_at(self, now: datetime) -> bool:
        """Tell whether it still waits for the second: a word of yesterday no longer counts."""
        return now - self.at <= _STANDS_FOR


def approval_of(command_id: str) -> str:
    """Return the matter of letting a proposed command be sent."""
    return f"approve/{command_id}"


def again_of(ticket_id: int, remedy: str, tried: int) -> str:
    """Return the matter of sending a remedy once more on a ticket on which so many were tried before."""
    return f"again/{ticket_id}/{remedy}/{tried}"


def thaw_of(ticket_id: int, children: Collection[int]) -> str:
    """Return the matter of letting go on exactly these tickets, which a gathering ticket holds back."""
    told = " ".join(str(child) for child in sorted(children))
    return f"{_any_thaw_of(ticket_id)}{sha256(told.encode()).hexdigest()}"


def outdated_thaws(session: Session, ticket_id: int, matter: str) -> tuple[Agreement, ...]:
    """Return the first yeses to letting go on what a gathering ticket held back before, other than to ``matter``."""
    others = select(AgreementRow).where(
        col(AgreementRow.matter).startswith(_any_thaw_of(ticket_id)), AgreementRow.matter != matter
    )
    return tuple(from_row(row, Agreement) for row in session.exec(others))


def _any_thaw_of(ticket_id: int) -> str:
    return f"thaw/{ticket_id}/"


def find_agreement(session: Session, matter: str) -> Agreement | None:
    """Return the first yes to a matter; ``None``: nobody has said it."""
    row = session.get(AgreementRow, matter)
    return None if row is None else from_row(row, Agreement)


def keep_agreement(session: Session, agreement: Agreement) -> None:
    """Keep the first yes, in place of one that has grown too old."""
    session.merge(AgreementRow(**columns(agreement)))
    session.flush()


def drop_agreement(session: Session, matter: str) -> None:
    """Forget the first yes: the second was said, or it is moot."""
    row = session.get(AgreementRow, matter)
    if row is not None:
        session.delete(row)
        session.flush()


def drop_agreements(session: Session, beginning: str) -> None:
    """Forget the first yes to every matter that begins so: all are moot."""
    begun = select(AgreementRow).where(col(AgreementRow.matter).startswith(beginning, autoescape=True))
    for row in session.exec(begun):
        session.delete(row)
    session.flush()


def drop_agreements_of(session: Session, staff: str) -> None:
    """Forget every first yes of somebody: they may no longer decide what still waits for a second."""
    for row in session.exec(select(AgreementRow).where(AgreementRow.by == staff)).all():
        session.delete(row)
    session.flush()


def agreements(session: Session) -> tuple[Agreement, ...]:
    """Return every first yes that has had no second, the oldest first, those that no longer count among them."""
    rows = session.exec(select(AgreementRow).order_by(col(AgreementRow.at)))
    return tuple(from_row(row, Agreement) for row in rows)
