"""How long it takes from what a device says to the finding among the records (shell).

A probe is an event of level ``info``: it goes the way of every sample, through the broker, the journal, the models and
the desk, is a finding there at once, and opens no ticket.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Final, Protocol

_LOOK_EVERY_S: Final = 0.01
_PATIENCE_S: Final = 60.0


class Teller(Protocol):
    """A device that can say an event."""

    def event(self, code: str) -> None:
        """Say it."""
        ...


@dataclass(slots=True)
class Probes:
    """Probes on their way, and how long those that arrived took. ``run`` looks for them."""

    data: Path
    sent_s: dict[str, float] = field(default_factory=dict)
    took_s: list[float] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def send(self, teller: Teller) -> None:
        code = f"PROBE-{next(self._numbers)}"
        self.sent_s[code] = monotonic()
        teller.event(code)

    async def run(self) -> None:
        """Look for findings until cancelled."""
        newest = 0
        with closing(self._open()) as records:
            while True:
                found = await asyncio.to_thread(_after, records, newest)
                now_s = monotonic()
                for number, code in found:
                    newest = number
                    sent_s = self.sent_s.pop(code, None)
                    if sent_s is not None:
                        self.took_s.append(now_s - sent_s)
                await asyncio.sleep(_LOOK_EVERY_S)

    async def arrived(self, within_s: float = _PATIENCE_S) -> int:
        """Wait for all that are on their way and return how many never came."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self.sent_s:  # noqa: ASYNC110 - found by looking
                    await asyncio.sleep(0.05)
        return len(self.sent_s)

    def within(self, part: float) -> float:
        """Return the seconds within which that part of the probes arrived, since the last call of ``forget``."""
        ordered = sorted(self.took_s)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    def forget(self) -> None:
        self.took_s.clear()

    def _open(self) -> sqlite3.Connection:
        address = f"file:{self.data / 'amends.sqlite3'}?mode=ro"
        return sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)


def _after(records: sqlite3.Connection, newest: int) -> list[tuple[int, str]]:
    return records.execute("SELECT id, code FROM finding WHERE id > ? ORDER BY id", (newest,)).fetchall()


@asynccontextmanager
async def probing(data: Path) -> AsyncIterator[Probes]:
    probes = Probes(data)
    looking = asyncio.create_task(probes.run(), name="probes")
    try:
        yield probes
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
