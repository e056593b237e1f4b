"""REPLAY-1M: a million samples through the broker into an agent killed ten times, and into one that never was.

What "the same" means. Models, findings and facts are a function of the journal, so an agent killed ten times must end
with the very bytes, and the very findings, of one that reads the same journal in one go. Two runs have two journals:
messages of different devices interleave and arrive at other instants, and a model that learns from a product's other
devices scores a little differently, with kills or without. What does not hang on that must be the same between the
runs: every row of history, every event, and which devices got tickets, with the codes they rest on. Which fault a
ticket names hangs on the moment the desk looks at the models, and is only told.
"""

import asyncio
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from broker.configuration import STORE_FOLDER
from device_sim.voice import Publish
from tests.conftest import RealBroker
from tests.faults.agent_process import an_agent
from tests.faults.conftest import Effort
from tests.faults.left_behind import clean_run, newest_snapshot, records, repeated, rows_in_history
from tests.faults.recorded_days import recording, samples_in, simulated_days
from tests.faults.speaker import Speaker
from tests.faults.verdict import Verdict

pytestmark = [pytest.mark.slow, pytest.mark.full]

SAMPLES = 1_000_000
FINDINGS = "SELECT device_id, kind, at, score, code FROM finding WHERE kind NOT IN ('silence', 'event')"
EVENTS = "SELECT device_id, at, code, text FROM finding WHERE kind = 'event'"
CODES = "SELECT device_id, code, text FROM finding WHERE kind = 'event'"
TICKETS = """SELECT device_id, (SELECT group_concat(code || text) FROM
    (SELECT * FROM finding WHERE finding.ticket_id = ticket.id AND kind = 'event' ORDER BY at, id)) FROM ticket"""
FAULTS = "SELECT device_id, fault FROM ticket"
SETTINGS = {"snapshot_every_s": 5, "history_every_s": 5, "recent_rows": 200}
PATIENCE_S = 3_000.0
PART_S = 8.0  # in which the devices say what they say between two kills


async def say_part(speakers: list[Speaker], said: Mapping[str, list[Publish]], part: int, parts: int) -> None:
    """Let every device say one of so many parts of what it says, spread over some seconds."""

    async def say_of(speaker: Speaker) -> None:
        messages = said[speaker.device_id]
        wanted = messages[len(messages) * part // parts : len(messages) * (part + 1) // parts]
        await speaker.say(wanted, per_s=len(wanted) / PART_S or None)

    await asyncio.gather(*(say_of(speaker) for speaker in speakers))


def unlike(one: Path, other: Path, query: str) -> int:
    """Return how many records stand in one data directory and not in the other."""
    return apart(records(one, query), records(other, query))


def apart(one: list[Any], other: list[Any]) -> int:
    """Return how many stand in one and not in the other; what stands twice counts twice."""
    return len(set(one) ^ set(other)) + abs(repeated(one) - repeated(other))


@pytest.mark.fault("REPLAY-1M", "a million recorded samples with ten kill -9 in the middle, against a run without")
async def test_a_replay_with_kills_ends_in_the_same_state_history_and_tickets(  # noqa: PLR0913, PLR0917 - pytest hands them in
    own_broker: RealBroker,
    tmp_path: Path,
    verdict: Verdict,
    effort: Effort,
    seed: int,
    pytestconfig: pytest.Config,
) -> None:
    chance, kills, wanted = Random(seed), effort.of(quick=3, full=10), effort.of(quick=SAMPLES // 20, full=SAMPLES)
    file = pytestconfig.getoption("--fault-data", None)
    said = simulated_days(wanted, seed) if file is None else recording(file, wanted, seed)
    samples = sum(samples_in(message) for messages in said.values() for message in messages)
    parts = kills + 1
    speakers = [Speaker(address) for address in own_broker.devices(*said)]

    async with an_agent(tmp_path / "clean", own_broker.agent_address, **SETTINGS) as agent:
        await agent.start()
        began = time.monotonic()
        for part in range(parts):
            await say_part(speakers, said, part, parts)
        await agent.settle(PATIENCE_S)
        clean_s = time.monotonic() - began
        assert await agent.stop() == 0
    await own_broker.mosquitto.stop()
    shutil.rmtree(own_broker.folder / STORE_FOLDER)  # what it retained would come before everything else
    await own_broker.mosquitto.start()

    async with an_agent(tmp_path / "killed", own_broker.agent_address, **SETTINGS) as agent:
        await agent.start()
        for part in range(kills):
            saying = asyncio.create_task(say_part(speakers, said, part, parts))
            await asyncio.sleep(chance.uniform(0.0, PART_S))
            await agent.kill()
            await agent.start()
            await saying
        await say_part(speakers, said, kills, parts)
        await agent.settle(PATIENCE_S)
        assert await agent.stop() == 0
    clean, killed, again = (tmp_path / name for name in ("clean", "killed", "again"))
    state = newest_snapshot(killed)
    state_again = await clean_run(killed, again, **SETTINGS)
    rows = rows_in_history(clean, "device_id, ts, hash(sample)")
    rows_apart = apart(rows, rows_in_history(killed, "device_id, ts, hash(sample)"))

    verdict.measure("samples", samples, least=wanted if file is None else 1)
    verdict.measure("devices", len(said))
    verdict.measure("kills in the middle", kills)
    verdict.measure("the clean run took", clean_s, "s")
    verdict.measure("models unlike one reading of the same journal", int(state != state_again), most=0)
    verdict.measure("findings", len(records(killed, FINDINGS)))
    verdict.measure("findings unlike that reading's", unlike(killed, again, FINDINGS), most=0)
    verdict.measure("events unlike that reading's", unlike(killed, again, EVENTS), most=0)
    verdict.measure("rows of history", len(rows), least=samples)
    verdict.measure("rows unlike the other run's", rows_apart, most=0)
    verdict.measure("events", len(records(killed, CODES)))
    verdict.measure("events unlike the other run's", unlike(clean, killed, CODES), most=0)
    verdict.measure("tickets", len(records(killed, TICKETS)), least=1 if file is None else 0)
    verdict.measure("tickets unlike the other run's", unlike(clean, killed, TICKETS), most=0)
    verdict.measure("tickets that name another fault", unlike(clean, killed, FAULTS) / 2)
    verdict.measure("findings unlike the other run's", unlike(clean, killed, FINDINGS))
