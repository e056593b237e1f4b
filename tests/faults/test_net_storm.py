"""Two thousand devices that lost the broker at once and all come back."""

import asyncio
import os
import signal
import time
from pathlib import Path
from random import Random

import pytest

from broker.backoff import full_jitter
from tests.conftest import RealBroker
from tests.faults.agent_process import an_agent
from tests.faults.conftest import Effort
from tests.faults.left_behind import heard, records
from tests.faults.probes import probing
from tests.faults.swarm import Member, Swarm, Wire
from tests.faults.verdict import Verdict

pytestmark = [pytest.mark.slow, pytest.mark.full]

BACK_WITHIN_S = 60.0


async def come_back(member: Member, chance: Random, gone_s: float) -> tuple[float, int]:
    """Connect again with full jitter, say online and a sample; return the seconds the last try took, and the tries."""
    attempt = 0
    while True:
        attempt += 1
        await asyncio.sleep(gone_s if attempt == 1 else full_jitter(attempt, chance.random()).total_seconds())
        began_s = time.monotonic()
        try:
            member.wire = await Wire.open(member.address, will=True)
        except (OSError, TimeoutError):
            continue
        before = member.wire.acknowledged
        member.said = 0
        member.status("online")
        member.sample(chance)
        while member.wire.acknowledged < before + 2:  # noqa: ASYNC110 - counted by the protocol
            await asyncio.sleep(0.01)
        return time.monotonic() - began_s, attempt


@pytest.mark.fault("NET-3", "the broker killed under thousands of devices, which all come back with full jitter")
async def test_a_storm_of_devices_that_come_back_is_weathered(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort, seed: int
) -> None:
    devices = effort.of(quick=300, full=2_000)
    chance = Random(seed)
    addresses = own_broker.devices(*(own_broker.fresh_id() for _ in range(devices)))
    members = [Member(address) for address in addresses]
    swarm = Swarm(members, chance)
    async with an_agent(tmp_path / "data", own_broker.agent_address) as agent:
        await agent.start()
        await swarm.connect()
        for member in members:
            member.sample(chance)
        await swarm.settled(60)
        await agent.settle()
        pid = own_broker.mosquitto.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await asyncio.gather(*(member.wire.lost for member in members if member.wire is not None))
        await own_broker.mosquitto.start()
        began_s = time.monotonic()
        spread_s = devices / 200  # as long as a device's first wait grows with what its maker knows of the fleet
        storm = asyncio.gather(*(come_back(one, chance, chance.uniform(0, spread_s)) for one in members))
        ready_s = await agent.until_ready()
        back = await asyncio.wait_for(storm, BACK_WITHIN_S)
        storm_s = time.monotonic() - began_s
        async with probing(tmp_path / "data") as probes:
            for member in members[:50]:
                probes.send(member)
            missing = await probes.arrived()
        await agent.settle()
        online = records(tmp_path / "data", "SELECT count(*) FROM device WHERE online")[0][0]
        tickets = records(tmp_path / "data", "SELECT count(*) FROM ticket")[0][0]
        rss_mb = agent.rss_mb()
        swarm.close()
        assert await agent.stop() == 0

    took = sorted(seconds for seconds, _ in back)
    samples = [one for one in heard(tmp_path / "data") if one.channel == "telemetry"]
    verdict.measure("devices", devices)
    verdict.measure("all back after", storm_s, "s")
    verdict.measure("agent ready after", ready_s, "s", most=10)
    verdict.measure("p99 from a connect to its acknowledged status", took[int(0.99 * len(took))], "s", most=5)
    verdict.measure("most tries of one device", max(tries for _, tries in back))
    verdict.measure("known to be online", online, least=devices)
    verdict.measure("lost", 2 * devices - len(set(samples)), most=0)
    verdict.measure("probes that never came", missing, most=0)
    verdict.measure("tickets", tickets, most=0)
    verdict.measure("memory", rss_mb, "MB", most=600)
