"""``amends bench console`` (shell): fills a scratch database, measures the console over it, prints a table or JSON."""

import asyncio
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from agent.bench.console import ConsoleTimes, Visits, measure_console
from agent.bench.desk_filling import Desk
from agent.errors import AgentError
from agent.house import open_house
from agent.settings import read_settings

TARGET_MS: Final = 150.0
"""What 95 in 100 looks at any page shall take at most."""
_FAILED: Final = 1


def console(
    tickets: Annotated[int, typer.Option(help="Tickets in the scratch database.", min=100)] = 100_000,
    devices: Annotated[int, typer.Option(help="Devices they belong to.", min=10)] = 10_000,
    viewers: Annotated[int, typer.Option(help="Open pages that follow the live stream.", min=0, max=400)] = 50,
    looks: Annotated[int, typer.Option(help="Looks at every page.", min=1)] = 60,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure how quick the console's pages are with a full desk and many open pages."""
    try:
        times = _measured(tickets, devices, Visits(viewers, looks))
    except AgentError as error:
        typer.echo(f"amends: {error}", err=True)
        raise typer.Exit(_FAILED) from error
    if as_json:
        typer.echo(json.dumps({**asdict(times), "p95_ms": times.p95_ms, "target_ms": TARGET_MS}, indent=2))
        return
    Console().print(table_of(times))


def _measured(tickets: int, devices: int, visits: Visits) -> ConsoleTimes:
    with tempfile.TemporaryDirectory(prefix="amends-bench-") as folder:
        given = read_settings(data=Path(folder) / "data")
        house = open_house(given.model_copy(update={"database_url": None}))  # never anybody's real database
        try:
            desk = Desk(tickets, devices, until=house.clock.now())
            screen = Console(stderr=True)
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            with Progress(*columns, console=screen, disable=not screen.is_terminal, transient=True) as progress:
                task = progress.add_task("Filling the desk, then measuring", total=tickets)
                return asyncio.run(
                    measure_console(house, desk, visits, lambda done: progress.update(task, completed=done))
                )
        finally:
            house.database.close()


def table_of(times: ConsoleTimes) -> Table:
    """Return a line a page."""
    title = (
        f"{times.tickets:,} tickets, {times.devices:,} devices, {times.viewers} viewers who heard {times.events:,} "
        f"events and fetched {times.fetched:,} parts; {times.cpu_share:.0%} of a core, {times.rss_mb:.0f} MB; "
        f"others had {times.others_share:.0%} of a core"
    )
    table = Table("page", "looks", "p50 ms", "p95 ms", "cpu ms", "kB", title=title, title_justify="left")
    for page in times.pages:
        mark = "" if page.p95_ms <= TARGET_MS else " !"
        table.add_row(
            page.page,
            str(page.looks),
            f"{page.p50_ms:.1f}",
            f"{page.p95_ms:.1f}{mark}",
            f"{page.cpu_ms:.0f}",
            f"{page.kb:.0f}",
        )
    return table
