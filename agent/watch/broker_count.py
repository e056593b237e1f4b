"""Listens to the broker's count of dropped messages (shell): a session of its own, for a message every few seconds."""

import structlog

from agent.clock import Clock
from agent.watch.losses import Losses
from broker.address import Address
from broker.doctor import DROPPED_TOPIC
from broker.sessions import Session

_CLIENT_ID = "amends-watch"

log = structlog.get_logger()


def open_session(address: Address) -> Session:
    """Return the session to run beside ``follow_count``."""
    return Session(address, _CLIENT_ID, {DROPPED_TOPIC: 0})


async def follow_count(session: Session, losses: Losses, clock: Clock) -> None:
    """Tell ``losses`` every count, until cancelled; a loss is logged."""
    async for message in session.messages():
        if not message.payload.isdigit():
            continue
        loss = losses.counted(int(message.payload), clock.now())
        if loss is not None:
            log.warning("broker.dropped", messages=loss.messages, why=str(loss))
