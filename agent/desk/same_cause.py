"""One cause everywhere (shell): many tickets about one fault become the children of one, and nothing is done by itself.

A person decides, or it thaws by itself (``thaw.py``). Owners are not told one by one meanwhile, safety aside.
"""

from collections.abc import Collection
from dataclasses import replace

import structlog

from agent.act.command import CommandState
from agent.decide.same_cause import Scope, Sighting, spread
from agent.desk.lifecycle import ACTIVE
from agent.desk.staff_news import tell_staff
from agent.desk.ticket import StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.diagnose.playbook import Fault, FaultKind, Playbook
from agent.store import freezes
from agent.store.commands import commands_of, save_command
from agent.store.crowds import count_devices
from agent.store.devices import find_device
from agent.store.freezes import Freeze
from agent.store.tickets import find_ticket, save_ticket

log = structlog.get_logger()


def sight(turn: Turn, ticket: Ticket) -> Ticket:
    """Take note that a device shows its ticket's fault anew, freeze that where it is everywhere, return the ticket.

    What needs nothing done, like a heat wave, is common by nature, and so is what owners see to, like a water tank that
    is empty after breakfast: neither is counted, nor is what the playbook no longer has.
    """
    held = join(turn, ticket)
    fault = turn.fault_of(held)
    if fault is None or fault.kind in {FaultKind.BENIGN, FaultKind.OWNER}:
        return held
    here = _here(turn, held)
    freezes.record_sighting(turn.session, held.id, fault.name, here, turn.now)
    if frozen_by(turn, held) is not None:
        return held
    known = freezes.freezes_of(turn.session, fault.name)
    scope = spread(here, _seen(turn, fault.name, here, known), _kin(turn, here), turn.policy)
    if scope is None:
        return held
    _freeze(turn, held, fault, scope, here)
    return find_ticket(turn.session, held.id)


def join(turn: Turn, ticket: Ticket) -> Ticket:
    """Return the ticket under the freeze that stands for its fault where its device is, and out of any other fault's.

    By which way it came to its fault does not matter: named, back while it was watched, or put back by a person.
    """
    own = _holding(turn, ticket)
    if ticket.fault is None or (own is not None and own.fault == ticket.fault):
        return ticket
    standing = _standing(turn, ticket.fault, _here(turn, ticket))
    if own is None and standing is None:
        return ticket
    if own is not None:
        text = f"Not held back by T-{own.ticket_id} any more: it turned out to be another fault."
        turn.tell(ticket.id, StoryKind.GUARD, text)
        text = f"{ticket.number} is not held back here any more: it turned out to be another fault."
        turn.tell(own.ticket_id, StoryKind.GUARD, text)
    moved = replace(ticket, parent_id=None if standing is None else standing.ticket_id)
    save_ticket(turn.session, moved)
    return moved


def _holding(turn: Turn, ticket: Ticket) -> Freeze | None:
    """Return the freeze that holds a ticket back; ``None``: none, or it is lifted."""
    freeze = None if ticket.parent_id is None else freezes.freeze_of(turn.session, ticket.parent_id)
    return None if freeze is None or freeze.lifted_at is not None else freeze


def _here(turn: Turn, ticket: Ticket) -> Sighting:
    device = find_device(turn.session, ticket.device_id)
    return Sighting(device.id, ticket.product, device.firmware, device.customer_id or "")


def _standing(turn: Turn, fault: str, here: Sighting) -> Freeze | None:
    standing = freezes.standing_freezes(turn.session)
    return next((one for one in standing if one.fault == fault and one.place == here.place(one.scope)), None)


def _seen(turn: Turn, fault: str, here: Sighting, known: Collection[Freeze]) -> tuple[Sighting, ...]:
    """Return where the fault was named lately; what a person has decided about already is not counted again."""
    since = turn.now - turn.policy.freeze_within
    lifted = [one.lifted_at for one in known if one.lifted_at is not None and one.place == here.place(one.scope)]
    return freezes.sightings_of(turn.session, fault, max([since, *lifted]))


def _kin(turn: Turn, here: Sighting) -> dict[Scope, int]:
    return {
        Scope.SITE: count_devices(turn.session, customer=here.site),
        Scope.FIRMWARE: count_devices(turn.session, product=here.product, firmware=here.firmware),
        Scope.PRODUCT: count_devices(turn.session, product=here.product),
    }


def _freeze(turn: Turn, first: Ticket, fault: Fault, scope: Scope, here: Sighting) -> None:
    gathering = freezes.open_gathering(turn.session, first, turn.now)
    freeze = Freeze(gathering.id, fault.name, scope, here.place(scope), first.product, turn.now)
    freezes.add_freeze(turn.session, freeze)
    children = freezes.alike(turn.session, freeze, ACTIVE)
    for ticket_id in children:
        _adopt(turn, gathering, ticket_id)
    text = (
        f"One cause everywhere: {fault.words_in('en').name}, on {len(children)} devices of {_place(freeze)} "
        "at about one time. Nothing is sent by itself until a person decides."
    )
    save_ticket(turn.session, replace(gathering, explanation=text))
    turn.tell(gathering.id, StoryKind.GUARD, text)
    tell_staff(turn, gathering, f"freeze:{gathering.id}", f"One cause on {len(children)} devices", text)
    log.warning("same_cause.frozen", ticket=gathering.number, fault=fault.name, scope=scope, place=freeze.place)


def _adopt(turn: Turn, gathering: Ticket, ticket_id: int) -> None:
    child = replace(find_ticket(turn.session, ticket_id), parent_id=gathering.id)
    save_ticket(turn.session, child)
    if child.state is not TicketState.FIXING:
        return
    for command in commands_of(turn.session, ticket_id):
        if command.state is CommandState.QUEUED and command.approved_by is None:
            save_command(turn.session, command.having(CommandState.CANCELLED))
            save_ticket(turn.session, replace(child, due_at=turn.now))


def _place(freeze: Freeze) -> str:
    return "one owner" if freeze.scope is Scope.SITE else freeze.place


def frozen_by(turn: Turn, ticket: Ticket) -> str | None:
    """Return the number of the ticket that gathers this one's fault from everywhere; ``None``: none holds it."""
    freeze = _holding(turn, ticket)
    return None if freeze is None else f"T-{freeze.ticket_id}"


def is_about_safety(playbook: Playbook, ticket: Ticket) -> bool:
    """Tell whether an owner has to hear of the ticket's fault whatever else holds."""
    return any(fault.safety for fault in playbook.faults if fault.name == ticket.fault)
