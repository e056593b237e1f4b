"""The command journal (shell): every command with its life, within the caller's transaction."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from agent.act.command import DECIDABLE, IN_FLIGHT, Command, CommandState, Signal
from agent.store.mapping import columns, from_row
from agent.store.tables import CommandRow


def add_command(session: Session, command: Command) -> None:
    """Write a new command into the journal; an id that is there already is an error of the database."""
    session.add(CommandRow(**_columns(command)))
    session.flush()


def save_command(session: Session, command: Command) -> None:
    """Write a command as it stands now; it must be in the journal."""
    row = session.get_one(CommandRow, command.id)
    for name, value in _columns(command).items():
        setattr(row, name, value)
    session.add(row)
    session.flush()


def _columns(command: Command) -> dict[str, Any]:
    return {
        **columns(command),
        "args": dict(command.args),
        "before": {} if command.before is None else {"state": command.before.state, "z": dict(command.before.z)},
        "earlier": None if command.earlier is None else dict(command.earlier),
    }


def _command(row: CommandRow) -> Command:
    return from_row(
        row,
        Command,
        args=tuple(row.args.items()),
        before=Signal(row.before["state"], tuple(row.before["z"].items())) if row.before else None,
        earlier=None if row.earlier is None else tuple(row.earlier.items()),
    )


def find_command(session: Session, command_id: str) -> Command | None:
    """Return a command; ``None``: we never made one of that id."""
    row = session.get(CommandRow, command_id)
    return None if row is None else _command(row)


def commands_in(session: Session, states: Collection[CommandState], limit: int | None = None) -> tuple[Command, ...]:
    """Return commands in one of the states, oldest first, at most ``limit`` (``None``: all)."""
    query = select(CommandRow).where(col(CommandRow.state).in_(states)).order_by(col(CommandRow.id))
    return tuple(_command(row) for row in session.exec(query if limit is None else query.limit(limit)))


def commands_of(session: Session, ticket_id: int) -> tuple[Command, ...]:
    """Return a ticket's commands, oldest first."""
    rows = session.exec(select(CommandRow).where(CommandRow.ticket_id == ticket_id).order_by(col(CommandRow.id)))
    return tuple(_command(row) for row in rows)


def undecided_command(session: Session, ticket_id: int) -> Command | None:
    """Return the ticket's newest command that waits for staff; ``None``: there is none."""
    rows = session.exec(
        select(CommandRow)
        .where(CommandRow.ticket_id == ticket_id, col(CommandRow.state).in_(DECIDABLE))
        .order_by(col(CommandRow.id).desc())
    )
    row = rows.first()
    return None if row is None else _command(row)


def in_flight_of(session: Session, device_id: str) -> Command | None:
    """Return the command that is decided and not yet answered for good; ``None``: none is in flight."""
    query = select(CommandRow).where(CommandRow.device_id == device_id, col(CommandRow.state).in_(IN_FLIGHT))
    row = session.exec(query.order_by(col(CommandRow.id).desc())).first()
    return None if row is None else _command(row)


def last_sent_at(session: Session, device_id: str) -> datetime | None:
    """Return when a remedy last went out to a device; ``None``: never."""
    query = select(CommandRow.sent_at).where(CommandRow.device_id == device_id, col(CommandRow.sent_at).is_not(None))
    return session.exec(query.order_by(col(CommandRow.sent_at).desc()).limit(1)).first()


def count_sent(session: Session, device_id: str, since: datetime) -> int:
    """Return how many remedies went out to a device at ``since`` or later."""
    query = select(func.count()).where(CommandRow.device_id == device_id, col(CommandRow.sent_at) >= since)
    return session.exec(query).one()
