"""Carries out a move (shell): what was decided becomes rows, messages and commands, in one transaction."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from agent.act.command import CommandState
from agent.act.issue import propose_remedy, queue_remedy, withdraw_proposals
from agent.care.display import clear_display
from agent.care.message import VISIT_STAGES, Stage
from agent.care.tell import is_told, tell_owner
from agent.decide.moves import (
    AskApproval,
    Book,
    Close,
    HandOver,
    JudgeVisit,
    Move,
    Rest,
    Suggest,
    TellOwner,
    Try,
    Wait,
)
from agent.decide.passing import PASSED
from agent.desk.foresight import note_over
from agent.desk.lessons import learn_from_owner, learn_from_passing
from agent.desk.lifecycle import change, close
from agent.desk.picture import keep_chart
from agent.desk.same_cause import frozen_by, is_about_safety
from agent.desk.ticket import StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.diagnose.playbook import Remedy
from agent.service.book import book_visit, visit_done
from agent.service.visit import Visit
from agent.store.debts import is_owed
from agent.store.tickets import find_ticket, save_ticket
from agent.store.visits import booked_visit


def carry_out(turn: Turn, ticket: Ticket, move: Move) -> Ticket:  # noqa: C901, PLR0911, PLR0912 - one case a kind of move
    """Do what was decided about a ticket and return it as it stands then."""
    match move:
        case Rest():
            return _save(turn, replace(ticket, due_at=None))
        case Wait(until, refusal):
            if refusal is not None:
                turn.tell_once(ticket.id, StoryKind.GUARD, refusal.text, ticket.changed_at)
            return _save(turn, replace(ticket, due_at=until))
        case Try(name):
            remedy = _remedy(turn, ticket, name)
            turn.tell(ticket.id, StoryKind.MOVE, f"Decided to send {name}: no guard speaks against it.")
            return _drawn(turn, queue_remedy(turn, ticket, remedy))
        case AskApproval(name, refusal):
            if refusal is not None:
                turn.tell(ticket.id, StoryKind.GUARD, refusal.text)
            return _ask(turn, ticket, _remedy(turn, ticket, name))
        case Suggest(name):
            return _suggest(turn, ticket, _remedy(turn, ticket, name))
        case Book():
            return _book(turn, ticket, move)
        case JudgeVisit():
            return _judge_visit(turn, ticket)
        case TellOwner():
            return _tell_owner(turn, ticket)
        case HandOver(why):
            return hand_over(turn, ticket, why)
        case Close() if is_owed(turn.session, ticket.id):
            # Closed, it would be tried no more, and nobody would hear of it.
            return _save(turn, replace(ticket, due_at=turn.now + turn.policy.look_every))
        case Close(resolution):
            learn_from_owner(turn, ticket)
            if resolution == PASSED:
                learn_from_passing(turn, ticket)
            return close_ticket(turn, ticket, resolution)
        case never:
            assert_never(never)


def hand_over(turn: Turn, ticket: Ticket, why: str) -> Ticket:
    """Give the ticket to a person, and say why in its story."""
    turn.tell(ticket.id, StoryKind.MOVE, f"A person decides. {why}")
    handed = _save(turn, change(ticket, TicketState.WITH_PERSON, turn.now))
    message(turn, handed, Stage.WITH_PERSON)
    return _drawn(turn, handed)


def close_ticket(turn: Turn, ticket: Ticket, resolution: str, actor: str = "agent") -> Ticket:
    """Close the ticket with a sentence; what still waited for staff is withdrawn."""
    withdraw_proposals(turn, ticket)
    note_over(turn, ticket.id)
    if ticket.fault is not None or actor != "agent":
        turn.anew.append(ticket.device_id)  # dealt with; what goes on all the same will show again
    turn.tell(ticket.id, StoryKind.STATE, f"Closed. {resolution}", actor)
    if clear_display(turn.session, ticket, turn.now):
        turn.tell(ticket.id, StoryKind.MESSAGE, "What the device's display still says of it is taken away.")
    return _drawn(turn, _save(turn, close(ticket, resolution, turn.now)))


def message(turn: Turn, ticket: Ticket, stage: Stage, visit: Visit | None = None) -> None:
    """Let the owner hear of a stage, as far as they want to, and say in the story what became of it.

    Without a named fault there is nothing to tell them yet that would not worry more than help. Under a freeze nobody
    is told one by one, but whoever heard that somebody comes hears that nobody does.
    """
    playbook = turn.ruling(ticket)
    if playbook is None or ticket.fault is None:
        return
    gathered = frozen_by(turn, ticket)
    told_of_it = stage is Stage.VISIT_CANCELLED and is_told(turn.session, ticket.id, VISIT_STAGES)
    if gathered is not None and not told_of_it and not is_about_safety(playbook, ticket):
        turn.tell(ticket.id, StoryKind.MESSAGE, f"The owner is not told one by one: {gathered} is about many devices.")
        return
    said = tell_owner(
        turn.session,
        ticket=ticket,
        stage=stage,
        playbook=playbook,
        now=turn.now,
        public_url=turn.public_url,
        visit=visit,
        ask_rating=stage is Stage.FIXED,
    )
    turn.tell(ticket.id, StoryKind.MESSAGE, f"{said[:1].upper()}{said[1:]}.")


def place_visit(turn: Turn, ticket: Ticket, bounds: Book, actor: str = "agent") -> Visit | None:
    """Take the best free slot within the bounds, tell the owner, and wait for the visit; ``None``: none is free."""
    visit = book_visit(
        turn.session,
        ticket=ticket,
        playbook=turn.playbook_of(ticket),
        now=turn.now,
        not_before=bounds.not_before,
        not_after=bounds.not_after,
    )
    if visit is None:
        return None
    turn.tell(ticket.id, StoryKind.VISIT, f"A visit is booked for {visit.starts_at:%Y-%m-%d %H:%M} UTC.", actor)
    booked = _save(turn, change(ticket, TicketState.VISIT_BOOKED, turn.now, due_at=overdue_at(turn, visit)))
    message(turn, booked, Stage.VISIT_BOOKED, visit)
    _drawn(turn, booked)
    return visit


def overdue_at(turn: Turn, visit: Visit) -> datetime:
    """Return when a visit that nobody has reported on is waited for no longer."""
    return visit.ends_at + turn.policy.visit_report_within


def _ask(turn: Turn, ticket: Ticket, remedy: Remedy) -> Ticket:
    propose_remedy(turn, ticket, remedy, CommandState.AWAITING_APPROVAL)
    text = f"Asks for approval to send {remedy.name} to 1 device: {ticket.device_id}."
    turn.tell(ticket.id, StoryKind.MOVE, text)
    asked = change(ticket, TicketState.AWAITING_APPROVAL, turn.now, due_at=turn.now + turn.policy.look_every)
    return _drawn(turn, _save(turn, asked))


def _suggest(turn: Turn, ticket: Ticket, remedy: Remedy) -> Ticket:
    propose_remedy(turn, ticket, remedy, CommandState.PROPOSED)
    return hand_over(turn, ticket, f"Suggested: send {remedy.name} to 1 device, {ticket.device_id}.")


def _book(turn: Turn, ticket: Ticket, move: Book) -> Ticket:
    """Book a visit: where nobody is free in time the first within days after it, unless somebody might be hurt."""
    if move.why:
        turn.tell_once(ticket.id, StoryKind.MOVE, move.why, ticket.changed_at)
    visit = place_visit(turn, ticket, move)
    if visit is None and move.not_after is not None and not is_about_safety(turn.playbook_of(ticket), ticket):
        visit = place_visit(turn, ticket, replace(move, not_after=move.not_after + turn.policy.visit_late))
        if visit is not None:
            late = "No technician with the skill is free before it is likely to be felt: this is the first who is."
            turn.tell(ticket.id, StoryKind.VISIT, late)
    if visit is None:
        return hand_over(turn, ticket, "A visit is needed, and no technician with the skill is free in time.")
    return find_ticket(turn.session, ticket.id)


def _judge_visit(turn: Turn, ticket: Ticket) -> Ticket:
    visit = booked_visit(turn.session, ticket.id)
    assert visit is not None  # the move comes from one that is booked
    visit_done(turn.session, visit_id=visit.id, report="")
    text = "The time of the visit is over and no report came; the device's own signal says whether it helped."
    turn.tell(ticket.id, StoryKind.VISIT, text)
    return watch_after_visit(turn, ticket)


def watch_after_visit(turn: Turn, ticket: Ticket) -> Ticket:
    """Judge by the device's own signal, from now on, whether a visit helped."""
    verifying = change(ticket, TicketState.VERIFYING, turn.now, due_at=turn.now + turn.policy.look_every)
    return _save(turn, replace(verifying, verify_from=turn.now, verify_by=turn.now + turn.policy.visit_verify_within))


def _tell_owner(turn: Turn, ticket: Ticket) -> Ticket:
    told = change(ticket, TicketState.WITH_OWNER, turn.now, due_at=turn.now + turn.policy.look_every)
    turn.tell(ticket.id, StoryKind.MOVE, "Its owner can put it right; the signal is watched.")
    _save(turn, told)
    message(turn, told, Stage.NEEDS_YOU)
    if not is_told(turn.session, ticket.id, {Stage.NEEDS_YOU}):
        return hand_over(turn, told, "Only its owner can put it right, and nobody could be told.")
    return _drawn(turn, told)


def _remedy(turn: Turn, ticket: Ticket, name: str) -> Remedy:
    return turn.playbook_of(ticket).remedy(name)


def _save(turn: Turn, ticket: Ticket) -> Ticket:
    save_ticket(turn.session, ticket)
    return ticket


def _drawn(turn: Turn, ticket: Ticket) -> Ticket:
    keep_chart(turn, ticket)
    return ticket
