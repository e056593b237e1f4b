"""``amends device``: credentials of devices, on the command line (shell)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from broker.credentials import Credential, Credentials
from broker.errors import BadDeviceIdError, BrokerError
from broker.running import running_pid

app = typer.Typer(help="Credentials of devices: who may connect to the broker.", no_args_is_help=True)

_FAILED: Final = 1
_WRONG_USAGE: Final = 2

DataOption = Annotated[
    Path,
    typer.Option("--data", envvar="AMENDS_DATA", help="The data directory.", file_okay=False, show_default=True),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DeviceId = Annotated[str, typer.Argument(metavar="ID", help="1 to 64 of A-Z a-z 0-9 _ . : -")]
DeviceIds = Annotated[list[str], typer.Argument(metavar="ID…", help="1 to 64 of A-Z a-z 0-9 _ . : - each")]

_DATA: Final = Path("amends-data")


@app.command()
def add(device_ids: DeviceIds, data: DataOption = _DATA, *, as_json: JsonOption = False) -> None:
    """Add devices and show their passwords, once."""
    with _answering():
        _show_passwords(_registry(data).add(device_ids, datetime.now(UTC)), as_json=as_json)


@app.command()
def rotate(device_id: DeviceId, data: DataOption = _DATA, *, as_json: JsonOption = False) -> None:
    """Give a device a new password and show it, once; the old one ends now, with its session."""
    with _answering():
        password = _registry(data).rotate(device_id, datetime.now(UTC))
        _show_passwords({device_id: password}, as_json=as_json)


@app.command()
def revoke(device_id: DeviceId, data: DataOption = _DATA, *, as_json: JsonOption = False) -> None:
    """Take a device's credentials away; a running broker disconnects it at once."""
    with _answering():
        registry = _registry(data)
        registry.revoke(device_id)
        disconnected = running_pid(registry.folder) is not None
        if as_json:
            typer.echo(json.dumps({"id": device_id, "revoked": True, "broker_told": disconnected}))
        else:
            typer.echo(f"{device_id} may not connect any more" + ("; its session was ended" if disconnected else ""))


@app.command("list")
def list_devices(data: DataOption = _DATA, *, as_json: JsonOption = False) -> None:
    """List the devices that have credentials."""
    with _answering():
        devices = _registry(data).devices()
        if as_json:
            typer.echo(json.dumps({"devices": [_facts(device) for device in devices]}))
            return
        table = Table("device", "created", "rotated", box=None)
        for device in devices:
            rotated = device.rotated_at.isoformat(timespec="seconds") if device.rotated_at else "never"
            table.add_row(Text(device.device_id), device.created_at.isoformat(timespec="seconds"), rotated)
        Console().print(table if devices else "no devices yet; `amends device add ID` makes one")


def _registry(data: Path) -> Credentials:
    return Credentials(data.absolute() / "broker")


def _facts(device: Credential) -> dict[str, str | None]:
    return {
        "id": device.device_id,
        "created_at": device.created_at.isoformat(),
        "rotated_at": device.rotated_at.isoformat() if device.rotated_at else None,
    }


def _show_passwords(passwords: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"devices": [{"id": name, "password": word} for name, word in passwords.items()]}))
        return
    for name, password in passwords.items():
        typer.echo(f"{name}  password: {password}")
    typer.echo("Shown this once; `amends device rotate` makes a new one.", err=True)


@contextmanager
def _answering() -> Iterator[None]:
    """Turn this package's errors into one sentence and an exit code: 2 for what was typed wrong, 1 otherwise."""
    try:
        yield
    except BadDeviceIdError as error:
        typer.echo(f"amends device: {error}", err=True)
        raise typer.Exit(_WRONG_USAGE) from error
    except BrokerError as error:
        typer.echo(f"amends device: {error}", err=True)
        raise typer.Exit(_FAILED) from error
