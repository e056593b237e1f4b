"""Thousands of devices in one process, each with a connection of its own, as cheap as that can be (shell)."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from time import monotonic, time
from typing import Any, Final

import mqtt5

from broker.address import Address
from broker.topics import Channel, topic_of
from tests.faults.probes import Probes

_PATIENCE_S: Final = 20.0
_MOST_IDS: Final = 65_535
_TURN_S: Final = 0.005


class Wire(asyncio.Protocol):
    """One device's connection: packets out, acknowledgements counted."""

    def __init__(self) -> None:
        self.acknowledged = 0
        self.welcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._rest = b""
        self._next_id = 0
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def open(cls, address: Address, *, will: bool = False) -> "Wire":
        """Connect and log in; ``OSError`` or ``TimeoutError`` when that fails."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_PATIENCE_S):
            _, wire = await loop.create_connection(cls, address.host, address.port)
            wire.write(_hello(address, will=will))
            await wire.welcome
        return wire

    def write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, **more: Any) -> None:
        self._next_id = self._next_id % _MOST_IDS + 1
        packet = mqtt5.PublishPacket(
            topic, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=self._next_id, retain=retain, **more
        )
        self.write(packet.write())

    def drop(self) -> None:
        """Lose the connection without a word."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        view, used = memoryview(data), 0
        while used < len(data):
            try:
                packet, length = mqtt5.read(view[used:])
            except IndexError:
                break
            used += length
            if isinstance(packet, mqtt5.PubAckPacket):
                self.acknowledged += 1
            elif isinstance(packet, mqtt5.ConnAckPacket) and not self.welcome.done():
                if packet.reason_code == mqtt5.ConnAckReasonCode.SUCCESS:
                    self.welcome.set_result(None)
                else:
                    self.welcome.set_exception(ConnectionRefusedError(packet.reason_code.name))
        self._rest = data[used:]

    def connection_lost(self, error: Exception | None) -> None:
        del error
        if not self.lost.done():
            self.lost.set_result(None)
        if not self.welcome.done():
            self.welcome.set_exception(ConnectionResetError())


def _hello(address: Address, *, will: bool) -> bytes:
    assert address.user is not None
    assert address.password is not None
    last = mqtt5.Will(
        topic_of(address.user, Channel.STATUS), payload=b"offline", qos=mqtt5.QoS.AT_LEAST_ONCE, retain=True
    )
    return mqtt5.ConnectPacket(
        address.user,
        username=address.user,
        password=address.password.encode(),
        clean_start=True,
        will=last if will else None,
        keep_alive=0,
    ).write()


@dataclass(slots=True)
class Member:
    """One device of a swarm: its numbering goes on over its connections."""

    address: Address
    wire: Wire | None = None
    seq: int = 0
    events: int = 0
    said: int = 0

    @property
    def device_id(self) -> str:
        return str(self.address.user)

    def sample(self, chance: Random) -> None:
        """Say one sample of an ordinary moment."""
        body = {
            "v": 1,
            "boot": "b1",
            "seq": self.seq,
            "ts": int(time() * 1000),
            "m": {"temp_c": round(4 + chance.gauss(0, 0.3), 2), "fan_rpm": round(1200 + chance.gauss(0, 15), 1)},
        }
        self.seq += 1
        self._say(Channel.TELEMETRY, body)

    def event(self, code: str) -> None:
        """Say something that is evidence and opens no ticket."""
        body = {"v": 1, "boot": "b1", "seq": self.events, "ts": int(time() * 1000), "code": code, "level": "info"}
        self.events += 1
        self._say(Channel.EVENT, body)

    def status(self, word: str) -> None:
        assert self.wire is not None
        self.wire.publish(topic_of(self.device_id, Channel.STATUS), word.encode(), retain=True)

    def _say(self, channel: Channel, body: dict[str, object]) -> None:
        assert self.wire is not None
        self.said += 1
        self.wire.publish(topic_of(self.device_id, channel), json.dumps(body).encode())


@dataclass(slots=True)
class Swarm:
    """Many devices that speak in turn, at an even rate."""

    members: Sequence[Member]
    chance: Random
    late_s: float = 0.0
    _turn: int = field(default=0, init=False)

    async def connect(self, together: int = 100) -> None:
        """Connect all, so many at a time."""
        for first in range(0, len(self.members), together):
            some = self.members[first : first + together]
            wires = await asyncio.gather(*(Wire.open(one.address) for one in some))
            for member, wire in zip(some, wires, strict=True):
                member.wire = wire

    async def speak(self, per_s: float, for_s: float, *, seen: Probes | None = None, probes_per_s: float = 0) -> int:
        """Say samples at this rate, and probes among them; return how many were said."""
        began_s, said, probed = monotonic(), 0, 0
        while (passed_s := monotonic() - began_s) < for_s:
            due = int(passed_s * per_s) + 1
            self.late_s = max(self.late_s, (due - said) / per_s)
            while said < due:
                member = self.members[self._turn % len(self.members)]
                member.sample(self.chance)
                self._turn += 1
                said += 1
                if seen is not None and probed < passed_s * probes_per_s:
                    seen.send(member)
                    probed += 1
            await asyncio.sleep(_TURN_S)
        return said

    async def settled(self, within_s: float = _PATIENCE_S) -> None:
        """Return when the broker has acknowledged everything that was said over the connections that are open."""
        async with asyncio.timeout(within_s):
            while any(one.wire is not None and one.wire.acknowledged < one.said for one in self.members):  # noqa: ASYNC110 - counted by many
                await asyncio.sleep(0.05)

    def close(self) -> None:
        for member in self.members:
            if member.wire is not None:
                member.wire.drop()


@asynccontextmanager
async def a_swarm(addresses: Sequence[Address], seed: int) -> AsyncIterator[Swarm]:
    """Give a swarm that is connected."""
    swarm = Swarm([Member(address) for address in addresses], Random(seed))
    try:
        await swarm.connect()
        yield swarm
    finally:
        swarm.close()
