"""What staff do with a ticket (shell): each order is checked, carried out and told; those about visits are apart.

Every function raises an error of ``agent.errors`` under ``PersonError`` with a sentence for whoever asked, before
anything is changed.
"""

from dataclasses import replace
from typing import Final

from agent.act.command import IN_FLIGHT, Command, CommandState
from agent.act.issue import queue_remedy, release, withdraw_proposals, withdraw_unsent
from agent.decide.guards import HARD, SPENT, first_refusal, unsupported
from agent.desk.carry import close_ticket
from agent.desk.check import put_back, taken_over
from agent.desk.foresight import note_failure
from agent.desk.gather import gather
from agent.desk.lessons import NO_WORD, Word, check_word, doubt_what_passed, learn_from_word
from agent.desk.lifecycle import change
from agent.desk.look import look_at
from agent.desk.thaw import thaw
from agent.desk.ticket import StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.desk.two_people import MAY_HARM, Reach, both_agree
from agent.desk.understand import Understood
from agent.desk.visit_orders import call_off_visit
from agent.diagnose.impression import Source
from agent.diagnose.playbook import Remedy
from agent.errors import NoReasonError, NotPossibleError, RefusedError, UnknownRemedyError
from agent.store.agreements import again_of, approval_of, drop_agreement, outdated_thaws, thaw_of
from agent.store.commands import commands_of, save_command, undecided_command
from agent.store.freezes import children_ids
from agent.store.tickets import find_ticket, save_ticket

_TOO_OLD: Final = "the proposal is too old; put the ticket back on the desk, and the agent looks at the device anew"


def approve(turn: Turn, ticket_id: int, staff: str, command_id: str | None = None) -> Ticket:
    """Let the proposed remedy be sent; the guards that hold for staff too are asked again.

    What may do harm if done for nothing takes two people: after the first the ticket goes on waiting. ``command_id`` is
    what they have read (``None``: whichever waits).

    Raises:
        NotPossibleError: nothing waits, its time is over, or another command waits than the one they have read.
        RefusedError: a guard speaks against it; see ``tell_refusal``.
        SecondPersonError: this person has agreed already; another one must.
    """
    ticket, command = _proposed(turn, ticket_id, command_id)
    remedy = _remedy(turn, ticket, command)
    if turn.now > command.not_after:
        raise NotPossibleError(ticket_id, _TOO_OLD)
    case = gather(turn, Understood(ticket))
    refusal = first_refusal((*HARD, *SPENT), case, remedy, turn.policy, turn.now)
    if refusal is not None:
        raise RefusedError(ticket_id, refusal.text)
    reach = Reach(1, remedy.reversible, f"{ticket.device_id}, and {MAY_HARM}")
    if not both_agree(turn, approval_of(command.id), reach, staff):
        text = f"Agreed to {remedy.name}; a second person must agree too, for it {MAY_HARM}."
        turn.tell(ticket_id, StoryKind.MOVE, text, actor=staff)
        return ticket
    turn.tell(ticket_id, StoryKind.MOVE, f"Approved {remedy.name}.", actor=staff)
    return release(turn, ticket, command, remedy, staff)


def tell_refusal(turn: Turn, error: RefusedError, staff: str) -> None:
    """Write on the ticket, once, that a guard said no to what a person wanted; what they wanted is undone by then."""
    ticket = find_ticket(turn.session, error.ticket_id)
    text = f"Wanted it to be sent, and it was not. {error.refusal}"
    turn.tell_once(ticket.id, StoryKind.GUARD, text, ticket.changed_at, actor=staff)


def reject(turn: Turn, ticket_id: int, staff: str, why: str, command_id: str | None = None) -> Ticket:
    """Refuse the proposed remedy for this ticket; the agent looks for what else it may do, unless it is somebody's.

    ``command_id`` is what they have read (``None``: whichever waits).
    """
    ticket, command = _proposed(turn, ticket_id, command_id)
    save_command(turn.session, command.having(CommandState.REFUSED))
    turn.tell(ticket_id, StoryKind.MOVE, f"Said no to {command.remedy}: {_reason(why, 'saying no')}", actor=staff)
    if ticket.owner is not None:  # who lets the agent go on by putting it back
        theirs = ticket if ticket.state is TicketState.WITH_PERSON else taken_over(turn, ticket)
        save_ticket(turn.session, theirs)
        return theirs
    save_ticket(turn.session, change(ticket, TicketState.NOTICED, turn.now, due_at=turn.now))
    return look_at(turn, ticket_id)


def try_again(turn: Turn, ticket_id: int, name: str, staff: str) -> Ticket:
    """Send a remedy of the ticket's fault once more, as a person wants it; only what holds for staff too may stop it.

    What may do harm if done for nothing takes two people: after the first the ticket stays as it is.

    Raises:
        UnknownRemedyError: the fault has no such remedy.
        NotPossibleError: the ticket is not with a person, or its last remedy is still being judged.
        RefusedError: the device is away or in use, its evidence is old, all is halted, or it does not know the verb.
        SecondPersonError: this person has agreed already; another one must.
    """
    ticket = find_ticket(turn.session, ticket_id)
    if ticket.state is not TicketState.WITH_PERSON or ticket.gathers:
        raise NotPossibleError(ticket_id, "a remedy is sent again only while the ticket is with a person")
    if ticket.verify_by is not None:
        raise NotPossibleError(
            ticket_id, f"{ticket.tried[-1].remedy} is still being judged; what it does must show first"
        )
    case = gather(turn, Understood(ticket))
    fault = case.fault()
    if case.playbook is None or fault is None or name not in fault.remedies:
        raise UnknownRemedyError(ticket.product, name)
    remedy = case.playbook.remedy(name)
    refusal = first_refusal((*HARD, unsupported), case, remedy, turn.policy, turn.now)
    if refusal is not None:
        raise RefusedError(ticket_id, refusal.text)
    reach = Reach(1, remedy.reversible, f"{ticket.device_id}, and {MAY_HARM}")
    if not both_agree(turn, again_of(ticket_id, name, len(ticket.tried)), reach, staff):
        text = f"Wants {name} to be sent; a second person must agree too, for it {MAY_HARM}."
        turn.tell(ticket_id, StoryKind.MOVE, text, actor=staff)
        return ticket
    withdraw_proposals(turn, ticket)
    again = " once more" if any(one.remedy == name for one in ticket.tried) else ""
    turn.tell(ticket_id, StoryKind.MOVE, f"Sends {name}{again}.", actor=staff)
    return queue_remedy(turn, ticket, remedy, staff)


def note(turn: Turn, ticket_id: int, staff: str, text: str) -> Ticket:
    """Write a note into the story."""
    ticket = find_ticket(turn.session, ticket_id)
    turn.tell(ticket_id, StoryKind.NOTE, _reason(text, "a note"), actor=staff)
    return ticket


def take_over(turn: Turn, ticket_id: int, staff: str) -> Ticket:
    """Make the ticket this person's; the agent stops acting on it, and goes on judging the remedy at work."""
    ticket = find_ticket(turn.session, ticket_id)
    if ticket.owner == staff and ticket.state is TicketState.WITH_PERSON:
        return ticket
    if ticket.state is TicketState.CLOSED:
        raise NotPossibleError(ticket_id, "it is closed; reopen it first")
    turn.tell(ticket_id, StoryKind.STATE, "Took it over.", actor=staff)
    if ticket.state is not TicketState.WITH_PERSON:
        ticket = taken_over(turn, _stop_unsent(turn, ticket))
    owned = replace(ticket, owner=staff)
    save_ticket(turn.session, owned)
    return owned


def lift_freeze(turn: Turn, ticket_id: int, staff: str, why: str) -> Ticket:
    """Let the children of a gathering ticket go on, each under the other guards, and close it.

    With many devices behind it, it takes two people: after the first the ticket stays as it is. They agree to the same
    devices: where some have come or gone since the first yes, the second is the first to those there are now.

    Raises:
        NotPossibleError: the ticket gathers nothing, or its freeze was lifted already.
        SecondPersonError: this person has agreed already; another one must.
    """
    ticket = find_ticket(turn.session, ticket_id)
    sentence = _reason(why, "lifting a freeze")
    if not ticket.gathers or ticket.state is TicketState.CLOSED:
        raise NotPossibleError(ticket_id, "it holds nothing back")
    children = children_ids(turn.session, ticket_id)
    held, matter = len(children), thaw_of(ticket_id, children)
    outdated = outdated_thaws(turn.session, ticket_id, matter)
    for first in outdated:
        drop_agreement(turn.session, first.matter)
    if not both_agree(turn, matter, Reach(held, reversible=True, words=f"{held} devices"), staff):
        others = "".join(f", not the same as {first.by} had agreed to" for first in outdated)
        text = f"Agreed to let {held} devices go on{others}; a second person must agree too: {sentence}"
        turn.tell(ticket_id, StoryKind.MOVE, text, actor=staff)
        return ticket
    return thaw(turn, ticket, staff, sentence)


def close(turn: Turn, ticket_id: int, staff: str, resolution: str, word: Word = NO_WORD) -> Ticket:
    """End the ticket, saying how, and what it was. A visit still ahead is cancelled, a command not yet sent stopped."""
    ticket = find_ticket(turn.session, ticket_id)
    sentence = _reason(resolution, "closing a ticket")
    check_word(turn, ticket, word)
    if ticket.state is TicketState.CLOSED:
        raise NotPossibleError(ticket_id, "it is closed already")
    if ticket.gathers:
        raise NotPossibleError(ticket_id, "it holds back the fixes of many devices: lift its freeze instead")
    ticket = _stop_unsent(turn, ticket)
    learn_from_word(turn, ticket_id, word, Source.STAFF, staff)
    call_off_visit(turn, ticket, staff)
    return close_ticket(turn, ticket, sentence, actor=staff)


def reopen_ticket(turn: Turn, ticket_id: int, staff: str, why: str) -> Ticket:
    """Put a ticket that is closed, or with a person, back on the desk; the agent weighs it anew, or goes on judging."""
    ticket = find_ticket(turn.session, ticket_id)
    if ticket.state not in {TicketState.CLOSED, TicketState.WITH_PERSON}:
        raise NotPossibleError(ticket_id, "the agent is at it")
    if ticket.gathers:
        raise NotPossibleError(ticket_id, "it is about many devices: put back their own tickets")
    sentence = _reason(why, "putting a ticket back")
    withdraw_proposals(turn, ticket)
    turn.tell(ticket_id, StoryKind.STATE, f"Put back on the desk: {sentence}", actor=staff)
    doubt_what_passed(turn, ticket.device_id)
    back = put_back(turn, ticket)
    save_ticket(turn.session, back)
    # A remedy at work ends in the next look, which knows for how long nobody was there.
    return look_at(turn, ticket_id) if back.state is TicketState.NOTICED else back


def report_failure(turn: Turn, ticket_id: int, staff: str) -> Ticket:
    """Take down that the device no longer does its work, as its owner says; times left are judged by it."""
    ticket = find_ticket(turn.session, ticket_id)
    if ticket.state is TicketState.CLOSED:
        raise NotPossibleError(ticket_id, "it is closed; reopen it first")
    note_failure(turn, ticket_id, staff)
    return ticket


def _proposed(turn: Turn, ticket_id: int, read: str | None) -> tuple[Ticket, Command]:
    ticket = find_ticket(turn.session, ticket_id)
    command = undecided_command(turn.session, ticket_id)
    if command is None or ticket.state not in {TicketState.AWAITING_APPROVAL, TicketState.WITH_PERSON}:
        was = commands_of(turn.session, ticket_id)[-1:]
        expired = any(one.state is CommandState.EXPIRED and one.approved_by is None for one in was)
        raise NotPossibleError(ticket_id, _TOO_OLD if expired else "nothing waits for a decision")
    if read is not None and command.id != read:
        raise NotPossibleError(ticket_id, "this proposal is not the one you saw any more; look at it again")
    return ticket, command


def _remedy(turn: Turn, ticket: Ticket, command: Command) -> Remedy:
    playbook = turn.ruling(ticket)
    for remedy in () if playbook is None else playbook.remedies:
        if remedy.name == command.remedy:
            return remedy
    raise UnknownRemedyError(ticket.product, command.remedy)


def _stop_unsent(turn: Turn, ticket: Ticket) -> Ticket:
    left = withdraw_unsent(turn, ticket)
    for command in commands_of(turn.session, ticket.id):
        if command.state in IN_FLIGHT:
            turn.tell(ticket.id, StoryKind.COMMAND, "A command is with the device already and cannot be called back.")
    return left


def _reason(text: str, what: str) -> str:
    sentence = text.strip()
    if not sentence:
        raise NoReasonError(what)
    return sentence
