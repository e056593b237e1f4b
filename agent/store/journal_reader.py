"""Another process's journal (shell): read, never written, and only as far as its owner says it is durable.

What lies beyond that may still be lost by a power cut and come again in another order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from agent.store.segment import Entry
from agent.store.segment_scan import SUFFIX, first_of, read_batches, read_header


@dataclass(slots=True)
class JournalReader:
    """The journal in ``directory``. ``next_offset`` is set to what its owner says the next record will have."""

    directory: Path
    next_offset: int

    @property
    def first_offset(self) -> int:
        """Return the oldest offset still kept."""
        return first_of(self._segments()[0])

    def read(self, from_offset: int, until: int | None = None) -> Iterator[tuple[Entry, ...]]:
        """Give the batches as they were appended, the first one from ``from_offset`` on.

        ``until`` is the offset to stop before; ``None``: what is durable at the call. Segments that the owner drops
        meanwhile must all lie before ``from_offset``.

        Raises:
            JournalDamagedError: a batch is not what was written, or a segment is missing.
        """
        end = self.next_offset if until is None else min(until, self.next_offset)
        segments = self._segments()
        for path, following in pairwise([*segments, None]):
            if path is None or first_of(path) >= end:
                return
            if following is None:
                yield from read_batches(path, from_offset, end)
            elif first_of(following) > from_offset:
                yield from read_batches(path, from_offset, min(read_header(following).follows, end))

    def _segments(self) -> list[Path]:
        return sorted(self.directory.glob(f"*{SUFFIX}"))
