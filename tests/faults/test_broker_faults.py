"""The broker killed, paused, emptied and overrun: loss is seen and counted, and the agent is back by itself."""

import asyncio
import os
import shutil
import signal
import time
from pathlib import Path
from random import Random

import pytest

from agent.store.database import open_database
from broker.configuration import STORE_FOLDER
from broker.topics import Channel
from tests.conftest import RealBroker
from tests.faults.agent_process import UNREACHABLE, AgentProcess, an_agent
from tests.faults.conftest import Effort
from tests.faults.left_behind import heard, records
from tests.faults.limited_broker import dropped, limited
from tests.faults.obedient import Device, queue, stay_connected
from tests.faults.speaker import Speaker
from tests.faults.verdict import Verdict

pytestmark = [pytest.mark.slow, pytest.mark.full]

START_MS = int(time.time() * 1000)


def speakers(broker: RealBroker, count: int) -> list[Speaker]:
    return [Speaker(address) for address in broker.devices(*(broker.fresh_id() for _ in range(count)))]


async def say(speaker: Speaker, first: int, count: int, per_s: float | None = None) -> None:
    await speaker.say(
        [speaker.telemetry(seq, START_MS + seq, temp_c=seq % 7) for seq in range(first, first + count)], per_s=per_s
    )


async def all_say(devices: list[Speaker], first: int, count: int) -> None:
    await asyncio.gather(*(say(one, first, count) for one in devices))


@pytest.mark.fault("DEL-5", "more waits at the broker than it may keep, while the agent is down")
async def test_what_the_broker_drops_is_seen_as_gaps(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort
) -> None:
    each = effort.of(quick=500, full=5_000)
    devices = speakers(own_broker, 10)
    await own_broker.mosquitto.stop()
    async with (
        limited(own_broker.mosquitto, max_queued_messages=1_000),
        an_agent(tmp_path / "data", own_broker.agent_address) as agent,
    ):
        await agent.start()
        await all_say(devices, 0, 1)
        await agent.settle()
        await agent.kill()
        before = await dropped(own_broker.mosquitto)
        await all_say(devices, 1, each)
        lost = await dropped(own_broker.mosquitto) - before

        await agent.start()
        await agent.settle()
        await all_say(devices, 1 + each, 1)
        await agent.settle()
        gaps = sum(missed for (missed,) in records(tmp_path / "data", "SELECT missed FROM device"))
        assert await agent.stop() == 0

    said, in_journal = len(devices) * (each + 2), len(set(heard(tmp_path / "data")))
    verdict.measure("said", said)
    verdict.measure("dropped by the broker", lost, least=1)
    verdict.measure("gaps counted", gaps)
    verdict.measure("lost without being counted", abs(said - in_journal - gaps), most=0)
    verdict.measure("gaps more or less than the broker's count", abs(gaps - lost), most=0)


@pytest.mark.fault("DEL-6", "the broker killed with -9 again and again under load, with messages not yet delivered")
async def test_a_broker_killed_again_and_again_is_heard_again_and_its_loss_is_counted(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort, seed: int
) -> None:
    chance, kills = Random(seed), effort.of(quick=2, full=10)
    devices, stop, away_s = speakers(own_broker, 8), asyncio.Event(), list[float]()
    counts = [0] * len(devices)

    async def speak(place: int) -> None:
        while not stop.is_set():
            await say(devices[place], counts[place], 25, per_s=25)
            counts[place] += 25

    async with an_agent(tmp_path / "data", own_broker.agent_address) as agent:
        await agent.start()
        speaking = [asyncio.create_task(speak(place)) for place in range(len(devices))]
        for nth in range(kills):
            await asyncio.sleep(chance.uniform(0.5, 5.0))
            if nth:
                agent.pause()  # what comes now waits on the connection, and some of that is lost with it
            else:
                await agent.kill()  # what comes now waits at the broker alone, which has not saved it yet
            await asyncio.sleep(chance.uniform(0.2, 1.2))
            assert own_broker.mosquitto.pid is not None
            os.kill(own_broker.mosquitto.pid, signal.SIGKILL)
            if nth:
                agent.resume()
            await asyncio.sleep(chance.uniform(0.0, 3.0))
            await own_broker.mosquitto.start()
            if not nth:
                await agent.start()
            away_s.append(await agent.until_listening())
        stop.set()
        await asyncio.gather(*speaking)
        await asyncio.gather(*(say(one, count, 1) for one, count in zip(devices, counts, strict=True)))
        await agent.settle()
        reported = sum(missed for (missed,) in records(tmp_path / "data", "SELECT missed FROM device"))
        assert await agent.stop() == 0

    said, in_journal = sum(counts) + len(devices), len(set(heard(tmp_path / "data")))
    verdict.measure("kills", kills)
    verdict.measure("said", said)
    verdict.measure("subscribed again after, at most", max(away_s), "s", most=5)
    verdict.measure("lost with the broker", said - in_journal, least=1)
    verdict.measure("reported more or less than lost", abs(reported - (said - in_journal)), most=0)


@pytest.mark.fault("DEL-7", "the broker killed, its store deleted, started again")
async def test_a_broker_that_forgot_everything_is_heard_again_and_devices_say_who_they_are(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict
) -> None:
    (speaker,) = speakers(own_broker, 1)

    def birth(firmware: str) -> dict[str, object]:
        return {"product": "frost-200", "firmware": firmware, "metrics": {"temp_c": {}}}

    async with an_agent(tmp_path / "data", own_broker.agent_address) as agent:
        await agent.start()
        await speaker.say([speaker.message(Channel.BIRTH, birth("1.0"))])
        await agent.settle()
        assert own_broker.mosquitto.pid is not None
        os.kill(own_broker.mosquitto.pid, signal.SIGKILL)
        await own_broker.mosquitto.died()
        shutil.rmtree(own_broker.folder / STORE_FOLDER)
        await agent.until(lambda: UNREACHABLE in (agent.problems() or ()))
        began = time.monotonic()
        await own_broker.mosquitto.start()
        await agent.until_ready()
        verdict.measure("ready again after", time.monotonic() - began, "s", most=10)
        await speaker.say([speaker.message(Channel.BIRTH, birth("1.1")), speaker.telemetry(0, START_MS, temp_c=1)])
        await agent.settle()
        known = records(tmp_path / "data", "SELECT firmware FROM device")
        assert await agent.stop() == 0

    verdict.measure("births heard again", int(known == [("1.1",)]), least=1)
    verdict.measure("samples heard", len(heard(tmp_path / "data")), least=1)
    verdict.note("protocol v1 has no way to ask for a birth: devices say it at every connect")


@pytest.mark.fault("DEL-12", "a second whole agent on the same broker, then the first again")
async def test_of_two_agents_the_newer_acts_and_the_older_ends_with_a_sentence(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort
) -> None:
    async with (
        an_agent(tmp_path / "one", own_broker.agent_address) as first,
        an_agent(tmp_path / "two", own_broker.agent_address) as second,
    ):
        for newer, older in ((first, None), (second, first), (first, second)):
            await newer.start()
            if older is None:
                continue
            status = await older.ended(20)
            await asyncio.sleep(effort.of(quick=3, full=20))
            active = sum(one.process is not None and one.process.returncode is None for one in (first, second))
            verdict.measure("active", active, most=1, least=1)
            verdict.measure("the older ends with", status, most=1, least=1)
            assert "another agent connected" in older.last_lines()
            assert newer.is_listening()
        storm = len(first.said("broker.lost")) + len(second.said("broker.lost"))
    verdict.measure("connections lost", storm, most=4)


@pytest.mark.fault("SYS-2", "the broker paused (SIGSTOP) for a minute with a command to send")
async def test_a_paused_broker_is_noticed_and_no_command_is_repeated(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort
) -> None:
    pause_s = effort.of(quick=20, full=60)
    addresses = own_broker.devices(*(own_broker.fresh_id() for _ in range(3)))
    devices = [Device(str(address.user)) for address in addresses]
    async with an_agent(tmp_path / "data", own_broker.agent_address) as agent, asyncio.TaskGroup() as tasks:
        listening = [
            tasks.create_task(stay_connected(own_broker, device, address))
            for device, address in zip(devices, addresses, strict=True)
        ]
        await agent.start()
        _queue(agent, devices[0])
        await agent.until(lambda: bool(devices[0].heard))
        assert own_broker.mosquitto.pid is not None
        os.kill(own_broker.mosquitto.pid, signal.SIGSTOP)
        paused = time.monotonic()
        try:
            _queue(agent, devices[1])
            await agent.until(lambda: UNREACHABLE in (agent.problems() or ()), pause_s)
            noticed_s = time.monotonic() - paused
            _queue(agent, devices[2])
            await asyncio.sleep(max(0.0, paused + pause_s - time.monotonic()))
        finally:
            os.kill(own_broker.mosquitto.pid, signal.SIGCONT)
        back_s = await agent.until_listening()
        await agent.until(lambda: all(device.orders.actuations for device in devices))
        await asyncio.sleep(5)
        for task in listening:
            task.cancel()
        assert await agent.stop() == 0

    done = [command for device in devices for command in device.orders.actuations]
    verdict.measure("paused", pause_s, "s")
    verdict.measure("noticed after", noticed_s, "s", most=20)
    verdict.measure("connected again after", back_s, "s", most=20)
    verdict.measure("commands done", len(done), least=3)
    verdict.measure("times heard", sum(len(device.heard) for device in devices))
    verdict.measure("done twice", len(done) - len(set(done)), most=0)


def _queue(agent: AgentProcess, device: Device) -> None:
    database = open_database(f"sqlite:///{agent.data / 'amends.sqlite3'}")
    queue(database, device.device_id)
    database.close()
