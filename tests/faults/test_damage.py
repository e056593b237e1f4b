"""Files cut short or with a bit turned: the agent refuses in a sentence or recovers aloud, and never starts wrong."""

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import TypeAlias

import pytest

from agent.store.migrate import migrate, newest_revision
from agent.store.segment_scan import SUFFIX
from broker.address import Address
from broker.mosquitto import Mosquitto
from broker.topics import Channel
from device_sim.voice import Publish
from tests.conftest import NOON
from tests.faults.agent_process import READING, AgentEndedError, AgentProcess, an_agent, free_port
from tests.faults.conftest import Effort
from tests.faults.left_behind import newest_snapshot
from tests.faults.speaker import Speaker
from tests.faults.verdict import Verdict

pytestmark = [pytest.mark.slow, pytest.mark.full]

START_MS = int(time.time() * 1000)
SAID = ("snapshot.passed_over", "journal.torn_tail_cut", "journal.shorter_than_remembered", "journal.begins_later")
SCHEMAS = Path(__file__).parents[1] / "agent" / "store" / "schemas"


State: TypeAlias = tuple[int, bytes, list[str]]
"""Where the models stand in the journal, what they are, and every record."""


class End(StrEnum):
    """What became of an agent on damaged files."""

    REFUSED = "refused in a sentence"
    RECOVERED = "recovered aloud"
    HARMLESS = "ended as without the damage"
    SILENT = "started wrong without a word"
    UNCLEAR = "ended without a clear word"


def cut(path: Path, chance: Random) -> None:
    os.truncate(path, chance.randrange(path.stat().st_size))


def turn_a_bit(path: Path, chance: Random) -> None:
    """Turn a bit of a byte that is in use: most of a database is room for more."""
    data = bytearray(path.read_bytes())
    place = chance.choice([place for place, byte in enumerate(data) if byte])
    data[place] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def newest(folder: Path, pattern: str) -> Path:
    return max(folder.glob(pattern))


DAMAGE: dict[str, Callable[[Path, Random], None]] = {"cut short": cut, "one bit turned": turn_a_bit}
FILES: dict[str, Callable[[Path], Path]] = {
    "journal": lambda data: newest(data / "journal", f"*{SUFFIX}"),
    "snapshot": lambda data: newest(data / "snapshots", "*.snapshot"),
    "database": lambda data: data / "amends.sqlite3",
}


@dataclass(frozen=True, slots=True)
class LivedIn:
    """A data directory as a kill leaves it, and what a start makes of it when nothing is damaged."""

    data: Path
    clean: State


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> LivedIn:
    folder = tmp_path_factory.mktemp("lived")
    asyncio.run(live_in(folder))
    data = folder / "data"
    with closing(sqlite3.connect(data / "amends.sqlite3")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(data, folder / "clean")
    asyncio.run(restarted(folder / "clean"))
    return LivedIn(data, state(folder / "clean"))


async def live_in(folder: Path) -> None:
    """Let an agent take snapshots, a journal beyond them and records, and kill it."""
    mosquitto = Mosquitto(folder / "broker")
    await mosquitto.start()
    passwords = mosquitto.credentials.add(["dev-a", "dev-b", "dev-c"], NOON)
    devices = [Speaker(replace(mosquitto.address, user=name, password=word)) for name, word in passwords.items()]
    try:
        async with an_agent(folder / "data", mosquitto.agent_address, snapshot_every_s=1.5) as agent:
            await agent.start()
            for first in range(0, 3_000, 500):
                await asyncio.gather(*(speaker.say(a_stretch(speaker, first)) for speaker in devices))
                await asyncio.sleep(0.6)
            await agent.settle()  # every fact is told: what a restart adds would bear the time of that restart
            await agent.kill()
    finally:
        await mosquitto.stop()


def a_stretch(speaker: Speaker, first: int) -> list[Publish]:
    birth = {"product": "frost-200", "metrics": {"cabinet_temp_c": {}, "fan_rpm": {}}}
    event = {"seq": first // 500, "ts": START_MS + first, "code": "E17", "level": "info", "text": "odd noise"}
    samples = [
        speaker.telemetry(seq, START_MS + seq, cabinet_temp_c=-18 + seq % 5, fan_rpm=1200.0)
        for seq in range(first, first + 500)
    ]
    return [speaker.message(Channel.BIRTH, birth), *samples, speaker.message(Channel.EVENT, event)]


async def restarted(data: Path) -> AgentProcess:
    """Start an agent on the directory, without a broker, until it has read the journal again; then stop it."""
    nowhere = Address("127.0.0.1", free_port(), "nobody", "nothing")
    async with an_agent(data, nowhere, snapshot_every_s=3600) as agent:
        await agent.start(listening=False)
        await agent.until(lambda: (found := agent.problems()) is not None and READING not in found)
        await agent.stop()
    return agent


def state(data: Path) -> State:
    """Return where the models stand, what they are, and every record."""
    with closing(sqlite3.connect(data / "amends.sqlite3")) as connection:
        connection.text_factory = bytes
        rows = [
            repr(row)
            for (table,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1"
            ).fetchall()
            for row in connection.execute(f"SELECT * FROM {table.decode()}").fetchall()
        ]
    return *newest_snapshot(data), rows


async def end_of(data: Path, clean: State) -> End:
    agent = AgentProcess(data, Address("127.0.0.1", 1))
    try:
        await restarted(data)
    except AgentEndedError as ended:
        clear = ended.status == 1 and "\namends: " in f"\n{ended.last}" and "Traceback" not in ended.last
        return End.REFUSED if clear else End.UNCLEAR
    if agent.said(*SAID):
        return End.RECOVERED
    try:
        return End.HARMLESS if state(data) == clean else End.SILENT
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return End.SILENT


@pytest.mark.fault("SYS-4", "a file cut short or a bit of it turned over, at random places, then a start")
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("damage", DAMAGE)
async def test_damage_is_refused_or_recovered_from_aloud(  # noqa: PLR0913, PLR0917 - pytest hands them in one by one
    file: str, damage: str, lived_in: LivedIn, tmp_path: Path, verdict: Verdict, effort: Effort, seed: int
) -> None:
    chance = Random(f"{seed} {file} {damage}")
    ends = Counter[End]()
    for turn in range(effort.of(quick=2, full=10)):
        damaged = tmp_path / f"damaged-{turn}"
        shutil.copytree(lived_in.data, damaged)
        DAMAGE[damage](FILES[file](damaged), chance)
        ends[await end_of(damaged, lived_in.clean)] += 1

    verdict.done = f"{file} {damage}, at random places, then a start"
    verdict.measure("damaged", ends.total())
    for end in (End.REFUSED, End.RECOVERED, End.HARMLESS):
        verdict.measure(end, ends[end])
    verdict.measure(End.UNCLEAR, ends[End.UNCLEAR], most=0)
    if (file, damage) == ("database", "one bit turned"):
        verdict.measure(End.SILENT, ends[End.SILENT])
        verdict.note("SQLite keeps no checksum of its rows: a bit turned within a value is read as another value")
    else:
        verdict.measure(End.SILENT, ends[End.SILENT], most=0)


@pytest.mark.fault("SYS-5", "the program killed with -9 at random while it brings an old database to today's schema")
def test_a_kill_during_a_migration_leaves_the_old_schema_or_the_new_one(
    tmp_path: Path, verdict: Verdict, effort: Effort, seed: int
) -> None:
    chance, kills = Random(seed), effort.of(quick=4, full=30)
    old = tmp_path / "old.sqlite3"
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript(min(SCHEMAS.glob("*.sql")).read_text(encoding="utf-8"))
    new = tmp_path / "new.sqlite3"
    shutil.copy(old, new)
    began = time.monotonic()
    migrate(f"sqlite:///{new}")
    takes_s = time.monotonic() - began
    whole = {schema_of(old): "old", schema_of(new): "new"}

    left = Counter[str]()
    for turn in range(kills):
        path = tmp_path / f"{turn}.sqlite3"
        shutil.copy(old, path)
        program = "import sys; from agent.store.migrate import migrate; print(1, flush=True); migrate(sys.argv[1])"
        process = subprocess.Popen([sys.executable, "-c", program, f"sqlite:///{path}"], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0, 2 * takes_s))
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process.stdout.close()
        left[whole.get(schema_of(path), "half")] += 1
        assert migrate(f"sqlite:///{path}") == newest_revision()

    verdict.measure("kills", kills)
    verdict.measure("old schema left", left["old"])
    verdict.measure("new schema left", left["new"])
    verdict.measure("half left", left["half"], most=0)


def schema_of(path: Path) -> tuple[str, ...]:
    """Return every table and index as it was made, and the revision."""
    with closing(sqlite3.connect(path)) as connection:
        made = connection.execute("SELECT coalesce(sql, name) FROM sqlite_master ORDER BY type, name").fetchall()
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return tuple(text for (text,) in made + revision)
