"""Writes commands into the journal (shell): decided here, sent from there by ``sender.py``."""

from dataclasses import replace

from agent.act.command import DECIDABLE, Command, CommandState
from agent.desk.lifecycle import change, having_tried
from agent.desk.ticket import Ticket, TicketState
from agent.desk.turn import Turn
from agent.diagnose.playbook import Remedy
from agent.store.commands import add_command, commands_of, save_command
from agent.store.tickets import save_ticket
from broker.ids import new_id


def queue_remedy(turn: Turn, ticket: Ticket, remedy: Remedy) -> Ticket:
    """Journal the remedy as decided and return the ticket waiting for it; recorded before anything is sent."""
    command = _made(turn, ticket, remedy, CommandState.QUEUED)
    add_command(turn.session, command)
    return _fixing(turn, ticket, command)


def propose_remedy(turn: Turn, ticket: Ticket, remedy: Remedy, state: CommandState) -> Command:
    """Journal the remedy as waiting for staff, in place of an earlier proposal; nothing is sent."""
    withdraw_proposals(turn, ticket)
    command = _made(turn, ticket, remedy, state)
    command = replace(command, not_after=turn.now + turn.policy.approval_within)
    add_command(turn.session, command)
    return command


def release(turn: Turn, ticket: Ticket, proposed: Command, remedy: Remedy, staff: str) -> Ticket:
    """Queue a proposed command that staff approved and return the ticket waiting for it."""
    command = replace(
        proposed.having(CommandState.QUEUED), not_after=turn.now + remedy.answer_within, approved_by=staff
    )
    save_command(turn.session, command)
    return _fixing(turn, ticket, command)


def withdraw_proposals(turn: Turn, ticket: Ticket) -> None:
    """Cancel what of the ticket's commands still waits for staff."""
    for command in commands_of(turn.session, ticket.id):
        if command.state in DECIDABLE:
            save_command(turn.session, command.having(CommandState.CANCELLED))


def _made(turn: Turn, ticket: Ticket, remedy: Remedy, state: CommandState) -> Command:
    return Command(
        id=new_id(turn.now),
        ticket_id=ticket.id,
        device_id=ticket.device_id,
        remedy=remedy.name,
        verb=remedy.verb,
        args=remedy.args,
        state=state,
        created_at=turn.now,
        not_after=turn.now + remedy.answer_within,
    )


def _fixing(turn: Turn, ticket: Ticket, command: Command) -> Ticket:
    tried = having_tried(ticket, command.remedy, command.id, turn.now)
    fixing = change(tried, TicketState.FIXING, turn.now, due_at=command.not_after)
    save_ticket(turn.session, fixing)
    return fixing
