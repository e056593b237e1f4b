"""Which commands leave, and in what order things are written down (shell): marked as sent before they are sent.

The kill switch is asked twice: when commands are claimed and once more right before each leaves. So is, of what the
agent decided alone, whether people and the breaker still let it: whoever wants it to do less is obeyed at once. Whether
the device is still the product that was decided about is asked right before.
"""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from agent.act.command import Command, CommandState
from agent.decide.permit import lets_act
from agent.desk.lifecycle import never_tried
from agent.desk.ticket import StoryKind, TicketState
from agent.store import tickets
from agent.store.autonomy import permits_of
from agent.store.breakers import Fuse, find_breaker
from agent.store.commands import commands_in, find_command, save_command
from agent.store.devices import find_device
from agent.store.halts import is_halted
from agent.store.tickets import Line, find_ticket, save_ticket


def claim(session: Session, now: datetime, limit: int = 100) -> tuple[Command, ...]:
    """Mark queued commands as sent and return them, oldest first; none while everything is halted.

    What is past its time stays where it is; the desk finds it. What the agent may not send by itself any more is
    cancelled. Once this has committed, a crash may lose a command and can never send another one in its place.
    """
    if is_halted(session):
        return ()
    claimed = []
    for command in commands_in(session, {CommandState.QUEUED}, limit):
        disallowed = _disallowed(session, command)
        if disallowed is not None:
            _stop(session, command, disallowed, now)
        elif command.may_leave(now):
            boot = find_device(session, command.device_id).boot
            claimed.append(replace(command.having(CommandState.SENT), sent_at=now, boot=boot))
    for command in claimed:
        save_command(session, command)
        until = f"{command.not_after:%Y-%m-%d %H:%M} UTC"
        text = f"The command {command.verb} leaves for the device; it may begin until {until}."
        tickets.tell(session, command.ticket_id, Line(now, StoryKind.COMMAND, text))
    return tuple(claimed)


def unanswered(session: Session, now: datetime) -> tuple[Command, ...]:
    """Return what was sent, is not past its time and had no answer: to be sent again under the same id.

    The devices of protocol v1 do an id once; what goes to others, and what was decided on evidence that is too old by
    now, is left to its time to answer. None while everything is halted.
    """
    if is_halted(session):
        return ()
    sent = commands_in(session, {CommandState.SENT})
    return tuple(one for one in sent if one.may_leave(now) and not one.only_once)


def may_leave(session: Session, command_id: str, now: datetime) -> bool:
    """Ask once more, right before a claimed command leaves: still ours to send, and nothing speaks against it.

    In time is also as long as what it was decided on is no older than the policy allows: the process may have been
    paused, or the broker away.
    """
    command = find_command(session, command_id)
    return command is not None and command.state is CommandState.SENT and _refusal(session, command, now) is None


def hold_back(session: Session, command_id: str, now: datetime, why: str = "") -> None:
    """Cancel a claimed command that was certainly not published, and say why; its ticket is looked at again.

    ``why`` empty: what speaks against sending it.
    """
    command = find_command(session, command_id)
    if command is None or command.state is not CommandState.SENT:
        return
    _stop(session, command, why or _refusal(session, command, now) or "What was decided has changed.", now)


def _stop(session: Session, command: Command, why: str, now: datetime) -> None:
    save_command(session, replace(command.having(CommandState.CANCELLED), sent_at=None))
    ticket = find_ticket(session, command.ticket_id)
    text = f"Stopped at the last moment, nothing was sent. {why}"
    tickets.tell(session, ticket.id, Line(now, StoryKind.GUARD, text))
    if ticket.state is TicketState.FIXING:
        save_ticket(session, replace(ticket, due_at=now))
    else:
        save_ticket(session, never_tried(ticket, command.id))


def _refusal(session: Session, command: Command, now: datetime) -> str | None:
    """Return in a sentence what speaks against sending a command at ``now``; ``None``: nothing does."""
    if is_halted(session):
        return "Every automatic fix is halted."
    if now >= command.not_after:
        return "Its time is over."
    if not command.may_leave(now):
        return "What it was decided on is too old by now."
    if find_device(session, command.device_id).product != find_ticket(session, command.ticket_id).product:
        return "The device is another product now."
    return _disallowed(session, command)


def _disallowed(session: Session, command: Command) -> str | None:
    """Return in a sentence why the agent may not send by itself any more what it decided; ``None``: it may.

    What a person wanted is theirs, and what sets values back is owed.
    """
    if command.approved_by is not None or command.undoes is not None:
        return None
    permit = permits_of(session, find_ticket(session, command.ticket_id).product).get(command.remedy)
    if permit is not None and not lets_act(permit, command.verb, command.args):
        return f"Staff no longer let the agent send {command.remedy} by itself."
    breaker = find_breaker(session, Fuse(command.product, command.firmware, command.remedy))
    # A trial is decided after it was last opened.
    if breaker is not None and breaker.is_open and breaker.changed_at >= command.created_at:
        return f"The breaker of {command.remedy} has opened on this firmware since. {breaker.why}"
    return None
