"""Listens to the broker's count of dropped messages (shell): a session of its own, for a message every few seconds."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from agent.clock import Clock
from agent.store.database import Database
from agent.store.losses import keep_look, keep_loss, kept_look
from agent.watch.losses import Look, Loss, Losses
from broker.address import Address
from broker.doctor import DROPPED_TOPIC
from broker.sessions import Session

_CLIENT_ID: Final = "amends-watch"
_KEEP_EVERY: Final = timedelta(minutes=1)

log = structlog.get_logger()


def open_session(address: Address) -> Session:
    """Return the session to run beside ``follow_count``."""
    return Session(address, _CLIENT_ID, {DROPPED_TOPIC: 0})


async def follow_count(session: Session, losses: Losses, clock: Clock, database: Database) -> None:
    """Tell ``losses`` every count, until cancelled; a loss is logged and kept for charts.

    The newest look is kept too, so that what is dropped while no agent runs lies between two instants.
    """
    losses.look = kept = await asyncio.to_thread(_kept, database)
    async for message in session.messages():
        if not message.payload.isdigit():
            continue
        now = clock.now()
        loss = losses.counted(int(message.payload), now)
        if loss is not None:
            log.warning("broker.dropped", messages=loss.messages, why=str(loss))
        if losses.look is not None and (loss is not None or kept is None or now - kept.at >= _KEEP_EVERY):
            await asyncio.to_thread(_keep, database, losses.look, loss)
            kept = losses.look


def _kept(database: Database) -> Look | None:
    with database.reading() as session:
        return kept_look(session)


def _keep(database: Database, look: Look, loss: Loss | None) -> None:
    with database.transaction() as session:
        keep_look(session, look)
        if loss is not None:
            keep_loss(session, loss)
