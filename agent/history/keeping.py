"""Keeps history written while the agent runs (shell): behind the journal, out of the hot path's way."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

import duckdb
import structlog

from agent.clock import Clock
from agent.history.upkeep import Upkeep
from agent.history.writer import Writer
from agent.store.journal_errors import JournalError

_SLICE: Final = 2_000
"""Records taken at a time: some hundredths of a second during which the hot path shares the interpreter."""
_LAST: Final = 20_000
"""Records still taken when the agent stops; the next start takes the rest."""
_BREATH_S: Final = 0.02
_LONG_BREATH_S: Final = 0.25
_LOOK_EVERY_S: Final = 1.0
_TRY_AGAIN_S: Final = 5.0
_MOST_ROWS: Final = 100_000
"""Rows that may wait in memory; about a hundred bytes and eight a metric each."""
_WORTH_READING: Final = 5_000
_FAR_BEHIND: Final = 5_000_000

log = structlog.get_logger()


@dataclass(slots=True)
class HistoryKeeper:
    """Takes from the journal, commits every ``every_s`` real seconds or when enough waits, then tidies up.

    ``busy`` says that the hot path has work waiting: history then only takes a little, until it is far behind.
    """

    writer: Writer
    upkeep: Upkeep
    clock: Clock
    busy: Callable[[], bool]
    every_s: float
    failing: bool = False
    _turn: Lock = field(default_factory=Lock)

    async def run(self) -> None:
        """Keep history until cancelled; then write what was taken."""
        committed_s = time.monotonic()
        try:
            while True:
                due = time.monotonic() - committed_s >= self.every_s
                if self._worth_reading(due=due):
                    await asyncio.to_thread(self._guarded, self._take)
                if self.writer.rows.waiting >= _MOST_ROWS or (due and not self._worth_reading(due=due)):
                    await asyncio.to_thread(self._guarded, self._commit)
                    await asyncio.to_thread(self._tidy)
                    committed_s = time.monotonic()
                await asyncio.sleep(self._pause(due=due))
        finally:
            # A last commit spares the next start some of the journal; what it does not write is not lost.
            await asyncio.shield(asyncio.to_thread(self._guarded, self._finish))

    def _worth_reading(self, *, due: bool) -> bool:
        """Tell whether to read now: finding one's place in the journal costs more than a few records are worth."""
        return self.writer.behind >= (1 if due else _WORTH_READING)

    def _pause(self, *, due: bool) -> float:
        if self.failing:
            return _TRY_AGAIN_S
        if not self._worth_reading(due=due):
            return _LOOK_EVERY_S
        return _LONG_BREATH_S if self.busy() and self.writer.behind < _FAR_BEHIND else _BREATH_S

    def _take(self) -> None:
        self.writer.take(_SLICE)

    def _finish(self) -> None:
        self.writer.take(_LAST)
        self.writer.commit()

    def _commit(self) -> None:
        self.writer.commit()

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do one thing at a time; what disk or journal refuse is said once, and tried again later."""
        with self._turn:
            try:
                work()
            except (OSError, JournalError) as error:
                if not self.failing:
                    log.warning("history.failed", why=str(error))
                self.failing = True
                return
            if self.failing:
                log.info("history.works_again", offset=self.writer.written)
            self.failing = False

    def _tidy(self) -> None:
        try:
            self.upkeep.work(self.clock.now())
        except (OSError, duckdb.Error) as error:
            log.warning("history.upkeep_failed", why=str(error))
