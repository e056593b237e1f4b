"""REPLAY-1M: a million samples through the broker into an agent killed ten times, and into one that never was.

What is the same, and what cannot be. The models are a function of the journal: an agent killed ten times must end with
the very bytes of one that reads the same journal in one go. Between two runs the journals differ, for messages of
different devices interleave and arrive at other instants; what is a function of the samples alone must not: every row
of history, what the models think of each device, every finding with the instant and the score the samples gave it, and
the tickets by device and findings. Left out is what the moment decides: when something arrived or was filed, silence,
and which fault a ticket names, for the desk looks at the models as they are when it looks, not as they were before.
"""

import asyncio
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from broker.configuration import STORE_FOLDER
from device_sim.voice import Publish
from tests.conftest import RealBroker
from tests.faults.agent_process import AgentProcess, an_agent
from tests.faults.conftest import Effort
from tests.faults.left_behind import clean_run, newest_snapshot, records, repeated, rows_in_history
from tests.faults.recorded_days import recording, samples_in, simulated_days
from tests.faults.speaker import Speaker
from tests.faults.verdict import Verdict
from tests.journeys.conftest import say

pytestmark = [pytest.mark.slow, pytest.mark.full]

SAMPLES = 1_000_000
FINDINGS = "SELECT device_id, kind, at, round(score, 4), code FROM finding WHERE kind NOT IN ('silence', 'event')"
EVENTS = "SELECT device_id, code, text FROM finding WHERE kind = 'event'"
TICKETS = """SELECT device_id, (SELECT group_concat(kind || code || text) FROM
    (SELECT * FROM finding WHERE finding.ticket_id = ticket.id AND kind != 'silence' ORDER BY at, id)) FROM ticket"""
FAULTS = "SELECT device_id, fault FROM ticket"
SETTINGS = {"snapshot_every_s": 5, "history_every_s": 5, "recent_rows": 200}
PATIENCE_S = 3_000.0
PART_S = 8.0  # in which the devices say what they say between two kills


@dataclass(frozen=True)
class Ended:
    """What a run left that is a function of the samples."""

    rows: list[Any]
    findings: list[Any]
    events: list[Any]
    tickets: list[Any]
    faults: list[Any]
    health: dict[str, Any]


async def say_part(speakers: list[Speaker], said: Mapping[str, list[Publish]], part: int, parts: int) -> None:
    """Let every device say one of so many parts of what it says, spread over some seconds."""

    async def say_of(speaker: Speaker) -> None:
        messages = said[speaker.device_id]
        wanted = messages[len(messages) * part // parts : len(messages) * (part + 1) // parts]
        await speaker.say(wanted, per_s=len(wanted) / PART_S or None)

    await asyncio.gather(*(say_of(speaker) for speaker in speakers))


async def ended(agent: AgentProcess, devices: list[str]) -> Ended:
    token = say("staff", "token", "admin", data=agent.data)["token"]
    health = {}
    for device_id in devices:
        page = agent.page(f"/api/v1/devices/{device_id}", Authorization=f"Bearer {token}")
        assert page is not None
        health[device_id] = {name: page.json()["health"][name] for name in ("state", "drift", "sample_at", "now")}
    assert await agent.stop() == 0
    rows = rows_in_history(agent.data, "device_id, ts, hash(sample)")
    findings, events, tickets, faults = (
        sorted(records(agent.data, query), key=repr) for query in (FINDINGS, EVENTS, TICKETS, FAULTS)
    )
    return Ended(rows, findings, events, tickets, faults, health)


def unlike(one: list[Any], other: list[Any]) -> int:
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
        clean = await ended(agent, list(said))
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
        killed = await ended(agent, list(said))
    offset, snapshot = newest_snapshot(tmp_path / "killed")
    again_offset, again = await clean_run(tmp_path / "killed", tmp_path / "again", **SETTINGS)

    verdict.measure("samples", samples, least=wanted if file is None else 1)
    verdict.measure("devices", len(said))
    verdict.measure("kills in the middle", kills)
    verdict.measure("the clean run took", clean_s, "s")
    verdict.measure(
        "models unlike one reading of the same journal", int((offset, snapshot) != (again_offset, again)), most=0
    )
    verdict.measure("rows of history", len(clean.rows), least=samples)
    verdict.measure("rows unlike", unlike(clean.rows, killed.rows), most=0)
    verdict.measure("devices judged unlike", sum(clean.health[one] != killed.health[one] for one in said), most=0)
    verdict.measure("findings", len(clean.findings))
    verdict.measure("findings unlike", unlike(clean.findings, killed.findings), most=0)
    verdict.measure("events", len(clean.events))
    verdict.measure("events unlike", unlike(clean.events, killed.events), most=0)
    verdict.measure("tickets", len(clean.tickets), least=1 if file is None else 0)
    verdict.measure("tickets unlike", unlike(clean.tickets, killed.tickets), most=0)
    verdict.measure("tickets that name another fault", unlike(clean.faults, killed.faults) / 2)
