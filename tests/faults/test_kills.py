"""The whole agent, killed with -9 while it takes what devices say: everything is there once, and only once."""

import asyncio
import time
from pathlib import Path
from random import Random

import pytest

from agent.failpoint import EXIT_CODE, Failpoint
from broker.topics import Channel
from device_sim.voice import Publish
from tests.conftest import RealBroker
from tests.faults.agent_process import an_agent
from tests.faults.conftest import Effort
from tests.faults.left_behind import Heard, clean_run, heard, newest_snapshot, records, repeated, rows_in_history
from tests.faults.speaker import Speaker
from tests.faults.verdict import Verdict

pytestmark = [pytest.mark.slow, pytest.mark.full]

EVENT_EVERY = 50
BURST = 1_000  # messages of each device in a burst
PER_S = 50.0  # messages of each device in a steady stream
DOWN_MESSAGES = 60_000  # 10 min at 100 a second
START_MS = int(time.time() * 1000)


def speakers(broker: RealBroker, count: int) -> list[Speaker]:
    return [Speaker(address) for address in broker.devices(*(broker.fresh_id() for _ in range(count)))]


def a_stretch(speaker: Speaker, first: int, count: int) -> list[Publish]:
    """Return samples from number ``first`` on, and an event after every so many of them."""
    said = []
    for seq in range(first, first + count):
        said.append(speaker.telemetry(seq, START_MS + seq, temp_c=seq % 7, fan_rpm=1200.0))
        if seq % EVENT_EVERY == 0:
            event = {"seq": seq // EVENT_EVERY, "ts": START_MS + seq, "code": "E1", "level": "info", "text": str(seq)}
            said.append(speaker.message(Channel.EVENT, event))
    return said


def all_of(speaker: Speaker, count: int) -> set[Heard]:
    telemetry = {Heard(speaker.device_id, Channel.TELEMETRY, speaker.boot, seq) for seq in range(count)}
    events = {Heard(speaker.device_id, Channel.EVENT, speaker.boot, seq) for seq in range(-(-count // EVENT_EVERY))}
    return telemetry | events


def measure_once(verdict: Verdict, data: Path, said: set[Heard]) -> None:
    """Measure that everything said is in the journal and had its effects once."""
    in_journal = heard(data)
    rows = rows_in_history(data)
    events = records(data, "SELECT device_id, text FROM finding WHERE kind = 'event'")
    telemetry = sum(one.channel is Channel.TELEMETRY for one in said)
    verdict.measure("said", len(said))
    verdict.measure("lost", len(said - set(in_journal)), most=0)
    verdict.measure("came again and were ignored", repeated(in_journal))
    verdict.measure("samples missing in history", telemetry - len(set(rows)), most=0)
    verdict.measure("events missing in records", len(said) - telemetry - len(set(events)), most=0)
    verdict.measure("double effects", repeated(rows) + repeated(events), most=0)


@pytest.mark.fault("DEL-1", "the whole agent killed with -9 at random, also while it starts, under load")
async def test_kills_at_random_lose_nothing_double_nothing_and_end_in_the_state_of_a_clean_run(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort, seed: int
) -> None:
    chance, kills = Random(seed), effort.of(quick=5, full=50)
    devices = speakers(own_broker, 10)
    counts = [0] * len(devices)
    stop = asyncio.Event()

    async def speak(place: int) -> None:
        while not stop.is_set():
            first, counts[place] = counts[place], counts[place] + EVENT_EVERY
            await devices[place].say(a_stretch(devices[place], first, EVENT_EVERY), per_s=PER_S)

    async with an_agent(tmp_path / "data", own_broker.agent_address) as agent:
        await agent.start()
        speaking = [asyncio.create_task(speak(place)) for place in range(len(devices))]
        for _ in range(kills):
            await agent.kill()
            await agent.start(listening=False)
            await asyncio.sleep(chance.uniform(1.0, 12.0))
        stop.set()
        await asyncio.gather(*speaking)
        await agent.until_listening()
        await agent.settle()
        assert await agent.stop() == 0

    said = {one for speaker, count in zip(devices, counts, strict=True) for one in all_of(speaker, count)}
    clean_offset, clean = await clean_run(tmp_path / "data", tmp_path / "clean")
    offset, snapshot = newest_snapshot(tmp_path / "data")
    verdict.measure("kills", kills)
    measure_once(verdict, tmp_path / "data", said)
    verdict.measure("records a clean run has more or less", abs(clean_offset - offset), most=0)
    verdict.measure("models unlike a clean run's", int(clean != snapshot), most=0)


@pytest.mark.fault("DEL-2", "the agent ended between a batch's append and its acknowledgement")
async def test_what_is_redelivered_after_a_crash_before_its_acknowledgement_is_ignored(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort, seed: int
) -> None:
    chance, crashes = Random(seed), effort.of(quick=2, full=8)
    devices = speakers(own_broker, 4)
    async with an_agent(tmp_path / "data", own_broker.agent_address) as agent:
        for turn in range(crashes):
            await agent.start(failpoint=f"{Failpoint.JOURNAL_APPENDED}:exit@{chance.randint(3, 12)}")
            await asyncio.gather(*(one.say(a_stretch(one, turn * BURST, BURST), per_s=BURST / 2) for one in devices))
            assert await agent.ended() == EXIT_CODE
        await agent.start()
        await agent.settle()
        assert await agent.stop() == 0

    said = {one for speaker in devices for one in all_of(speaker, crashes * BURST)}
    verdict.measure("crashes", crashes)
    measure_once(verdict, tmp_path / "data", said)
    verdict.measure("records redelivered", repeated(heard(tmp_path / "data")), least=1)


@pytest.mark.fault("DEL-4", "the agent down for what devices say in ten minutes at 100 messages a second")
async def test_what_came_while_the_agent_was_down_is_drained_in_order(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort
) -> None:
    devices = speakers(own_broker, 20)
    each = effort.of(quick=DOWN_MESSAGES // 10, full=DOWN_MESSAGES) // len(devices)
    async with an_agent(tmp_path / "data", own_broker.agent_address) as agent:
        await agent.start()
        assert await agent.stop() == 0
        await asyncio.gather(*(one.say(a_stretch(one, 0, each)) for one in devices))
        began = time.monotonic()
        await agent.start()
        await agent.settle()
        drained_s = time.monotonic() - began
        assert await agent.stop() == 0

    in_journal = [one for one in heard(tmp_path / "data") if one.channel is Channel.TELEMETRY]
    by_device = [[one.seq for one in in_journal if one.device_id == speaker.device_id] for speaker in devices]
    measure_once(verdict, tmp_path / "data", {one for speaker in devices for one in all_of(speaker, each)})
    verdict.measure("devices out of order", sum(seqs != sorted(seqs) for seqs in by_device), most=0)
    verdict.measure("start and drain", drained_s, "s")
    verdict.note("said at full speed instead of in ten minutes: the count is what waits at the broker")
