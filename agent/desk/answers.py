"""What devices answer to commands (shell): moves the journal and the ticket, once, and never proves a fix."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from agent.act.command import AWAITED, Command, CommandState
from agent.act.evidence import restarted_since
from agent.desk.carry import hand_over
from agent.desk.endings import record_outcome
from agent.desk.lifecycle import change
from agent.desk.ticket import Outcome, StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.diagnose.playbook import Remedy
from agent.store.commands import find_command, save_command
from agent.store.devices import find_device
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
_UNHEARD = "Nobody listened while the device may have answered: it may have done it, or not."
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
    already is told on the ticket and not acted on, unless nobody listened when it was due; the same answer twice
    changes nothing. One past its time to a command that is awaited still came before any look: the command is ended
    first as that look would have (``end_unheard``), so that it makes no difference which of the two comes first.
    """
    command = find_command(turn.session, result.id)
    if command is None or command.device_id != device_id:
        reason = "answer_to_unknown_command" if command is None else "answer_to_another_device"
        count_quarantined(turn.session, Unusable(device_id, reason, result.id), turn.now)
        return None
    state = _STATE[result.status]
    if command.state is state:
        return None
    ticket = find_ticket(turn.session, command.ticket_id)
    if command.state in AWAITED and at > answer_by(turn, ticket, command):
        command = end_unheard(turn, ticket, command)
        ticket = find_ticket(turn.session, ticket.id)
    if state is CommandState.ACCEPTED and command.state not in AWAITED:
        return None
    if command.state not in AWAITED and not _is_open(turn, ticket, command):
        _tell_late(turn, command, result)
        return None
    save_command(turn.session, replace(command.having(state), answered_at=at, detail=result.detail))
    turn.tell(command.ticket_id, StoryKind.ANSWER, _sentence(result), actor="device")
    return _move_on(turn, ticket, command, result, at)


def _is_open(turn: Turn, ticket: Ticket, command: Command) -> bool:
    """Tell whether nobody listened when the answer was due, so that one the broker had kept still says something.

    What takes a remedy back has no outcome of its own. On a device that is another product by now nothing is judged.
    """
    if (
        command.state is not CommandState.UNKNOWN
        or find_device(turn.session, command.device_id).product != ticket.product
    ):
        return False
    outcomes = {tried.command_id: tried.outcome for tried in ticket.tried}
    return command.undoes is not None or outcomes.get(command.id, Outcome.NO_ANSWER) is None


def _sentence(result: Result) -> str:
    return f"{_WORDS[result.status]}: “{result.detail}”" if result.detail else f"{_WORDS[result.status]}."


def _tell_late(turn: Turn, command: Command, result: Result) -> None:
    text = f"{_sentence(result)} That answer came when the command was over already; nothing follows from it."
    turn.tell_once(command.ticket_id, StoryKind.ANSWER, text, command.created_at)


def _move_on(turn: Turn, ticket: Ticket, command: Command, result: Result, at: datetime) -> int | None:
    if ticket.state not in _WAITED_FOR_IN or not is_newest(ticket, command):
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


def end_unheard(turn: Turn, ticket: Ticket, command: Command) -> Command:
    """End a command whose time to answer ran out while nobody looked, and return it as it stands then.

    It may or may not have been done, unless something shows that it was; a ticket that waited for it goes to a person.
    How it ended stays open and is booked nowhere: it was us who did not listen.
    """
    seen = seen_done(turn, ticket, command)
    if seen is not None and ticket.state in _WAITED_FOR_IN and is_newest(ticket, command):
        return take_as_done(turn, ticket, command, seen)
    unknown = command.having(CommandState.UNKNOWN)
    save_command(turn.session, unknown)
    if ticket.state is TicketState.FIXING:
        hand_over(turn, ticket, _UNHEARD)
    else:
        turn.tell(ticket.id, StoryKind.OUTCOME, _UNHEARD)
    return unknown


def seen_done(turn: Turn, ticket: Ticket, command: Command) -> str | None:
    """Return what shows that the device did it without an answer; ``None``: nothing does."""
    remedy = remedy_of(turn, ticket, command)
    if remedy is None or not remedy.restarts:
        return None
    device = find_device(turn.session, ticket.device_id)
    return restarted_since(command, device, turn.view(ticket.device_id))


def take_as_done(turn: Turn, ticket: Ticket, command: Command, seen: str) -> Command:
    """Judge by the device's signal what it never answered to; ``seen`` is the sentence on what shows that it did it."""
    ended = command.having(CommandState.TIMED_OUT)
    save_command(turn.session, ended)
    turn.tell(ticket.id, StoryKind.ANSWER, f"The device never answered. {seen}")
    verify(turn, ticket, remedy_of(turn, ticket, command), turn.now)
    return ended


def is_newest(ticket: Ticket, command: Command) -> bool:
    """Tell whether a command is the newest remedy of its ticket, the one that is waited for and judged."""
    return bool(ticket.tried) and ticket.tried[-1].command_id == command.id


def remedy_of(turn: Turn, ticket: Ticket, command: Command) -> Remedy | None:
    """Return the remedy a command is of; ``None``: the playbook no longer has it."""
    playbook = turn.ruling(ticket)
    remedies = () if playbook is None else playbook.remedies
    return next((remedy for remedy in remedies if remedy.name == command.remedy), None)


def verify(turn: Turn, ticket: Ticket, remedy: Remedy | None, done_at: datetime) -> Ticket:
    """Judge by the device's own signal, from when the remedy's effect has settled, whether it helped.

    It has its whole time from now on: the answer may have lain here for hours until it was told. A ticket that is with
    a person stays with them.
    """
    settle = _settles_in(turn, remedy)
    theirs = ticket.state is TicketState.WITH_PERSON
    judged = ticket if theirs else change(ticket, TicketState.VERIFYING, turn.now)
    by = turn.now + settle + judged_for(turn, remedy)
    watched = replace(judged, due_at=done_at + settle, verify_from=done_at + settle, verify_by=by)
    save_ticket(turn.session, watched)
    turn.tell(ticket.id, StoryKind.STATE, "Done is not healed: the device's own signal is watched from here on.")
    return watched


def judged_for(turn: Turn, remedy: Remedy | None) -> timedelta:
    """Return how long a remedy's signal is judged once its effect has settled; ``None``: it is no more."""
    within = turn.policy.visit_verify_within if remedy is None else remedy.verify_within
    return within - _settles_in(turn, remedy)


def _settles_in(turn: Turn, remedy: Remedy | None) -> timedelta:
    return turn.policy.visit_verify_for if remedy is None else remedy.settle


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
