"""What is far too large, too wide, too deep or too wordy: refused cheaply, while everybody else's stream flows."""

import asyncio
import json
import time
from collections.abc import Callable
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
A_SECOND: Final = 50
IDLE_S: Final = 5.0
TOLD_AFTER_S: Final = 1.5
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
    huge_one, whole_one, deep_one = wide(100_000)[:BROKER_LETS_THROUGH], wide(20_000), deep(10_000)
    kinds: dict[str, Callable[[Wire, int], None]] = {
        "10^5 metrics": lambda wire, _: wire.publish(topic, huge_one),
        "20,000 metrics, whole": lambda wire, _: wire.publish(topic, whole_one),
        "10^4 levels deep": lambda wire, _: wire.publish(topic, deep_one),
        "10^3 user properties": lambda wire, n: wire.publish(topic, ORDINARY % n, user_properties=WORDY),
    }
    async with an_agent(tmp_path / "data", own_broker.agent_address, snapshot_every_s=60) as agent:
        await agent.start()
        idle = await _spent_ms_a_second(agent)
        cost = {name: await _cost_ms(agent, hostile, say, times, idle) for name, say in kinds.items()}
        over = asyncio.Event()
        stream = asyncio.create_task(_speak(speaker, over))
        for say in kinds.values():
            await _cost_ms(agent, hostile, say, times, idle)
        huge = await _refused_by_the_broker(hostile, topic, effort.of(quick=3, full=20))
        over.set()
        said = await stream
        await agent.settle()
        figures = agent.figures()
        pages = agent.page("/livez")
        assert await agent.stop() == 0

    for name, ms in cost.items():
        verdict.measure(f"{name}, each", ms, "ms of processor", most=MOST_MS)
    verdict.measure("10 MB let through by the broker", huge, most=0)
    verdict.measure("in quarantine", figures["messages_quarantined"], least=6 * times, most=6 * times)
    verdict.measure("of the stream lost", said - _heard_of(tmp_path / "data", speaker.device_id), most=0)
    verdict.measure("pages answered", pages is not None, least=1)
    verdict.note("10^5 metrics are cut at the megabyte the broker lets through; 20,000 whole ones come besides")
    verdict.note("what each costs is measured before the stream begins; then all of it comes again beside the stream")


async def _speak(speaker: Speaker, over: asyncio.Event) -> int:
    """Say samples steadily until it is over; return how many."""
    said = 0
    while not over.is_set():
        await speaker.say(
            [speaker.telemetry(seq, None, temp_c=4.0) for seq in range(said, said + A_SECOND)], per_s=A_SECOND
        )
        said += A_SECOND
    return said


async def _cost_ms(
    agent: AgentProcess, hostile: Address, say: Callable[[Wire, int], None], times: int, idle: float
) -> float:
    """Return the processor time of the agent for one message of a kind, less what it takes when idle.

    All of it: until the last is told, which refusals are after a second at the latest.
    """
    wire = await Wire.open(hostile)
    began_s, cpu_s = time.monotonic(), agent.cpu_s()
    for number in range(times):
        say(wire, number)
        await asyncio.sleep(0)
    await agent.until(lambda: agent.figures()["unscored"] == 0 and wire.acknowledged >= times)
    await _look_for(agent, TOLD_AFTER_S)
    spent = (agent.cpu_s() - cpu_s) * 1000 - idle * (time.monotonic() - began_s)
    wire.drop()
    return max(spent, 0.0) / times


async def _spent_ms_a_second(agent: AgentProcess) -> float:
    """Return what the agent takes when idle, and looked at as often as while it is measured."""
    began_s, cpu_s = time.monotonic(), agent.cpu_s()
    await _look_for(agent, IDLE_S)
    return (agent.cpu_s() - cpu_s) * 1000 / (time.monotonic() - began_s)


async def _look_for(agent: AgentProcess, seconds: float) -> None:
    until_s = time.monotonic() + seconds
    await agent.until(lambda: bool(agent.figures()) and time.monotonic() > until_s)


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
