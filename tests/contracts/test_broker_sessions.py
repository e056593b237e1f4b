"""Sessions against a real broker: they come back, subscribe again, and say so once."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random

import pytest
from paho.mqtt.properties import Properties
from structlog.testing import capture_logs

from broker.address import Address
from broker.errors import UnreachableError
from broker.sessions import Incoming, Outgoing, Session, can_log_in
from broker.topics import Channel, filter_of, topic_of
from tests.conftest import RealBroker

pytestmark = pytest.mark.slow


@asynccontextmanager
async def running(session: Session) -> AsyncIterator[Session]:
    task = asyncio.create_task(session.run())
    try:
        await asyncio.wait_for(session.wait_connected(), 10)
        yield session
    finally:
        task.cancel()
        await asyncio.wait([task])


async def next_message(session: Session) -> Incoming:
    return await asyncio.wait_for(anext(session.messages()), 10)


def listener(broker: RealBroker, client_id: str, channel: Channel = Channel.EVENT) -> Session:
    return Session(broker.agent_address, client_id, {filter_of(channel): 1}, chance=Random(1))


async def test_a_session_hears_what_it_subscribed_to_after_every_death_of_the_broker(own_broker: RealBroker) -> None:
    mosquitto, device = own_broker.mosquitto, own_broker.device("d1")
    session = listener(own_broker, "amends-test")
    with capture_logs() as logs:
        async with running(session):
            for round_ in range(3):
                assert mosquitto.pid is not None
                os.kill(mosquitto.pid, signal.SIGKILL)
                await asyncio.sleep(0.5)  # some tries fail meanwhile, and say nothing more
                for store in (own_broker.folder / "store").iterdir():
                    store.unlink()  # the broker forgets every session and subscription
                await mosquitto.start()
                await asyncio.wait_for(session.wait_connected(), 10)
                async with own_broker.client(device) as client:
                    await client.publish(topic_of("d1", Channel.EVENT), str(round_), qos=1)
                assert (await next_message(session)).payload == str(round_).encode()

    told = [entry["event"] for entry in logs if entry["event"].startswith("session.")]
    assert told == ["session.lost", "session.back"] * 3


async def test_what_came_while_a_session_was_away_waits_for_it(real_broker: RealBroker) -> None:
    device = real_broker.device()
    topic = topic_of(str(device.user), Channel.FEEDBACK)
    async with running(listener(real_broker, "amends-away", Channel.FEEDBACK)):
        pass

    async with real_broker.client(device) as client:
        await client.publish(topic, "while you were out", qos=1)
    async with running(listener(real_broker, "amends-away", Channel.FEEDBACK)) as back:
        message = await next_message(back)

    assert message == Incoming(topic, b"while you were out", retained=False)


async def test_a_command_carries_its_expiry_response_topic_and_correlation(real_broker: RealBroker) -> None:
    device = real_broker.device()
    topic = topic_of(str(device.user), Channel.COMMAND)
    command = Outgoing(
        topic,
        b"{}",
        expires_in=timedelta(minutes=5),
        respond_to=topic_of(str(device.user), Channel.RESULT),
        correlation=b"01JD3M",
    )
    async with (
        real_broker.client(device) as client,
        running(Session(real_broker.agent_address, "amends-act")) as session,
    ):
        await client.subscribe(topic, qos=1)

        await session.publish(command)

        message = await asyncio.wait_for(anext(aiter(client.messages)), 5)

    assert isinstance(message.properties, Properties)
    sent = message.properties.json()  # type: ignore[no-untyped-call]  # paho's own typing ends here
    assert 0 < sent["MessageExpiryInterval"] <= 300
    assert sent["ResponseTopic"] == topic_of(str(device.user), Channel.RESULT)
    assert sent["CorrelationData"] == b"01JD3M".hex()


async def test_an_expired_command_is_not_given_to_a_device_that_was_away(real_broker: RealBroker) -> None:
    device = real_broker.device()
    topic = topic_of(str(device.user), Channel.COMMAND)
    one_way = Session(device, str(device.user), {topic: 1})
    async with running(one_way):
        pass
    async with running(Session(real_broker.agent_address, "amends-act-late")) as agent:
        await agent.publish(Outgoing(topic, b"late", expires_in=timedelta(seconds=1)))
        await agent.publish(Outgoing(topic, b"in time", expires_in=timedelta(minutes=1)))
        await asyncio.sleep(2.1)

    async with running(Session(device, str(device.user), {topic: 1})) as back:
        message = await next_message(back)

    assert message.payload == b"in time"


async def test_a_slow_readers_inbox_is_bounded_and_what_it_drops_is_counted(real_broker: RealBroker) -> None:
    device = real_broker.device()
    session = listener(real_broker, "amends-slow", Channel.RESULT)
    session = Session(session.address, "amends-slow", session.filters, inbox_size=2)
    async with running(session), real_broker.client(device) as client:
        for number in range(5):
            await client.publish(topic_of(str(device.user), Channel.RESULT), str(number), qos=1)
        async with asyncio.timeout(5):
            while session.dropped < 3:  # noqa: ASYNC110 - a plain counter; nobody but this test waits for it
                await asyncio.sleep(0.01)

        assert [(await next_message(session)).payload for _ in range(2)] == [b"0", b"1"]


async def test_without_a_connection_a_publish_fails_at_once() -> None:
    with pytest.raises(UnreachableError, match="not connected"):
        await Session(Address("127.0.0.1", 1), "amends-nobody").publish(Outgoing("t", b""))


async def test_nobody_listening_is_told_apart_from_being_refused(real_broker: RealBroker) -> None:
    await asyncio.sleep(0)

    assert not await can_log_in(Address("127.0.0.1", 1))
    assert await can_log_in(real_broker.device())
