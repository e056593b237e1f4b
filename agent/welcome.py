"""What a person reads when amends has started (shell): where to look, and the first staff password, once."""

from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from agent.store.database import Database
from agent.store.staff import list_staff, new_password, set_password

FIRST_STAFF = "admin"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts are. ``None``: that part does not run here."""

    console: str | None
    devices: str | None
    data: str


def first_password(database: Database, now: datetime) -> str | None:
    """Make the first staff account and return its password, shown once and kept nowhere; ``None``: there is staff."""
    with database.transaction() as session:
        if list_staff(session):
            return None
        password = new_password()
        set_password(session, name=FIRST_STAFF, password=password, now=now, role="admin")
        return password


def welcome(addresses: Addresses, password: str | None, demo_speed: float | None) -> None:
    """Print where everything is, on standard output."""
    lines: list[tuple[str, str]] = []
    if addresses.console is not None:
        lines.append(("console", addresses.console))
    if password is not None:
        lines.append(("log in as", FIRST_STAFF))
        lines.append(("password", f"{password}   (shown this once)"))
    if addresses.devices is not None:
        lines.append(("devices", addresses.devices))
    lines.append(("data", addresses.data))
    if demo_speed is not None:
        lines.append(("demo clock", f"{demo_speed:g} times as fast: a minute is {demo_speed / 60:g} hours"))
    text = Text("\n").join(Text.assemble((f"{name:<11}", "bold"), value) for name, value in lines)
    Console(highlight=False).print(Panel(text, title="amends is running", title_align="left", expand=False))
    Console(highlight=False).print("Stop it with Ctrl-C; start it again and it goes on where it was.")
