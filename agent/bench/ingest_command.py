"""``amends bench ingest`` (shell)."""

import asyncio
import json
import logging
import signal
from typing import Annotated

import typer
from rich.console import Console

from agent.bench.ingest import Plan
from agent.bench.ingest_course import measure
from agent.bench.ingest_figures import Part
from agent.errors import AgentError
from agent.logs import set_up_logs
from broker.errors import BrokerError

_FAILED = 1
_USUAL = Plan()


def ingest(  # noqa: PLR0913, PLR0917 - each is an option a person may give
    devices: Annotated[int, typer.Option(help="How many devices speak, in turn.", min=1)] = _USUAL.devices,
    metrics: Annotated[int, typer.Option(help="In each sample.", min=1, max=128)] = _USUAL.metrics,
    messages: Annotated[int, typer.Option(help="In each turn.", min=1)] = _USUAL.messages,
    rounds: Annotated[int, typer.Option(help="Turns of each of the two.", min=1)] = 5,
    connections: Annotated[int, typer.Option(help="The sender's.", min=1)] = _USUAL.connections,
    receive_max: Annotated[
        int, typer.Option(help="What each of them leaves unacknowledged.", min=1, max=65_535)
    ] = _USUAL.receive_max,
    steady: Annotated[int, typer.Option(help="Messages a second, for latency.", min=1)] = _USUAL.steady,
    many: Annotated[int, typer.Option(help="Devices of the larger measurement of memory.", min=1)] = _USUAL.many,
    only: Annotated[list[Part] | None, typer.Option(help="A part; may be given again.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure the way of telemetry into the agent, beside a C client that merely counts it."""
    set_up_logs(level=logging.WARNING)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: its broker ends with it
    aside = Console(stderr=True)
    plan = Plan(devices, metrics, messages, connections, receive_max, steady, many)
    try:
        figures = asyncio.run(
            measure(plan, rounds, frozenset(only or Part), lambda said: aside.print(said, style="dim"))
        )
    except (BrokerError, AgentError) as error:
        typer.echo(f"amends: {error}", err=True)
        raise typer.Exit(_FAILED) from error
    if as_json:
        typer.echo(json.dumps(figures.as_json(), indent=2))
    else:
        Console().print(figures.table())
