"""Keeps history written (shell): behind the journal, a commit at a time, then tidies up."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Final

import duckdb
import structlog

from agent.clock import Clock
from agent.history.upkeep import Upkeep
from agent.history.writer import Writer
from agent.store.journal_errors import JournalError

_SLICE: Final = 20_000
"""Records taken between two looks at whether to stop: some tenths of a second."""
_LAST: Final = 100_000
"""Records still taken when the agent stops; the next start takes the rest."""
_LOOK_EVERY_S: Final = 0.25
_TRY_AGAIN_S: Final = 5.0
_MOST_ROWS: Final = 100_000
"""Rows that may wait in memory; about a hundred bytes and eight a metric each."""
_WORTH_READING: Final = 5_000

log = structlog.get_logger()


@dataclass(slots=True)
class HistoryKeeper:
    """Takes from the journal, commits every ``every_s`` real seconds or when enough waits, then tidies up.

    ``said`` is called after every commit and whenever ``failing`` changes.
    """

    writer: Writer
    upkeep: Upkeep
    clock: Clock
    every_s: float
    said: Callable[[], None] = lambda: None
    failing: bool = False

    def run(self, stop: Event) -> None:
        """Keep history until told to stop; then write what is left, if that is little."""
        committed_s = time.monotonic()
        while not stop.is_set():
            due = time.monotonic() - committed_s >= self.every_s
            if self._worth_reading(due=due):
                self._guarded(self._take)
            if self.writer.rows.waiting >= _MOST_ROWS or (due and not self._worth_reading(due=due)):
                self._guarded(self._commit)
                self._tidy(stop)
                committed_s = time.monotonic()
            if self.failing:
                stop.wait(_TRY_AGAIN_S)
            elif not self._worth_reading(due=due):
                stop.wait(_LOOK_EVERY_S)
        # A last commit spares the next start some of the journal; what it does not write is not lost.
        self._guarded(self._finish)

    def _worth_reading(self, *, due: bool) -> bool:
        """Tell whether to read now: finding one's place in the journal costs more than a few records are worth."""
        return self.writer.behind >= (1 if due else _WORTH_READING)

    def _take(self) -> None:
        self.writer.take(_SLICE)

    def _finish(self) -> None:
        self.writer.take(_LAST)
        self._commit()

    def _commit(self) -> None:
        self.writer.commit()
        self.said()

    def _guarded(self, work: Callable[[], None]) -> None:
        """What disk or journal refuse is said once, and tried again later."""
        try:
            work()
        except (OSError, JournalError) as error:
            if not self.failing:
                log.warning("history.failed", why=str(error))
                self.failing = True
                self.said()
            return
        if self.failing:
            log.info("history.works_again", offset=self.writer.written)
            self.failing = False
            self.said()

    def _tidy(self, stop: Event) -> None:
        """Do what upkeep is due, unless it is time to stop or more has come in than waits well."""
        try:
            while not stop.is_set() and self.writer.behind < _MOST_ROWS and self.upkeep.work_once(self.clock.now()):
                pass
        except (OSError, duckdb.Error) as error:
            log.warning("history.upkeep_failed", why=str(error))
