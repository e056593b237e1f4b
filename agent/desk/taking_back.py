"""Takes back what made a device worse (shell): owed until the device says that it is done, or a person gets it.

What is owed stands in the outbox, and every try in the command journal. A try waits for its turn like any command, and
one that the device turned down, that nobody answered or that could not leave is followed by another.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from agent.act.command import IN_FLIGHT, Command, CommandState
from agent.act.evidence import restarted_since
from agent.act.issue import queue_setting_back
from agent.decide.guards import SETTING_BACK, first_refusal
from agent.decide.taking_back import Standing, next_try_at, owed_until, standing
from agent.desk.answers import remedy_of
from agent.desk.carry import hand_over
from agent.desk.gather import gather
from agent.desk.ticket import Outcome, StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.desk.understand import Understood
from agent.store import outbox
from agent.store.commands import commands_of, find_command, remedies_since
from agent.store.debts import debt_key, never_set_back
from agent.store.devices import config_of, find_device
from agent.store.outbox import Effect, EffectKind
from agent.store.outcomes import newest_ending
from agent.store.tickets import find_ticket, open_tickets_of

_ANSWERS_WITHIN: Final = timedelta(seconds=30)  # until a try on its way is looked at again
# A person has it, or is on the way to it: told is enough.
_WITH_PEOPLE: Final = frozenset({TicketState.WITH_PERSON, TicketState.VISIT_BOOKED})
_SHOWS_FIRST: Final = "Not now: something else is done about the device, and what it does must show first."
_HEALED: Final = frozenset({Outcome.HEALED, Outcome.RECURRED})


@dataclass(frozen=True, slots=True)
class Owed:
    """What has to be set back: what a command has changed, which was judged to be worse at ``since``.

    ``seen``: the device's birth named the new values by then, so it will name those that replace them.
    """

    command_id: str
    since: datetime
    seen: bool = False


def take_back(turn: Turn, ticket: Ticket) -> None:
    """Want back what the ticket's newest remedy has changed, as far as that can be, and say so; it is tried at once."""
    command = find_command(turn.session, ticket.tried[-1].command_id)
    remedy = None if command is None else remedy_of(turn, ticket, command)
    if command is None or remedy is None:
        turn.tell(ticket.id, StoryKind.MOVE, "It cannot be taken back: the playbook no longer has the remedy.")
        return
    if not remedy.rollback:
        turn.tell(ticket.id, StoryKind.MOVE, f"{remedy.name} cannot be taken back.")
        return
    if command.earlier is None:
        text = f"{remedy.name} cannot be taken back: what its values were before is not known."
        turn.tell(ticket.id, StoryKind.MOVE, text)
        return
    values = ", ".join(f"{name} {value}" for name, value in command.earlier)
    text = f"What {remedy.name} has changed is to be set back to what it was: {values}."
    turn.tell(ticket.id, StoryKind.MOVE, text)
    seen = _standing(turn, command, (command,)) is Standing.HARMFUL
    payload = msgspec.to_builtins(Owed(command.id, turn.now, seen))
    outbox.put(turn.session, kind=EffectKind.TAKE_BACK, key=debt_key(command.id), payload=payload, due_at=turn.now)
    take_back_owed(turn)


def take_back_owed(turn: Turn) -> None:
    """Look after everything that is still to be set back and due to be looked at."""
    for effect in outbox.due_effects(turn.session, {EffectKind.TAKE_BACK}, turn.now):
        _look_after(turn, effect, msgspec.convert(effect.payload, Owed))


def _look_after(turn: Turn, effect: Effect, owed: Owed) -> None:
    done = find_command(turn.session, owed.command_id)
    if done is None or done.earlier is None:
        outbox.mark_done(turn.session, effect.id, now=turn.now, error="what it was is no longer in the journal: erased")
        return
    ticket = find_ticket(turn.session, done.ticket_id)
    tries = [one for one in commands_of(turn.session, ticket.id) if one.undoes == done.id]
    if any(one.state is CommandState.SUCCEEDED for one in tries):
        outbox.mark_done(turn.session, effect.id, now=turn.now)
        turn.tell(ticket.id, StoryKind.MOVE, f"What {done.remedy} had changed is set back, says the device.")
    elif any(one.state in IN_FLIGHT for one in tries):
        outbox.put_off(turn.session, effect.id, turn.now + _ANSWERS_WITHIN)
    elif _is_judged(turn, ticket.device_id):
        turn.tell_once(ticket.id, StoryKind.GUARD, f"{_still(done)} {_SHOWS_FIRST}", owed.since)
        outbox.put_off(turn.session, effect.id, turn.now + turn.policy.look_every)
    elif (over := _over(turn, ticket, done, owed)) is not None:
        outbox.mark_done(turn.session, effect.id, now=turn.now)
        turn.tell(ticket.id, StoryKind.MOVE, over)
    else:
        why = _why_never(turn, ticket, done, owed)
        if why is not None:
            outbox.mark_done(turn.session, effect.id, now=turn.now, error=why)
            _give_up(turn, ticket, f"{_still(done)} {why}")
        else:
            outbox.put_off(turn.session, effect.id, _try(turn, ticket, done, owed, tries))


def _is_judged(turn: Turn, device_id: str) -> bool:
    """Tell whether anything is done about a device, or what was done is judged: nothing is changed under that."""
    tickets = open_tickets_of(turn.session, device_id)
    return any(one.state is TicketState.FIXING or one.verify_by is not None for one in tickets)


def _why_never(turn: Turn, ticket: Ticket, done: Command, owed: Owed) -> str | None:
    """Return why it is not tried any more; ``None``: it is."""
    if ticket.state is TicketState.CLOSED:
        return "The ticket is closed, so the agent does not try any more."
    if find_device(turn.session, ticket.device_id).product != ticket.product:
        return "The device is another product now, so the agent does not try any more."
    if remedy_of(turn, ticket, done) is None:
        return "The playbook no longer has the remedy, so the agent does not try any more."
    if turn.now >= owed_until(owed.since, turn.policy):
        return "The agent has tried for long enough and does not try any more."
    return None


def _try(turn: Turn, ticket: Ticket, done: Command, owed: Owed, tries: list[Command]) -> datetime:
    """Send it where that may be, else say why not, and return when to look at it again."""
    at = next_try_at(owed.since, tries[-1].created_at if tries else None, turn.policy)
    if turn.now < at:
        text = f"{_still(done)} It is tried again."
        turn.tell_once(ticket.id, StoryKind.MOVE, text, tries[-1].created_at)
        return min(at, owed_until(owed.since, turn.policy))
    remedy = remedy_of(turn, ticket, done)
    assert remedy is not None  # else it would not be tried any more
    refusal = first_refusal(SETTING_BACK, gather(turn, Understood(ticket)), remedy, turn.policy, turn.now)
    if refusal is not None:
        turn.tell_once(ticket.id, StoryKind.GUARD, f"{_still(done)} {refusal.text}", owed.since)
        return turn.now + turn.policy.look_every
    queue_setting_back(turn, ticket, done, remedy)
    return turn.now + _ANSWERS_WITHIN


def _over(turn: Turn, ticket: Ticket, done: Command, owed: Owed) -> str | None:
    """Return in a sentence why nothing is owed any more; ``None``: it still is."""
    later = remedies_since(turn.session, done)
    if any(_has_the_say(turn, one, done) for one in later):
        return f"{_still(done)} It was changed again since, which was judged by itself."
    device = find_device(turn.session, ticket.device_id)
    if device.product != ticket.product:
        return None
    match _standing(turn, done, (done, *later, *never_set_back(turn.session, device))):
        case Standing.ANOTHER:
            config = config_of(turn.session, device.id)
            values = ", ".join(f"{name} {config[name]}" for name, _ in done.earlier or ())
            return f"What {done.remedy} had changed was set by somebody else since, says the device: {values}."
        # A birth from before the command says the same.
        case Standing.EARLIER if owed.seen or restarted_since(done, device, turn.view(device.id)) is not None:
            return f"What {done.remedy} had changed is set back already, says the device."
        case _:
            return None


def _has_the_say(turn: Turn, later: Command, done: Command) -> bool:
    """Tell whether a later remedy decides about the values of one: it healed, or owes what was before both."""
    ending = newest_ending(turn.session, later.id)
    if ending is None or not dict(done.args).keys() <= dict(later.args).keys():
        return False
    return ending.outcome in _HEALED or (ending.outcome is Outcome.WORSE and later.earlier is not None)


def _standing(turn: Turn, done: Command, remedies: Collection[Command]) -> Standing | None:
    """Return what stands, by the device's birth, of what a command has changed and these ``remedies`` have set."""
    config = config_of(turn.session, done.device_id)
    return standing(config, dict(done.earlier or ()), [dict(one.args) for one in remedies])


def _give_up(turn: Turn, ticket: Ticket, text: str) -> None:
    if ticket.state in _WITH_PEOPLE or ticket.state is TicketState.CLOSED:
        turn.tell(ticket.id, StoryKind.MOVE, text)
    else:
        hand_over(turn, ticket, text)


def _still(done: Command) -> str:
    values = ", ".join(f"{name} (it was {value})" for name, value in done.earlier or ())
    return f"Still not set back: {values}."
