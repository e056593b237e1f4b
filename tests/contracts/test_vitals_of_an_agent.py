"""What a running agent tells a supervisor: every figure is there, and every part that fails turns it red and back."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.conftest import RealBroker
from tests.faults.agent_process import AgentProcess, an_agent
from tests.faults.limited_broker import limited
from tests.faults.speaker import Speaker

pytestmark = pytest.mark.slow

FIGURES = {
    "ready",
    "broker_connected",
    "sender_connected",
    "broker_dropped",
    "unscored",
    "unscored_records",
    "inbox_messages",
    "oldest_unacknowledged_seconds",
    "messages_missed",
    "messages_quarantined",
    "messages_total",
    "samples_total",
    "duplicates_total",
    "missed_total",
    "journal_bytes",
    "disk_free_bytes",
    "due_looks_failed",
    "history_behind",
    "history_lag_seconds",
    "outbox_waiting",
    "outbox_failing",
    "outbox_oldest_seconds",
    "tickets_needing_a_person",
    "tickets_in_progress",
    "devices",
    "devices_online",
    "halted",
}


@asynccontextmanager
async def running(broker: RealBroker, data: Path) -> AsyncIterator[AgentProcess]:
    async with an_agent(data, broker.agent_address) as agent:
        await agent.start()
        yield agent


def says(agent: AgentProcess, words: str) -> bool:
    return any(words in problem for problem in agent.problems() or [])


async def test_every_figure_of_the_documents_is_told_by_a_running_agent(
    real_broker: RealBroker, tmp_path: Path
) -> None:
    speaker = Speaker(real_broker.device())
    async with running(real_broker, tmp_path / "data") as agent:
        await speaker.say([speaker.telemetry(seq, None, temp_c=4.0) for seq in (0, 1, 5)])
        await agent.until(lambda: agent.figures()["samples_total"] >= 3)

        figures = await asyncio.to_thread(agent.figures)

    assert set(figures) >= FIGURES
    assert figures["ready"] == 1
    assert figures["missed_total"] == 3
    assert figures["disk_free_bytes"] > 0
    assert figures["journal_bytes"] >= 0


async def test_a_broker_that_is_gone_turns_it_red_until_it_is_back(own_broker: RealBroker, tmp_path: Path) -> None:
    async with running(own_broker, tmp_path / "data") as agent:
        await own_broker.mosquitto.stop()
        await agent.until(lambda: says(agent, "the broker is not reachable"))
        page = agent.page("/readyz")
        assert page is not None
        assert page.status_code == 503

        await own_broker.mosquitto.start()

        await agent.until_ready()


async def test_a_database_that_takes_nothing_turns_it_red_until_it_does(
    real_broker: RealBroker, tmp_path: Path
) -> None:
    async with running(real_broker, tmp_path / "data") as agent:
        with contextlib.closing(sqlite3.connect(tmp_path / "data" / "amends.sqlite3")) as other:
            other.execute("BEGIN IMMEDIATE")
            await agent.until(lambda: says(agent, "the database cannot be written: database is locked"))
            other.rollback()

        await agent.until_ready()


async def test_what_the_broker_drops_turns_it_red_and_is_counted(own_broker: RealBroker, tmp_path: Path) -> None:
    speaker = Speaker(own_broker.device())
    await own_broker.mosquitto.stop()
    async with (
        limited(own_broker.mosquitto, max_queued_messages=20),
        running(own_broker, tmp_path / "data") as agent,
    ):
        agent.pause()
        await speaker.say([speaker.telemetry(seq, None, temp_c=4.0, note_c=float(seq)) for seq in range(12_000)])
        agent.resume()

        await agent.until(lambda: says(agent, "what was measured then is incomplete"))
        assert agent.figures()["broker_dropped"] > 0
        with contextlib.closing(sqlite3.connect(tmp_path / "data" / "amends.sqlite3", check_same_thread=False)) as kept:
            await agent.until(lambda: kept.execute("SELECT sum(messages) FROM broker_loss").fetchone()[0])
