"""The command journal (shell): every command with its life, within the caller's transaction."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from agent.act.command import AWAITED, DECIDABLE, IN_FLIGHT, Command, CommandState, Signal
from agent.desk.device import Device
from agent.desk.ticket import TicketState
from agent.health.gone import Gone
from agent.store.mapping import columns, from_row
from agent.store.tables import CommandRow, TicketRow


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
        "before": {} if command.before is None else _kept(command.before),
        "earlier": None if command.earlier is None else dict(command.earlier),
    }


def _command(row: CommandRow) -> Command:
    return from_row(
        row,
        Command,
        args=tuple(row.args.items()),
        before=_signal(row.before) if row.before else None,
        earlier=None if row.earlier is None else tuple(row.earlier.items()),
    )


def _kept(signal: Signal) -> dict[str, Any]:
    gone = None if signal.gone is None else columns(signal.gone)
    return {"state": signal.state, "z": dict(signal.z), "gone": gone}


def _signal(kept: dict[str, Any]) -> Signal:
    gone = kept.get("gone")  # an earlier version did not keep it
    return Signal(kept["state"], tuple(kept["z"].items()), None if gone is None else Gone(**gone))


def find_command(session: Session, command_id: str) -> Command | None:
    """Return a command; ``None``: we never made one of that id."""
    row = session.get(CommandRow, command_id)
    return None if row is None else _command(row)


def commands_in(session: Session, states: Collection[CommandState], limit: int | None = None) -> tuple[Command, ...]:
    """Return commands in one of the states, oldest first, at most ``limit`` (``None``: all)."""
    query = select(CommandRow).where(col(CommandRow.state).in_(states)).order_by(col(CommandRow.id))
    return tuple(_command(row) for row in session.exec(query if limit is None else query.limit(limit)))


def has_in_flight(session: Session) -> bool:
    """Tell whether any command is decided and not yet answered for good."""
    return session.exec(select(CommandRow.id).where(col(CommandRow.state).in_(IN_FLIGHT)).limit(1)).first() is not None


def devices_in_flight(session: Session) -> frozenset[str]:
    """Return the devices with a command that is decided and not yet answered for good, whoever has its ticket."""
    return frozenset(session.exec(select(CommandRow.device_id).where(col(CommandRow.state).in_(IN_FLIGHT))))


def _is_overdue(now: datetime) -> ColumnElement[bool]:
    return and_(col(CommandRow.state).in_(DECIDABLE), col(CommandRow.not_after) < now)


def overdue_proposals(session: Session, now: datetime) -> tuple[Command, ...]:
    """Return what waits for staff though the time to approve it is over, oldest first."""
    rows = session.exec(select(CommandRow).where(_is_overdue(now)).order_by(col(CommandRow.id)))
    return tuple(_command(row) for row in rows)


def has_overdue_proposals(session: Session, now: datetime) -> bool:
    """Tell whether anything waits for staff though the time to approve it is over."""
    return session.exec(select(CommandRow.id).where(_is_overdue(now)).limit(1)).first() is not None


def unwatched_commands(session: Session, now: datetime) -> tuple[Command, ...]:
    """Return the commands in flight that no ticket waits for, oldest first; of those that have not left the late ones.

    Their ticket was taken over, closed or moved on, or they take back what another command has done.
    """
    late = and_(
        col(CommandRow.state) == CommandState.QUEUED,
        or_(col(CommandRow.not_after) <= now, col(CommandRow.leave_by) <= now),
    )
    over = or_(col(CommandRow.state).in_(AWAITED), late)
    unwatched = or_(col(TicketRow.state) != TicketState.FIXING, col(CommandRow.undoes).is_not(None))
    rows = session.exec(
        select(CommandRow)
        .join(TicketRow, col(TicketRow.id) == CommandRow.ticket_id)
        .where(over, unwatched)
        .order_by(col(CommandRow.id))
    )
    return tuple(_command(row) for row in rows)


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


def remedies_since(session: Session, command: Command) -> tuple[Command, ...]:
    """Return the remedies of a command's verb that left for its device after it, oldest first, whichever ticket's.

    Those of another product are none of its, and what takes a remedy back is no remedy.
    """
    # By when they left: what a person has approved was made when it was proposed.
    rows = session.exec(
        select(CommandRow)
        .where(
            CommandRow.device_id == command.device_id,
            CommandRow.product == command.product,
            CommandRow.verb == command.verb,
            col(CommandRow.undoes).is_(None),
            col(CommandRow.sent_at) > command.sent_at,
        )
        .order_by(col(CommandRow.sent_at))
    )
    return tuple(_command(row) for row in rows)


def last_done_args(session: Session, device: Device, verb: str) -> dict[str, str | float | bool]:
    """Return the arguments a device did last under a verb as the product it is, by its own word; empty: never any."""
    query = select(CommandRow.args).where(
        CommandRow.device_id == device.id,
        CommandRow.product == device.product,
        CommandRow.verb == verb,
        CommandRow.state == CommandState.SUCCEEDED,
    )
    # By when it left, as above.
    args = session.exec(query.order_by(col(CommandRow.sent_at).desc()).limit(1)).first()
    return dict(args or {})
