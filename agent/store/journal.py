"""The journal (shell): every message in the order it came, durable before it is acknowledged.

Segment files are named by their first offset and only ever appended to. One agent may have a journal open; the
lock goes with its process. What a crash left half-written at the very end is cut off with a log line, for it
was never acknowledged; anything unreadable before the end is refused, never skipped. Compression and
replication are not done here.
"""

import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Final, Self

import structlog

from agent.failpoint import Failpoint, reach
from agent.store.journal_errors import (
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalWriteError,
)
from agent.store.segment import (
    HEADER_BYTES,
    Block,
    Entry,
    Packed,
    Record,
    SegmentHeader,
    pack_frame,
    pack_header,
    pack_records,
)
from agent.store.segment_scan import SUFFIX, Tail, first_of, read_blocks, read_header, scan_tail, segment_path

log = structlog.get_logger()

_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SEGMENT_BYTES: Final = 64 * 2**20
"""Size after which a new segment begins: retention drops whole segments, and a restart checks only the last."""


class Journal:
    """An open journal. Make one with ``Journal.open``; appends come from one thread at a time."""

    def __init__(self, directory: Path, lock: int, segment_bytes: int) -> None:
        self._directory = directory
        self._lock = lock
        self._segment_bytes = segment_bytes
        self._file = -1
        self._path = directory
        self._size = 0
        self._next = 0
        self._age_out = False

    @classmethod
    def open(cls, directory: Path, *, no_less_than: int = 0, segment_bytes: int = SEGMENT_BYTES) -> Self:
        """Open or create the journal in ``directory``.

        ``no_less_than`` is the highest offset anybody remembers (a snapshot, a reader's cursor): when the journal
        ends before it, because a damaged tail was cut, numbering goes on from there so that no offset is
        ever used twice.

        Raises:
            JournalLockedError: another process has it open.
            JournalDamagedError: something before the end cannot be read.
            JournalFullError, JournalWriteError: the directory or its first segment cannot be written.
        """
        with _failures(directory):
            directory.mkdir(parents=True, exist_ok=True)
            lock = _locked(directory)
        journal = cls(directory, lock, segment_bytes)
        try:
            journal._recover(no_less_than)
        except BaseException:
            journal.close()
            raise
        return journal

    @property
    def next_offset(self) -> int:
        """Return the offset the next record will have."""
        return self._next

    @property
    def first_offset(self) -> int:
        """Return the oldest offset still kept."""
        return first_of(self._segments()[0])

    @property
    def bytes_kept(self) -> int:
        """Return the size of all segments."""
        return sum(path.stat().st_size for path in self._segments())

    def append(self, records: Sequence[Record]) -> range:
        """Do as ``append_packed`` with records that are not packed yet."""
        return self.append_packed(pack_records(records))

    def append_packed(self, packed: Packed) -> range:
        """Write one batch and return its offsets once it is durable; all of it is kept, or nothing.

        Raises:
            JournalFullError: no room; nothing was kept, try again later.
            JournalWriteError: the disk failed; reopen the journal before anything else.
        """
        if not packed.records:
            return range(self._next, self._next)
        if self._size >= self._segment_bytes or (self._age_out and self._size > HEADER_BYTES):
            self._age_out = False
            self._begin(SegmentHeader(self._next, self._next))
        frame = pack_frame(self._next, packed)
        reach(Failpoint.JOURNAL_WRITING)
        self._write(frame)
        self._size += len(frame)
        offsets = range(self._next, self._next + packed.records)
        self._next = offsets.stop
        reach(Failpoint.JOURNAL_APPENDED)
        return offsets

    def read(self, from_offset: int, until: int | None = None) -> Iterator[tuple[Entry, ...]]:
        """Give the records of ``read_blocks`` one by one, in the same batches."""
        return (block.entries() for block in self.read_blocks(from_offset, until))

    def read_blocks(self, from_offset: int, until: int | None = None) -> Iterator[Block]:
        """Give the batches as they were appended, the first one from ``from_offset`` on.

        ``until`` is the offset to stop before; ``None``: what is durable at the call. What retention has dropped is
        not given: compare ``first_offset``.

        Raises:
            JournalDamagedError: a batch is not what was written, or a segment is missing.
        """
        end = self._next if until is None else min(until, self._next)
        segments = self._segments()
        for place, path in enumerate(segments):
            ends_at = self._next
            if place + 1 < len(segments):
                following = read_header(segments[place + 1])
                ends_at = following.follows
                if following.first <= from_offset:
                    continue
            if first_of(path) >= end:
                return
            yield from read_blocks(path, from_offset, min(ends_at, end))

    def forget(self, *, before: int, now_ms: int, keep_bytes: int | None = None, keep_ms: int | None = None) -> int:
        """Drop the oldest segments that exceed what is to be kept; return how many bytes that freed.

        Never drops an offset from ``before`` on: that is where the newest good snapshot stands. ``None``
        sets no limit of that kind. A segment's age is that of its newest record, by the file's own time.
        """
        freed = 0
        segments = self._segments()
        total = self.bytes_kept
        for path, following in pairwise(segments):
            found = path.stat()
            too_much = keep_bytes is not None and total - freed > keep_bytes
            too_old = keep_ms is not None and now_ms - found.st_mtime * 1000 > keep_ms
            if first_of(following) > before or not (too_much or too_old):
                break
            path.unlink()
            freed += found.st_size
        if freed:
            _sync_directory(self._directory)
            log.info("journal.forgot", bytes=freed, first_offset=self.first_offset)
        return freed

    def begin_segment(self) -> None:
        """Let the next append begin a new segment, so that age can let go of the present one; from any thread."""
        self._age_out = True

    def close(self) -> None:
        """Let go of the file and the lock; what was appended is durable already."""
        for descriptor in (self._file, self._lock):
            if descriptor >= 0:
                os.close(descriptor)
        self._file = self._lock = -1

    def _segments(self) -> list[Path]:
        return sorted(self._directory.glob(f"*{SUFFIX}"))

    def _recover(self, no_less_than: int) -> None:
        """Stand at the end of what is there: drop a segment never begun, cut a torn tail."""
        segments = self._segments()
        if segments and segments[-1].stat().st_size < HEADER_BYTES:
            # Died while beginning it: nothing was in it yet.
            log.warning("journal.unfinished_segment_dropped", path=str(segments[-1]))
            segments.pop().unlink()
        for path in segments:
            read_header(path)
        if not segments:
            self._begin(SegmentHeader(no_less_than, no_less_than))
            return
        self._stand_at(segments[-1], scan_tail(segments[-1]))
        if self._next < no_less_than:
            log.error("journal.shorter_than_remembered", ends_at=self._next, remembered=no_less_than)
            self._begin(SegmentHeader(no_less_than, self._next))

    def _stand_at(self, path: Path, tail: Tail) -> None:
        self._path, self._size, self._next = path, tail.whole_bytes, tail.next_offset
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        if tail.torn_bytes:
            log.warning(
                "journal.torn_tail_cut",
                path=str(path),
                bytes=tail.torn_bytes,
                next_offset=tail.next_offset,
                problem=tail.problem,
            )
            os.ftruncate(self._file, self._size)
            os.fdatasync(self._file)
        os.lseek(self._file, self._size, os.SEEK_SET)

    def _begin(self, header: SegmentHeader) -> None:
        """Begin a new segment and go on in it."""
        path = segment_path(self._directory, header.first)
        with _failures(path):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            with _failures(path):
                _write_all(descriptor, pack_header(header))
                os.fsync(descriptor)
                _sync_directory(self._directory)
        except JournalError:
            os.close(descriptor)
            path.unlink(missing_ok=True)
            raise
        if self._file >= 0:
            os.close(self._file)
        self._file, self._path, self._size, self._next = descriptor, path, HEADER_BYTES, header.first

    def _write(self, frame: bytes) -> None:
        try:
            with _failures(self._path):
                _write_all(self._file, frame)
                os.fdatasync(self._file)
        except JournalError:
            # Half a frame must not stand before the next one.
            with _failures(self._path):
                os.ftruncate(self._file, self._size)
                os.lseek(self._file, self._size, os.SEEK_SET)
            raise


@contextmanager
def _failures(path: Path) -> Iterator[None]:
    """Turn what the system says into the journal's own errors."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise JournalFullError(path) from error
        raise JournalWriteError(path, error.strerror or str(error)) from error


def _locked(directory: Path) -> int:
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise JournalLockedError(directory) from error
    return descriptor


def _write_all(descriptor: int, data: bytes) -> None:
    """Write every byte: a disk that is nearly full takes some and says so only at the next call."""
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def _sync_directory(directory: Path) -> None:
    """Make a new or removed file's name durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
