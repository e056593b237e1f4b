"""What an agent left in its data directory, read without it (shell): journal, history, records, models."""

import json
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb

from agent.store.journal import Journal
from broker.address import Address
from broker.topics import Channel, parse_topic
from tests.faults.agent_process import an_agent, free_port

_REPLAY_S: Final = 1_800.0
OWN: Final = "$"  # what the agent itself writes into the journal begins with it


class Heard(NamedTuple):
    """One message in the journal, by its numbers."""

    device_id: str
    channel: Channel
    boot: str
    seq: int


def heard(data: Path) -> list[Heard]:
    """Return every numbered message of devices in the journal, in its order; a list or columns by its first sample."""
    journal = Journal.open(data / "journal")
    try:
        found = []
        for batch in journal.read(0):
            for entry in batch:
                if entry.topic.startswith(OWN):
                    continue
                topic = parse_topic(entry.topic)
                if topic.channel in {Channel.TELEMETRY, Channel.EVENT}:
                    body = _read(entry.payload)
                    if body is not None:
                        found.append(Heard(topic.device_id, topic.channel, body["boot"], body["seq"]))
        return found
    finally:
        journal.close()


def _read(payload: bytes) -> dict[str, Any] | None:
    """Return a message; ``None``: it was poison."""
    try:
        body = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def rows_in_history(data: Path, columns: str = "device_id, ts") -> list[tuple[Any, ...]]:
    """Return all samples in history, sorted; ``hash(sample)`` among the columns stands for all that there are."""
    files = f"{data}/history/samples/*/*/*.parquet"
    query = f"SELECT {columns} FROM read_parquet('{files}', union_by_name = true) AS sample ORDER BY ALL"
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


def records(data: Path, query: str) -> list[tuple[Any, ...]]:
    """Return what a query finds among the records."""
    with closing(sqlite3.connect(f"file:{data / 'amends.sqlite3'}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def repeated(rows: list[Any]) -> int:
    """Return how many stand there again after their first time."""
    return sum(count - 1 for count in Counter(rows).values())


def newest_snapshot(data: Path) -> tuple[int, bytes]:
    """Return the journal offset and the bytes of the newest snapshot."""
    newest = max((data / "snapshots").glob("*.snapshot"))
    return int(newest.stem), newest.read_bytes()


async def clean_run(data: Path, beside: Path, **settings: object) -> tuple[int, bytes]:
    """Return the newest snapshot of an agent that reads the same journal from its start and is never killed.

    It has no broker, so nothing else reaches its models.
    """
    shutil.copytree(data / "journal", beside / "journal")
    nowhere = Address("127.0.0.1", free_port(), "nobody", "nothing")
    async with an_agent(beside, nowhere, **settings | {"snapshot_every_s": 3600}) as agent:
        await agent.start(listening=False)
        await agent.until(lambda: bool(agent.said("journal.replayed")), _REPLAY_S)
        assert await agent.stop() == 0
    return newest_snapshot(beside)
