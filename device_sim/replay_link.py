"""A connection that publishes as fast as the broker acknowledges (shell): MQTT 5 with a window in flight."""

import asyncio
from types import TracebackType
from typing import Final, Self

import mqtt5

from broker.address import Address
from device_sim.logins import Login
from device_sim.voice import Publish

_TAKEN: Final = (mqtt5.PubAckReasonCode.SUCCESS, mqtt5.PubAckReasonCode.NO_MATCHING_SUBSCRIBERS)
_WINDOW: Final = 200
_LAST_PACKET_ID: Final = 65_535
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
    """One device's connection, used with ``async with``; leaving it waits for every acknowledgement.

    The window is the broker's receive maximum, 200 at most.
    """

    def __init__(self, device_id: str, address: Address, login: Login, will: Publish) -> None:
        self.acknowledged = 0
        self._device_id = device_id
        self._address = address
        self._login = login
        self._will = will
        self._window = _WINDOW
        self._in_flight = 0
        self._packet_id = 0
        self._room = asyncio.Event()
        self._problem = ""

    async def __aenter__(self) -> Self:
        tls = True if self._address.tls else None
        try:
            async with asyncio.timeout(_PATIENCE_S):
                self._reader, self._writer = await asyncio.open_connection(
                    self._address.host, self._address.port, ssl=tls
                )
                self._writer.transport.set_write_buffer_limits(high=_HIGH_WATER_BYTES)
                self._writer.write(self._connect().write())
                answer, rest = await self._first_packet()
        except TimeoutError as error:
            raise ReplayError(self._device_id, f"the broker at {self._address} does not answer") from error
        except OSError as error:
            raise ReplayError(self._device_id, f"no broker at {self._address}: {error}") from error
        if answer.reason_code is not mqtt5.ConnAckReasonCode.SUCCESS:
            raise ReplayError(self._device_id, f"the broker refused the login: {answer.reason_code.name}")
        self._window = min(_WINDOW, answer.receive_max)
        self._listening = asyncio.create_task(self._listen(rest), name=f"{self._device_id} acknowledgements")
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
        while self._in_flight >= self._window and not self._problem:
            self._room.clear()
            await self._room.wait()
        if self._problem:
            raise ReplayError(self._device_id, self._problem)
        self._packet_id = self._packet_id % _LAST_PACKET_ID + 1
        self._in_flight += 1
        packet = mqtt5.PublishPacket(
            publish.topic,
            publish.payload,
            qos=mqtt5.QoS.AT_LEAST_ONCE,
            retain=publish.retain,
            packet_id=self._packet_id,
        )
        self._writer.write(packet.write())
        if self._writer.transport.get_write_buffer_size() > _HIGH_WATER_BYTES:
            await self._writer.drain()

    async def settled(self) -> None:
        """Return when everything is acknowledged.

        Raises:
            ReplayError: the connection is gone, or the broker took too long.
        """
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while self._in_flight and not self._problem:
                    self._room.clear()
                    await self._room.wait()
        except TimeoutError as error:
            raise ReplayError(self._device_id, f"{self._in_flight} messages were not acknowledged") from error
        if self._problem:
            raise ReplayError(self._device_id, self._problem)

    async def _first_packet(self) -> tuple[mqtt5.ConnAckPacket, bytearray]:
        buffer = bytearray()
        while True:
            data = await self._reader.read(_READ_BYTES)
            if not data:
                raise ReplayError(self._device_id, "the broker hung up")
            buffer += data
            try:
                packet, read = mqtt5.read(memoryview(bytes(buffer)))
            except IndexError:
                continue
            assert isinstance(packet, mqtt5.ConnAckPacket)
            return packet, buffer[read:]

    async def _listen(self, buffer: bytearray) -> None:
        """Count acknowledgements until the connection ends."""
        try:
            while True:
                self._take(buffer)
                data = await self._reader.read(_READ_BYTES)
                if not data:
                    self._problem = "the broker hung up"
                    return
                buffer += data
        except (OSError, ValueError) as error:
            self._problem = f"the connection broke: {error}"
        finally:
            self._problem = self._problem or "nobody reads the acknowledgements any more"
            self._room.set()

    def _take(self, buffer: bytearray) -> None:
        view = memoryview(bytes(buffer))
        at = 0
        while at < len(view):
            try:
                packet, read = mqtt5.read(view[at:])
            except IndexError:
                break
            at += read
            if isinstance(packet, mqtt5.PubAckPacket):
                if packet.reason_code not in _TAKEN:
                    self._problem = f"the broker refused a message: {packet.reason_code.name}"
                self._in_flight -= 1
                self.acknowledged += 1
            elif isinstance(packet, mqtt5.DisconnectPacket):
                self._problem = f"the broker hung up: {packet.reason_code.name}"
        del buffer[:at]
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
