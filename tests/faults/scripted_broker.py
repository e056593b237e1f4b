"""A broker that says to the agent what a test wants, and remembers what it acknowledged (shell).

It speaks enough MQTT 5 for the agent's own connections: it lets everybody in, grants every subscription, keeps retained
messages, and forgets all sessions, as a broker does that lost its store. A real one cannot be made to cut a
connection between two chosen packets, nor to give a packet id to another message at will.
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, NamedTuple

import mqtt5

from broker.address import Address
from device_sim.voice import Publish

_READ_BYTES: Final = 65_536
_GRANTED: Final = mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE


class Acknowledged(NamedTuple):
    """An acknowledgement as it came; ``at_s`` on the monotonic clock."""

    packet_id: int
    at_s: float


@dataclass(slots=True)
class Line:
    """One connection of the agent."""

    writer: StreamWriter
    acknowledged: list[Acknowledged] = field(default_factory=list)
    subscribed: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    def send(self, packet_id: int, message: Publish) -> None:
        """Publish at QoS 1 under this packet id."""
        packet = mqtt5.PublishPacket(
            message.topic, message.payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=packet_id
        ).write()
        self.writer.write(packet)

    def cut(self) -> None:
        """End the connection without a word."""
        self.writer.transport.abort()


@dataclass(slots=True)
class ScriptedBroker:
    """``script`` is awaited for every connection of the client ``listener`` that has subscribed."""

    listener: str
    script: Callable[[Line], Awaitable[None]]
    port: int = 0
    _retained: dict[str, bytes] = field(default_factory=dict)
    _scripts: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def address(self) -> Address:
        return Address("127.0.0.1", self.port, "agent", "agent")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen on a free port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for script in self._scripts:
                script.cancel()
            await asyncio.gather(*self._scripts, return_exceptions=True)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        line, name, rest = Line(writer), "", b""
        with suppress(OSError):
            while chunk := await reader.read(_READ_BYTES):
                rest += chunk
                with suppress(IndexError):  # the rest of a packet is still to come
                    while rest:
                        packet, length = mqtt5.read(memoryview(rest))
                        rest = rest[length:]
                        if isinstance(packet, mqtt5.ConnectPacket):
                            name = packet.client_id
                        self._take(line, name, packet)
        line.closed.set()
        writer.close()

    def _take(self, line: Line, name: str, packet: mqtt5.Packet) -> None:
        match packet:
            case mqtt5.ConnectPacket():
                line.writer.write(mqtt5.ConnAckPacket().write())
            case mqtt5.PingReqPacket():
                line.writer.write(mqtt5.PingRespPacket().write())
            case mqtt5.SubscribePacket():
                self._grant(line, packet)
                if name == self.listener:
                    self._scripts.add(asyncio.create_task(self._played(line), name="script"))
            case mqtt5.PublishPacket():
                if packet.retain:
                    self._retained[packet.topic] = packet.payload
                if packet.packet_id is not None:
                    line.writer.write(mqtt5.PubAckPacket(packet.packet_id).write())
            case mqtt5.PubAckPacket():
                line.acknowledged.append(Acknowledged(packet.packet_id, monotonic()))
            case _:
                return

    def _grant(self, line: Line, packet: mqtt5.SubscribePacket) -> None:
        line.writer.write(mqtt5.SubAckPacket(packet.packet_id, [_GRANTED for _ in packet.topic_filters]).write())
        for wanted in packet.topic_filters:
            kept = self._retained.get(wanted.pattern)
            if kept is not None:
                line.writer.write(mqtt5.PublishPacket(wanted.pattern, kept, retain=True).write())

    async def _played(self, line: Line) -> None:
        await self.script(line)
