"""From findings to tickets (shell): opened, found or left alone; one open ticket a device and fault."""

from datetime import timedelta

from agent.decide.case import sure_of
from agent.desk.device import Device
from agent.desk.lifecycle import ACTIVE
from agent.desk.ticket import StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.desk.understand import come_back, diagnose_device
from agent.desk.wording import finding_sentence
from agent.diagnose.playbook import FaultKind
from agent.health.findings import Finding, FindingKind
from agent.store.devices import know_device
from agent.store.findings import add_finding
from agent.store.tickets import closed_lately, open_ticket, open_tickets_of

_TOLD_APART = timedelta(hours=1)
SETTLED_FOR = timedelta(hours=24)  # a heat wave lasts; one ticket a day about it is plenty


def take_finding(turn: Turn, finding: Finding) -> int | None:
    """File a finding and return the ticket to look at; ``None``: it is evidence only.

    A gap opens no ticket, and neither does the silence of a device that was switched off on purpose. A device has
    at most one ticket whose fault is not known yet: what is not surely another fault belongs to what is open already.
    """
    device = know_device(turn.session, finding.device_id, now=turn.now)
    ticket = _ticket_for(turn, device, finding)
    add_finding(turn.session, finding, None if ticket is None else ticket.id)
    if ticket is None or ticket.state is TicketState.CLOSED:
        return None
    turn.tell_once(
        ticket.id, StoryKind.FINDING, finding_sentence(finding, _words(turn, device)), turn.now - _TOLD_APART
    )
    return ticket.id if ticket.state is TicketState.NOTICED else None


def keep_evidence(turn: Turn, finding: Finding) -> None:
    """Keep a finding for diagnosis without opening anything or looking at anything."""
    active = [ticket for ticket in open_tickets_of(turn.session, finding.device_id) if ticket.state in ACTIVE]
    add_finding(turn.session, finding, active[-1].id if active else None)


def _words(turn: Turn, device: Device) -> dict[str, str]:
    playbook = turn.playbooks.get(device.product)
    return {} if playbook is None else {metric.name: metric.words for metric in playbook.metrics}


def _ticket_for(turn: Turn, device: Device, finding: Finding) -> Ticket | None:
    tickets = open_tickets_of(turn.session, device.id)
    active = [ticket for ticket in tickets if ticket.state in ACTIVE]
    unnamed = [ticket for ticket in active if ticket.fault is None]
    if finding.kind is FindingKind.GAP or (finding.kind is FindingKind.SILENCE and device.off_on_purpose):
        return active[-1] if active and finding.kind is FindingKind.GAP else None
    suspect = sure_of(diagnose_device(turn, device, (finding,)), turn.policy)
    fault = None if suspect is None else suspect.fault
    for ticket in tickets:
        if fault is not None and ticket.fault == fault:
            return come_back(turn, ticket) if ticket.state is TicketState.HEALED else ticket
    if unnamed:
        return unnamed[-1]
    if active and fault is None:
        return active[-1]
    if fault is not None and _is_settled(turn, device, fault):
        return closed_lately(turn.session, device.id, fault, turn.now - SETTLED_FOR)
    return _opened(turn, device)


def _is_settled(turn: Turn, device: Device, fault: str) -> bool:
    """Tell whether the device was lately found to have this, and it is no fault."""
    kind = turn.playbooks[device.product].fault(fault).kind
    return kind is FaultKind.BENIGN and (
        closed_lately(turn.session, device.id, fault, turn.now - SETTLED_FOR) is not None
    )


def _opened(turn: Turn, device: Device) -> Ticket:
    playbook = turn.playbooks.get(device.product)
    version = "" if playbook is None else playbook.version
    return open_ticket(
        turn.session, device_id=device.id, product=device.product, playbook_version=version, now=turn.now
    )
