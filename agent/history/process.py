"""Runs the writer of history in a process of its own (shell): started, watched, started again, and stopped.

What the hot path spends on history is then one line a second, whatever history costs.
"""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
import structlog

from agent.history.child import Answer, Order, ScaledTime, Word
from agent.history.lag import Lag
from agent.history.writer import newest_offset
from agent.settings import Settings

_TELL_EVERY_S: Final = 1.0
_START_AGAIN_S: Final = 1.0
_FINISH_S: Final = 15.0

log = structlog.get_logger()


@dataclass(slots=True)
class HistoryProcess:
    """The writer of one history. ``run`` it in a task.

    Attributes:
        order: what it is to do; its ``durable`` is set at every start.
        durable: tells the offset up to which the journal is on the disk.
        written: the offset before which everything is in files for good; only ever grows.
        failing: the disk does not take it, or the process does not stay alive.
        process_id: of the process; ``None``: none runs now.
        started: how often one was started.
    """

    order: Order
    durable: Callable[[], int]
    written: int
    failing: bool = False
    process_id: int | None = None
    started: int = 0
    _lag: Lag = field(default_factory=Lag)

    @property
    def behind(self) -> int:
        """Return how many journal records are not in files yet."""
        return max(0, self.durable() - self.written)

    @property
    def lag_s(self) -> float:
        """Return for how many real seconds the oldest record not in files has waited, as far as this run knows."""
        return self._lag.seconds(self.written, time.monotonic())

    async def run(self) -> None:
        """Keep a writer running until cancelled; then let it write what is left."""
        while True:
            self._lag.note(self.durable(), time.monotonic())
            process = await self._start()
            telling = asyncio.create_task(self._tell(process), name="history.tell")
            try:
                await self._listen(process)
                code = await process.wait()
            except asyncio.CancelledError:
                telling.cancel()
                await self._stop(process)
                raise
            finally:
                telling.cancel()
                self.process_id = None
            self.failing = True
            log.warning("history.process_died", code=code, offset=self.written)
            await asyncio.sleep(_START_AGAIN_S)

    async def _start(self) -> Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "agent.history.child", stdin=PIPE, stdout=PIPE, start_new_session=True
        )
        self.process_id, self.started = process.pid, self.started + 1
        _write(process, msgspec.structs.replace(self.order, durable=self.durable()))
        return process

    async def _tell(self, process: Process) -> None:
        """Say how far the journal is, as long as the process lives."""
        while True:
            durable = self.durable()
            self._lag.note(durable, time.monotonic())
            _write(process, Word(durable))
            await asyncio.sleep(_TELL_EVERY_S)

    async def _listen(self, process: Process) -> None:
        """Take what it says until it says no more."""
        assert process.stdout is not None
        async for line in process.stdout:
            answer = msgspec.json.decode(line, type=Answer)
            self.written, self.failing = max(self.written, answer.written), answer.failing

    async def _stop(self, process: Process) -> None:
        """Let it finish, or end it: the next start takes what it does not write."""
        _write(process, Word(self.durable(), stop=True))
        try:
            async with asyncio.timeout(_FINISH_S):
                await self._listen(process)
                await process.wait()
        except TimeoutError:
            log.warning("history.process_killed", offset=self.written)
            process.kill()
            await process.wait()


def open_history(root: Path, journal: Path, settings: Settings, durable: Callable[[], int]) -> HistoryProcess:
    """Return the writer of the history in ``root`` from the journal in a folder; nothing is started yet."""
    clock = None
    if settings.clock_origin is not None and settings.clock_wall_origin_s is not None:
        clock = ScaledTime(settings.clock_origin, settings.clock_wall_origin_s, settings.clock_speed)
    order = Order(
        history=str(root.absolute()),
        journal=str(journal.absolute()),
        durable=0,
        every_s=settings.history_every_s,
        keep_samples_days=settings.history_keep_days,
        keep_hours_days=settings.history_keep_hours_days,
        clock=clock,
    )
    return HistoryProcess(order, durable, newest_offset(root))


def _write(process: Process, said: Order | Word) -> None:
    assert process.stdin is not None
    if not process.stdin.is_closing():
        process.stdin.write(msgspec.json.encode(said) + b"\n")
