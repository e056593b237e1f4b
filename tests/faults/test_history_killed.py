"""The process that writes history, killed again and again while the journal grows: nothing lost, nothing doubled."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import duckdb
import pytest

from agent.failpoint import Failpoint
from agent.history.process import open_history
from agent.settings import Settings
from agent.store.journal import Journal
from tests.agent.listen.messages import START_MS, sample

pytestmark = pytest.mark.slow

KILLS = 10
BATCH = 500
PATIENCE_S = 60.0


def lives(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def numbers(history: Path) -> list[tuple[str, int]]:
    query = f"SELECT device_id, temp_c::BIGINT FROM read_parquet('{history}/samples/*/*/*.parquet') ORDER BY 1, 2"
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


async def test_a_writer_killed_at_random_loses_and_doubles_nothing(tmp_path: Path) -> None:
    chance, said = Random(4), 0
    journal = Journal.open(tmp_path / "journal", segment_bytes=200_000)
    history = open_history(
        tmp_path / "history", tmp_path / "journal", Settings(history_every_s=0.05), lambda: journal.next_offset
    )
    running = asyncio.create_task(history.run())
    killed = 0

    deadline = time.monotonic() + PATIENCE_S
    while killed < KILLS and time.monotonic() < deadline:
        wait_until = time.monotonic() + chance.uniform(0.8, 2.5)  # a process is up after about a second
        while time.monotonic() < wait_until:
            journal.append(
                [sample(f"d-{n % 7}", n, START_MS + n * 1000, temp_c=float(n)) for n in range(said, said + BATCH)]
            )
            said += BATCH
            await asyncio.sleep(0.02)
        if history.process_id is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(history.process_id, signal.SIGKILL)
                killed += 1
    last = history.process_id
    async with asyncio.timeout(PATIENCE_S):
        while history.written < journal.next_offset:  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.1)
        last = history.process_id
    lag_s = history.lag_s
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    journal.close()

    assert killed == KILLS
    assert history.started >= KILLS
    assert numbers(tmp_path / "history") == sorted((f"d-{n % 7}", n) for n in range(said))
    assert lag_s == 0.0
    assert last is not None
    assert not lives(last)


async def test_what_is_left_is_written_when_the_agent_stops(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    history = open_history(
        tmp_path / "history", tmp_path / "journal", Settings(history_every_s=3600), lambda: journal.next_offset
    )
    running = asyncio.create_task(history.run())
    async with asyncio.timeout(PATIENCE_S):
        while not (tmp_path / "history" / "writer.lock").exists():  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.05)
    journal.append([sample("a", n, temp_c=float(n)) for n in range(100)])

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    journal.close()

    assert history.written == 100
    assert numbers(tmp_path / "history") == [("a", n) for n in range(100)]


def test_a_writer_whose_agent_was_killed_goes_with_it(tmp_path: Path) -> None:
    agent = f"""
import asyncio
from pathlib import Path
from agent.failpoint import Failpoint
from agent.history.process import open_history
from agent.settings import Settings
from agent.store.journal import Journal

async def main():
    place = Path({json.dumps(str(tmp_path))})
    journal = Journal.open(place / "journal")
    history = open_history(place / "history", place / "journal", Settings(), lambda: journal.next_offset)
    running = asyncio.create_task(history.run())
    while history.process_id is None:
        await asyncio.sleep(0.01)
    print(history.process_id, flush=True)
    await running

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", agent], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        writer = int(process.stdout.readline())
        deadline = time.monotonic() + PATIENCE_S
        while not (tmp_path / "history" / "writer.lock").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        alive_before = lives(writer)

        process.kill()
        process.wait(10)
        while lives(writer) and time.monotonic() < deadline:
            time.sleep(0.05)

    assert alive_before
    assert not lives(writer)


@pytest.mark.parametrize("point", [Failpoint.HISTORY_PARTS_WRITTEN, Failpoint.HISTORY_COMMITTED])
async def test_a_writer_that_dies_in_the_middle_of_a_commit_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: Failpoint
) -> None:
    journal = Journal.open(tmp_path / "journal")
    journal.append([sample("a", n, temp_c=float(n)) for n in range(200)])
    history = open_history(
        tmp_path / "history", tmp_path / "journal", Settings(history_every_s=0.05), lambda: journal.next_offset
    )
    monkeypatch.setenv("AMENDS_FAILPOINT", f"{point}:exit")
    running = asyncio.create_task(history.run())
    async with asyncio.timeout(PATIENCE_S):
        while history.started < 2:  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.02)
    monkeypatch.delenv("AMENDS_FAILPOINT")
    journal.append([sample("a", n, temp_c=float(n)) for n in range(200, 400)])

    async with asyncio.timeout(PATIENCE_S):
        while history.written < journal.next_offset:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    journal.close()

    assert numbers(tmp_path / "history") == [("a", n) for n in range(400)]
