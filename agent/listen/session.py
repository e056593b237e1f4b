"""The session that outlives connections (shell): connects again for ever, and subscribes at every connect.

One loss is said once, and so is the return. Another agent under our name ends it: two that throw each other out
would do nothing else. Brokers need not say that they did so (mosquitto 2.0 does not), so every process claims the
session once, by a retained message, and looks before it comes back: a claim that is not its own is the newer.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Coroutine
from random import Random
from typing import Any, Final

import structlog

from agent.clock import Clock
from agent.listen.connection import Connection, Login
from agent.listen.errors import ConnectionLostError, SessionTakenOverError
from agent.listen.inbox import Inbox
from broker.backoff import full_jitter
from broker.errors import RefusedError
from broker.sessions import first_message

_LONGEST_WAIT_S: Final = 3.0  # a broker that came back is to be heard within five seconds
_CLAIM_PATIENCE_S: Final = 1.0

log = structlog.get_logger()


class Session:
    """Fills an inbox from the broker. ``chance`` draws the waits between tries."""

    def __init__(self, login: Login, inbox: Inbox, clock: Clock, chance: Random) -> None:
        self._login = login
        self._inbox = inbox
        self._clock = clock
        self._chance = chance
        self._up = asyncio.Event()
        self._admitted = False
        self._own_claim = secrets.token_hex(16).encode()

    @property
    def connected(self) -> bool:
        """Whether we are connected and subscribed right now."""
        return self._up.is_set()

    async def wait_connected(self) -> None:
        """Return as soon as we are connected and subscribed."""
        await self._up.wait()

    async def run(self) -> None:
        """Listen until cancelled.

        Raises:
            SessionTakenOverError: another client took our name.
            RefusedError: the broker turned us down before it ever let us in; later on that is only a loss.
        """
        attempt = 0
        lost = False
        while True:
            try:
                connection = await Connection.open(self._login, await self._claim())
                try:
                    await self._listen(connection, returned=lost, attempts=attempt)
                finally:
                    if self.connected:
                        attempt, lost = 0, False
                    self._up.clear()
                    await connection.leave()
            except (ConnectionLostError, RefusedError) as error:
                if isinstance(error, RefusedError) and not self._admitted:
                    raise
                if not lost:
                    log.warning("broker.lost", broker=str(self._login.address), why=str(error))
                lost = True
            attempt += 1
            wait_s = full_jitter(attempt, self._chance.random()).total_seconds()
            await asyncio.sleep(min(wait_s, _LONGEST_WAIT_S))

    async def _claim(self) -> bytes | None:
        """Return what to claim the session with, ``None`` when the claim stands.

        Raises:
            SessionTakenOverError: another process claimed it after us.
        """
        if not self._admitted:
            return self._own_claim
        standing = await first_message(self._login.address, self._login.claim_topic, _CLAIM_PATIENCE_S)
        if standing is None:  # the broker lost it, or is not there
            return self._own_claim
        if standing != self._own_claim:
            raise SessionTakenOverError(self._login.client_id)
        return None

    async def _listen(self, connection: Connection, *, returned: bool, attempts: int) -> None:
        """Do all a connection needs until one part of it ends, and raise why."""
        parts: dict[str, Coroutine[Any, Any, None]] = {
            "listen.pump": connection.pump(self._inbox, self._clock),
            "listen.alive": connection.stay_alive(),
            "listen.granted": self._granted(connection, returned=returned, attempts=attempts),
        }
        tasks = [asyncio.create_task(part, name=name) for name, part in parts.items()]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for task in tasks:
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    async def _granted(self, connection: Connection, *, returned: bool, attempts: int) -> None:
        await connection.subscribed.wait()
        self._admitted = True
        self._up.set()
        if returned:
            log.info("broker.back", broker=str(self._login.address), attempts=attempts)
