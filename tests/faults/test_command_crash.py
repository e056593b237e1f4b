"""DEL-3: whenever the agent dies on a command's way, the device does it once or not at all, never twice."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from agent.act.command import CommandState
from agent.failpoint import EXIT_CODE, Failpoint
from agent.store.commands import commands_in, find_command
from agent.store.database import Database, open_database
from agent.store.migrate import migrate
from tests.conftest import RealBroker
from tests.faults.conftest import Effort
from tests.faults.obedient import Device, connected, queue, stay_connected
from tests.faults.verdict import Verdict

pytestmark = pytest.mark.slow


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'amends.sqlite3'}"
    migrate(url)
    opened = open_database(url)
    yield opened
    opened.close()


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


@pytest.mark.quick
@pytest.mark.fault("DEL-3", "the agent ended at each point of a command's way")
@pytest.mark.parametrize(
    ("failpoint", "done_before"),
    [(Failpoint.COMMAND_RECORDED, 0), (Failpoint.COMMAND_MARKED_SENT, 0), (Failpoint.COMMAND_PUBLISHED, 1)],
)
async def test_a_crash_at_any_point_of_the_way_and_the_device_does_it_once(
    failpoint: Failpoint, done_before: int, database: Database, real_broker: RealBroker, verdict: Verdict
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

    assert set(device.heard) == {command_id}
    verdict.measure("times heard", len(device.heard))
    verdict.measure("times done", len(device.orders.actuations), least=1, most=1)


@pytest.mark.fault("DEL-3", "the agent ended between marking and sending, and back after the command's time")
async def test_a_command_whose_time_ran_out_while_the_agent_was_down_is_not_sent(
    database: Database, real_broker: RealBroker, verdict: Verdict
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

    verdict.measure("times heard", len(late.heard), most=0)
    with database.reading() as session:
        command = find_command(session, command_id)
        assert command is not None
        assert command.state is CommandState.SENT  # the desk finds it and gives it to a person


@pytest.mark.fault("DEL-3", "the sender killed with -9 at random while it sends")
async def test_kills_at_random_in_a_loop_actuate_nothing_twice(
    database: Database, real_broker: RealBroker, verdict: Verdict, effort: Effort, seed: int
) -> None:
    chance, kills = Random(seed), effort.of(quick=4, full=50)
    addresses = [real_broker.device() for _ in range(6)]
    devices = [Device(str(address.user)) for address in addresses]
    for device in devices:
        queue(database, device.device_id)

    async with asyncio.TaskGroup() as tasks:
        listening = [
            tasks.create_task(stay_connected(real_broker, device, address), name=device.device_id)
            for device, address in zip(devices, addresses, strict=True)
        ]
        for _ in range(kills):
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
    verdict.measure("kills", kills)
    verdict.measure("commands", len(done), least=len(devices), most=len(devices))
    verdict.measure("times heard", sum(len(device.heard) for device in devices))
    verdict.measure("done twice", sum(times - 1 for times in done.values()), most=0)


async def _send_until_heard_again(database: Database, broker: RealBroker, device: Device) -> None:
    before = len(device.heard)
    process = await start(database, broker)
    await until(lambda: len(device.heard) > before)
    await killed(process)
