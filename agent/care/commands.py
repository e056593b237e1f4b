"""``amends customers``: who owns devices, on the command line (shell)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.care.enrol import enrol, read_people
from agent.errors import AgentError
from agent.house import House, enter_house, open_house
from agent.settings import read_settings
from agent.store.people import consents_of, devices_of, list_customers

app = typer.Typer(help="Customers, their devices and what they agreed to; technicians.", no_args_is_help=True)

_FAILED = 1

DataOption = Annotated[
    Path | None, typer.Option("--data", help="The data directory.", file_okay=False, show_default="amends-data")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("import")
def import_customers(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON, as described in docs/customers.md")],
    data: DataOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take in customers, their devices and consents, technicians and their free slots. Twice is the same as once."""
    with _house(data, made=True) as house:
        wanted = read_people(file)
        with house.database.transaction() as session:
            enrolled = enrol(session, wanted, house.clock.now())
        if as_json:
            typer.echo(json.dumps(asdict(enrolled)))
            return
        typer.echo(
            f"{enrolled.customers} customers with {enrolled.devices} devices, {enrolled.answers} consents changed; "
            f"{enrolled.technicians} technicians with {enrolled.slots} new slots"
        )


@app.command("list")
def list_them(data: DataOption = None, *, as_json: JsonOption = False) -> None:
    """List customers with their devices and consents."""
    with _house(data) as house, house.database.reading() as session:
        facts = [
            {
                **asdict(customer),
                "devices": list(devices_of(session, customer.id)),
                "consents": sorted(consents_of(session, customer.id)),
            }
            for customer in list_customers(session)
        ]
    if as_json:
        typer.echo(json.dumps({"customers": facts}))
        return
    table = Table("customer", "name", "mail", "language", "devices", "agrees to", box=None)
    for fact in facts:
        cells = (fact["id"], fact["name"], fact["email"], fact["lang"], *(", ".join(fact[k]) for k in _LISTS))
        table.add_row(*(Text(str(cell)) for cell in cells))
    Console().print(table if facts else "no customers yet; `amends customers import FILE` takes them in")


_LISTS = ("devices", "consents")


@contextmanager
def _house(data: Path | None, *, made: bool = False) -> Iterator[House]:
    """Give the open house, ``made`` where there is none; what goes wrong is one sentence and exit code 1."""
    try:
        settings = read_settings(data=data)
        house = open_house(settings) if made else enter_house(settings)
        try:
            yield house
        finally:
            house.database.close()
    except AgentError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_FAILED) from error
