"""What remedies have changed for the worse and is to be set back (shell): the outbox holds it, by the command's id."""

from typing import Final

from sqlalchemy import ColumnElement, and_, literal, or_
from sqlmodel import Session, col, select

from agent.act.command import Command
from agent.desk.device import Device
from agent.store.commands import find_command
from agent.store.outbox import EffectKind
from agent.store.tables import CommandRow, OutboxRow

_KEY: Final = "take_back:"


def debt_key(command_id: str) -> str:
    """Return the key under which the outbox holds what a command has changed."""
    return f"{_KEY}{command_id}"


def is_owed(session: Session, ticket_id: int) -> bool:
    """Tell whether anything that a remedy of the ticket has changed is still tried to be set back."""
    query = select(CommandRow.id).join(OutboxRow, _holds()).where(CommandRow.ticket_id == ticket_id)
    return session.exec(query.where(col(OutboxRow.done_at).is_(None)).limit(1)).first() is not None


def never_set_back(session: Session, device: Device) -> tuple[Command, ...]:
    """Return the commands to a device of which it never said that it is set back, newest first: owed, or given up.

    What was sent to another product, which the device was before, says nothing about this one.
    """
    query = select(CommandRow.id).join(OutboxRow, _holds())
    query = query.where(CommandRow.device_id == device.id, CommandRow.product == device.product)
    query = query.where(or_(col(OutboxRow.done_at).is_(None), col(OutboxRow.error) != ""))
    found = (find_command(session, one) for one in session.exec(query.order_by(col(CommandRow.id).desc())))
    return tuple(command for command in found if command is not None)


def _holds() -> ColumnElement[bool]:
    return and_(
        col(OutboxRow.kind) == EffectKind.TAKE_BACK, col(OutboxRow.key) == literal(_KEY).concat(col(CommandRow.id))
    )
