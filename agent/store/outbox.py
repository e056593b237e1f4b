"""Effects that were decided and are to be sent (shell); ``key`` makes sending twice one effect."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from agent.store.tables import OutboxRow


class EffectKind(StrEnum):
    """What sort of effect it is, which says who sends it."""

    NOTICE = "notice"  # to the device's own display
    NOTICE_OVER = "notice_over"  # what stands there goes away
    MAIL = "mail"
    INVITE = "invite"  # a calendar file by mail
    WEBHOOK = "webhook"
    TAKE_BACK = "take_back"  # to the command journal: what sets back what another command has changed


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect in the outbox. ``attempts`` counts failed tries; ``payload`` belongs to whoever sends the kind."""

    id: int
    kind: EffectKind
    key: str
    payload: Mapping[str, Any]  # the only free shape: each kind's sender converts it at once
    due_at: datetime
    attempts: int


def put(session: Session, *, kind: EffectKind, key: str, payload: Mapping[str, Any], due_at: datetime) -> bool:
    """Want an effect, to be sent from ``due_at`` on. False: the same key is wanted already, and nothing changed.

    ``payload`` is JSON. It commits with the decision that wants it, or not at all.
    """
    if session.exec(select(OutboxRow.id).where(OutboxRow.key == key)).first() is not None:
        return False
    session.add(OutboxRow(kind=kind, key=key, payload=dict(payload), due_at=due_at))
    session.flush()
    return True


def due_effects(session: Session, kinds: Collection[EffectKind], now: datetime, limit: int = 100) -> tuple[Effect, ...]:
    """Return effects of these kinds that are due and not done, longest waiting first."""
    rows = session.exec(
        select(OutboxRow)
        .where(col(OutboxRow.kind).in_(kinds), col(OutboxRow.done_at).is_(None), col(OutboxRow.due_at) <= now)
        .order_by(col(OutboxRow.due_at), col(OutboxRow.id))
        .limit(limit)
    )
    return tuple(_effect(row) for row in rows)


def _effect(row: OutboxRow) -> Effect:
    assert row.id is not None  # read from the database
    return Effect(row.id, EffectKind(row.kind), row.key, row.payload, row.due_at, row.attempts)


def has_due(session: Session, kind: EffectKind, now: datetime) -> bool:
    """Tell whether any effect of this kind is due and not done."""
    query = select(OutboxRow.id).where(OutboxRow.kind == kind, col(OutboxRow.done_at).is_(None))
    return session.exec(query.where(col(OutboxRow.due_at) <= now).limit(1)).first() is not None


def put_off(session: Session, effect_id: int, until: datetime) -> None:
    """Let an effect wait until later; that counts as no try."""
    row = session.get_one(OutboxRow, effect_id)
    row.due_at = until
    session.add(row)
    session.flush()


def mark_done(session: Session, effect_id: int, *, now: datetime, error: str = "") -> None:
    """Put an effect aside as sent; with an ``error``, as given up."""
    row = session.get_one(OutboxRow, effect_id)
    row.done_at, row.error = now, error
    session.add(row)
    session.flush()


def mark_failed(session: Session, effect_id: int, *, error: str, try_again_at: datetime) -> None:
    """Count a try that failed, and try again at ``try_again_at``."""
    row = session.get_one(OutboxRow, effect_id)
    row.attempts, row.error, row.due_at = row.attempts + 1, error, try_again_at
    session.add(row)
    session.flush()
