"""Writes history from the journal (shell): every sample once, whatever crashes when.

A commit writes one part a day and product, named by the journal offsets it holds, makes them durable, and then
moves the cursor by replacing one file. A start removes parts beyond the cursor: what is in them comes
again from the journal, which forgets nothing the cursor has not passed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import structlog

from agent.failpoint import Failpoint, reach
from agent.health.errors import SnapshotError
from agent.history.columns import AT, DEVICE
from agent.history.erasures import read_erasures
from agent.history.folder import BESIDE, Folder, make_durable, make_folder
from agent.history.parts import Part, product_folder
from agent.history.rows import Rows
from agent.store.segment import Entry
from broker.topics import ROOT

_DAY_US: Final = 86_400_000_000
_EPOCH: Final = date(1970, 1, 1)

log = structlog.get_logger()


class ReadableJournal(Protocol):
    """What the writer needs of ``agent.store.journal.Journal``."""

    @property
    def next_offset(self) -> int:
        """Return the offset the next record will have."""
        ...

    @property
    def first_offset(self) -> int:
        """Return the oldest offset still kept."""
        ...

    def read(self, from_offset: int, until: int | None = None) -> Iterator[tuple[Entry, ...]]:
        """Give the batches from ``from_offset`` on; ``until`` ``None``: all that is durable at the call."""
        ...


@dataclass(slots=True)
class Writer:
    """Stands somewhere in the journal and writes what comes. Make one with ``open_writer``; used by one thread.

    ``written`` is the offset up to which everything is in files for good. ``at_point`` is told where the
    writer is in a commit; it may end the process.
    """

    folder: Folder
    journal: ReadableJournal
    rows: Rows
    written: int
    at_point: Callable[[Failpoint], None] = reach
    _batches: Iterator[tuple[Entry, ...]] = field(default_factory=lambda: iter(()))
    _failed: bool = False

    @property
    def behind(self) -> int:
        """Return how many journal records are not taken yet."""
        return max(0, self.journal.next_offset - self.rows.next_offset)

    def take(self, most: int) -> int:
        """Take some ``most`` records, at least one batch if there is one; return how many were taken."""
        start = self.rows.next_offset
        while self.rows.next_offset - start < most:
            batch = next(self._batches, None)
            if batch is None:
                if not self.behind:
                    break
                self._batches = self.journal.read(self.rows.next_offset)
                continue
            self.rows.take(batch)
        return self.rows.next_offset - start

    def commit(self) -> int:
        """Write what waits and move the cursor; return the rows written.

        Raises:
            OSError: the disk does not take it; nothing is lost, and the next commit tries it all again.
        """
        end = self.rows.next_offset
        if end == self.written:
            return 0
        with self.folder.locked():
            if self._failed:
                self.remove_unfinished()
            self._failed = True
            erased = read_erasures(self.folder.root)
            part = Part(self.written, end, 0)
            for product, table in self.rows.tables():
                for day, rows in _by_day(erased.without_erased(table)):
                    self._write(self.folder.samples(day, product_folder(product)), part, rows)
            for product, table in self.rows.gap_tables():
                for day, rows in _by_day(erased.without_erased(table)):
                    self._write(self.folder.gaps(day, product_folder(product)), part, rows)
            self.at_point(Failpoint.HISTORY_PARTS_WRITTEN)
            _write_cursor(self.folder, self.rows.saved())
        self.written, self._failed = end, False
        self.at_point(Failpoint.HISTORY_COMMITTED)
        written = self.rows.waiting
        self.rows.clear()
        return written

    def _write(self, folder: Path, part: Part, rows: pa.Table) -> None:
        make_folder(folder)
        beside = folder / f"{part.name}{BESIDE}"
        pq.write_table(rows, beside, compression="zstd")
        make_durable(beside)

    def remove_unfinished(self) -> None:
        """Remove parts beyond the cursor: a commit that ended half-way left them."""
        for path, part in self.folder.part_files():
            if part.end > self.written:
                path.unlink()


def open_writer(
    root: Path, journal: ReadableJournal, *, topic_root: str = ROOT, at_point: Callable[[Failpoint], None] = reach
) -> Writer:
    """Return a writer that goes on where the last one stood.

    When there is no cursor that can be read, as after a crash in the very first commit, the files say how far it was,
    and what each device had sent by then is learned again from the journal, as far as that reaches back.
    """
    folder = Folder(root)
    with folder.locked():
        folder.sweep()
        rows = _restored(folder, topic_root)
        if rows is None:
            rows = _learned_again(folder, journal, topic_root)
        writer = Writer(folder, journal, rows, rows.next_offset, at_point)
        writer.remove_unfinished()
    if rows.next_offset < journal.first_offset:
        log.warning("history.journal_begins_later", wanted=rows.next_offset, begins_at=journal.first_offset)
        writer.written = rows.next_offset = journal.first_offset
    return writer


def newest_offset(root: Path) -> int:
    """Return the offset before which everything is in files; 0: nothing is."""
    rows = _restored(Folder(root), ROOT)
    return 0 if rows is None else rows.next_offset


def _restored(folder: Folder, topic_root: str) -> Rows | None:
    try:
        return Rows.restored(folder.cursor.read_bytes(), root=topic_root)
    except FileNotFoundError:
        return None
    except SnapshotError as error:
        log.error("history.cursor_unreadable", path=str(folder.cursor), why=str(error))  # noqa: TRY400 - the reason says it
        return None


def _learned_again(folder: Folder, journal: ReadableJournal, topic_root: str) -> Rows:
    rows = Rows(root=topic_root)
    reached = _committed([part for _, part in folder.part_files()], journal.first_offset)
    if reached:
        for batch in journal.read(journal.first_offset, reached):
            rows.take(batch)
            rows.clear()
        rows.next_offset = max(rows.next_offset, reached)
    return rows


def _committed(parts: Sequence[Part], first_offset: int) -> int:
    """Return the offset before which everything is in files for sure, going by nothing but their names.

    The newest commit may have ended half-way: of its parts, which no merge has touched yet, some may be missing. While
    the journal still has it, it is done again.
    """
    reached = max((part.end for part in parts), default=0)
    newest = [part for part in parts if part.end == reached]
    begun_at = min((part.first for part in newest), default=0)
    unfinished = all(part.generation == 0 for part in newest) and first_offset <= begun_at
    return begun_at if unfinished else reached


def _write_cursor(folder: Folder, data: bytes) -> None:
    beside = folder.cursor.with_name(f"{folder.cursor.name}{BESIDE}")
    beside.write_bytes(data)
    make_durable(beside)


def _by_day(table: pa.Table) -> Iterator[tuple[date, pa.Table]]:
    """Give the rows of each UTC day, by device and time."""
    if not len(table):
        return
    table = table.take(pc.sort_indices(table, sort_keys=[(DEVICE, "ascending"), (AT, "ascending")]))
    days = table[AT].cast(pa.int64()).to_numpy() // _DAY_US
    for day in np.unique(days).tolist():
        yield _EPOCH + timedelta(days=day), table.filter(pa.array(days == day))


def day_of(at: datetime) -> date:
    """Return the UTC day of an instant."""
    return at.astimezone(UTC).date()
