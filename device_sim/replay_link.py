"""A connection that publishes as fast as the broker acknowledges (shell)."""

import asyncio
from types import TracebackType
from typing import Final, Self

import mqtt5

from broker.address import Address
from device_sim.logins import Login
from device_sim.voice import Publish
from device_sim.window import Window

_PATIENCE_S: Final = 20.0
_READ_BYTES: Final = 65_536
_HIGH_WATER_BYTES: Final = 262_144


class ReplayError(Exception):
    """The broker ended a replay, or refused it: mend what the message says and start again."""

    def __init__(self, device_id: str, problem: str) -> None:
        super().__init__(f"{device_id}: {problem}")
        self.device_id = device_id
        self.problem = problem


class ReplayLink:
    """One device's connection, used with ``async with``; leaving it waits for every acknowledgement."""

    def __init__(self, device_id: str, address: Address, login: Login, will: Publish) -> None:
        self._device_id = device_id
        self._address = address
        self._login = login
        self._will = will
        self._window = Window()
        self._room = asyncio.Event()

    async def __aenter__(self) -> Self:
        tls = True if self._address.tls else None
        try:
            async with asyncio.timeout(_PATIENCE_S):
                self._reader, self._writer = await asyncio.open_connection(
                    self._address.host, self._address.port, ssl=tls
                )
                self._writer.transport.set_write_buffer_limits(high=_HIGH_WATER_BYTES)
                self._writer.write(self._connect().write())
                await self._be_welcomed()
        except TimeoutError as error:
            raise ReplayError(self._device_id, f"the broker at {self._address} does not answer") from error
        except OSError as error:
            raise ReplayError(self._device_id, f"no broker at {self._address}: {error}") from error
        self._listening = asyncio.create_task(self._listen(), name=f"{self._device_id} acknowledgements")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                await self.settled()
                self._writer.write(mqtt5.DisconnectPacket().write())
                await self._writer.drain()
        finally:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            self._writer.close()

    async def publish(self, publish: Publish) -> None:
        """Send at QoS 1; waits only while the window or the socket is full.

        Raises:
            ReplayError: the connection is gone.
        """
        while self._window.full and not self._window.problem:
            self._room.clear()
            await self._room.wait()
        self._complain()
        self._writer.write(self._window.packet(publish))
        if self._writer.transport.get_write_buffer_size() > _HIGH_WATER_BYTES:
            await self._writer.drain()

    async def settled(self) -> None:
        """Return when everything is acknowledged.

        Raises:
            ReplayError: the connection is gone, or the broker took too long.
        """
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while self._window.in_flight and not self._window.problem:
                    self._room.clear()
                    await self._room.wait()
        except TimeoutError as error:
            raise ReplayError(self._device_id, f"{self._window.in_flight} messages were not acknowledged") from error
        self._complain()

    def _complain(self) -> None:
        if self._window.problem:
            raise ReplayError(self._device_id, self._window.problem)

    async def _be_welcomed(self) -> None:
        answer: mqtt5.ConnAckPacket | None = None
        while answer is None:
            data = await self._reader.read(_READ_BYTES)
            if not data:
                raise ReplayError(self._device_id, "the broker hung up")
            answer = self._window.welcome(data)
            self._complain()
        if answer.reason_code is not mqtt5.ConnAckReasonCode.SUCCESS:
            raise ReplayError(self._device_id, f"the broker refused the login: {answer.reason_code.name}")

    async def _listen(self) -> None:
        """Take in acknowledgements until the connection ends."""
        try:
            while data := await self._reader.read(_READ_BYTES):
                self._window.take(data)
                self._room.set()
            self._window.problem = self._window.problem or "the broker hung up"
        except (OSError, ValueError) as error:
            self._window.problem = f"the connection broke: {error}"
        finally:
            self._room.set()

    def _connect(self) -> mqtt5.ConnectPacket:
        return mqtt5.ConnectPacket(
            self._device_id,
            username=self._login.username,
            password=self._login.password.encode() if self._login.password is not None else None,
            clean_start=True,
            will=mqtt5.Will(
                self._will.topic, payload=self._will.payload, qos=mqtt5.QoS.AT_LEAST_ONCE, retain=self._will.retain
            ),
            keep_alive=0,
        )
