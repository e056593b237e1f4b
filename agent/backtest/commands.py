"""``amends backtest`` (shell): what the agent would have noticed in a recorded history."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from agent.backtest.errors import BacktestError
from agent.backtest.lead import Horizon
from agent.backtest.pictures import INDEX
from agent.backtest.run import Finished, Wanted, run_backtest
from agent.backtest.summary import summary
from agent.health.models import KINDS, Choice, usual_kind

_FAILED = 1
_NO_FOLDER = "pictures need a folder: give --out DIR"
_MODELS = f"the kinds of model are {', '.join(KINDS)}"
_NO_TIME = "that is neither a time, as 2026-09-21 or 2026-09-21T12:00+02:00, nor a file"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Telemetry = Annotated[
    Path,
    typer.Argument(
        metavar="TELEMETRY",
        exists=True,
        dir_okay=False,
        readable=True,
        help="Parquet or CSV, also gzipped: device_id, ts and a column a metric.",
    ),
]
Labels = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="Events: device_id, start, end[, metrics].")
]
Failures = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="Failures: device_id, failed_at[, component].")
]
Out = Annotated[Path | None, typer.Option(file_okay=False, help="Write scores, alarms and report here.")]
ContextColumns = Annotated[
    str, typer.Option("--context", metavar="A,B", help="Columns that tell the operating regime.")
]
LearnOnlyUntil = Annotated[
    str | None,
    typer.Option(metavar="TS", help="Raise no alarm before this time; or a file with one a device: device_id, ts."),
]
WarnWithin = Annotated[float, typer.Option(min=0.0, help="Hours before a failure in which an alarm warns of it.")]
ModelName = Annotated[
    str | None, typer.Option("--model", help="Another kind of model than the agent's own.", show_default="the agent's")
]
InTime = Annotated[float, typer.Option(min=0.0, help="Hours before a failure a warning must come to be of use.")]


def backtest(  # noqa: PLR0913, PLR0917 - each is an option a person may give
    telemetry: Telemetry,
    labels: Labels = None,
    failures: Failures = None,
    out: Out = None,
    context: ContextColumns = "",
    learn_only_until: LearnOnlyUntil = None,
    warn_within: WarnWithin = 168.0,
    in_time: InTime = 20.0,
    model: ModelName = None,
    *,
    plots: Annotated[bool, typer.Option("--plots", help="Draw each alarmed device, at most 50; needs --out.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Run the model over recorded history, in one causal pass, and report what it would have done."""
    if plots and out is None:
        raise typer.BadParameter(_NO_FOLDER, param_hint="--plots")
    wanted = Wanted(
        telemetry=telemetry,
        labels=labels,
        failures=failures,
        out=out,
        context=tuple(name.strip() for name in context.split(",") if name.strip()),
        quiet_until=_quiet_until(learn_only_until),
        plots=plots,
        horizon=Horizon(timedelta(hours=warn_within), timedelta(hours=in_time)),
    )
    try:
        finished = run_backtest(wanted, _choice(model), KINDS)
    except BacktestError as error:
        typer.echo(f"amends: {error}", err=True)
        raise typer.Exit(_FAILED) from error
    _say(finished, out, plots=plots, as_json=as_json)


def _say(finished: Finished, out: Path | None, *, plots: bool, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(finished.report.figures(), indent=2))
        return
    console = Console()
    console.print(summary(finished.report))
    if out is not None:
        console.print(f"\nWritten to {out / INDEX if plots else out}", style="dim", highlight=False, soft_wrap=True)


def _choice(model: str | None) -> Choice:
    """Return the choice of the agent itself, or one kind of model for all products."""
    if model is None:
        return usual_kind
    if model not in KINDS:
        raise typer.BadParameter(_MODELS, param_hint="--model")
    return lambda _: model


def _quiet_until(asked: str | None) -> int | Path | None:
    """Return Unix µs, or the file that was named; a time without a zone is in UTC."""
    if asked is None:
        return None
    if Path(asked).is_file():
        return Path(asked)
    try:
        instant = datetime.fromisoformat(asked)
    except ValueError as error:
        raise typer.BadParameter(_NO_TIME, param_hint="--learn-only-until") from error
    zoned = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant
    return (zoned - _EPOCH) // timedelta(microseconds=1)
