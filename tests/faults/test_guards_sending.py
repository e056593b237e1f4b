"""GRD-4, GRD-7, SYS-1: what was decided does not leave any more, once it is halted, too late, or on old evidence."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from agent.act.command import CommandState
from agent.failpoint import Failpoint
from agent.store.commands import find_command, save_command
from agent.store.database import Database, open_database
from agent.store.halts import Halt, is_halted, record_halt
from agent.store.migrate import migrate
from broker.address import Address
from broker.topics import Channel, topic_of
from tests.conftest import RealBroker
from tests.faults.conftest import Effort
from tests.faults.obedient import Device, connected, queue
from tests.faults.test_command_crash import killed, start, until
from tests.faults.verdict import Verdict

pytestmark = pytest.mark.slow

HELD_S = 25.0  # a writer waits for 15, and the sender takes its time to start


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'amends.sqlite3'}"
    migrate(url)
    opened = open_database(url)
    yield opened
    opened.close()


@dataclass(slots=True)
class Listener(Device):
    """A device that notes when it heard each command."""

    at_s: list[float] = field(default_factory=list)

    def obey(self, topic: str, payload: bytes) -> object:  # type: ignore[override]  # the same answer, one note more
        self.at_s.append(time.monotonic())
        return super(Listener, self).obey(topic, payload)


def stop(database: Database) -> None:
    with database.transaction() as session:
        record_halt(session, Halt(halted=True, by="kim", why="smoke", at=datetime.now(UTC)))


@pytest.mark.fault("GRD-4", "halted with 100 commands queued, then killed with -9 and started again")
async def test_nothing_leaves_two_seconds_after_the_halt_nor_after_a_kill(
    database: Database, real_broker: RealBroker, verdict: Verdict
) -> None:
    addresses = real_broker.devices(*(real_broker.fresh_id() for _ in range(4)))
    devices = [Listener(str(address.user)) for address in addresses]
    others = [real_broker.fresh_id() for _ in range(96)]
    for device_id in [*(device.device_id for device in devices[:2]), *others, *(one.device_id for one in devices[2:])]:
        queue(database, device_id)

    async with (
        connected(real_broker, devices[0], addresses[0]),
        connected(real_broker, devices[1], addresses[1]),
        connected(real_broker, devices[2], addresses[2]),
        connected(real_broker, devices[3], addresses[3]),
    ):
        slow = await start(database, real_broker, f"{Failpoint.COMMAND_PUBLISHED}:sleep=0.1")
        await until(lambda: devices[0].heard or devices[1].heard)
        halted_at = time.monotonic()
        stop(database)
        await asyncio.sleep(3.0)
        await killed(slow)
        again = await start(database, real_broker)
        await asyncio.sleep(4.0)
        await killed(again)

    late = [at for device in devices for at in device.at_s if at > halted_at + 2.0]
    with database.reading() as session:
        sent = sum(
            1
            for device_id in [*others, *(one.device_id for one in devices)]
            if (command := find_command(session, f"01{device_id}")) is not None and command.state is CommandState.SENT
        )
        verdict.measure("still halted", is_halted(session), least=1)
    verdict.measure("commands left before the halt", sent)
    verdict.measure("heard later than 2 s after it", len(late), most=0)
    verdict.measure("heard of the two at the end", len(devices[2].heard) + len(devices[3].heard), most=0)


@pytest.mark.full
@pytest.mark.fault("GRD-7", "the device is away until its command has expired")
async def test_a_device_that_is_back_after_its_command_expired_does_nothing(
    database: Database, real_broker: RealBroker, verdict: Verdict
) -> None:
    address = real_broker.device()
    device = Device(str(address.user))
    command_id = queue(database, device.device_id, lasts=timedelta(seconds=15))
    async with _lasting(address) as client:
        await client.subscribe(topic_of(device.device_id, Channel.COMMAND), qos=1)

    sender = await start(database, real_broker)
    await until(lambda: _state(database, command_id) is CommandState.SENT)
    await asyncio.sleep(16.0)
    async with _lasting(address) as client:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                async for message in client.messages:
                    device.obey(str(message.topic), bytes(message.payload))
    await killed(sender)

    verdict.measure("heard after it had expired", len(device.heard), most=0)
    verdict.measure("done", len(device.orders.actuations), most=0)


@pytest.mark.fault(
    "SYS-1", "the agent is paused with SIGSTOP between deciding and sending, longer than its evidence lasts"
)
async def test_nothing_leaves_on_evidence_that_grew_old_during_a_pause(
    database: Database, real_broker: RealBroker, verdict: Verdict, effort: Effort
) -> None:
    pause_s, lasts_s = effort.of(quick=6.0, full=60.0), effort.of(quick=5.0, full=30.0)
    addresses = [real_broker.device() for _ in range(2)]
    marked, queued = (Device(str(address.user)) for address in addresses)
    commands = [queue(database, one.device_id) for one in (marked, queued)]

    async with connected(real_broker, marked, addresses[0]), connected(real_broker, queued, addresses[1]):
        _lasts(database, commands[0], lasts_s)
        _put_back(database, commands[1], CommandState.CANCELLED)
        sender = await start(database, real_broker, f"{Failpoint.COMMAND_MARKED_SENT}:sleep=1.5")
        await until(lambda: _state(database, commands[0]) is CommandState.SENT)
        os.kill(sender.pid, signal.SIGSTOP)
        _put_back(database, commands[1], CommandState.QUEUED)
        _lasts(database, commands[1], lasts_s)
        await asyncio.sleep(pause_s)
        os.kill(sender.pid, signal.SIGCONT)
        await until(lambda: _state(database, commands[0]) is CommandState.CANCELLED)
        await asyncio.sleep(2.0)
        await killed(sender)

    verdict.measure("paused", pause_s, "s")
    verdict.measure("evidence lasts", lasts_s, "s")
    verdict.measure("commands on stale evidence", len(marked.heard) + len(queued.heard), most=0)


@pytest.mark.full
@pytest.mark.fault("SYS-3", "another program holds the database for longer than a writer waits")
async def test_a_database_held_for_long_ends_nothing_and_the_command_leaves_once(
    database: Database, real_broker: RealBroker, verdict: Verdict
) -> None:
    address = real_broker.device()
    device = Device(str(address.user))
    command_id = queue(database, device.device_id, lasts=timedelta(minutes=5))

    async with connected(real_broker, device, address):
        with database.transaction() as session:
            session.connection()
            sender = await start(database, real_broker)
            await asyncio.sleep(HELD_S)
            ended = sender.returncode
        if ended is None:
            await until(lambda: _state(database, command_id) is not CommandState.QUEUED)
            await until(lambda: bool(device.heard))
            await killed(sender)

    verdict.measure("ended with", ended is not None, most=0)
    verdict.measure("done", len(device.orders.actuations), least=1, most=1)


def _lasting(address: Address) -> aiomqtt.Client:
    """Return a connection whose session the broker keeps for an hour: what comes meanwhile waits there."""
    kept = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has none
    kept.SessionExpiryInterval = 3600
    return aiomqtt.Client(
        address.host,
        address.port,
        username=address.user,
        password=address.password,
        identifier=address.user,
        protocol=aiomqtt.ProtocolVersion.V5,
        clean_start=False,
        properties=kept,
    )


def _state(database: Database, command_id: str) -> CommandState:
    with database.reading() as session:
        command = find_command(session, command_id)
    assert command is not None
    return command.state


def _put_back(database: Database, command_id: str, state: CommandState) -> None:
    with database.transaction() as session:
        command = find_command(session, command_id)
        assert command is not None
        save_command(session, replace(command, state=state))


def _lasts(database: Database, command_id: str, seconds: float) -> None:
    with database.transaction() as session:
        command = find_command(session, command_id)
        assert command is not None
        save_command(session, replace(command, leave_by=datetime.now(UTC) + timedelta(seconds=seconds)))
