"""Hands what the hot path found to the slow path (shell): in order, and together what waits together.

A transaction costs as much for one fact as for a hundred. So what came in while the last one was under way is told as
one; and where nothing but refusals and gaps wait, which are only counted, more of them are waited for. Whatever else
comes ends that wait at once. A snapshot is kept when all before it was told, never sooner.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import structlog

from agent.errors import StoreBusyError
from agent.listen.facts import Fact, Gap, Quarantined

_MOST_WAITING: Final = 16  # batches of facts
_MOST_AT_ONCE: Final = 500  # facts, from which on no batch is added: staff wait for the same lock
_MOST_COUNTED: Final = 20_000  # the same where all of them are only counted: a few statements a device, however many
_MOST_DEVICES: Final = 1_000  # whose counts one transaction changes
_TRY_AGAIN_S: Final = 1.0
_GATHER_S: Final = 3.0
_NAP_S: Final = 0.02

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot on its way to the disk; it is written once every fact before it was told."""

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """Every fact of the replay was told."""


Word: TypeAlias = Sequence[Fact] | Snapshot | CaughtUp | None
"""What is handed on; ``None`` is the last."""


@dataclass(slots=True)
class Teller:
    """Tells facts and keeps snapshots. ``run`` it in a task.

    Attributes:
        take: told facts in order, in a thread; it may block. After ``StoreBusyError`` it is told the same again; what
            else it raises ends ``run``.
        keep: given each snapshot, in a thread.
        caught_up: set when the replay was told.
        gather_s: how long what is only counted waits for more, in seconds.
    """

    take: Callable[[Sequence[Fact]], None]
    keep: Callable[[Snapshot], None]
    caught_up: asyncio.Event
    gather_s: float = _GATHER_S
    _waiting: asyncio.Queue[Word] = field(init=False)
    _held: list[Word] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting = asyncio.Queue(_MOST_WAITING)

    async def put(self, word: Word) -> None:
        """Hand on what is next; waits while too much does."""
        await self._waiting.put(word)

    async def run(self) -> None:
        """Tell until the last word."""
        while (word := await self._next()) is not None:
            match word:
                case CaughtUp():
                    self.caught_up.set()
                case Snapshot():
                    await asyncio.to_thread(self.keep, word)
                case _:
                    await self._tell(await self._gathered(word))

    async def _next(self) -> Word:
        return self._held.pop() if self._held else await self._waiting.get()

    async def _gathered(self, first: Sequence[Fact]) -> Sequence[Fact]:
        """Return these facts and those that wait behind them; what comes after those and is none is held."""
        facts, counted, devices = list(first), _only_counted(first), {fact.device_id for fact in first}
        until_s = time.monotonic() + self.gather_s
        while len(facts) < (_MOST_COUNTED if counted and len(devices) < _MOST_DEVICES else _MOST_AT_ONCE):
            if self._waiting.empty():
                left_s = until_s - time.monotonic() if counted else 0.0
                if left_s <= 0:
                    break
                await asyncio.sleep(
                    min(left_s, _NAP_S)
                )  # to wake for every batch with poison would cost more than the poison
                continue
            word = self._waiting.get_nowait()
            if word is None or isinstance(word, Snapshot | CaughtUp):
                self._held.append(word)
                break
            facts += word
            devices.update(fact.device_id for fact in word)
            counted = counted and _only_counted(word)
        return tuple(facts)

    async def _tell(self, facts: Sequence[Fact]) -> None:
        """Tell facts, again and again while the database does not take them; everything waits meanwhile."""
        busy = False
        while True:
            try:
                await asyncio.to_thread(self.take, facts)
            except StoreBusyError as error:
                if not busy:
                    log.warning("facts.wait", why=str(error))
                busy = True
                await asyncio.sleep(_TRY_AGAIN_S)
            else:
                break
        if busy:
            log.info("facts.taken_again")


def _only_counted(facts: Sequence[Fact]) -> bool:
    return all(isinstance(fact.body, Quarantined | Gap) for fact in facts)
