"""A journal and the history made from it, for the tests of this folder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from agent.failpoint import Failpoint
from agent.history.folder import Folder
from agent.history.reading import History
from agent.history.upkeep import Upkeep
from agent.history.writer import Writer, open_writer
from agent.store.segment import Entry, Record
from tests.agent.listen.messages import START_MS

START = datetime.fromtimestamp(START_MS / 1000, UTC)
YEARS = timedelta(days=400)


class CrashError(Exception):
    """Stands for a power cut at one of the points where it would tell."""


@dataclass
class Shelf:
    """A journal in memory: batches as they were appended."""

    batches: list[tuple[Entry, ...]] = field(default_factory=list)
    next_offset: int = 0
    first_offset: int = 0

    def append(self, records: Sequence[Record]) -> None:
        entries = tuple(Entry(offset, *record) for offset, record in enumerate(records, self.next_offset))
        if entries:
            self.batches.append(entries)
        self.next_offset += len(entries)

    def read(self, from_offset: int, until: int | None = None) -> Iterator[tuple[Entry, ...]]:
        end = self.next_offset if until is None else until
        for batch in self.batches:
            chosen = tuple(entry for entry in batch if from_offset <= entry.offset < end)
            if chosen:
                yield chosen


@dataclass
class HistoryHouse:
    """History in a folder, its writer and upkeep opened anew after every crash."""

    root: Path
    journal: Shelf = field(default_factory=Shelf)
    crash_at: dict[Failpoint, int] = field(default_factory=dict)
    keep: timedelta = YEARS
    keep_hours: timedelta = YEARS

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.writer: Writer = open_writer(self.root, self.journal, at_point=self.reach)
        self.upkeep = Upkeep(Folder(self.root), self.keep, self.keep_hours, late_patience_s=0.0, at_point=self.reach)

    def reach(self, point: Failpoint) -> None:
        if point in self.crash_at:
            self.crash_at[point] -= 1
            if self.crash_at[point] < 0:
                del self.crash_at[point]
                raise CrashError

    def say(self, *records: Record) -> None:
        self.journal.append(records)

    def write(self) -> None:
        while self.writer.take(1_000):
            pass
        self.writer.commit()

    def tidy(self, now: datetime) -> None:
        self.upkeep.work(now)

    @property
    def history(self) -> History:
        return History(Folder(self.root))

    def samples(self, column: str = "temp_c") -> list[tuple[str, int, float | None]]:
        if not list((self.root / "samples").glob("*/*/*.parquet")):
            return []
        with duckdb.connect() as connection:
            return connection.execute(
                f"SELECT device_id, epoch_ms(ts), {column} FROM read_parquet('{self.root}/samples/*/*/*.parquet',"
                " union_by_name = true, hive_partitioning = false) ORDER BY 1, 2, 3"
            ).fetchall()
