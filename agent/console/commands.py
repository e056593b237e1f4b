"""``amends staff`` (shell): accounts and tokens of the people who work here."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from agent.console.gate import MAY_CHANGE
from agent.errors import AgentError, PersonError
from agent.house import enter_house, open_house
from agent.settings import SettingsError, read_settings
from agent.store.database import Database
from agent.store.staff import (
    add_token,
    find_staff,
    list_staff,
    new_password,
    remove_staff,
    revoke_tokens,
    set_password,
)

app = typer.Typer(help="Staff accounts and their tokens.", no_args_is_help=True)
Data = Annotated[Path | None, typer.Option("--data", help="The data directory.", show_default="amends-data")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="How they sign in, and how their notes are signed.")]
ROLES = (*sorted(MAY_CHANGE), "viewer")
SHORTEST_PASSWORD, LONGEST_NAME = 10, 40
# What the story already calls somebody else: nobody may write in their name.
TAKEN = frozenset({"agent", "device", "owner"})
FAILURE, WRONG_USAGE = 1, 2


class StaffError(PersonError):
    """An account cannot be made like that. The sentence says what to change."""


@contextmanager
def _answering() -> Iterator[None]:
    """Turn what we know can go wrong into one sentence and an exit code."""
    try:
        yield
    except (StaffError, SettingsError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_USAGE) from error
    except AgentError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILURE) from error


@contextmanager
def _database(data: Path | None, *, made: bool = False) -> Iterator[Database]:
    """Give the database of a data directory; ``made``: it is made where there is none."""
    settings = read_settings(data=data)
    house = open_house(settings) if made else enter_house(settings)
    try:
        yield house.database
    finally:
        house.database.close()


def check_name(name: str) -> str:
    """Return the name as it is kept.

    Raises:
        StaffError: it cannot be read, or stands for somebody else in a ticket's story.
    """
    kept = name.strip()
    if not kept or len(kept) > LONGEST_NAME or not kept.isprintable():
        message = f"a name has 1 to {LONGEST_NAME} characters that can be seen"
        raise StaffError(message)
    if kept.casefold() in TAKEN:
        message = f"the name {kept!a} stands for somebody else in the story of a ticket; choose another"
        raise StaffError(message)
    return kept


@app.command()
def add(
    name: Name,
    role: Annotated[
        str | None,
        typer.Option(help=f"One of {', '.join(ROLES)}; a viewer changes nothing.", show_default="staff, or as it is"),
    ] = None,
    data: Data = None,
    *,
    ask: Annotated[bool, typer.Option("--ask", help="Ask for the password instead of making one.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add somebody, or give them a new password; their sessions end then."""
    with _answering():
        kept = check_name(name)
        if role is not None and role not in ROLES:
            message = f"there is no role {role!a}; choose one of {', '.join(ROLES)}"
            raise StaffError(message)
        password = _asked() if ask else new_password()
        with _database(data, made=True) as database, database.transaction() as session:
            who = set_password(session, name=kept, password=password, now=_now(data), role=role)
        shown = {} if ask else {"password": password}
        if as_json:
            typer.echo(json.dumps({"name": kept, "role": who.role, **shown}))
        else:
            typer.echo(f"{kept} can sign in" + ("" if ask else f" with the password {password} (shown only now)"))


def _now(data: Path | None) -> datetime:
    return read_settings(data=data).clock().now()


def _asked() -> str:
    if not sys.stdin.isatty():
        message = "--ask needs a terminal"
        raise StaffError(message)
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if len(password) < SHORTEST_PASSWORD:
        message = f"a password has at least {SHORTEST_PASSWORD} characters"
        raise StaffError(message)
    return password


@app.command("list")
def list_accounts(data: Data = None, *, as_json: AsJson = False) -> None:
    """List who can sign in."""
    with _answering(), _database(data) as database, database.reading() as session:
        staff = list_staff(session)
    if as_json:
        facts = [{"name": one.name, "role": one.role, "created_at": one.created_at.isoformat()} for one in staff]
        typer.echo(json.dumps({"staff": facts}))
        return
    for one in staff:
        typer.echo(f"{one.name}  {one.role}  since {one.created_at:%Y-%m-%d}")
    if not staff:
        typer.echo("nobody yet; amends staff add NAME makes an account")


@app.command()
def remove(name: Name, data: Data = None, *, as_json: AsJson = False) -> None:
    """Remove an account: its sessions and tokens end at once. What they did stays under their name."""
    with _answering(), _database(data) as database, database.transaction() as session:
        _check_known(session, name)
        tokens = remove_staff(session, name)
        left = list_staff(session)
    if as_json:
        typer.echo(json.dumps({"name": name, "removed": True, "tokens": tokens, "left": [one.name for one in left]}))
        return
    typer.echo(f"{name} can no longer sign in; {_counted(tokens)} ended. What they did stays under their name.")
    if not left:
        typer.echo(
            "Nobody can sign in now. The next start of the console makes an account `admin` and shows its password."
        )
    elif not any(one.role in MAY_CHANGE for one in left):
        typer.echo("Nobody who is left may change anything; amends staff add NAME makes an account that may.")


def _check_known(session: Session, name: str) -> None:
    if find_staff(session, name) is None:
        message = f"there is no account {name!a}; amends staff list shows them"
        raise StaffError(message)


def _counted(tokens: int) -> str:
    return "1 token" if tokens == 1 else f"{tokens} tokens"


@app.command()
def token(
    name: Name,
    data: Data = None,
    *,
    revoke: Annotated[bool, typer.Option("--revoke", help="End every token of theirs instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a bearer token for the HTTP API and show it, once."""
    with _answering(), _database(data) as database, database.transaction() as session:
        _check_known(session, name)
        if revoke:
            ended = revoke_tokens(session, name)
            facts: dict[str, object] = {"name": name, "revoked": ended}
            said = f"{_counted(ended)} of {name} ended"
        else:
            said = add_token(session, staff=name, now=_now(data))
            facts = {"name": name, "token": said}
    typer.echo(json.dumps(facts) if as_json else said)
