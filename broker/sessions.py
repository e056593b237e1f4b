"""One lasting MQTT 5 session at low rates: commands out, notices out, whatever is subscribed in (shell).

It connects again for ever, and subscribes at every connect: a broker that lost its store remembers nothing and
says nothing. Not for telemetry: the library acknowledges a message before we see it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from random import Random
from typing import Final

import aiomqtt
import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from broker.address import Address
from broker.backoff import full_jitter
from broker.errors import RefusedError, UnreachableError

_PATIENCE_S: Final = 10.0
_READY_PATIENCE_S: Final = 2.0
_KEEPALIVE_S: Final = 15
_REFUSED: Final = frozenset({134, 135, 138})  # MQTT 5: bad user name or password, not authorized, banned

# The library's own chatter says less than we do, and says it at every try.
_QUIET: Final = logging.getLogger("amends.mqtt")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message that came in."""

    topic: str
    payload: bytes
    retained: bool


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to publish at QoS 1.

    ``expires_in`` ``None``: it waits for its reader for ever. ``respond_to`` and ``correlation`` are MQTT 5's
    request and response; empty: not sent.
    """

    topic: str
    payload: bytes
    retain: bool = False
    expires_in: timedelta | None = None
    respond_to: str = ""
    correlation: bytes = b""


@dataclass(slots=True)
class Session:
    """A session that outlives connections. ``run`` it in a task; publish and read from others.

    Attributes:
        address: the broker, with our account.
        client_id: names the session; two at work under one name throw each other out.
        filters: QoS by topic filter, subscribed at every connect.
        expiry: how long the broker keeps the session, and what came for it, while we are away.
        inbox_size: messages kept for a slow reader; what comes beyond is dropped and counted in ``dropped``.
        chance: draws the waits between tries.
    """

    address: Address
    client_id: str
    filters: Mapping[str, int] = field(default_factory=dict)
    expiry: timedelta = timedelta(hours=1)
    inbox_size: int = 1000
    chance: Random = field(default_factory=Random)
    dropped: int = 0
    _client: aiomqtt.Client | None = None
    _up: asyncio.Event = field(default_factory=asyncio.Event)
    _inbox: asyncio.Queue[Incoming] = field(init=False)

    def __post_init__(self) -> None:
        self._inbox = asyncio.Queue(self.inbox_size)

    @property
    def connected(self) -> bool:
        """Whether the broker is there right now."""
        return self._up.is_set()

    async def wait_connected(self) -> None:
        """Return as soon as the session is connected and subscribed."""
        await self._up.wait()

    async def run(self) -> None:
        """Keep the session connected until cancelled; a loss and a return are logged once each."""
        attempt = 0
        lost = False
        while True:
            try:
                async with _connected(self.address, self.client_id, self.expiry, self.inbox_size) as client:
                    for topic_filter, qos in self.filters.items():
                        await client.subscribe(topic_filter, qos=qos)
                    _heed_cancelling()
                    self._client = client
                    self._up.set()
                    if lost:
                        log.info("session.back", client_id=self.client_id, attempts=attempt)
                    attempt, lost = 0, False
                    await self._read(client)
            except aiomqtt.MqttError as error:
                if not lost:
                    log.warning("session.lost", client_id=self.client_id, broker=str(self.address), why=str(error))
                lost = True
            finally:
                self._up.clear()
                self._client = None
            attempt += 1
            await asyncio.sleep(full_jitter(attempt, self.chance.random()).total_seconds())

    async def publish(self, message: Outgoing) -> None:
        """Return when the broker has acknowledged the message.

        Raises:
            UnreachableError: there is no connection, or it broke before the answer: the message may have gone out.
        """
        client = self._client
        if client is None:
            raise UnreachableError(str(self.address), "not connected")
        try:
            await client.publish(
                message.topic,
                message.payload,
                qos=1,
                retain=message.retain,
                properties=_publish_properties(message),
                timeout=_PATIENCE_S,
            )
        except aiomqtt.MqttError as error:
            raise UnreachableError(str(self.address), str(error)) from error
        _heed_cancelling()

    async def messages(self) -> AsyncIterator[Incoming]:
        """Yield what comes in, across connections, until cancelled."""
        while True:
            yield await self._inbox.get()

    async def _read(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            incoming = Incoming(str(message.topic), bytes(message.payload), message.retain)
            try:
                self._inbox.put_nowait(incoming)
            except asyncio.QueueFull:
                self.dropped += 1


def _heed_cancelling() -> None:
    """Raise the cancellation that Python 3.11's ``wait_for``, in the library, swallows when an answer comes with it."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def can_log_in(address: Address) -> bool:
    """Tell whether a broker answers there and lets us in, within some seconds.

    Raises:
        RefusedError: it answers and turns our login down.
    """
    try:
        async with _passing_by(address):
            return True
    except aiomqtt.MqttCodeError as error:
        if isinstance(error.rc, ReasonCode) and error.rc.value in _REFUSED:
            raise RefusedError(str(address), str(error)) from error
        return False
    except aiomqtt.MqttError:
        return False


async def first_message(address: Address, topic: str, patience_s: float) -> bytes | None:
    """Return the first payload heard on a topic, a retained one at once; ``None``: none came in time, or no broker."""
    try:
        async with asyncio.timeout(patience_s), _passing_by(address) as client:
            await client.subscribe(topic, qos=0)
            async for message in client.messages:
                return bytes(message.payload)
    except (TimeoutError, aiomqtt.MqttError):
        return None
    return None


def _passing_by(address: Address) -> aiomqtt.Client:
    """Return a client for a single question; the broker keeps no session of it."""
    return aiomqtt.Client(
        address.host,
        address.port,
        username=address.user,
        password=address.password,
        protocol=aiomqtt.ProtocolVersion.V5,
        timeout=_READY_PATIENCE_S,
        tls_params=aiomqtt.TLSParameters() if address.tls else None,
        logger=_QUIET,
    )


@asynccontextmanager
async def _connected(
    address: Address, client_id: str, expiry: timedelta, inbox_size: int
) -> AsyncIterator[aiomqtt.Client]:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's own typing ends here
    properties.SessionExpiryInterval = max(ceil(expiry.total_seconds()), 0)
    async with aiomqtt.Client(
        address.host,
        address.port,
        username=address.user,
        password=address.password,
        identifier=client_id,
        protocol=aiomqtt.ProtocolVersion.V5,
        clean_start=False,  # mosquitto never writes a session opened with clean start
        keepalive=_KEEPALIVE_S,
        timeout=_PATIENCE_S,
        properties=properties,
        max_queued_incoming_messages=inbox_size,
        tls_params=aiomqtt.TLSParameters() if address.tls else None,
        logger=_QUIET,
    ) as client:
        yield client


def _publish_properties(message: Outgoing) -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's own typing ends here
    if message.expires_in is not None:
        properties.MessageExpiryInterval = max(ceil(message.expires_in.total_seconds()), 1)
    if message.respond_to:
        properties.ResponseTopic = message.respond_to
    if message.correlation:
        properties.CorrelationData = message.correlation
    return properties
