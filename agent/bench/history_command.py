"""``amends bench history`` (shell): how long a chart takes, from a history as large as a real fleet's."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from agent.bench.history_asked import Asked, Question, console, furnish, questions
from agent.bench.history_made import LAST_DAY, Made, is_made, make
from agent.errors import AgentError
from agent.house import House, open_house
from agent.settings import read_settings

_FAILED: Final = 1
_STARTS: Final = 5
_UNTIL: Final = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Timed:
    """One chart in one state of the machine's memory; milliseconds."""

    chart: str
    memory: str
    requests: int
    p50_ms: float
    p95_ms: float
    worst_ms: float


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured on what. ``made_s`` is 0 for a history that stood there already."""

    made: Made
    samples: int
    samples_bytes: int
    rolled_up_bytes: int
    made_s: float
    charts: tuple[Timed, ...]


def history(  # noqa: PLR0913, PLR0917 - each is an option a person may give
    devices: Annotated[int, typer.Option(help="Devices.", min=1, max=1_000_000)] = 10_000,
    days: Annotated[int, typer.Option(help="Days of samples.", min=1, max=30)] = 30,
    every: Annotated[int, typer.Option(help="Seconds between samples.", min=1, max=3600)] = 300,
    metrics: Annotated[int, typer.Option(help="Metrics a sample.", min=1, max=200)] = 5,
    months: Annotated[int, typer.Option(help="Months of hours before them; 0: no chart of a year.", min=0)] = 12,
    requests: Annotated[int, typer.Option(help="Requests a chart, warm and cold each.", min=2)] = 60,
    starts: Annotated[int, typer.Option(help="Starts of the console a chart; each takes seconds.", min=1)] = _STARTS,
    seed: Annotated[int, typer.Option(help="Fixes the figures and who is asked for.")] = 1,
    keep: Annotated[
        Path | None,
        typer.Option(
            help="Data directory to make it in and leave it; used again when of the same size.", file_okay=False
        ),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make a fleet's history and time charts of one device over HTTP, warm and cold."""
    made = Made(devices, days, every, metrics, months, seed)
    try:
        with ExitStack() as opened:
            data = keep or Path(opened.enter_context(TemporaryDirectory(prefix="amends-bench-")))
            report = measure(data, made, requests, starts)
    except AgentError as error:
        typer.echo(f"amends: {error}", err=True)
        raise typer.Exit(_FAILED) from error
    if as_json:
        typer.echo(json.dumps(asdict(report), indent=2))
        return
    Console().print(_table(report))


def measure(data: Path, made: Made, requests: int, starts: int) -> Report:
    """Make the history in a data directory and time each chart.

    ``starts`` ≥ 1 is how often the console is started anew to time its first answer to each chart.

    Raises:
        AgentError: the directory cannot be used, or the console does not start.
    """
    house = open_house(read_settings(data=data))
    try:
        started_s = time.monotonic()
        stood = is_made(house.history, made)
        with _progress("Making", made.steps) as step:
            make(house.history, made, step)
        made_s = 0.0 if stood else time.monotonic() - started_s
        token = furnish(house, made, house.clock.now())
        asked = questions(_UNTIL, year=made.months > 0)
        with _progress("Asking", len(asked) * (2 * requests + starts)) as step:
            course = _Course(house, made, token, requests, starts, step)
            charts = tuple(timed for question in asked for timed in course.time(question))
    finally:
        house.database.close()
    return Report(
        made=made,
        samples=made.samples,
        samples_bytes=_bytes(house.history / "samples"),
        rolled_up_bytes=_bytes(house.history / "minutes") + _bytes(house.history / "hours"),
        made_s=made_s,
        charts=charts,
    )


@dataclass(frozen=True, slots=True)
class _Course:
    """How every chart is timed, and on what."""

    house: House
    made: Made
    token: str
    requests: int
    starts: int
    step: "Step"

    def time(self, question: Question) -> Iterator[Timed]:
        """Time one chart: as the first of each console that is started; by the last of them also cold and warm."""
        took: dict[str, list[float]] = {"warm": [], "cold": [], "first": []}
        for number in range(1, self.starts + 1):
            with console(self.house, self.made, self.token, seed=self.made.seed + number) as asked:
                took["first"].append(asked.ask(question, cold=True))
                self.step(f"{question.name}, first")
                for memory in ("cold", "warm") if number == self.starts else ():
                    took[memory] += self._again(asked, question, cold=memory == "cold")
        for memory, seconds in took.items():
            p50, p95 = (float(np.percentile(seconds, share)) * 1000 for share in (50, 95))
            yield Timed(question.name, memory, len(seconds), p50, p95, max(seconds) * 1000)

    def _again(self, asked: Asked, question: Question, *, cold: bool) -> Iterator[float]:
        for _ in range(self.requests):
            yield asked.ask(question, cold=cold)
            self.step(f"{question.name}, {'cold' if cold else 'warm'}")


class Step:
    """Says on a terminal how far it is."""

    def __init__(self, progress: Progress, total: int, what: str) -> None:
        self._progress, self._what = progress, what
        self._task = progress.add_task(what, total=total)

    def __call__(self, about: str) -> None:
        """Say that one more is done, or begun: ``about`` it."""
        self._progress.update(self._task, advance=1, description=f"{self._what} {about}")


@contextmanager
def _progress(what: str, total: int) -> Iterator[Step]:
    terminal = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=terminal, disable=not terminal.is_terminal, transient=True) as progress:
        yield Step(progress, total, what)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*/*/*.parquet"))


def _table(report: Report) -> Table:
    made = report.made
    title = (
        f"{report.samples:,} samples of {made.devices:,} devices, {made.metrics} metrics, {made.days} days:"
        f" {report.samples_bytes / 1e9:.2f} GB, rolled up {report.rolled_up_bytes / 1e9:.2f} GB"
    )
    table = Table("chart of one device", "memory", "requests", "p50 ms", "p95 ms", "worst ms", title=title)
    for chart in report.charts:
        figures = (f"{value:.0f}" for value in (chart.p50_ms, chart.p95_ms, chart.worst_ms))
        table.add_row(chart.chart, chart.memory, str(chart.requests), *figures)
    return table
