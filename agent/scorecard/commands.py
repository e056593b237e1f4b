"""``amends scorecard`` (shell): runs the comparison and shows it as a table, JSON or a page."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from agent.errors import AgentError
from agent.health.models import KINDS
from agent.logs import set_up_logs
from agent.scorecard.contest import Name, ends_s, play
from agent.scorecard.figures import KEPT_AS, Run, Scorecard
from agent.scorecard.ledger import Ledger
from agent.scorecard.page import page
from agent.scorecard.staffing import Trust
from agent.scorecard.stories import stories as told
from agent.scorecard.table import table
from agent.scorecard.world import World

_FAILURE = 1


def scorecard(  # noqa: PLR0913 - each is an option a person may give
    *,
    devices: Annotated[int, typer.Option(help="How many devices.", min=1, max=10_000)] = 40,
    days: Annotated[float, typer.Option(help="How many days they live.", min=0.1, max=1000)] = 10,
    seed: Annotated[int, typer.Option(help="Fixes devices, owners and troubles.")] = 1,
    every: Annotated[float, typer.Option(help="Mean days from one trouble of a device to its next.", min=0.5)] = 10,
    staff: Annotated[Trust, typer.Option(help="How far staff let the agent go by itself.")] = Trust.PROMOTED,
    scenario: Annotated[str, typer.Option(help="A name from `amends sim list`.")] = "mixed",
    model: Annotated[str, typer.Option(help="The kind of model, river or fleet; unset: the usual one.")] = "",
    html: Annotated[Path | None, typer.Option("--html", help="Write the page with its plots to this file.")] = None,
    stories: Annotated[
        Path | None, typer.Option(help="Write to this file what the agent got wrong, with its tickets' stories.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Keep it in this data directory, for the API.", exists=True, file_okay=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print facts as JSON.")] = False,
) -> None:
    """Compare the agent with no agent and with fixed thresholds, in virtual time on simulated devices."""
    set_up_logs(level=logging.ERROR)  # no line for each command and breaker: the card counts them
    try:
        card = _played(Run(scenario, devices, days, seed, every, staff.value, _known(model)), stories)
        if html is not None:
            html.write_text(page(card), encoding="utf-8")
        if data is not None:
            (data / KEPT_AS).write_bytes(msgspec.json.encode(card))
    except (AgentError, OSError) as error:
        typer.echo(f"amends: {error}", err=True)
        raise typer.Exit(_FAILURE) from error
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(card)).decode() + "\n")
    else:
        Console(highlight=False).print(table(card))


def _known(model: str) -> str:
    if model and model not in KINDS:
        problem = f"there is no kind of model {model!r}: choose {', '.join(KINDS)}"
        raise typer.BadParameter(problem, param_hint="--model")
    return model


def _played(run: Run, stories_to: Path | None) -> Scorecard:
    bars = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[day]}"), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*bars, console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks = {name: progress.add_task(f"{name}", total=run.days, day="getting ready") for name in Name}

        def tell(name: Name, lived: float) -> None:
            day = f"day {lived:.0f} of {run.days:g}"
            progress.update(tasks[name], completed=lived, day=day)
            if lived.is_integer() and not console.is_terminal:  # in a log: a line a day
                typer.echo(f"{name}: {day}", err=True)

        def look_back(name: Name, world: World, ledger: Ledger) -> None:
            if name is Name.AGENT and stories_to is not None:
                stories_to.write_text(told(world, ledger, ends_s(run)), encoding="utf-8")

        return play(run, tell, look_back)
