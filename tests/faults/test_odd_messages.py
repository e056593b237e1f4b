"""Poison in the stream and clocks that are wrong: counted, shown, and of no harm to anybody else."""

import asyncio
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broker.topics import Channel, topic_of
from device_sim.voice import Publish
from tests.conftest import RealBroker
from tests.faults.agent_process import AgentProcess, an_agent
from tests.faults.conftest import Effort
from tests.faults.left_behind import records, rows_in_history
from tests.faults.speaker import Speaker
from tests.faults.verdict import Verdict

pytestmark = [pytest.mark.slow, pytest.mark.full]

START_MS = int(time.time() * 1000)
POISON = (
    b"\xff\x00 poison",
    b'{"v":1,"boot":"b1","seq":',
    b'{"v":1,"boot":"b1","seq":"x","ts":1,"m":{}}',
    b"[[[[",
    b"",
)
POISON_EVERY = 100
BACKLOG_MS = 30 * 3_600_000


def speakers(broker: RealBroker, count: int) -> list[Speaker]:
    return [Speaker(address) for address in broker.devices(*(broker.fresh_id() for _ in range(count)))]


def a_stretch(speaker: Speaker, first: int, count: int, *, poisoned: bool) -> list[Publish]:
    """Return so many messages; poisoned: every hundredth of them cannot be read."""
    said = []
    for place in range(count):
        if poisoned and place % POISON_EVERY == 0:
            payload = POISON[place // POISON_EVERY % len(POISON)]
            said.append(Publish(topic_of(speaker.device_id, Channel.TELEMETRY), payload, retain=False))
        else:
            at_ms = START_MS - BACKLOG_MS + 1_000 * (first + place)  # a sample a second: nobody is over budget
            said.append(speaker.telemetry(first + place, at_ms, temp_c=place % 7, fan_rpm=1200.0))
    return said


async def cost_s(agent: AgentProcess, devices: list[Speaker], first: int, each: int, *, poisoned: bool) -> float:
    """Return the processor time the agent takes for a stretch from every device."""
    before_s, before = agent.cpu_s(), agent.figures()["messages_total"]
    await asyncio.gather(*(one.say(a_stretch(one, first, each, poisoned=poisoned)) for one in devices))
    while agent.figures()["messages_total"] < before + each * len(devices):  # noqa: ASYNC110 - another process counts
        await asyncio.sleep(0.2)
    return agent.cpu_s() - before_s


@pytest.mark.fault("DEL-10", "every 100th message poisoned, against the same stream without")
async def test_poison_is_put_aside_and_costs_the_stream_next_to_nothing(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort
) -> None:
    devices, each, rounds = (
        speakers(own_broker, effort.of(quick=5, full=40)),
        effort.of(quick=1_000, full=3_400),
        effort.of(quick=2, full=15),
    )
    clean_s, poisoned_s = list[float](), list[float]()
    async with an_agent(tmp_path / "data", own_broker.agent_address) as agent:
        await agent.start()
        await cost_s(agent, devices, 0, each, poisoned=False)
        for turn in range(rounds):
            first = (2 * turn + 1) * each
            clean_s.append(await cost_s(agent, devices, first, each, poisoned=False))
            poisoned_s.append(await cost_s(agent, devices, first + each, each, poisoned=True))
        await agent.settle()
        assert await agent.stop() == 0

    poison = rounds * len(devices) * (each // POISON_EVERY)
    samples = (1 + 2 * rounds) * len(devices) * each - poison
    put_aside = sum(count for (count,) in records(tmp_path / "data", "SELECT count FROM quarantine"))
    verdict.measure("poisoned", poison)
    verdict.measure("put aside", put_aside, least=poison, most=poison)
    verdict.measure("samples that did not flow", samples - len(rows_in_history(tmp_path / "data")), most=0)
    verdict.measure("processor time without", sum(clean_s), "s")
    verdict.measure("with", sum(poisoned_s), "s")
    lost = 1 - statistics.median(clean_s) / statistics.median(poisoned_s)
    verdict.measure("throughput lost", 100 * lost, "%", most=5)
    verdict.note("judged by processor time, which sets the throughput, in the middle one of the turns of each kind")


@pytest.mark.fault("SYS-7", "device clocks years off, in seconds for milliseconds, absent, and right")
async def test_a_device_whose_clock_is_wrong_is_flagged_and_gets_the_time_of_arrival(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict
) -> None:
    names = ("ahead", "behind", "seconds", "zero", "none", "right")
    devices = {name: Speaker(address) for name, address in zip(names, own_broker.devices(*names), strict=True)}
    year_ms = timedelta(days=365) // timedelta(milliseconds=1)
    now_ms = int(time.time() * 1000)
    claims = {
        "ahead": now_ms + 3 * year_ms,
        "behind": now_ms - 9 * year_ms,
        "seconds": now_ms // 1000,
        "zero": 0,
        "none": None,
        "right": now_ms - 60_000,
    }
    began = datetime.now(UTC)
    async with an_agent(tmp_path / "data", own_broker.agent_address) as agent:
        await agent.start()
        for name, speaker in devices.items():
            birth = {"product": "frost-200", "metrics": {"temp_c": {}}}
            claim = claims[name]
            said = [
                speaker.telemetry(seq, None if claim is None else claim + seq, temp_c=4 + seq % 3) for seq in range(200)
            ]
            await speaker.say([speaker.message(Channel.BIRTH, birth), *said])
        await agent.settle()
        assert await agent.stop() == 0

    ended = datetime.now(UTC)
    rows = rows_in_history(tmp_path / "data")
    wrong = [name for name in names if name != "right"]
    flagged = {name for name, clock in records(tmp_path / "data", "SELECT id, has_clock FROM device") if not clock}
    polluted = [row for row in rows if row[0] in wrong and not began <= row[1].astimezone(UTC) <= ended]
    verdict.measure("wrong clocks flagged", len(flagged & set(wrong)), least=len(wrong))
    verdict.measure("right clocks flagged", len(flagged - set(wrong)), most=0)
    verdict.measure("samples", len(rows), least=200 * len(names))
    verdict.measure("samples at a time that is not their arrival's", len(polluted), most=0)
    kept = sum(row[0] == "right" and row[1].timestamp() * 1000 < now_ms - 59_000 for row in rows)
    verdict.measure("right times kept", kept, least=200)
