"""``amends export``: telemetry out of history, on the command line (shell)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from agent.errors import AgentError, PersonError
from agent.history.export import Wanted, export
from agent.history.folder import Folder
from agent.house import House, enter_house
from agent.privacy.dossier import write_dossier
from agent.settings import read_settings
from agent.store.devices import find_device
from agent.store.people import customer_by_id, devices_of

_FAILED, _WRONG_USAGE = 1, 2
_DOSSIER = ".zip"
_FORMS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"]


class UnknownCustomerError(PersonError):
    """No customer has this id."""

    def __init__(self, customer_id: str) -> None:
        super().__init__(f"there is no customer {customer_id!a}")
        self.customer_id = customer_id


def export_telemetry(  # noqa: PLR0913, PLR0917 - each is an option a person may give
    out: Annotated[
        Path,
        typer.Option("--out", help="File to write: .parquet, .csv or .csv.gz; .zip: with records.", dir_okay=False),
    ],
    device: Annotated[str | None, typer.Option(help="One device.")] = None,
    customer: Annotated[str | None, typer.Option(help="All devices of one customer.")] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", help="The oldest instant; UTC without a zone.", formats=_FORMS)
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", help="The newest instant; UTC without a zone.", formats=_FORMS)
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="The data directory.", show_default="amends-data")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print facts as JSON.")] = False,
) -> None:
    """Write the samples of a device, or of a customer's devices, as one telemetry file; or all there is about them."""
    if (device is None) is (customer is None):
        typer.echo("amends: name one --device or one --customer", err=True)
        raise typer.Exit(_WRONG_USAGE)
    try:
        house = enter_house(read_settings(data=data))
        try:
            devices = _devices(house, device, customer)
            if out.suffix == _DOSSIER:
                rows = _dossier(house, customer, out, whole=since is until is None)
            else:
                rows = export(Folder(house.history), Wanted(devices, _utc(since), _utc(until)), out)
        finally:
            house.database.close()
    except AgentError as error:
        typer.echo(f"amends: {error}", err=True)
        raise typer.Exit(_FAILED) from error
    if as_json:
        typer.echo(json.dumps({"file": str(out), "devices": list(devices), "samples": rows}))
        return
    typer.echo(f"{rows:,} samples of {len(devices)} device{'' if len(devices) == 1 else 's'} written to {out}")


def _devices(house: House, device: str | None, customer: str | None) -> tuple[str, ...]:
    with house.database.reading() as session:
        if device is not None:
            return (find_device(session, device).id,)
        if customer is None or customer_by_id(session, customer) is None:
            raise UnknownCustomerError(customer or "")
        return devices_of(session, customer)


def _dossier(house: House, customer: str | None, out: Path, *, whole: bool) -> int:
    if customer is None or not whole:
        typer.echo("amends: a .zip has all there is about one --customer, without --from and --to", err=True)
        raise typer.Exit(_WRONG_USAGE)
    return write_dossier(house.database, Folder(house.history), customer, out)


def _utc(at: datetime | None) -> datetime | None:
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=UTC)
