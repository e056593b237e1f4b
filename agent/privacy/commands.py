"""``amends erase``: one customer gone, on the command line (shell)."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from agent.errors import AgentError
from agent.house import House, enter_house
from agent.logs import set_up_logs
from agent.privacy.erase import Forgotten, erase, find_target
from agent.settings import read_settings
from agent.store.about import About
from agent.store.erasures import erasure_requests

_FAILED, _WRONG_USAGE = 1, 2


def erase_customer(  # noqa: PLR0913 - each is an option a person may give
    customer: Annotated[str, typer.Argument(help="The customer's id.", show_default=False)] = "",
    data: Annotated[Path | None, typer.Option("--data", help="The data directory.", show_default="amends-data")] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    requested: Annotated[bool, typer.Option("--requested", help="List who wishes to be erased.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print facts as JSON.")] = False,
) -> None:
    """Forget one customer: records, messages, links, their devices' samples and models. A running agent goes on."""
    if bool(customer.strip()) is requested:
        typer.echo("amends: name one customer, or give --requested", err=True)
        raise typer.Exit(_WRONG_USAGE)
    set_up_logs()
    try:
        house = enter_house(read_settings(data=data))
        try:
            if requested:
                _list(house, as_json=as_json)
                return
            theirs = find_target(house.database, customer)
            if not dry_run and not yes:
                _ask(theirs, as_json=as_json)
            done = None if dry_run else erase(house, customer, by="command line", now=house.clock.now())
        finally:
            house.database.close()
    except AgentError as error:
        typer.echo(f"amends: {error}", err=True)
        raise typer.Exit(_FAILED) from error
    _say(theirs, done, as_json=as_json)


def _ask(theirs: About, *, as_json: bool) -> None:
    if as_json or not sys.stdin.isatty():
        typer.echo("amends: this cannot be undone; give --yes, or --dry-run to see what would go", err=True)
        raise typer.Exit(_WRONG_USAGE)
    typer.echo(_plan(theirs))
    if typer.prompt("This cannot be undone. Type the customer's id to go on") != theirs.customer_id:
        typer.echo("amends: that is another id; nothing was done", err=True)
        raise typer.Exit(_FAILED)


def _say(theirs: About, done: Forgotten | None, *, as_json: bool) -> None:
    if as_json:
        plan = {"customer": theirs.customer_id, "devices": list(theirs.devices), "tickets": len(theirs.tickets)}
        typer.echo(json.dumps(plan if done is None else {"erased": asdict(done)}))
    elif done is None:
        typer.echo(_plan(theirs))
    else:
        typer.echo(
            f"Erased: the customer, {done.devices} devices' data with {done.samples:,} rows of history, what"
            f" {done.tickets} tickets said, {done.letters} letters in the mailbox. docs/privacy.md says when"
            " raw messages leave the journal."
        )


def _plan(theirs: About) -> str:
    devices = ", ".join(theirs.devices) or "none"
    return f"{theirs.customer_id}: devices {devices}; {len(theirs.tickets)} tickets; their messages, ratings and links"


def _list(house: House, *, as_json: bool) -> None:
    with house.database.reading() as session:
        waiting = erasure_requests(session)
    if as_json:
        typer.echo(json.dumps({"requested": [{"customer": who, "at": at.isoformat()} for who, at in waiting]}))
        return
    for who, at in waiting:
        typer.echo(f"{who}  since {at:%Y-%m-%d %H:%M} UTC")
    if not waiting:
        typer.echo("nobody wishes to be erased")
