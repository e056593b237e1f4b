"""What devices answer to commands (shell): moves the journal and the ticket, once, and never proves a fix."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from agent.act.command import AWAITED, Command, CommandState
from agent.desk.endings import record_outcome
from agent.desk.lifecycle import change
from agent.desk.ticket import Outcome, StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.diagnose.playbook import Remedy
from agent.store.commands import find_command, save_command
from agent.store.quarantine import Unusable, count_quarantined
from agent.store.tickets import find_ticket, save_ticket
from broker.messages import Result, ResultStatus

_STATE = {
    ResultStatus.ACCEPTED: CommandState.ACCEPTED,
    ResultStatus.SUCCEEDED: CommandState.SUCCEEDED,
    ResultStatus.FAILED: CommandState.FAILED,
    ResultStatus.REJECTED: CommandState.REJECTED,
}
# What a person has taken over meanwhile is theirs to decide about, and judged all the same.
_WAITED_FOR_IN = frozenset({TicketState.FIXING, TicketState.WITH_PERSON})
_WORDS = {
    ResultStatus.ACCEPTED: "The device has begun",
    ResultStatus.SUCCEEDED: "The device says it is done",
    ResultStatus.FAILED: "The device says it failed",
    ResultStatus.REJECTED: "The device refused",
}


GRACE = timedelta(seconds=30)  # an answer given at the last moment still has to travel


def answer_by(turn: Turn, ticket: Ticket, command: Command) -> datetime:
    """Return until when an answer is awaited: for a command that began, its whole time again from there."""
    if command.state is not CommandState.ACCEPTED or command.answered_at is None:
        return command.not_after + GRACE
    remedy = remedy_of(turn, ticket, command)
    return command.not_after + GRACE if remedy is None else command.answered_at + remedy.answer_within + GRACE


def take_answer(turn: Turn, device_id: str, result: Result, at: datetime) -> int | None:
    """Take a device's answer that came in at ``at``; return the ticket to look at next, ``None``: nothing is to do.

    An answer to no command of ours, or to another device's, goes into quarantine. One to a command that is over
    already, or past its time though nobody has looked since, is told on the ticket and not acted on, unless nobody
    listened when it was due; the same answer twice changes nothing.
    """
    command = find_command(turn.session, result.id)
    if command is None or command.device_id != device_id:
        reason = "answer_to_unknown_command" if command is None else "answer_to_another_device"
        count_quarantined(turn.session, Unusable(device_id, reason, result.id), turn.now)
        return None
    state = _STATE[result.status]
    if command.state is state or (state is CommandState.ACCEPTED and command.state not in AWAITED):
        return None
    ticket = find_ticket(turn.session, command.ticket_id)
    in_time = command.state in AWAITED and at <= answer_by(turn, ticket, command)
    if not in_time and not _is_open(ticket, command):
        _tell_late(turn, command, result)
        return None
    save_command(turn.session, replace(command.having(state), answered_at=at, detail=result.detail))
    turn.tell(command.ticket_id, StoryKind.ANSWER, _sentence(result), actor="device")
    return _move_on(turn, ticket, command, result, at)


def _is_open(ticket: Ticket, command: Command) -> bool:
    """Tell whether nobody listened when the answer was due, so that one the broker had kept still says something."""
    outcomes = {tried.command_id: tried.outcome for tried in ticket.tried}
    return command.state is CommandState.UNKNOWN and outcomes.get(command.id, Outcome.NO_ANSWER) is None


def _sentence(result: Result) -> str:
    return f"{_WORDS[result.status]}: “{result.detail}”" if result.detail else f"{_WORDS[result.status]}."


def _tell_late(turn: Turn, command: Command, result: Result) -> None:
    text = f"{_sentence(result)} That answer came when the command was over already; nothing follows from it."
    turn.tell_once(command.ticket_id, StoryKind.ANSWER, text, command.created_at)


def _move_on(turn: Turn, ticket: Ticket, command: Command, result: Result, at: datetime) -> int | None:
    if ticket.state not in _WAITED_FOR_IN or not ticket.tried or ticket.tried[-1].command_id != command.id:
        return None  # a person has closed it or gone on; the journal knows, and they decide
    remedy = remedy_of(turn, ticket, command)
    match result.status:
        case ResultStatus.ACCEPTED if ticket.state is TicketState.WITH_PERSON:
            return None  # its time is looked after with that of all others nobody waits for
        case ResultStatus.ACCEPTED:
            within = command.not_after - command.created_at if remedy is None else remedy.answer_within
            save_ticket(turn.session, replace(ticket, due_at=at + within))
            return None
        case ResultStatus.SUCCEEDED:
            verify(turn, ticket, remedy, at)
            return ticket.id
        case ResultStatus.FAILED:
            end_remedy(turn, ticket, Outcome.FAILED)
            return ticket.id
        case ResultStatus.REJECTED:
            end_remedy(turn, ticket, Outcome.REJECTED)
            return ticket.id
        case never:
            assert_never(never)


def remedy_of(turn: Turn, ticket: Ticket, command: Command) -> Remedy | None:
    """Return the remedy a command is of; ``None``: the playbook no longer has it."""
    playbook = turn.ruling(ticket)
    remedies = () if playbook is None else playbook.remedies
    return next((remedy for remedy in remedies if remedy.name == command.remedy), None)


def verify(turn: Turn, ticket: Ticket, remedy: Remedy | None, done_at: datetime) -> Ticket:
    """Judge by the device's own signal, from when the remedy's effect has settled, whether it helped.

    A ticket that is with a person stays with them.
    """
    settle = turn.policy.visit_verify_for if remedy is None else remedy.settle
    within = turn.policy.visit_verify_within if remedy is None else remedy.verify_within
    theirs = ticket.state is TicketState.WITH_PERSON
    judged = ticket if theirs else change(ticket, TicketState.VERIFYING, turn.now)
    watched = replace(judged, due_at=done_at + settle, verify_from=done_at + settle, verify_by=done_at + within)
    save_ticket(turn.session, watched)
    turn.tell(ticket.id, StoryKind.STATE, "Done is not healed: the device's own signal is watched from here on.")
    return watched


def end_remedy(turn: Turn, ticket: Ticket, outcome: Outcome) -> Ticket:
    """Write the newest remedy's outcome down and put the ticket back to be weighed, right away.

    One that is with a person stays with them.
    """
    ended = record_outcome(turn, ticket, outcome)
    if ended.state is TicketState.WITH_PERSON:
        ended = replace(ended, due_at=None, verify_from=None, verify_by=None)
    else:
        ended = change(ended, TicketState.NOTICED, turn.now, due_at=turn.now)
    save_ticket(turn.session, ended)
    return ended
