"""Judges a fix that is being verified and draws the consequences (shell)."""

from dataclasses import replace
from datetime import timedelta

from agent.act.command import AWAITED
from agent.act.verify import Check, Healed, NotHealed, Watching, Worse, judge
from agent.care.message import Stage
from agent.desk.answers import end_remedy, remedy_of
from agent.desk.carry import hand_over, message, overdue_at
from agent.desk.endings import record_outcome
from agent.desk.foresight import note_over
from agent.desk.lifecycle import change, reopen
from agent.desk.picture import keep_chart
from agent.desk.regimes import found_in
from agent.desk.taking_back import take_back
from agent.desk.ticket import Outcome, StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.desk.verdicts import follow_up, is_unanswered
from agent.store.commands import find_command
from agent.store.tickets import save_ticket
from agent.store.visits import booked_visit, last_done_visit


def check_fix(turn: Turn, ticket: Ticket) -> Ticket:
    """Judge a verifying ticket by the device's own signal and return it as it stands then.

    Healed: the owner hears of it and the device is watched. Not healed: the next remedy is weighed at once, or, after a
    visit, a person decides. Worse: what the remedy changed is set back, where that can be. A ticket that a person has
    taken over stays with them: how the remedy ended is booked, and no other is weighed.
    """
    check = _check(turn, ticket)
    match judge(check, turn.view(ticket.device_id), turn.policy, turn.now):
        case Watching(until):
            watched = replace(ticket, due_at=max(until, turn.now + timedelta(seconds=1)))
            save_ticket(turn.session, watched)
            return watched
        case Healed(since):
            minutes = (turn.now - since).total_seconds() / 60
            text = f"Healed: the device's own signal has been normal for {minutes:.0f} minutes."
            turn.tell(ticket.id, StoryKind.OUTCOME, text)
            return _healed(turn, ticket)
        case Worse(why):
            turn.tell(ticket.id, StoryKind.OUTCOME, f"Worse. {why}")
            keep_chart(turn, ticket)
            # Whatever becomes of taking it back: the breaker has heard of it.
            ended = end_remedy(turn, ticket, Outcome.WORSE)
            take_back(turn, ended)
            return ended
        case NotHealed(why):
            turn.tell(ticket.id, StoryKind.OUTCOME, f"Not healed. {why}")
            keep_chart(turn, ticket)
            if after_remedy(turn, ticket):
                return end_remedy(turn, ticket, Outcome.NOT_HEALED)
            return hand_over(turn, ticket, "The visit has not healed it.")


def _healed(turn: Turn, ticket: Ticket) -> Ticket:
    turn.anew.append(ticket.device_id)
    note_over(turn, ticket.id)
    if ticket.state is TicketState.WITH_PERSON:
        return end_remedy(turn, ticket, Outcome.HEALED)
    ended = record_outcome(turn, ticket, Outcome.HEALED) if after_remedy(turn, ticket) else ticket
    healed = change(ended, TicketState.HEALED, turn.now, due_at=turn.now + turn.policy.watch_for)
    save_ticket(turn.session, healed)
    message(turn, healed, Stage.FIXED)
    keep_chart(turn, healed)
    # What an owner said while the remedy was at work waits for an answer; watched alone, the ticket would be closed.
    return follow_up(turn, healed) if is_unanswered(turn, ticket.id) else healed


def after_remedy(turn: Turn, ticket: Ticket) -> bool:
    """Tell whether a remedy is judged: its outcome is open, and nobody was there since."""
    if not ticket.tried or ticket.tried[-1].outcome is not None:
        return False
    visit = last_done_visit(turn.session, ticket.id)
    return visit is None or visit.starts_at < ticket.tried[-1].at


def taken_over(turn: Turn, ticket: Ticket) -> Ticket:
    """Return the ticket with a person, not saved yet; a remedy at work on it goes on being judged."""
    theirs = change(ticket, TicketState.WITH_PERSON, turn.now)
    if ticket.state is not TicketState.VERIFYING or not after_remedy(turn, ticket):
        return theirs
    return replace(theirs, due_at=ticket.due_at, verify_from=ticket.verify_from, verify_by=ticket.verify_by)


def put_back(turn: Turn, ticket: Ticket) -> Ticket:
    """Return the ticket as nobody's and back on the desk, not saved yet.

    A remedy at work goes on being judged. A visit that somebody may still come to, or report on, is waited for: weighed
    anew, a calm device would let its ticket go, and the technician come to a closed one.
    """
    nobodys = replace(ticket, owner=None)
    if ticket.state is not TicketState.WITH_PERSON:
        return reopen(nobodys, turn.now)
    last = find_command(turn.session, ticket.tried[-1].command_id) if ticket.tried else None
    if last is not None and last.state in AWAITED:
        return change(nobodys, TicketState.FIXING, turn.now, due_at=turn.now)
    visit = booked_visit(turn.session, ticket.id)
    if visit is None or ticket.verify_by is not None or turn.now >= overdue_at(turn, visit):
        return reopen(nobodys, turn.now)
    return change(nobodys, TicketState.VISIT_BOOKED, turn.now, due_at=overdue_at(turn, visit))


def _check(turn: Turn, ticket: Ticket) -> Check:
    judge_from = ticket.verify_from or ticket.changed_at
    by = ticket.verify_by or judge_from + turn.policy.visit_verify_within
    playbook, found = turn.ruling(ticket), found_in(turn, ticket)
    nothing = frozenset[str]()
    telling, harmless = (nothing, nothing) if playbook is None else (playbook.telling(), playbook.harmless())
    command = find_command(turn.session, ticket.tried[-1].command_id) if after_remedy(turn, ticket) else None
    if command is None:
        return Check(judge_from, judge_from, turn.policy.visit_verify_for, by, None, found, telling, harmless)
    remedy = remedy_of(turn, ticket, command)
    normal_for = turn.policy.visit_verify_for if remedy is None else remedy.verify_for
    done_at = command.answered_at or judge_from
    worse_after = None if remedy is None else remedy.worse_after
    return Check(done_at, judge_from, normal_for, by, command.before, found, telling, harmless, worse_after)
