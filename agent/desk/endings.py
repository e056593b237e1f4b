"""How a remedy ended, written down once (shell): on the ticket, in its story, for the breaker and the learner."""

import structlog

from agent.decide.breaker import after
from agent.desk.lessons import learn_from_outcome
from agent.desk.lifecycle import having_ended
from agent.desk.staff_news import tell_staff
from agent.desk.ticket import Outcome, StoryKind, Ticket
from agent.desk.turn import Turn
from agent.store.breakers import Fuse, ended_lately, find_breaker, save_breaker
from agent.store.commands import find_command
from agent.store.crowds import count_devices
from agent.store.devices import find_device
from agent.store.outcomes import Ending, add_ending

log = structlog.get_logger()


def record_outcome(turn: Turn, ticket: Ticket, outcome: Outcome) -> Ticket:
    """Keep the outcome of the ticket's newest remedy and return the ticket with it, not saved yet.

    Without a remedy (a visit healed it) there is nothing to keep. The breaker of the remedy hears of it at once.
    """
    if not ticket.tried:
        return ticket
    last = ticket.tried[-1]
    product, firmware = _sent_to(turn, ticket, last.command_id)
    playbook = turn.ruling(ticket)
    ending = Ending(
        ticket_id=ticket.id,
        remedy=last.remedy,
        fault=ticket.fault,
        product=product,
        firmware=firmware,
        outcome=outcome,
        at=turn.now,
        command_id=last.command_id,
        playbook="" if playbook is None else playbook.version,
    )
    add_ending(turn.session, ending)
    if outcome is not Outcome.REJECTED:  # which says nothing about the remedy
        _judge(turn, ticket, ending)
    learn_from_outcome(turn, ticket, outcome)
    return having_ended(ticket, last.command_id, outcome)


def _sent_to(turn: Turn, ticket: Ticket, command_id: str) -> tuple[str, str]:
    """Return the product and firmware a command was sent to; the device may have been updated since."""
    command = find_command(turn.session, command_id)
    if command is None:  # not in the journal: what the device is now is the best guess
        return ticket.product, find_device(turn.session, ticket.device_id).firmware
    return command.product, command.firmware


def _judge(turn: Turn, ticket: Ticket, ending: Ending) -> None:
    fuse = Fuse(ending.product, ending.firmware, ending.remedy)
    before = find_breaker(turn.session, fuse)
    counts_after = 0 if before is None else before.counts_after
    record = ended_lately(
        turn.session, fuse, after=counts_after, playbook=ending.playbook, limit=turn.policy.breaker_last
    )
    kin = count_devices(turn.session, product=ending.product, firmware=ending.firmware)
    now = after(before, record, turn.policy, turn.now, kin=kin)
    if now is None or now == before:
        return
    save_breaker(turn.session, fuse, now)
    was_open = before is not None and before.is_open
    if now.is_open and not was_open:
        text = f"The breaker of {fuse.remedy} is open on {fuse.product} {fuse.firmware}: a person decides. {now.why}"
        log.warning("breaker.opened", product=fuse.product, firmware=fuse.firmware, remedy=fuse.remedy)
        turn.tell(ticket.id, StoryKind.GUARD, text)
        key = f"breaker:{fuse.product}:{fuse.firmware}:{fuse.remedy}:{now.counts_after}"
        tell_staff(turn, ticket, key, f"{fuse.remedy} is not sent without a person any more", text)
    elif was_open and not now.is_open:
        text = f"The breaker of {fuse.remedy} is closed again on {fuse.product} {fuse.firmware}: its trials healed."
        log.info("breaker.closed", product=fuse.product, firmware=fuse.firmware, remedy=fuse.remedy)
        turn.tell(ticket.id, StoryKind.GUARD, text)
