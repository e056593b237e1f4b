"""Sends commands and notices to devices (shell): from the journal and the outbox, over one lasting session.

A command goes out at QoS 1 with an expiry, the topic to answer on and its id as correlation. Commands are never
retained; notices are, with an expiry, so that a device that was away shows them when it is back.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol

import msgspec
import structlog
from sqlalchemy.exc import OperationalError

from agent.act.command import Command, CommandState
from agent.act.departures import claim, hold_back, may_leave, unanswered
from agent.act.wire import (
    WantedNotice,
    command_message,
    notice_message,
    notice_over_message,
    read_notice,
    read_notice_over,
)
from agent.care.message import MessageState
from agent.clock import Clock
from agent.errors import StoreBusyError
from agent.failpoint import Failpoint, reach
from agent.store.commands import commands_in
from agent.store.database import Database, problem_of
from agent.store.messages import mark_sent, mark_unsent
from agent.store.outbox import Effect, EffectKind, due_effects, mark_done
from broker.errors import UnreachableError
from broker.sessions import Outgoing

_READ: Final[Mapping[EffectKind, Callable[[Mapping[str, Any]], WantedNotice | str]]] = {
    EffectKind.NOTICE: read_notice,
    EffectKind.NOTICE_OVER: read_notice_over,
}
_LOOK_EVERY_S = 0.25  # real seconds; well inside the two that the kill switch may take

log = structlog.get_logger()


class Outlet(Protocol):
    """The way to the devices: a ``broker.sessions.Session``, or virtual time's."""

    @property
    def connected(self) -> bool:
        """Whether anything gets through right now."""
        ...

    async def wait_connected(self) -> None:
        """Return once it does."""
        ...

    async def publish(self, message: Outgoing) -> None:
        """Return once the message is with the broker; ``UnreachableError``: it may not be."""
        ...


@dataclass(frozen=True, slots=True)
class Sender:
    """Handed all it touches. ``session`` is run by somebody else; this waits while it is not connected."""

    database: Database
    session: Outlet
    clock: Clock

    async def run(self) -> None:
        """Send what is to be sent, until cancelled.

        At every connect, what is unanswered goes out again under its old id: it may never have left. So it is when the
        database did not take what was to be written down: what is not yet marked is sent as if nothing had been.
        """
        while True:
            await self.session.wait_connected()
            try:
                await self.send_again()
                while self.session.connected:
                    await self.send_commands()
                    await self.send_notices()
                    await asyncio.sleep(_LOOK_EVERY_S)
            except UnreachableError as error:
                log.warning("sender.interrupted", why=str(error))
                await asyncio.sleep(_LOOK_EVERY_S)
            except (OperationalError, StoreBusyError) as error:
                log.warning("sender.interrupted", why=problem_of(error))
                await asyncio.sleep(_LOOK_EVERY_S)

    async def send_again(self) -> None:
        """Publish again what was sent, has no answer and is not past its time."""
        for command in await asyncio.to_thread(self._unanswered):
            # Each takes its time: the kill switch may have been thrown since the first. It may have left before, so
            # it is not cancelled, only not sent once more.
            if await asyncio.to_thread(self._may_go_again, command):
                log.info("command.sent_again", command_id=command.id, device_id=command.device_id)
                await self._publish(command)

    async def send_commands(self) -> None:
        """Publish what is queued, each marked as sent in a committed transaction before it leaves.

        Where the connection breaks, what had not been handed over is held back: it certainly did not leave.
        """
        waiting = deque(await asyncio.to_thread(self._claim))
        try:
            while waiting:
                if not await asyncio.to_thread(self._may_leave, waiting[0]):
                    waiting.popleft()
                    continue
                if not self.session.connected:
                    break
                command = waiting.popleft()
                await self._publish(command)
                log.info("command.sent", command_id=command.id, device_id=command.device_id, verb=command.verb)
        except UnreachableError:
            await asyncio.to_thread(self._keep, waiting)
            raise
        await asyncio.to_thread(self._keep, waiting)

    async def send_notices(self) -> None:
        """Publish the notices that are due, and take away what is over; one past its time is given up."""
        for effect in await asyncio.to_thread(self._due_notices):
            try:
                wanted = _READ[effect.kind](effect.payload)
            except (msgspec.ValidationError, ValueError, KeyError) as error:
                log.error("notice.unreadable", key=effect.key, why=type(error).__name__)  # noqa: TRY400 - the trace would show its text
                await asyncio.to_thread(self._done, effect, "its payload cannot be read")
                continue
            if isinstance(wanted, str):
                await self.session.publish(notice_over_message(wanted))
                await asyncio.to_thread(self._done, effect)
                continue
            left = wanted.not_after - self.clock.now()
            if left > timedelta():
                await self.session.publish(notice_message(wanted, self._real(left)))
            await asyncio.to_thread(self._notice_done, effect, wanted, shown=left > timedelta())

    async def _publish(self, command: Command) -> None:
        left = self._real(command.not_after - self.clock.now())
        await self.session.publish(command_message(command, left))
        reach(Failpoint.COMMAND_PUBLISHED)

    def _real(self, duration: timedelta) -> timedelta:
        return timedelta(seconds=self.clock.wall_seconds(duration))

    def _claim(self) -> tuple[Command, ...]:
        with self.database.reading() as session:
            if not commands_in(session, {CommandState.QUEUED}, 1):
                return ()  # the usual case takes no write lock
        reach(Failpoint.COMMAND_RECORDED)
        with self.database.transaction() as session:
            claimed = claim(session, self.clock.now())
        if claimed:
            reach(Failpoint.COMMAND_MARKED_SENT)
        return claimed

    def _may_leave(self, command: Command) -> bool:
        with self.database.transaction() as session:
            if may_leave(session, command.id, self.clock.now()):
                return True
            hold_back(session, command.id, self.clock.now())
            return False

    def _keep(self, commands: Collection[Command]) -> None:
        if not commands:
            return
        with self.database.transaction() as session:
            for command in commands:
                hold_back(session, command.id, self.clock.now(), "The broker is away.")

    def _may_go_again(self, command: Command) -> bool:
        with self.database.reading() as session:
            return may_leave(session, command.id, self.clock.now())

    def _unanswered(self) -> tuple[Command, ...]:
        with self.database.reading() as session:
            return unanswered(session, self.clock.now())

    def _due_notices(self) -> tuple[Effect, ...]:
        with self.database.reading() as session:
            return due_effects(session, _READ.keys(), self.clock.now())

    def _done(self, effect: Effect, error: str = "") -> None:
        with self.database.transaction() as session:
            mark_done(session, effect.id, now=self.clock.now(), error=error)

    def _notice_done(self, effect: Effect, wanted: WantedNotice, *, shown: bool) -> None:
        with self.database.transaction() as session:
            mark_done(session, effect.id, now=self.clock.now(), error="" if shown else "past its time")
            if shown:
                mark_sent(session, wanted.message_id, self.clock.now())
            else:
                mark_unsent(session, wanted.message_id, MessageState.FAILED, "the device was not reached in time")
