"""One device's connection (shell): it lives by the clock, and says and hears over MQTT what it has to.

The device goes on living while the broker is away; what it says meanwhile waits in a bounded backlog.
"""

import asyncio
import contextlib
import logging
from collections import deque
from datetime import datetime
from random import Random
from typing import Final

import aiomqtt
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from broker.address import Address
from broker.backoff import full_jitter
from broker.topics import DOWN, Channel, parse_topic, topic_of
from device_sim.clock import SimClock
from device_sim.device import SAMPLE, Device
from device_sim.logins import Login
from device_sim.voice import Publish

_BACKLOG: Final = 5_000  # messages; beyond that the oldest are lost, and leave a gap in ``seq``
_KEEPALIVE_S: Final = 30
_SESSION_S: Final = 3600
_PATIENCE_S: Final = 20.0
_LAST_WORD_S: Final = 2.0

log = logging.getLogger("device_sim")
_QUIET: Final = logging.getLogger("device_sim.mqtt")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False


class Link:
    """A device on the wire. Run ``live`` and ``talk`` as two tasks."""

    def __init__(self, device: Device, address: Address, login: Login, clock: SimClock, chance: Random) -> None:
        self.device = device
        self.up = False
        self.sent = 0
        self._address = address
        self._login = login
        self._clock = clock
        self._chance = chance
        self._backlog: deque[Publish] = deque(maxlen=_BACKLOG)
        self._wake = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Messages that wait to be sent."""
        return len(self._backlog)

    async def live(self, history_from: datetime, live_from: datetime) -> None:
        """Catch up on the past as columns, then take one sample after the other, for ever."""
        if self.device.connected:
            for publish in self.device.history(history_from, live_from):
                self._say([publish])
                await asyncio.sleep(0)
        at = live_from
        while True:
            await self._clock.until(at)
            self._say(self.device.step(at))
            at += SAMPLE

    async def talk(self) -> None:
        """Stay connected while the device is on; reconnect with growing, random waits when the broker is away."""
        attempt, ending = 0, False
        while True:
            while not self.device.connected and not self._backlog:
                self._wake.clear()
                await self._wake.wait()
            try:
                async with self._client() as client:
                    attempt = 0
                    try:
                        await self._converse(client)
                    except asyncio.CancelledError:
                        ending = True  # leaving the connection may raise an error in its place
                        raise
            except* aiomqtt.MqttError as errors:
                attempt += 1
                if attempt == 1:
                    log.debug("%s lost the broker: %s", self.device.identity.device_id, errors.exceptions[0])
            finally:
                self.up = False
            if ending:
                return
            await asyncio.sleep(full_jitter(attempt, self._chance.random()).total_seconds() if attempt else 0.0)

    async def _converse(self, client: aiomqtt.Client) -> None:
        device_id = self.device.identity.device_id
        await client.subscribe([(topic_of(device_id, channel), 1) for channel in DOWN], timeout=_PATIENCE_S)
        if not self._backlog or parse_topic(self._backlog[0].topic).channel is not Channel.BIRTH:
            self._backlog.extendleft(reversed(self.device.greet()))
        self.up = True
        try:
            async with asyncio.TaskGroup() as group:
                hears = group.create_task(self._hear(client), name=f"{device_id} hears")
                await self._pump(client)
                hears.cancel()
        except asyncio.CancelledError:
            will = self.device.will  # a clean stop says so itself
            with contextlib.suppress(aiomqtt.MqttError):
                await client.publish(will.topic, will.payload, qos=1, retain=will.retain, timeout=_LAST_WORD_S)
            raise

    async def _pump(self, client: aiomqtt.Client) -> None:
        """Send the backlog as it comes; return once it is empty and the device has gone off."""
        while self._backlog or self.device.connected:
            if not self._backlog:
                self._wake.clear()
                await self._wake.wait()
                continue
            publish = self._backlog[0]
            await client.publish(publish.topic, publish.payload, qos=1, retain=publish.retain, timeout=_PATIENCE_S)
            self.sent += 1
            if self._backlog and self._backlog[0] is publish:
                self._backlog.popleft()

    async def _hear(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            self._say(self.device.hear(str(message.topic), bytes(message.payload), self._clock.now()))

    def _say(self, publishes: list[Publish]) -> None:
        self._backlog.extend(publishes)
        self._wake.set()

    def _client(self) -> aiomqtt.Client:
        identity, will = self.device.identity, self.device.will
        properties = None
        if identity.mqtt5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's own typing ends here
            properties.SessionExpiryInterval = _SESSION_S
        return aiomqtt.Client(
            self._address.host,
            self._address.port,
            username=self._login.username,
            password=self._login.password,
            identifier=identity.device_id,
            protocol=aiomqtt.ProtocolVersion.V5 if identity.mqtt5 else aiomqtt.ProtocolVersion.V311,
            clean_start=False if identity.mqtt5 else MQTT_CLEAN_START_FIRST_ONLY,
            clean_session=None if identity.mqtt5 else False,
            properties=properties,
            keepalive=_KEEPALIVE_S,
            will=aiomqtt.Will(will.topic, will.payload, qos=1, retain=will.retain),
            tls_params=aiomqtt.TLSParameters() if self._address.tls else None,
            timeout=_PATIENCE_S,
            logger=_QUIET,
        )
