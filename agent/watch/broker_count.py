"""Listens to the broker's count of dropped messages (shell): a session of its own, for a message every few seconds."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import OperationalError

from agent.clock import Clock
from agent.errors import StoreBusyError
from agent.store.database import Database, problem_of
from agent.store.losses import keep_look, keep_loss, kept_look, newest_loss
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
    keeper = Keeper(database)
    losses.look, losses.last = await asyncio.to_thread(keeper.begin)
    async for message in session.messages():
        if not message.payload.isdigit():
            continue
        loss = losses.counted(int(message.payload), clock.now())
        if loss is not None:
            log.warning("broker.dropped", messages=loss.messages, why=str(loss))
        if losses.look is not None:
            await asyncio.to_thread(keeper.keep, losses.look, loss)


@dataclass(slots=True)
class Keeper:
    """Keeps looks, one a minute, and every loss; what the database does not take now it is given again."""

    database: Database
    _kept_at: datetime | None = None
    _unkept: dict[datetime | None, Loss] = field(default_factory=dict)  # by when they began

    def begin(self) -> tuple[Look | None, Loss | None]:
        """Return the newest look and loss that were kept before; ``None``: never one, or the database does not say."""
        try:
            with self.database.reading() as session:
                look, loss = kept_look(session), newest_loss(session)
        except OperationalError as error:
            log.warning("broker.count_not_known", why=problem_of(error))
            return None, None
        self._kept_at = None if look is None else look.at
        return look, loss

    def keep(self, look: Look, loss: Loss | None) -> None:
        """Keep a look, unless one was within the minute and there is no loss to keep."""
        if loss is not None:
            self._unkept[loss.since] = loss
        if not self._unkept and self._kept_at is not None and look.at - self._kept_at < _KEEP_EVERY:
            return
        try:
            with self.database.transaction() as session:
                keep_look(session, look)
                for lost in self._unkept.values():
                    keep_loss(session, lost)
        except (OperationalError, StoreBusyError) as error:
            log.warning("broker.count_not_kept", why=problem_of(error))
        else:
            self._kept_at = look.at
            self._unkept.clear()
