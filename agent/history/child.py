"""The process that writes history (shell): started by ``agent.history.process``, never by hand.

It is told on standard input what to do and how far the journal is durable, a JSON line each, and says on standard
output how far it is. When standard input ends without a word, whoever started it is gone, and so is it: at
once, for it survives a kill at any point.
"""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Final

import msgspec
import structlog

from agent.clock import Clock, RealClock, ScaledClock
from agent.history.keeping import HistoryKeeper
from agent.history.upkeep import Upkeep
from agent.history.writer import open_writer
from agent.logs import set_up_logs
from agent.store.journal_reader import JournalReader

_NICE: Final = 10
"""Ingest comes first where there are not cores enough for both."""

log = structlog.get_logger()


class ScaledTime(msgspec.Struct, frozen=True):
    """A demo's clock; see ``agent.clock.ScaledClock``."""

    origin: datetime
    wall_origin_s: float
    speed: float


class Order(msgspec.Struct, frozen=True):
    """What to do: the first line. ``every_s`` in real seconds; ``clock`` ``None``: the machine's."""

    history: str
    journal: str
    durable: int
    every_s: float
    keep_samples_days: int
    keep_hours_days: int
    clock: ScaledTime | None


class Word(msgspec.Struct, frozen=True):
    """Every further line: how far the journal is durable. ``stop``: write the rest and end."""

    durable: int
    stop: bool = False


class Answer(msgspec.Struct, frozen=True):
    """How far history is: everything before ``written`` is in files for good. ``failing``: disk or journal refuse."""

    written: int
    failing: bool


def main() -> None:
    """Write history until told to stop."""
    set_up_logs()
    os.nice(_NICE)
    order = msgspec.json.decode(sys.stdin.readline(), type=Order)
    journal, stop = JournalReader(Path(order.journal), order.durable), Event()
    Thread(target=_listen, args=(journal, stop), name="history.listen", daemon=True).start()
    root = Path(order.history)
    with _alone(root):
        writer = open_writer(root, journal)
        keep = timedelta(days=order.keep_samples_days), timedelta(days=order.keep_hours_days)
        keeper = HistoryKeeper(writer, Upkeep(writer.folder, *keep), _clock(order), order.every_s)
        keeper.said = lambda: _say(Answer(keeper.writer.written, keeper.failing))
        keeper.said()
        keeper.run(stop)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Wait until no other process writes this history: one whose agent was killed takes a moment to notice."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "writer.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _listen(journal: JournalReader, stop: Event) -> None:
    for line in sys.stdin:
        word = msgspec.json.decode(line, type=Word)
        journal.next_offset = word.durable
        if word.stop:
            stop.set()
            return
    os._exit(0)  # the agent is gone; a kill is what everything here survives


def _say(answer: Answer) -> None:
    sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
    sys.stdout.flush()


def _clock(order: Order) -> Clock:
    if order.clock is None:
        return RealClock()
    return ScaledClock(order.clock.origin, order.clock.wall_origin_s, order.clock.speed)


if __name__ == "__main__":
    main()
