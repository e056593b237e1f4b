"""The hot path alone, to be measured (shell): a process of its own, ``python -m agent.bench.ingest_child``.

It reads its orders as one JSON line, starts, and says ``ready`` once it is subscribed. Each further line is a number:
when so many samples in all were scored, or after five seconds, it answers with one JSON line. An empty line ends it.
"""

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from agent.bench.ingest_probes import is_probe
from agent.clock import RealClock
from agent.health.fleet import Fleet
from agent.health.fleet_model import KIND
from agent.heap import share_one_heap
from agent.listen.facts import Fact, Gap, Quarantined
from agent.listen.intake import Intake
from agent.listen.metrics import Meters
from agent.listen.pipeline import Pipeline
from agent.listen.taken import Counts
from agent.logs import set_up_logs
from agent.store.journal import Journal
from broker.address import Address
from broker.messages import Event

_ANSWER_WITHIN_S: Final = 5.0
_KIB: Final = 1_024


@dataclass(frozen=True, slots=True)
class Orders:
    """Where to listen, and where the journal is to lie."""

    host: str
    port: int
    user: str
    password: str
    root: str
    folder: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is, since its start.

    ``reached_s`` is monotonic, and says nothing unless ``samples`` are as many as were asked for; ``cpu_s`` is
    processor time; ``told_s`` holds the monotonic second at which each probe was first told, by its code.
    """

    reached_s: float
    cpu_s: float
    resident_mib: float
    messages: int
    samples: int
    duplicates: int
    missed: int
    quarantined: int
    told_s: dict[str, float]
    committed: float
    commits: int
    score_s: float


@dataclass(slots=True)
class _Tally:
    """What was counted, and who waits for how much."""

    total: Counts = field(default_factory=Counts)
    told_s: dict[str, float] = field(default_factory=dict)
    wanted: int = 0
    reached_s: float = 0.0
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, counts: Counts) -> None:
        total = self.total
        total.messages += counts.messages
        total.samples += counts.samples
        total.duplicates += counts.duplicates
        total.missed += counts.missed
        total.quarantined += counts.quarantined
        self.look()

    def look(self) -> None:
        if self.total.samples >= self.wanted and not self.reached.is_set():
            self.reached_s = time.monotonic()
            self.reached.set()


class _TallyingMeters(Meters):
    """The usual counters, and a tally."""

    def __init__(self, tally: _Tally) -> None:
        super().__init__()
        self._tally = tally

    def scored(self, counts: Counts, seconds: float, *, behind: int) -> None:
        """Count a batch that was scored."""
        super().scored(counts, seconds, behind=behind)
        self._tally.add(counts)


async def main() -> None:
    """Do what the orders say."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    orders = msgspec.json.decode(await lines.readline(), type=Orders)
    tally = _Tally()
    meters = _TallyingMeters(tally)
    intake = _intake(orders, tally, meters)
    running = asyncio.create_task(intake.run(), name="intake")
    connected = asyncio.create_task(intake.session.wait_connected())
    await asyncio.wait({running, connected}, return_when=asyncio.FIRST_COMPLETED)
    _say("ready")
    while not running.done() and (line := (await lines.readline()).strip()):
        tally.wanted = int(line)
        tally.reached.clear()
        tally.look()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ANSWER_WITHIN_S):
                await tally.reached.wait()
        _say(json.dumps(asdict(_progress(tally, meters))))
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    intake.journal.close()


def _intake(orders: Orders, tally: _Tally, meters: Meters) -> Intake:
    def take(told: Sequence[Fact]) -> None:
        now_s = time.monotonic()
        for fact in told:
            match fact.body:
                case Event(code=code) if is_probe(code):
                    tally.told_s.setdefault(code, now_s)
                case Gap() | Quarantined():
                    _complain(f"{fact.device_id}: {fact.body}")
                case _:
                    continue

    address = Address(orders.host, orders.port, orders.user, orders.password)
    fleet = Fleet(choice=lambda _product: KIND)
    pipeline = Pipeline(fleet, root=orders.root)
    journal = Journal.open(Path(orders.folder) / "journal")
    return Intake(
        address,
        journal,
        pipeline,
        take,
        RealClock(),
        meters=meters,
        client_id=f"amends-bench-{orders.root.rsplit('/', 1)[-1]}",
        root=orders.root,
    )


def _progress(tally: _Tally, meters: Meters) -> Progress:
    total, figures = tally.total, dict(meters.figures())
    return Progress(
        reached_s=tally.reached_s,
        cpu_s=time.process_time(),
        resident_mib=_resident_mib(),
        messages=total.messages,
        samples=total.samples,
        duplicates=total.duplicates,
        missed=total.missed,
        quarantined=total.quarantined,
        told_s=tally.told_s.copy(),  # in one go: a thread adds to it
        committed=figures["commit_seconds_sum"],
        commits=int(figures["commit_seconds_count"]),
        score_s=figures["score_seconds_sum"],
    )


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _KIB / _KIB


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _complain(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    share_one_heap()
    set_up_logs()
    asyncio.run(main())
