"""Keeps snapshots of the models, and of the journal what a restart needs (shell)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from agent.store.journal import Journal
from agent.store.snapshots import Snapshots

KEEP_BYTES: Final = 2_000_000_000
_SEGMENTS_AN_AGE: Final = 24
"""A segment leaves as a whole, when its newest record is old enough: one this long holds nothing much older."""

log = structlog.get_logger()


@dataclass(slots=True)
class Keeper:
    """Writes snapshots and lets the journal forget what is older than all of them.

    ``every_s`` is in real seconds. ``keep_bytes`` of journal stay even when no restart would need them, but none of it
    longer than ``keep_ms`` (``None``: of any age). ``taken`` says up to which offset history has it; ``None``: nobody
    else reads the journal.
    """

    snapshots: Snapshots
    journal: Journal
    every_s: float = 60.0
    keep_bytes: int = KEEP_BYTES
    taken: Callable[[], int] | None = None
    keep_ms: int | None = None
    failing: bool = False
    _segment_ms: int = 0

    def keep(self, offset: int, data: bytes, now_ms: int) -> None:
        """Write a snapshot; a disk that has no room for it is said once, and tried again next time."""
        try:
            self.snapshots.write(offset, data)
        except OSError as error:
            if not self.failing:
                log.warning("snapshot.failed", why=error.strerror or str(error))
            self.failing = True
            return
        if self.failing:
            log.info("snapshot.works_again", offset=offset)
        self.failing = False
        before = self.snapshots.oldest_offset()
        if self.taken is not None:
            before = min(before, self.taken())
        if self.keep_ms is not None and now_ms - self._segment_ms >= self.keep_ms // _SEGMENTS_AN_AGE:
            self._segment_ms = now_ms
            self.journal.begin_segment()
        self.journal.forget(before=before, now_ms=now_ms, keep_bytes=self.keep_bytes, keep_ms=self.keep_ms)
