"""The way between agent and broker cut, hanging, slow and in crumbs: noticed, resumed, nothing lost."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.conftest import RealBroker
from tests.faults.agent_process import AgentProcess, an_agent
from tests.faults.conftest import Effort
from tests.faults.left_behind import heard, repeated
from tests.faults.proxy import a_proxy
from tests.faults.speaker import Speaker
from tests.faults.verdict import Verdict

pytestmark = pytest.mark.slow

UNREACHABLE = "the broker is not reachable"
NOTICED_WITHIN_S = 45.0


async def say(speaker: Speaker, first: int, count: int, per_s: float | None = None) -> None:
    now_ms = int(time.time() * 1000)
    messages = [speaker.telemetry(seq, now_ms + seq, temp_c=4.0 + seq % 3) for seq in range(first, first + count)]
    await speaker.say(messages, per_s=per_s)


def is_lost(agent: AgentProcess) -> bool:
    return any(UNREACHABLE in problem for problem in agent.problems() or [])


@pytest.mark.fault("NET-1", "the agent's connection to the broker cut, and every new one refused")
async def test_a_cut_connection_is_resumed_and_nothing_is_lost(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort, seed: int
) -> None:
    cut_s, per_s = effort.of(quick=3, full=300), 50
    speaker = Speaker(own_broker.device())
    async with (
        a_proxy(own_broker.agent_address, seed) as proxy,
        an_agent(tmp_path / "data", proxy.address) as agent,
    ):
        await agent.start()
        await say(speaker, 0, 200)
        began_s = time.monotonic()
        proxy.cut()
        saying = asyncio.create_task(say(speaker, 200, cut_s * per_s, per_s))
        await agent.until(lambda: is_lost(agent))
        noticed_s = time.monotonic() - began_s
        await saying
        proxy.mend()
        back_s = await agent.until_ready()
        await agent.settle()
        samples = agent.figures()["samples_total"]
        assert await agent.stop() == 0

    found = heard(tmp_path / "data")
    verdict.measure("cut", cut_s, "s")
    verdict.measure("said", 200 + cut_s * per_s)
    verdict.measure("noticed after", noticed_s, "s", most=NOTICED_WITHIN_S)
    verdict.measure("back after", back_s, "s", most=10)
    verdict.measure("lost", 200 + cut_s * per_s - len(set(found)), most=0)
    verdict.measure("refused tries", proxy.connects)
    verdict.measure("came twice from the broker", repeated(found))
    verdict.measure("counted twice", samples - (200 + cut_s * per_s), most=0)
    if cut_s < 300:
        verdict.note(f"cut for {cut_s} s instead of five minutes")


@pytest.mark.full
@pytest.mark.fault("NET-1", "half-open: the connection hangs both ways, nothing is closed, new ones are never answered")
async def test_a_half_open_connection_is_noticed_and_resumed(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort, seed: int
) -> None:
    hanging_s = effort.of(quick=1, full=60)
    speaker = Speaker(own_broker.device())
    async with (
        a_proxy(own_broker.agent_address, seed) as proxy,
        an_agent(tmp_path / "data", proxy.address) as agent,
    ):
        await agent.start()
        await say(speaker, 0, 200)
        began_s = time.monotonic()
        proxy.hang()
        await say(speaker, 200, 300)
        await agent.until(lambda: is_lost(agent), NOTICED_WITHIN_S + 30)
        noticed_s = time.monotonic() - began_s
        await asyncio.sleep(hanging_s)
        proxy.mend()
        back_s = await agent.until_ready()
        await agent.settle()
        assert await agent.stop() == 0

    found = heard(tmp_path / "data")
    verdict.measure("noticed after", noticed_s, "s", most=NOTICED_WITHIN_S)
    verdict.measure("back after", back_s, "s", most=NOTICED_WITHIN_S)
    verdict.measure("lost", 500 - len(set(found)), most=0)
    verdict.measure("lines that said it was lost", len(agent.said("broker.lost")), most=1)


@pytest.mark.full
@pytest.mark.fault("NET-1", "every packet in crumbs of 1 to 40 bytes, each 2 ms late, with a cut amid them")
async def test_a_connection_in_crumbs_loses_nothing(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort, seed: int
) -> None:
    count = effort.of(quick=300, full=3_000)
    speaker = Speaker(own_broker.device())
    async with (
        a_proxy(own_broker.agent_address, seed) as proxy,
        an_agent(tmp_path / "data", proxy.address) as agent,
    ):
        proxy.split, proxy.delay_s = True, 0.002
        await agent.start()
        saying = asyncio.create_task(say(speaker, 0, count))
        await agent.until(lambda: agent.figures()["messages_total"] > count / 10)
        proxy.cut()
        proxy.mend()
        await saying
        await agent.until(lambda: agent.figures()["samples_total"] >= count, 300)
        assert await agent.stop() == 0

    found = heard(tmp_path / "data")
    verdict.measure("said", count)
    verdict.measure("lost", count - len(set(found)), most=0)
