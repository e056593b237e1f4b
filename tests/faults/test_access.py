"""SEC-1, SEC-2, SEC-9 on a real broker: a device touches its own eight topics and nothing else."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic

import aiomqtt
import pytest

from broker.errors import BadDeviceIdError
from broker.topics import DOWN, UP, Channel, topic_of
from tests.conftest import NOON, RealBroker

pytestmark = pytest.mark.slow

VERSIONS = pytest.mark.parametrize("v5", [True, False], ids=["mqtt5", "mqtt311"])


@dataclass(frozen=True, slots=True)
class Attempt:
    """A topic, and whether device d1 may publish to it or hear what the agent says on it."""

    topic: str
    allowed: bool


def writes(d1: str, d2: str) -> Iterator[Attempt]:
    yield from (Attempt(topic_of(d1, channel), channel in UP) for channel in Channel)
    yield from (Attempt(topic_of(d2, channel), allowed=False) for channel in Channel)
    for topic in (
        "amends/v1",
        "amends/v1/telemetry",
        f"amends/v1/{d1}",
        f"amends/v1/{d1}/telemetry/more",
        f"amends/v1/{d1}/config",
        f"amends/v2/{d1}/telemetry",
        f"amends/v1//{d1}/telemetry",
        f"other/{d1}/telemetry",
        "$SYS/broker/version",
        "$CONTROL/dynamic-security/v1",
    ):
        yield Attempt(topic, allowed=False)


def reads(d1: str, d2: str) -> Iterator[Attempt]:
    yield from (Attempt(topic_of(d1, channel), channel in DOWN) for channel in Channel)
    yield from (Attempt(topic_of(d2, channel), allowed=False) for channel in Channel)


@VERSIONS
async def test_a_device_writes_its_own_topics_only(real_broker: RealBroker, *, v5: bool) -> None:
    d1, d2 = real_broker.devices(real_broker.fresh_id(), real_broker.fresh_id())
    attempts = list(writes(str(d1.user), str(d2.user)))
    arrived: set[str] = set()

    async with real_broker.client(real_broker.agent_address) as agent:
        await agent.subscribe("amends/#", qos=1)
        await agent.subscribe("other/#", qos=1)
        for attempt in attempts:  # each with a connection of its own: some offences end it
            with contextlib.suppress(aiomqtt.MqttError):
                async with real_broker.client(d1, v5=v5) as device:
                    await device.publish(attempt.topic, attempt.topic, qos=1)
        async with real_broker.client(d1, v5=v5) as device:
            await device.publish(topic_of(str(d1.user), Channel.EVENT), "last", qos=1)
        async for message in agent.messages:
            if message.payload == b"last":
                break
            if message.payload == str(message.topic).encode():  # other tests leave retained messages of their own
                arrived.add(str(message.topic))

    assert arrived == {attempt.topic for attempt in attempts if attempt.allowed}


@VERSIONS
async def test_a_device_hears_its_own_commands_and_notices_only(real_broker: RealBroker, *, v5: bool) -> None:
    d1, d2 = real_broker.devices(real_broker.fresh_id(), real_broker.fresh_id())
    own_last = topic_of(str(d1.user), Channel.NOTICE)
    heard: set[str] = set()

    async with real_broker.client(d1, v5=v5) as device, real_broker.client(real_broker.agent_address) as agent:
        for everything in (
            "#",
            "+/+/+/+",
            f"amends/v1/{d2.user}/#",
            f"amends/v1/{d2.user}/command",
            "$SYS/#",
            "$CONTROL/#",
            "$share/group/#",
        ):
            with contextlib.suppress(aiomqtt.MqttError):
                await device.subscribe(everything, qos=1)
        for attempt in reads(str(d1.user), str(d2.user)):
            with contextlib.suppress(aiomqtt.MqttError):
                await device.subscribe(attempt.topic, qos=1)
        for attempt in reads(str(d1.user), str(d2.user)):
            await agent.publish(attempt.topic, "x", qos=1)
        await agent.publish(own_last, "last", qos=1)
        async for message in device.messages:
            if message.payload == b"last":
                break
            heard.add(str(message.topic))

    assert heard == {attempt.topic for attempt in reads(str(d1.user), str(d2.user)) if attempt.allowed}


@VERSIONS
async def test_a_device_cannot_take_over_the_agents_session(real_broker: RealBroker, *, v5: bool) -> None:
    thief, honest = real_broker.devices(real_broker.fresh_id(), real_broker.fresh_id())

    async with (
        real_broker.client(real_broker.agent_address, client_id="amends-agent-test") as agent,
        real_broker.client(honest) as device,
    ):
        await agent.subscribe(topic_of(str(honest.user), Channel.EVENT), qos=1)
        async with real_broker.client(thief, v5=v5, client_id="amends-agent-test"):
            await device.publish(topic_of(str(honest.user), Channel.EVENT), "still here", qos=1)
            message = await asyncio.wait_for(anext(aiter(agent.messages)), 5)

    assert message.payload == b"still here"


@pytest.mark.parametrize("act", ["revoke", "rotate"])
@VERSIONS
async def test_a_revoked_or_rotated_device_loses_its_live_session(
    real_broker: RealBroker, act: str, *, v5: bool
) -> None:
    gone, stays = real_broker.devices(real_broker.fresh_id(), real_broker.fresh_id())
    credentials = real_broker.mosquitto.credentials

    async with real_broker.client(gone, v5=v5) as device, real_broker.client(stays, v5=v5) as other:
        began = monotonic()
        if act == "revoke":
            credentials.revoke(str(gone.user))
        else:
            credentials.rotate(str(gone.user), NOON)
        with pytest.raises(aiomqtt.MqttError):
            await asyncio.wait_for(anext(aiter(device.messages)), 5)
        took_s = monotonic() - began
        await other.publish(topic_of(str(stays.user), Channel.EVENT), "unharmed", qos=1)

    assert took_s < 5
    with pytest.raises(aiomqtt.MqttError):
        await real_broker.client(gone, v5=v5).__aenter__()


async def test_the_client_id_stays_bound_after_a_reload(real_broker: RealBroker) -> None:
    thief, honest, revoked = real_broker.devices(*(real_broker.fresh_id() for _ in range(3)))
    real_broker.mosquitto.credentials.revoke(str(revoked.user))

    async with real_broker.client(honest) as device, real_broker.client(thief, client_id=honest.user):
        await device.publish(topic_of(str(honest.user), Channel.EVENT), "still here", qos=1)


@pytest.mark.parametrize(
    "device_id",
    [
        "",
        "+",
        "#",
        "a/b",
        "a+",
        "#a",
        "nul\0",
        "a b",
        "\u202eevil",
        "ä",
        "x" * 65,
        "a\n",
        "a:b\tc",
        "amends-agent",
        "$SYS",
    ],
)
def test_an_id_that_could_mean_more_is_refused_at_provisioning(real_broker: RealBroker, device_id: str) -> None:
    before = real_broker.mosquitto.credentials.devices()

    with pytest.raises(BadDeviceIdError):
        real_broker.mosquitto.credentials.add([device_id], NOON)

    assert real_broker.mosquitto.credentials.devices() == before
