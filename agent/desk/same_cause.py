"""One cause everywhere (shell): many tickets about one fault become the children of one, and nothing is done by itself.

A person decides: the freeze is lifted, and each child goes on under the other guards; or it thaws once every child is
normal again. Owners are not told one by one meanwhile, unless it is about their safety.
"""

from collections.abc import Collection
from dataclasses import replace

import structlog

from agent.act.command import CommandState
from agent.decide.same_cause import Scope, Sighting, spread
from agent.desk.lifecycle import ACTIVE, close
from agent.desk.staff_news import tell_staff
from agent.desk.ticket import StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.diagnose.playbook import FaultKind, Playbook
from agent.store import freezes
from agent.store.commands import commands_of, save_command
from agent.store.crowds import count_devices
from agent.store.devices import find_device
from agent.store.freezes import Freeze
from agent.store.tickets import find_ticket, save_ticket

log = structlog.get_logger()


def sight(turn: Turn, ticket: Ticket, fault: str) -> Ticket:
    """Take note that a fault was named on a device, freeze it where it is everywhere, and return the ticket.

    What needs nothing done, like a heat wave, is common by nature, and so is what owners see to, like a water tank that
    is empty after breakfast: neither is counted.
    """
    if turn.playbook_of(ticket).fault(fault).kind in {FaultKind.BENIGN, FaultKind.OWNER}:
        return ticket
    device = find_device(turn.session, ticket.device_id)
    here = Sighting(device.id, ticket.product, device.firmware, device.customer_id or "")
    freezes.record_sighting(turn.session, ticket.id, fault, here, turn.now)
    known = freezes.freezes_of(turn.session, fault)
    standing = next((one for one in known if one.lifted_at is None and one.place == here.place(one.scope)), None)
    if standing is not None:
        child = replace(ticket, parent_id=standing.ticket_id)
        save_ticket(turn.session, child)
        return child
    scope = spread(here, _seen(turn, fault, here, known), _kin(turn, here), turn.policy)
    if scope is None:
        return ticket
    freeze = _freeze(turn, ticket, fault, scope, here)
    return replace(ticket, parent_id=freeze.ticket_id)


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


def _freeze(turn: Turn, first: Ticket, fault: str, scope: Scope, here: Sighting) -> Freeze:
    gathering = freezes.open_gathering(
        turn.session, device_id=first.device_id, product=first.product, fault=fault, now=turn.now
    )
    freeze = Freeze(gathering.id, fault, scope, here.place(scope), first.product, turn.now)
    freezes.add_freeze(turn.session, freeze)
    children = freezes.alike(turn.session, freeze, ACTIVE)
    for ticket_id in children:
        _adopt(turn, gathering, ticket_id)
    text = (
        f"One cause everywhere: {_words(turn, freeze)}, on {len(children)} devices of {_place(freeze)} at about one "
        "time. Nothing is sent by itself until a person decides."
    )
    save_ticket(turn.session, replace(gathering, explanation=text))
    turn.tell(gathering.id, StoryKind.GUARD, text)
    tell_staff(turn, gathering, f"freeze:{gathering.id}", f"One cause on {len(children)} devices", text)
    log.warning("same_cause.frozen", ticket=gathering.number, fault=fault, scope=scope, place=freeze.place)
    return freeze


def _adopt(turn: Turn, gathering: Ticket, ticket_id: int) -> None:
    child = replace(find_ticket(turn.session, ticket_id), parent_id=gathering.id)
    save_ticket(turn.session, child)
    if child.state is not TicketState.FIXING:
        return
    for command in commands_of(turn.session, ticket_id):
        if command.state is CommandState.QUEUED and command.approved_by is None:
            save_command(turn.session, command.having(CommandState.CANCELLED))
            save_ticket(turn.session, replace(child, due_at=turn.now))


def _words(turn: Turn, freeze: Freeze) -> str:
    playbook = turn.playbook_of(find_ticket(turn.session, freeze.ticket_id))
    return playbook.fault(freeze.fault).words_in("en").name


def _place(freeze: Freeze) -> str:
    return "one owner" if freeze.scope is Scope.SITE else freeze.place


def frozen_by(turn: Turn, ticket: Ticket) -> str | None:
    """Return the number of the ticket that gathers this one's fault from everywhere; ``None``: none holds it."""
    if ticket.parent_id is None:
        return None
    freeze = freezes.freeze_of(turn.session, ticket.parent_id)
    return None if freeze is None or freeze.lifted_at is not None else f"T-{freeze.ticket_id}"


def is_about_safety(playbook: Playbook, ticket: Ticket) -> bool:
    """Tell whether an owner has to hear of the ticket's fault whatever else holds."""
    return any(fault.safety for fault in playbook.faults if fault.name == ticket.fault)


def watch_gathering(turn: Turn, gathering: Ticket) -> Ticket:
    """Look at a gathering ticket: once every child is healed or closed it thaws by itself and is closed."""
    if freezes.has_child_in(turn.session, gathering.id, ACTIVE):
        waiting = replace(gathering, due_at=turn.now + turn.policy.frozen_look)
        save_ticket(turn.session, waiting)
        return waiting
    return thaw(turn, gathering, "agent", "Every one of the devices is normal again.")


def thaw(turn: Turn, gathering: Ticket, by: str, why: str) -> Ticket:
    """Let every child go on under the other guards, and close the gathering ticket."""
    freezes.lift_freeze(turn.session, gathering.id, by, turn.now)
    for child in freezes.children_of(turn.session, gathering.id):
        if child.state is TicketState.NOTICED:
            save_ticket(turn.session, replace(child, changed_at=turn.now, due_at=turn.now))
    turn.tell(gathering.id, StoryKind.STATE, f"The freeze is lifted. {why}", by)
    closed = close(gathering, why, turn.now)
    save_ticket(turn.session, closed)
    return closed
