import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

from agent.clock import RealClock
from agent.health.keeper import Keeper
from agent.history.keeping import HistoryKeeper
from agent.history.upkeep import Upkeep
from agent.history.writer import open_writer
from agent.store.journal import Journal
from agent.store.snapshots import Snapshots
from tests.agent.history.house import HistoryHouse
from tests.agent.listen.messages import sample

PATIENCE_S = 10.0


@contextlib.asynccontextmanager
async def kept(root: Path, journal: Journal, every_s: float) -> AsyncIterator[HistoryKeeper]:
    writer = open_writer(root, journal)
    upkeep = Upkeep(writer.folder, timedelta(days=400))
    keeper = HistoryKeeper(writer, upkeep, RealClock(), lambda: False, every_s)
    running = asyncio.create_task(keeper.run())
    try:
        yield keeper
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.02)


async def test_what_the_journal_has_is_in_files_soon_and_the_rest_when_it_stops(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    journal.append([sample("a", 1)])

    async with kept(tmp_path / "history", journal, every_s=0.01) as keeper:
        await eventually(lambda: keeper.writer.written == 1)
        keeper.every_s = 3600
        journal.append([sample("a", 2)])
    journal.close()

    assert len(HistoryHouse(tmp_path / "history").samples()) == 2


def test_the_journal_forgets_nothing_that_history_has_not_taken(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal", segment_bytes=200)
    for seq in range(20):
        journal.append([sample("a", seq)])
    taken = [5]
    keeper = Keeper(Snapshots(tmp_path / "snapshots"), journal, keep_bytes=0, taken=lambda: taken[0])

    for offset in range(17, 21):
        keeper.keep(offset, b"a snapshot", 0)
    first_while_behind = journal.first_offset
    taken[0] = 20
    keeper.keep(20, b"a snapshot", 0)

    assert 0 < first_while_behind <= 5
    assert journal.first_offset > 5
    journal.close()
