"""Lets go of the tickets of a device that has become another product (shell): their playbook is not about it any more.

What was seen of the old product says nothing about the new one. A ticket in people's hands, or with a remedy that is
out, stays for a person; every other is closed. How such a remedy ended stays open: what the new product shows, or says,
is not booked for the old one.
"""

from dataclasses import replace

from agent.act.command import AWAITED, CommandState
from agent.act.issue import withdraw_unsent
from agent.desk.carry import close_ticket, hand_over
from agent.desk.ticket import StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.errors import UnknownDeviceError
from agent.store.commands import commands_of, save_command
from agent.store.devices import find_device
from agent.store.tickets import open_tickets_of, save_ticket
from agent.store.visits import booked_visit


def note_product(turn: Turn, device_id: str, product: str) -> None:
    """Let go of what is open about a device that is another ``product`` now. Called before its birth is recorded."""
    try:
        before = find_device(turn.session, device_id).product
    except UnknownDeviceError:
        return  # its first birth
    if before in {"", product}:
        return
    for ticket in open_tickets_of(turn.session, device_id):
        if not ticket.gathers and ticket.product != product:
            _let_go(turn, ticket, f"The device is another product now: {product}, and no longer {ticket.product}.")


def _let_go(turn: Turn, ticket: Ticket, why: str) -> None:
    left = withdraw_unsent(turn, ticket)
    out = _stop_waiting(turn, ticket)
    if ticket.state is TicketState.WITH_PERSON:
        save_ticket(turn.session, replace(left, due_at=None, verify_from=None, verify_by=None))
        turn.tell(ticket.id, StoryKind.STATE, why)
    elif out or ticket.state is TicketState.VERIFYING or booked_visit(turn.session, ticket.id) is not None:
        hand_over(turn, left, why)
    else:
        close_ticket(turn, left, why)


def _stop_waiting(turn: Turn, ticket: Ticket) -> bool:
    """End what is out without an answer, and tell whether anything was: nobody will ever know what it has done."""
    out = [command for command in commands_of(turn.session, ticket.id) if command.state in AWAITED]
    for command in out:
        save_command(turn.session, command.having(CommandState.UNKNOWN))
    return bool(out)
