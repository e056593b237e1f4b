"""What leaves for a device over a real broker: commands that expire and are never retained, notices that wait."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import pytest

from agent.act.command import CommandState
from agent.act.sender import Sender
from agent.care.message import Channel as Way
from agent.care.message import Draft, MessageState, Stage
from agent.clock import RealClock
from agent.store.commands import add_command, find_command
from agent.store.database import Database, open_database
from agent.store.devices import record_birth
from agent.store.halts import Halt, record_halt
from agent.store.messages import add_message, message_by_id
from agent.store.migrate import migrate
from agent.store.outbox import Effect, EffectKind, due_effects, put
from agent.store.tickets import open_ticket
from broker.address import Address
from broker.codec import decode
from broker.messages import Command, Notice
from broker.sessions import Session
from broker.topics import Channel, topic_of
from tests.builders import a_birth, a_command
from tests.conftest import RealBroker

pytestmark = pytest.mark.slow


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'amends.sqlite3'}"
    migrate(url)
    opened = open_database(url)
    yield opened
    opened.close()


@asynccontextmanager
async def sending(database: Database, broker: RealBroker) -> AsyncIterator[None]:
    session = Session(broker.agent_address, f"sender-{broker.fresh_id()}")
    tasks = [
        asyncio.create_task(session.run(), name="session"),
        asyncio.create_task(Sender(database, session, RealClock()).run(), name="sender"),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


def a_known_device(database: Database, device_id: str) -> int:
    now = datetime.now(UTC)
    with database.transaction() as session:
        record_birth(session, device_id, a_birth(), now=now)
        ticket = open_ticket(session, device_id=device_id, product="frost-200", playbook_version="1", now=now)
    return ticket.id


def queue(database: Database, device_id: str) -> str:
    now = datetime.now(UTC)
    ticket_id = a_known_device(database, device_id)
    command = a_command(id=f"01{device_id}", ticket_id=ticket_id, device_id=device_id, created_at=now)
    with database.transaction() as session:
        add_command(session, replace(command, args=(("setpoint_c", -18),), not_after=now + timedelta(minutes=2)))
    return command.id


async def first(client: aiomqtt.Client) -> aiomqtt.Message:
    async with asyncio.timeout(10):
        return await anext(aiter(client.messages))


async def until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110 - it happens in another thread, where nothing can be awaited
            await asyncio.sleep(0.05)


def state_of(database: Database, command_id: str) -> CommandState | None:
    with database.reading() as session:
        command = find_command(session, command_id)
        return None if command is None else command.state


def due_to_go(database: Database) -> tuple[Effect, ...]:
    with database.reading() as session:
        return due_effects(session, {EffectKind.NOTICE_OVER}, datetime.now(UTC))


def id_of(address: Address) -> str:
    assert address.user is not None
    return address.user


async def test_a_command_carries_all_that_protocol_v1_asks_for(database: Database, real_broker: RealBroker) -> None:
    address = real_broker.device()
    device_id = id_of(address)
    async with real_broker.client(address, client_id=device_id) as device, sending(database, real_broker):
        await device.subscribe(topic_of(device_id, Channel.COMMAND), qos=1)

        command_id = queue(database, device_id)
        message = await first(device)

    said = decode(str(message.topic), bytes(message.payload))
    assert isinstance(said, Command)
    assert (said.id, said.verb, said.args, said.ticket) == (command_id, "restart", {"setpoint_c": -18}, "T-1")
    assert message.properties is not None
    properties = message.properties.json()  # type: ignore[no-untyped-call]  # paho's own typing ends here
    assert 0 < properties["MessageExpiryInterval"] <= 120
    assert properties["ResponseTopic"] == topic_of(device_id, Channel.RESULT)
    assert bytes.fromhex(properties["CorrelationData"]) == command_id.encode()
    assert (message.qos, message.retain) == (1, False)
    assert state_of(database, command_id) is CommandState.SENT


async def test_no_command_waits_for_a_device_that_subscribes_later_but_a_notice_does(
    database: Database, real_broker: RealBroker
) -> None:
    address = real_broker.device()
    device_id = id_of(address)
    now = datetime.now(UTC)
    async with sending(database, real_broker):
        command_id = queue(database, device_id)
        with database.transaction() as session:
            record = add_message(
                session,
                Draft(1, None, Stage.FIXED, "", Way.DEVICE, "en", "Fixed", "…", MessageState.PLANNED, "", now, now),
            )
            until_ms = int((now + timedelta(days=7)).timestamp() * 1000)
            words = {"ticket": "T-1", "lang": "en", "title": "Fixed", "text": "It is.", "not_after": until_ms}
            payload = {"device_id": device_id, "message_id": record.id, "ask_rating": True, **words}
            put(session, kind=EffectKind.NOTICE, key="notice:T-1", payload=payload, due_at=now)
        await until(lambda: state_of(database, command_id) is CommandState.SENT)

        def shown() -> bool:
            with database.reading() as session:
                message = message_by_id(session, record.id)
                return message is not None and message.state is MessageState.SENT

        await until(shown)

    async with real_broker.client(address) as device:
        await device.subscribe(topic_of(device_id, Channel.COMMAND), qos=1)
        await device.subscribe(topic_of(device_id, Channel.NOTICE), qos=1)
        message = await first(device)

    notice = decode(str(message.topic), bytes(message.payload))
    assert isinstance(notice, Notice)
    assert (notice.title, notice.ask_rating, message.retain) == ("Fixed", True, True)


async def test_a_notice_that_is_over_goes_from_the_display_and_waits_for_nobody(
    database: Database, real_broker: RealBroker
) -> None:
    address = real_broker.device()
    device_id = id_of(address)
    topic = topic_of(device_id, Channel.NOTICE)
    async with real_broker.client(real_broker.agent_address) as desk:
        await desk.publish(topic, b'{"v":1}', qos=1, retain=True)
    async with real_broker.client(address, client_id=device_id) as device, sending(database, real_broker):
        await device.subscribe(topic, qos=1)
        assert (await first(device)).payload
        with database.transaction() as session:
            payload = {"device_id": device_id}
            put(session, kind=EffectKind.NOTICE_OVER, key="over", payload=payload, due_at=datetime.now(UTC))

        assert not (await first(device)).payload
        await until(lambda: not due_to_go(database))

    async with real_broker.client(address) as later:
        await later.subscribe(topic, qos=1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await anext(aiter(later.messages))


async def test_a_thrown_switch_keeps_everything_here(database: Database, real_broker: RealBroker) -> None:
    device_id = id_of(real_broker.device())
    with database.transaction() as session:
        record_halt(session, Halt(halted=True, by="mira", why="smoke", at=datetime.now(UTC)))
    async with sending(database, real_broker):
        command_id = queue(database, device_id)
        await asyncio.sleep(1.5)

        assert state_of(database, command_id) is CommandState.QUEUED
