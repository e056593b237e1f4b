"""``amends bench`` (shell): how good the parts are, measured."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from agent.bench.console_command import console
from agent.bench.errors import NoSetError
from agent.bench.history_command import history
from agent.bench.history_cost import history_cost
from agent.bench.ingest_command import ingest
from agent.bench.row import Row
from agent.scorecard.figures import Run

_FAILED, _WRONG_USAGE = 1, 2
LIVED: Final = tuple(
    Run(scenario="mixed", devices=12, days=12.0, seed=seed, days_between_troubles=3.0, trust="nobody acts")
    for seed in (11, 5, 47, 77, 21, 33, 55, 66)
) + tuple(
    Run(scenario="demo", devices=24, days=0.5, seed=seed, days_between_troubles=None, trust="nobody acts")
    for seed in (7, 8, 9, 31, 32, 33, 34, 41, 42, 43)
)
"""The fleets of the closed loop. Settings were found on 11, 21, 33, 5, 47 and 77, and on 7 to 9 and 31 to 34."""
LIVING: Final = ("river", "fleet")
"""The kinds of model that live through it: the first and the compiled one."""

app = typer.Typer(help="Measure how good the parts are.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure how good the parts are."""


app.command("history")(history)
app.command("history-cost")(history_cost)
app.command("ingest")(ingest)
app.command("console")(console)


@app.command()
def model(
    data: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A folder with one folder a set.")],
    only: Annotated[list[str] | None, typer.Option(help="A contender; may be given again.")] = None,
    *,
    closed_loop: Annotated[
        bool, typer.Option(help="Let the kinds of model live through simulated fleets too: a quarter of an hour.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
) -> None:
    """Measure the per-device model and its baselines on recordings, with one setting for all."""
    # Half of river and of scipy comes with these: a second or two that no other command shall wait for.
    from agent.bench.contenders import CONTENDERS  # noqa: PLC0415 - see above

    names = tuple(only or CONTENDERS)
    if strangers := [name for name in names if name not in CONTENDERS]:
        known = ", ".join(repr(name) for name in CONTENDERS)
        typer.echo(f"amends: there is no contender {strangers[0]!r}; there are {known}", err=True)
        raise typer.Exit(_WRONG_USAGE)
    try:
        rows = list(_shown(_rows(data, names, closed_loop=closed_loop)))
    except NoSetError as error:
        typer.echo(f"amends: {error}", err=True)
        raise typer.Exit(_FAILED) from error
    _print(rows, as_json=as_json)


@app.command("closed-loop")
def closed_loop(*, as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False) -> None:
    """Let the kinds of model live through simulated fleets in which nobody acts: what `bench model` ends with."""
    _print(list(_shown(lived(LIVED))), as_json=as_json)


def _print(rows: list[Row], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], indent=2))
        return
    console = Console()
    for dataset in dict.fromkeys(row.dataset for row in rows):
        console.print(table_of(dataset, [row for row in rows if row.dataset == dataset]))


def table_of(dataset: str, rows: list[Row]) -> Table:
    """Return the table of one set: a line a contender, a column a figure; a figure it does not have is a dash."""
    names = list(dict.fromkeys(name for row in rows for name in row.figures))
    table = Table("", *names, title=dataset, title_justify="left")
    for row in rows:
        table.add_row(row.contender, *(_figure(row.figures.get(name)) for name in names))
    return table


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"  # noqa: PLR2004 - digits


def _rows(data: Path, names: tuple[str, ...], *, closed_loop: bool) -> Iterator[Row]:
    from agent.bench.large_fleet import DEVICES, measure_large  # noqa: PLC0415 - slow to load, see model()
    from agent.bench.model_table import measure  # noqa: PLC0415 - the same
    from agent.bench.speed import METRICS, measure_speed  # noqa: PLC0415 - the same

    found = False
    for row in measure(data, names):
        found = True
        yield row
    if not found:
        raise NoSetError(data)
    for metrics in METRICS:
        speed = measure_speed(metrics)
        yield from (Row(name, f"speed, {metrics} metrics", figures) for name, figures in speed.items())
    yield Row("amends", f"{DEVICES:,} devices of 20 metrics", measure_large())
    if closed_loop:
        yield from lived(LIVED)


def lived(runs: Iterable[Run]) -> Iterator[Row]:
    """Let the kinds of model live through fleets; give a row for each of both, then for all fleets of a scenario."""
    from agent.bench.closed_loop import Tally, live_through  # noqa: PLC0415 - slow to load, see model()
    from agent.scorecard.contest import BEGINS_AT, open_world  # noqa: PLC0415 - the same

    together: dict[tuple[str, str], Tally] = defaultdict(Tally)
    for run in runs:
        for kind, tally in live_through(open_world(run), LIVING, BEGINS_AT, run.days).items():
            together[run.scenario, kind].add(tally)
            yield Row(kind, f"closed loop, {run.scenario}, seed {run.seed}", tally.figures())
    for (scenario, kind), tally in together.items():
        yield Row(kind, f"closed loop, {scenario}, all", tally.figures())


def _shown(rows: Iterator[Row]) -> Iterator[Row]:
    """Pass the rows on and say on standard error, on a terminal, how far it is."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("Measuring", total=None)
        for done, row in enumerate(rows, start=1):
            progress.update(task, description=f"{done} rows, last: {row.contender} on {row.dataset}")
            yield row
