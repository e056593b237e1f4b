"""Messages that come twice, out of order, or under a packet id that was another's: the end is the same."""

import asyncio
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agent.failpoint import Failpoint
from broker.address import Address
from broker.topics import Channel
from device_sim.voice import Publish
from tests.conftest import RealBroker
from tests.faults.agent_process import AgentProcess, an_agent
from tests.faults.conftest import Effort
from tests.faults.left_behind import heard, records, repeated, rows_in_history
from tests.faults.scripted_broker import Line, ScriptedBroker
from tests.faults.speaker import Speaker
from tests.faults.verdict import Verdict
from tests.journeys.conftest import say

pytestmark = [pytest.mark.slow, pytest.mark.full]

START_MS = int(time.time() * 1000) - 3_600_000
TIMES = 3
WITHIN = 50
WRITE_S = 0.5  # what every write of the journal takes while packet ids are reused
TOGETHER = 40
CLIENT_ID = "amends-agent"


def samples(speaker: Speaker, count: int) -> list[Publish]:
    chance = Random(speaker.device_id)
    return [
        speaker.telemetry(seq, START_MS + seq * 1_000, temp_c=round(chance.gauss(4, 0.3), 3), fan_rpm=1200 + seq % 9)
        for seq in range(count)
    ]


def shuffled(messages: list[Publish], chance: Random) -> list[Publish]:
    """Return each message three times, none further than fifty places from where it belongs."""
    placed = [
        (place + chance.uniform(0, WITHIN), message) for place, message in enumerate(messages) for _ in range(TIMES)
    ]
    return [message for _, message in sorted(placed, key=lambda one: one[0])]


async def told(
    broker: RealBroker, data: Path, devices: list[Speaker], said: dict[str, list[Publish]]
) -> dict[str, Any]:
    """Let a new agent hear all of it, and return what it then thinks of each device."""
    async with an_agent(data, broker.agent_address) as agent:
        await agent.start()
        births = {"product": "frost-200", "metrics": {"temp_c": {}, "fan_rpm": {}}}
        await asyncio.gather(*(one.say([one.message(Channel.BIRTH, births)]) for one in devices))
        await agent.settle()
        await asyncio.gather(*(one.say(said[one.device_id]) for one in devices))
        await agent.settle()
        health = {one.device_id: thought_of(agent, one) for one in devices}
        assert await agent.stop() == 0
    return health


def thought_of(agent: AgentProcess, speaker: Speaker) -> Any:
    token = say("staff", "token", "admin", data=agent.data)["token"]
    page = agent.page(f"/api/v1/devices/{speaker.device_id}", Authorization=f"Bearer {token}")
    assert page is not None
    return {name: page.json()["health"][name] for name in ("state", "drift", "sample_at", "now")}


@pytest.mark.fault("DEL-8", "every message three times, in order and shuffled within fifty")
async def test_repeats_change_nothing_and_disorder_loses_nothing(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort, seed: int
) -> None:
    chance, count = Random(seed), effort.of(quick=400, full=3_000)
    devices = [Speaker(address) for address in own_broker.devices("dev-a", "dev-b", "dev-c")]
    clean = {one.device_id: samples(one, count) for one in devices}
    thrice = {one.device_id: [message for message in clean[one.device_id] for _ in range(TIMES)] for one in devices}
    disorder = {one.device_id: shuffled(clean[one.device_id], chance) for one in devices}

    ends = {}
    for name, said in (("clean", clean), ("thrice", thrice), ("disorder", disorder)):
        health = await told(own_broker, tmp_path / name, devices, said)
        ends[name] = (health, rows_in_history(tmp_path / name, "device_id, ts, temp_c, fan_rpm"))

    missed = sum(count for (count,) in records(tmp_path / "disorder", "SELECT missed FROM device"))
    verdict.measure("samples", count * len(devices))
    for name in ("thrice", "disorder"):
        rows = ends[name][1]
        verdict.measure(f"{name}: rows unlike the clean run's", len(set(rows) ^ set(ends["clean"][1])), most=0)
        verdict.measure(f"{name}: rows twice", repeated(rows), most=0)
    unlike = sum(ends["thrice"][0][one.device_id] != ends["clean"][0][one.device_id] for one in devices)
    verdict.measure("thrice: devices judged unlike the clean run", unlike, most=0)
    verdict.measure("disorder: counted as missed until they came", missed)
    verdict.note(
        "samples older than the newest are kept in history and not fed to the model, so disorder may judge otherwise"
    )


@pytest.mark.fault("DEL-9", "packet ids given to other messages after a cut while the first were being written")
async def test_an_acknowledgement_never_reaches_another_message_under_the_same_packet_id(
    tmp_path: Path, verdict: Verdict, effort: Effort, seed: int
) -> None:
    chance, turns = Random(seed), effort.of(quick=4, full=40)
    speaker, lines, done = Speaker(Address("127.0.0.1", 1, "dev-a", "")), list[tuple[Line, float]](), asyncio.Event()

    async def script(line: Line) -> None:
        """Give the same packet ids to new messages at every connection, and cut all but the last."""
        turn = len(lines)
        if turn > turns:
            return
        sent_s = time.monotonic()
        lines.append((line, sent_s))
        for place in range(TOGETHER):
            line.send(place + 1, speaker.telemetry(turn * TOGETHER + place, START_MS + turn * 1_000 + place, temp_c=4))
        if turn < turns:
            await asyncio.sleep(chance.uniform(0.0, 2 * WRITE_S))
            line.cut()
        else:
            done.set()

    broker = ScriptedBroker(CLIENT_ID, script)
    async with broker.running(), an_agent(tmp_path / "data", broker.address) as agent:
        await agent.start(failpoint=f"{Failpoint.JOURNAL_WRITING}:sleep={WRITE_S}", listening=False)
        await asyncio.wait_for(done.wait(), 60 + 6 * turns)
        await agent.until(lambda: len(lines[-1][0].acknowledged) >= TOGETHER)
        await agent.kill()

    there = {one.seq for one in heard(tmp_path / "data")}
    acknowledged = [(turn, one) for turn, (line, _) in enumerate(lines) for one in line.acknowledged]
    lost = [one for turn, one in acknowledged if turn * TOGETHER + one.packet_id - 1 not in there]
    early = [one for turn, one in acknowledged if one.at_s - lines[turn][1] < WRITE_S]
    twice = sum(repeated([one.packet_id for one in line.acknowledged]) for line, _ in lines)
    verdict.measure("connections cut", len(lines) - 1)
    verdict.measure("acknowledged", len(acknowledged))
    verdict.measure("acknowledged and not in the journal", len(lost), most=0)
    verdict.measure("acknowledged before they could be durable", len(early), most=0)
    verdict.measure("acknowledged twice", twice, most=0)
