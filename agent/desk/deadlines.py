"""What becomes of a command nobody answers (shell): no answer in time is a failure, not a wait."""

from dataclasses import replace
from datetime import datetime, timedelta

from agent.act.command import AWAITED, Command, CommandState
from agent.decide.case import WHEREVER
from agent.desk.answers import (
    GRACE,
    answer_by,
    end_remedy,
    end_unheard,
    is_newest,
    judged_for,
    remedy_of,
    seen_done,
    take_as_done,
)
from agent.desk.carry import hand_over
from agent.desk.check import after_remedy
from agent.desk.endings import record_outcome
from agent.desk.lifecycle import change, having_ended, never_tried
from agent.desk.ticket import Outcome, StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.store.commands import (
    commands_in,
    commands_of,
    find_command,
    overdue_proposals,
    save_command,
    unwatched_commands,
)
from agent.store.tickets import find_ticket, save_ticket, tickets_in

_STUCK = "What was decided has not left for hours, each time anew: the way to the devices does not work."
_UNSURE = "No answer came, and asking again could do it twice: it may have done it, or not."


def check_command(turn: Turn, ticket: Ticket) -> Ticket:
    """Look after the command a fixing ticket waits for, and return the ticket as it stands then."""
    command = find_command(turn.session, ticket.tried[-1].command_id) if ticket.tried else None
    if command is None:
        return hand_over(turn, ticket, "The command this ticket waited for is not in the journal.")
    awaited_until = command.leaves_until if command.state is CommandState.QUEUED else answer_by(turn, ticket, command)
    match command.state:
        case CommandState.QUEUED if not command.may_leave(turn.now):
            save_command(turn.session, command.having(CommandState.EXPIRED))
            return _never_left(turn, ticket, command, "The command did not leave in time and will not be sent.")
        case CommandState.CANCELLED | CommandState.EXPIRED:
            return _never_left(turn, ticket, command, "The command was stopped before it left.")
        case CommandState.SENT | CommandState.ACCEPTED if turn.now >= awaited_until:
            return _unanswered(turn, ticket, command)
        case CommandState.UNKNOWN:
            return _give_up(turn, ticket)
        case _:
            waiting = replace(ticket, due_at=max(awaited_until, turn.now + GRACE))
            save_ticket(turn.session, waiting)
            return waiting


def _unanswered(turn: Turn, ticket: Ticket, command: Command) -> Ticket:
    """End a command nobody answered: done where that shows, unknown where asking again could harm, else a failure."""
    seen = seen_done(turn, ticket, command)
    if seen is not None:
        take_as_done(turn, ticket, command, seen)
        return find_ticket(turn.session, ticket.id)
    if command.only_once:
        save_command(turn.session, command.having(CommandState.UNKNOWN))
        return _give_up(turn, ticket)
    save_command(turn.session, command.having(CommandState.TIMED_OUT))
    turn.tell(ticket.id, StoryKind.OUTCOME, "No answer came in time; that counts as a failure.")
    return end_remedy(turn, ticket, Outcome.NO_ANSWER)


def forget_unheard(turn: Turn) -> None:
    """After a time in which nobody looked, let a person decide about what was sent and should have been answered then.

    What is not past its time is sent again under the same id, which a device does once (``departures.py``).
    """
    for command in commands_in(turn.session, AWAITED):
        ticket = find_ticket(turn.session, command.ticket_id)
        if turn.now >= answer_by(turn, ticket, command):
            end_unheard(turn, ticket, command)


def expire_proposals(turn: Turn) -> None:
    """End what waited for staff past its time: nobody is offered a yes that would be turned down."""
    for command in overdue_proposals(turn.session, turn.now):
        save_command(turn.session, command.having(CommandState.EXPIRED))
        text = f"Nobody decided in time about {command.remedy}: what was proposed is no longer there to be approved."
        turn.tell(command.ticket_id, StoryKind.COMMAND, text)


def give_time_back(turn: Turn, missed: timedelta | None = None) -> None:
    """Give verifications the time back in which nobody looked, or that a clock jumped over.

    ``missed`` is how much that was: what is judged from when, and by when, moves on by it. ``None``: the agent was
    away and nobody knows for how long, so each gets its whole time again from here, and two hours at most once two such
    times are over: an agent that starts anew every night gives up in the end. From when on it is judged stays: however
    often the agent is away, that a device is worse shows no later than after one whole time.
    """
    for ticket in tickets_in(turn.session, {TicketState.VERIFYING, TicketState.WITH_PERSON}):
        if ticket.verify_from is None or ticket.verify_by is None:
            continue
        if missed is None:
            whole = _whole_time(turn, ticket)
            again = whole if turn.now < ticket.verify_from + 2 * whole else min(whole, WHEREVER)
            begun, by = ticket.verify_from, turn.now + again
        else:
            of_it = min(missed, turn.now - ticket.changed_at)  # it may have begun while nobody looked
            begun, by = ticket.verify_from + of_it, ticket.verify_by + of_it
        if by > ticket.verify_by:
            save_ticket(turn.session, replace(ticket, verify_from=begun, verify_by=by))


def _whole_time(turn: Turn, ticket: Ticket) -> timedelta:
    """Return how long a ticket's signal is judged when nobody is away; an absence makes the time between longer."""
    command = find_command(turn.session, ticket.tried[-1].command_id) if after_remedy(turn, ticket) else None
    if command is None:
        return turn.policy.visit_verify_within
    return judged_for(turn, remedy_of(turn, ticket, command))


def end_unwatched(turn: Turn) -> None:
    """End commands in time whose ticket waits for them no more: they must not keep their device blocked.

    Those are of tickets taken over, closed or moved on, and what takes a remedy back. On a ticket taken over a remedy
    ends as on any other.
    """
    for command in unwatched_commands(turn.session, turn.now):
        ticket = find_ticket(turn.session, command.ticket_id)
        if command.state is CommandState.QUEUED:
            save_command(turn.session, command.having(CommandState.EXPIRED))
            save_ticket(turn.session, never_tried(ticket, command.id))
            turn.tell(ticket.id, StoryKind.COMMAND, "The command did not leave in time and will not be sent.")
        elif turn.now < answer_by(turn, ticket, command):
            continue
        elif ticket.state is TicketState.WITH_PERSON and is_newest(ticket, command):
            _unanswered(turn, ticket, command)
        else:
            save_command(turn.session, command.having(CommandState.TIMED_OUT))
            turn.tell(ticket.id, StoryKind.OUTCOME, "No answer came in time; that counts as a failure.")
            save_ticket(turn.session, having_ended(ticket, command.id, Outcome.NO_ANSWER))


def _never_left(turn: Turn, ticket: Ticket, command: Command, why: str) -> Ticket:
    turn.tell(ticket.id, StoryKind.COMMAND, why)
    untried = never_tried(ticket, command.id)
    if turn.now - _stuck_since(turn, ticket) >= turn.policy.guarded_for:
        return hand_over(turn, untried, _STUCK)
    weighed = change(untried, TicketState.NOTICED, turn.now, due_at=turn.now)
    save_ticket(turn.session, weighed)
    return weighed


def _stuck_since(turn: Turn, ticket: Ticket) -> datetime:
    """Return since when one command of a ticket after the other did not leave in time; now: the newest was stopped.

    What lies longer apart than guards may hold a remedy back has nothing to do with each other.
    """
    since = turn.now
    for command in reversed(commands_of(turn.session, ticket.id)):
        if command.state is not CommandState.EXPIRED or since - command.leaves_until > turn.policy.guarded_for:
            break
        since = command.leaves_until
    return since


def _give_up(turn: Turn, ticket: Ticket) -> Ticket:
    if ticket.state is TicketState.WITH_PERSON:
        turn.tell(ticket.id, StoryKind.OUTCOME, _UNSURE)
        return end_remedy(turn, ticket, Outcome.NO_ANSWER)
    return hand_over(turn, record_outcome(turn, ticket, Outcome.NO_ANSWER), _UNSURE)
