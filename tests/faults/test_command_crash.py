"""DEL-3: whenever the agent dies on a command's way, the device does it once or not at all, never twice."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from agent.act.command import CommandState
from agent.failpoint import EXIT_CODE, Failpoint
from agent.store.commands import add_command, commands_in, find_command
from agent.store.database import Database, open_database
from agent.store.devices import record_birth
from agent.store.migrate import migrate
from agent.store.tickets import open_ticket
from broker.address import Address
from broker.codec import decode, encode
from broker.messages import Command, Result, ResultStatus
from broker.topics import Channel, topic_of
from device_sim.orders import Orders
from tests.builders import a_birth, a_command
from tests.conftest import RealBroker

pytestmark = pytest.mark.slow


@dataclass(slots=True)
class Device:
    """A device that keeps its last 64 ids, as protocol v1 asks, and counts what reached it and what it did."""

    device_id: str
    orders: Orders = field(default_factory=Orders)
    heard: list[str] = field(default_factory=list)

    def obey(self, topic: str, payload: bytes) -> Result:
        command = decode(topic, payload)
        assert isinstance(command, Command)
        self.heard.append(command.id)
        done = Result(id=command.id, status=ResultStatus.SUCCEEDED)
        if command.id not in self.orders:
            self.orders.actuations.append(command.id)
            self.orders.remember(command.id, done)
        return done


@asynccontextmanager
async def connected(broker: RealBroker, device: Device, address: Address) -> AsyncIterator[None]:
    async with broker.client(address, client_id=device.device_id) as client, asyncio.TaskGroup() as tasks:
        await client.subscribe(topic_of(device.device_id, Channel.COMMAND), qos=1)

        async def listen() -> None:
            async for message in client.messages:
                answer = device.obey(str(message.topic), bytes(message.payload))
                await client.publish(topic_of(device.device_id, Channel.RESULT), encode(answer), qos=1)

        listening = tasks.create_task(listen(), name="device")
        try:
            yield
        finally:
            listening.cancel()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'amends.sqlite3'}"
    migrate(url)
    opened = open_database(url)
    yield opened
    opened.close()


def queue(database: Database, device_id: str, lasts: timedelta = timedelta(minutes=2)) -> str:
    now = datetime.now(UTC)
    with database.transaction() as session:
        record_birth(session, device_id, a_birth(), now=now)
        ticket = open_ticket(session, device_id=device_id, product="frost-200", playbook_version="1", now=now)
        command = a_command(id=f"01{device_id}", ticket_id=ticket.id, device_id=device_id, created_at=now)
        add_command(session, replace(command, not_after=now + lasts))
    return command.id


async def start(database: Database, broker: RealBroker, failpoint: str = "") -> asyncio.subprocess.Process:
    environment: Mapping[str, str] = {**os.environ, "AMENDS_FAILPOINT": failpoint}
    url = broker.agent_address.url_with_password()
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.sending", str(database.engine.url), url),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
    )


async def until(happened: Callable[[], object], *, within_s: float = 20.0) -> None:
    async with asyncio.timeout(within_s):
        while not happened():  # noqa: ASYNC110 - it happens in another process, where nothing can be awaited
            await asyncio.sleep(0.05)


async def killed(process: asyncio.subprocess.Process) -> None:
    process.kill()
    await process.wait()


@pytest.mark.parametrize(
    ("failpoint", "done_before"),
    [(Failpoint.COMMAND_RECORDED, 0), (Failpoint.COMMAND_MARKED_SENT, 0), (Failpoint.COMMAND_PUBLISHED, 1)],
)
async def test_a_crash_at_any_point_of_the_way_and_the_device_does_it_once(
    failpoint: Failpoint, done_before: int, database: Database, real_broker: RealBroker
) -> None:
    address = real_broker.device()
    device = Device(str(address.user))
    command_id = queue(database, device.device_id)

    async with connected(real_broker, device, address):
        crashed = await start(database, real_broker, f"{failpoint}:exit")
        assert await crashed.wait() == EXIT_CODE
        await until(lambda: len(device.orders.actuations) >= done_before)
        assert len(device.orders.actuations) == done_before

        for _ in range(2):
            await _send_until_heard_again(database, real_broker, device)

    assert device.orders.actuations == [command_id]
    assert set(device.heard) == {command_id}


async def test_a_command_whose_time_ran_out_while_the_agent_was_down_is_not_sent(
    database: Database, real_broker: RealBroker
) -> None:
    address, other = real_broker.device(), real_broker.device()
    late, in_time = Device(str(address.user)), Device(str(other.user))
    command_id = queue(database, late.device_id, lasts=timedelta(seconds=4))

    async with connected(real_broker, late, address), connected(real_broker, in_time, other):
        crashed = await start(database, real_broker, f"{Failpoint.COMMAND_MARKED_SENT}:exit")
        assert await crashed.wait() == EXIT_CODE
        await asyncio.sleep(4.0)
        queue(database, in_time.device_id)
        again = await start(database, real_broker)
        await until(lambda: in_time.heard)
        await killed(again)

    assert late.heard == []
    with database.reading() as session:
        command = find_command(session, command_id)
        assert command is not None
        assert command.state is CommandState.SENT  # the desk finds it and gives it to a person


async def test_kills_at_random_in_a_loop_actuate_nothing_twice(database: Database, real_broker: RealBroker) -> None:
    chance = Random(20260921)
    addresses = [real_broker.device() for _ in range(6)]
    devices = [Device(str(address.user)) for address in addresses]
    for device in devices:
        queue(database, device.device_id)

    async with asyncio.TaskGroup() as tasks:
        listening = [
            tasks.create_task(_stay_connected(real_broker, device, address), name=device.device_id)
            for device, address in zip(devices, addresses, strict=True)
        ]
        for _ in range(8):
            process = await start(database, real_broker)
            await asyncio.sleep(chance.uniform(0.6, 2.0))
            await killed(process)
        last = await start(database, real_broker)
        await until(lambda: all(device.orders.actuations for device in devices))
        await killed(last)
        for task in listening:
            task.cancel()

    done = Counter(command_id for device in devices for command_id in device.orders.actuations)
    with database.reading() as session:
        assert commands_in(session, {CommandState.QUEUED}) == ()
    assert set(done.values()) == {1}
    assert len(done) == len(devices)


async def _send_until_heard_again(database: Database, broker: RealBroker, device: Device) -> None:
    before = len(device.heard)
    process = await start(database, broker)
    await until(lambda: len(device.heard) > before)
    await killed(process)


async def _stay_connected(broker: RealBroker, device: Device, address: Address) -> None:
    async with connected(broker, device, address):
        await asyncio.Event().wait()
