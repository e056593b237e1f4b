"""Keeps snapshots of the models, and of the journal what a restart needs (shell)."""

from dataclasses import dataclass
from typing import Final

import structlog

from agent.store.journal import Journal
from agent.store.snapshots import Snapshots

KEEP_BYTES: Final = 2_000_000_000

log = structlog.get_logger()


@dataclass(slots=True)
class Keeper:
    """Writes snapshots and lets the journal forget what is older than all of them.

    ``every_s`` is in real seconds; ``keep_bytes`` of journal stay even when no restart would need them.
    """

    snapshots: Snapshots
    journal: Journal
    every_s: float = 60.0
    keep_bytes: int = KEEP_BYTES
    failing: bool = False

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
        self.journal.forget(before=self.snapshots.oldest_offset(), now_ms=now_ms, keep_bytes=self.keep_bytes)
