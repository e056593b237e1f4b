"""What is far too large, too wide, too deep or too wordy: refused cheaply, while everybody else's stream flows."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import pytest

from broker.address import Address
from broker.topics import Channel, topic_of
from tests.conftest import RealBroker
from tests.faults.agent_process import AgentProcess, an_agent
from tests.faults.conftest import Effort
from tests.faults.left_behind import heard
from tests.faults.speaker import Speaker
from tests.faults.swarm import Wire
from tests.faults.verdict import Verdict

pytestmark = [pytest.mark.slow, pytest.mark.full]

MOST_MS: Final = 5.0
BROKER_LETS_THROUGH: Final = 1_000_000
_HUGE: Final = b"x" * 10_000_000


def wide(metrics: int) -> bytes:
    return json.dumps({"v": 1, "boot": "b1", "seq": 0, "m": {f"m{n}": 1 for n in range(metrics)}}).encode()


def deep(levels: int) -> bytes:
    return b'{"v":1,"boot":"b1","seq":0,"m":' + b'{"a":' * levels + b"1" + b"}" * levels + b"}"


ORDINARY: Final = b'{"v":1,"boot":"b2","seq":%d,"m":{"temp_c":4.5}}'
WORDY: Final = [(f"name-{n}", f"value-{n}") for n in range(1_000)]


@pytest.mark.fault("LOAD-4", "10^5 metrics, 10^4 levels, 10^3 user properties, 10 MB: again and again beside a stream")
async def test_what_is_out_of_all_measure_is_refused_cheaply(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort
) -> None:
    times = effort.of(quick=40, full=200)
    hostile, speaker = own_broker.device(), Speaker(own_broker.device())
    topic = topic_of(str(hostile.user), Channel.TELEMETRY)
    kinds: dict[str, Callable[[Wire, int], None]] = {
        "10^5 metrics": lambda wire, _: wire.publish(topic, wide(100_000)[:BROKER_LETS_THROUGH]),
        "20,000 metrics, whole": lambda wire, _: wire.publish(topic, wide(20_000)),
        "10^4 levels deep": lambda wire, _: wire.publish(topic, deep(10_000)),
        "10^3 user properties": lambda wire, n: wire.publish(topic, ORDINARY % n, user_properties=WORDY),
    }
    async with an_agent(tmp_path / "data", own_broker.agent_address, snapshot_every_s=60) as agent:
        await agent.start()
        await speaker.say([speaker.telemetry(seq, None, temp_c=4.0) for seq in range(50)])
        await agent.settle()
        idle = await _cpu_ms(agent, asyncio.sleep(2)) / 2
        stream = asyncio.create_task(
            speaker.say([speaker.telemetry(seq, None, temp_c=4.0) for seq in range(50, 550)], per_s=50)
        )
        cost = {name: await _cost_ms(agent, hostile, say, times, idle) for name, say in kinds.items()}
        huge = await _refused_by_the_broker(hostile, topic, effort.of(quick=3, full=20))
        await stream
        await agent.settle()
        figures = agent.figures()
        pages = agent.page("/livez")
        assert await agent.stop() == 0

    for name, ms in cost.items():
        verdict.measure(f"{name}, each", ms, "ms of processor", most=MOST_MS)
    verdict.measure("10 MB let through by the broker", huge, most=0)
    verdict.measure("in quarantine", figures["messages_quarantined"], least=3 * times, most=3 * times)
    verdict.measure("of the stream lost", 550 - _heard_of(tmp_path / "data", speaker.device_id), most=0)
    verdict.measure("pages answered", pages is not None, least=1)
    verdict.note("10^5 metrics are cut at the megabyte the broker lets through; 20,000 whole ones come besides")
    verdict.note("what the stream and the pages take in the meantime is counted as part of the cost")


async def _cost_ms(
    agent: AgentProcess, hostile: Address, say: Callable[[Wire, int], None], times: int, idle: float
) -> float:
    """Return the processor time of the agent for one message of a kind, less what it takes when idle."""
    wire = await Wire.open(hostile)
    before = agent.figures()["messages_total"]
    began_s, cpu_s = time.monotonic(), agent.cpu_s()
    for number in range(times):
        say(wire, number)
        await asyncio.sleep(0)
    await agent.until(lambda: wire.acknowledged >= times and agent.figures()["messages_total"] >= before + times)
    spent = (agent.cpu_s() - cpu_s) * 1000 - idle * (time.monotonic() - began_s)
    wire.drop()
    return max(spent, 0.0) / times


async def _cpu_ms(agent: AgentProcess, waiting: Awaitable[None]) -> float:
    cpu_s = agent.cpu_s()
    await waiting
    return (agent.cpu_s() - cpu_s) * 1000


async def _refused_by_the_broker(hostile: Address, topic: str, times: int) -> int:
    """Send ten megabytes at once, so often; return how often the broker took them."""
    taken = 0
    for _ in range(times):
        wire = await Wire.open(hostile)
        wire.publish(topic, _HUGE)
        await asyncio.wait([wire.lost], timeout=10)
        taken += not wire.lost.done()
        wire.drop()
    return taken


def _heard_of(data: Path, device_id: str) -> int:
    return len({one for one in heard(data) if one.device_id == device_id})
