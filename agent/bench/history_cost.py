"""What writing history costs ingest (shell): the same messages through journal and models, with history and without.

No broker and no network: only what shares an interpreter, or two cores. Contenders take turns, and processor seconds
say what a busy machine's clock cannot.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from agent.clock import RealClock
from agent.health.fleet import Fleet
from agent.history.keeping import HistoryKeeper
from agent.history.process import HistoryProcess, open_history
from agent.history.upkeep import Upkeep
from agent.history.writer import open_writer
from agent.listen.pipeline import Pipeline
from agent.settings import read_settings
from agent.store.journal import Journal
from agent.store.segment import Entry, Record

_BATCH: Final = 500
_START_MS: Final = 1_790_000_000_000
_AGE: Final = timedelta(days=10_000)


class How(StrEnum):
    """Who writes history."""

    NOBODY = "nobody"
    THREAD = "a thread beside ingest"
    PROCESS = "a process of its own"


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians over the rounds: messages a second, and processor microseconds a message in the agent's own process."""

    history: str
    rate: float
    agent_us: float


def history_cost(
    messages: Annotated[int, typer.Option(help="Messages a round.", min=1_000)] = 100_000,
    devices: Annotated[int, typer.Option(help="Devices.", min=1)] = 1_000,
    rounds: Annotated[int, typer.Option(help="Rounds, each with every contender.", min=1)] = 3,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure what writing history takes from ingest: not at all, in a thread, and in a process of its own."""
    taken: dict[How, list[tuple[float, float]]] = {how: [] for how in How}
    with TemporaryDirectory(prefix="amends-bench-") as place:
        asyncio.run(_round(Path(place), How.NOBODY, _BATCH, devices))  # the models are compiled at their first sample
    for _ in range(rounds):
        for how in How:
            with TemporaryDirectory(prefix="amends-bench-") as place:
                taken[how].append(asyncio.run(_round(Path(place), how, messages, devices)))
    costs = [
        Cost(how, messages / median(wall_s for wall_s, _ in seen), median(cpu_s for _, cpu_s in seen) / messages * 1e6)
        for how, seen in taken.items()
    ]
    if as_json:
        typer.echo(
            json.dumps([{"history": c.history, "rate": c.rate, "agent_us": c.agent_us} for c in costs], indent=2)
        )
        return
    table = Table("history is written by", "messages/s", "agent's CPU µs a message")
    for cost in costs:
        table.add_row(cost.history, f"{cost.rate:,.0f}", f"{cost.agent_us:.1f}")
    Console().print(table)


async def _round(place: Path, how: How, messages: int, devices: int) -> tuple[float, float]:
    """Return wall and processor seconds of this process for all messages, durable and scored; history may lag."""
    journal = Journal.open(place / "journal")
    pipeline = Pipeline(Fleet(choice=lambda _product: "fleet"))
    settings = read_settings(data=place, history_every_s=1.0)
    try:
        with _thread(place, journal, how):
            process = open_history(place / "history", place / "journal", settings, lambda: journal.next_offset)
            running = asyncio.create_task(process.run()) if how is How.PROCESS else None
            await _started(process, running)
            wall_s, cpu_s = time.perf_counter(), time.process_time()
            for first in range(0, messages, _BATCH):
                records = [_record(n, devices) for n in range(first, min(first + _BATCH, messages))]
                offsets = await asyncio.to_thread(journal.append, records)
                entries = [Entry(offset, *record) for offset, record in zip(offsets, records, strict=True)]
                await asyncio.to_thread(pipeline.take, entries)
            took = time.perf_counter() - wall_s, time.process_time() - cpu_s
            if running is not None:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
    finally:
        journal.close()
    return took


async def _started(process: HistoryProcess, running: "asyncio.Task[None] | None") -> None:
    while running is not None and not (Path(process.order.history) / "writer.lock").exists():  # noqa: ASYNC110 - made by another process
        await asyncio.sleep(0.05)


@contextmanager
def _thread(place: Path, journal: Journal, how: How) -> Iterator[None]:
    if how is not How.THREAD:
        yield
        return
    writer, stop = open_writer(place / "history", journal), Event()
    keeper = HistoryKeeper(writer, Upkeep(writer.folder, _AGE, _AGE), RealClock(), every_s=1.0)
    thread = Thread(target=keeper.run, args=(stop,), name="history")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _record(number: int, devices: int) -> Record:
    device, seq = number % devices, number // devices
    values = ",".join(f'"metric_{place}":{20 + (number * 7 + place * 13) % 100 / 50}' for place in range(5))
    at_ms = _START_MS + seq * 60_000
    payload = f'{{"v":1,"boot":"b1","seq":{seq},"ts":{at_ms},"m":{{{values}}}}}'
    return Record(at_ms, f"amends/v1/device-{device:06d}/telemetry", payload.encode())
