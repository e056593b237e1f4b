"""Writes commands into the journal (shell): decided here, sent from there by ``sender.py``."""

from dataclasses import replace
from datetime import datetime

from agent.act.command import DECIDABLE, Command, CommandState
from agent.act.evidence import signal_of
from agent.desk.device import Device
from agent.desk.lifecycle import change, having_tried, never_tried
from agent.desk.ticket import Ticket, TicketState
from agent.desk.turn import Turn
from agent.diagnose.playbook import Remedy
from agent.health.findings import HealthView
from agent.store.commands import add_command, commands_of, last_done_args, save_command
from agent.store.debts import never_set_back
from agent.store.devices import config_of, find_device
from agent.store.tickets import save_ticket
from broker.ids import new_id


def queue_remedy(turn: Turn, ticket: Ticket, remedy: Remedy, staff: str | None = None) -> Ticket:
    """Journal the remedy as decided and return the ticket waiting for it; recorded before anything is sent.

    ``staff`` is who wants it (``None``: the agent decided).
    """
    command = replace(_made(turn, ticket, remedy, CommandState.QUEUED), approved_by=staff)
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
    made = _made(turn, ticket, remedy, CommandState.QUEUED)  # the device has gone on since it was proposed
    command = replace(made, id=proposed.id, created_at=proposed.created_at, args=proposed.args, approved_by=staff)
    proposed.having(command.state)
    save_command(turn.session, command)
    return _fixing(turn, ticket, command)


def withdraw_proposals(turn: Turn, ticket: Ticket) -> None:
    """Cancel what of the ticket's commands still waits for staff."""
    for command in commands_of(turn.session, ticket.id):
        if command.state in DECIDABLE:
            save_command(turn.session, command.having(CommandState.CANCELLED))


def withdraw_unsent(turn: Turn, ticket: Ticket) -> Ticket:
    """Cancel what of the ticket's commands has not left, and return the ticket without what was thus never tried."""
    withdraw_proposals(turn, ticket)
    left = ticket
    for command in commands_of(turn.session, ticket.id):
        if command.state is CommandState.QUEUED:
            save_command(turn.session, command.having(CommandState.CANCELLED))
            left = never_tried(left, command.id)
    return left


def queue_setting_back(turn: Turn, ticket: Ticket, done: Command, remedy: Remedy) -> None:
    """Journal what sets the values back that a command has replaced; they must be known.

    It rests on no evidence that could grow too old, and the ticket does not wait for it.
    """
    assert done.earlier is not None  # whoever wants it back has looked
    made = _made(turn, ticket, remedy, CommandState.QUEUED)
    command = replace(made, args=done.earlier, undoes=done.id, leave_by=None, before=None, earlier=None)
    add_command(turn.session, command)


def _made(turn: Turn, ticket: Ticket, remedy: Remedy, state: CommandState) -> Command:
    view = turn.view(ticket.device_id)
    device = find_device(turn.session, ticket.device_id)
    playbook = turn.ruling(ticket)
    faults = {} if playbook is None else {fault.name: fault for fault in playbook.faults}
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
        leave_by=_evidence_lasts(turn, view),
        boot=device.boot,
        before=signal_of(view, faults.get(ticket.fault or "")),
        earlier=_earlier(turn, device, remedy) if remedy.rollback else None,
        only_once=remedy.only_once,
        product=device.product,
        firmware=device.firmware,
    )


def _evidence_lasts(turn: Turn, view: HealthView | None) -> datetime:
    """Return until when what is decided now rests on evidence that is new enough."""
    sample_at = turn.now if view is None or view.sample_at is None else min(view.sample_at, turn.now)
    return max(sample_at, turn.now - turn.policy.stale_after) + turn.policy.stale_after


def _earlier(turn: Turn, device: Device, remedy: Remedy) -> tuple[tuple[str, str | float | bool], ...] | None:
    """Return the values a remedy's arguments replace: as the device said at its birth, else as it last did them.

    What has made it worse and was never set back is not what was: the values before that are. ``None``: there are
    none, or one of them is not known; half of what was is not what was.
    """
    known = {**last_done_args(turn.session, device, remedy.verb), **config_of(turn.session, device.id)}
    for done in never_set_back(turn.session, device):
        if done.verb == remedy.verb:
            harmful = dict(done.args)
            known |= {name: was for name, was in done.earlier or () if known.get(name) == harmful[name]}
    if not remedy.args or any(name not in known for name, _ in remedy.args):
        return None
    return tuple((name, known[name]) for name, _ in remedy.args)


def _fixing(turn: Turn, ticket: Ticket, command: Command) -> Ticket:
    tried = having_tried(ticket, command.remedy, command.id, turn.now)
    fixing = change(tried, TicketState.FIXING, turn.now, due_at=command.leaves_until)
    save_ticket(turn.session, fixing)
    return fixing
