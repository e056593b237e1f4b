"""From findings to tickets (shell): opened, found or left alone; one open ticket a device and fault."""

from datetime import timedelta

from agent.act.issue import withdraw_proposals
from agent.decide.case import normal_since, sure_of
from agent.desk.device import Device
from agent.desk.firmware import is_firmwares_doing
from agent.desk.lessons import doubt_what_passed
from agent.desk.lifecycle import ACTIVE, AT_WORK, change
from agent.desk.recurrence import healed_and_closed, healed_at
from agent.desk.ticket import StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.desk.understand import come_back, diagnose_device
from agent.desk.wording import finding_sentence, silence_sentence
from agent.diagnose.playbook import FaultKind
from agent.health.findings import Finding, FindingKind
from agent.store.commands import undecided_command
from agent.store.devices import know_device
from agent.store.findings import add_finding
from agent.store.tickets import closed_lately, open_ticket, open_tickets_of, save_ticket

_TOLD_APART = timedelta(hours=1)
SETTLED_FOR = timedelta(hours=24)  # a heat wave lasts; one ticket a day about it is plenty


def take_finding(turn: Turn, finding: Finding) -> int | None:
    """File a finding and return the ticket to look at; ``None``: it is evidence only.

    A gap opens no ticket, and neither does the silence of a device that was switched off on purpose, history that was
    sent late, nor a single odd moment that the device's state has not even noticed. A device has at most one ticket
    that the agent is at: what is not surely another fault than people are at belongs to what is open already.
    """
    device = know_device(turn.session, finding.device_id, now=turn.now)
    if turn.now - finding.at > turn.policy.evidence_lasts:
        keep_evidence(turn, finding)
        return None
    ticket = _ticket_for(turn, device, finding)
    add_finding(turn.session, finding, None if ticket is None else ticket.id)
    if ticket is None or ticket.state is TicketState.CLOSED:
        return None
    is_silence = finding.kind is FindingKind.SILENCE
    known = turn.playbooks.get(device.product)
    text = silence_sentence(finding, device) if is_silence else finding_sentence(finding, known)
    turn.tell_once(ticket.id, StoryKind.FINDING, text, turn.now - _TOLD_APART)
    return ticket.id if ticket.state is TicketState.NOTICED else None


def keep_evidence(turn: Turn, finding: Finding) -> None:
    """Keep a finding for diagnosis without opening anything or looking at anything."""
    device = know_device(turn.session, finding.device_id, now=turn.now)
    active = [ticket for ticket in _open_tickets(turn, device) if ticket.state in ACTIVE]
    add_finding(turn.session, finding, active[-1].id if active else None)


def _ticket_for(turn: Turn, device: Device, finding: Finding) -> Ticket | None:
    if finding.kind is FindingKind.GAP or (finding.kind is FindingKind.SILENCE and device.off_on_purpose):
        return None
    diagnosis, playbook = diagnose_device(turn, device, (finding,)), turn.playbooks.get(device.product)
    suspect = sure_of(diagnosis, playbook, turn.policy)
    fault = None if suspect is None else suspect.fault
    found = _open_already(turn, device, fault)
    if found is None and fault is not None:
        found = healed_and_closed(turn, device.id, device.product, fault)
    if found is None and not _is_for_safety(turn, device, fault) and is_firmwares_doing(turn, device, finding):
        return None
    if found is None:
        return _anew(turn, device, finding, fault)
    if fault is None:
        return found
    if found.fault == fault:
        return come_back(turn, found)
    return _taken_back(turn, found) if _can_be_taken_back(turn, found) else found


def _is_for_safety(turn: Turn, device: Device, fault: str | None) -> bool:
    return fault is not None and turn.playbooks[device.product].fault(fault).safety


def _open_already(turn: Turn, device: Device, fault: str | None) -> Ticket | None:
    """Return the open ticket that evidence for ``fault`` (``None``: not sure) belongs to; ``None``: to none of them.

    What is not settled yet may turn out to be another fault than it seemed: one matter, one ticket. What a remedy had
    healed is settled, whoever is at its ticket: what is unclear afterwards is weighed by itself.
    """
    tickets = _open_tickets(turn, device)
    active = [ticket for ticket in tickets if ticket.state in ACTIVE]
    same = [ticket for ticket in tickets if fault is not None and ticket.fault == fault]
    unsettled = [one for one in active if one.fault is None or one.state in AT_WORK or _can_be_taken_back(turn, one)]
    others = [one for one in active if healed_at(turn, one) is None] if fault is None else []
    candidates = same or unsettled or others
    return candidates[-1] if candidates else None


def _open_tickets(turn: Turn, device: Device) -> list[Ticket]:
    """Return what is open about the device as the product it is; what people still have of an earlier one is apart."""
    return [ticket for ticket in open_tickets_of(turn.session, device.id) if ticket.product == device.product]


def _can_be_taken_back(turn: Turn, ticket: Ticket) -> bool:
    """Tell whether the agent may think again: nobody took it over, and nothing but a proposal or a question stands."""
    if ticket.state in {TicketState.AWAITING_APPROVAL, TicketState.WITH_OWNER}:
        return True
    if ticket.state is not TicketState.WITH_PERSON or ticket.owner is not None:
        return False
    return ticket.fault is None or undecided_command(turn.session, ticket.id) is not None


def _taken_back(turn: Turn, ticket: Ticket) -> Ticket:
    withdraw_proposals(turn, ticket)
    turn.tell(ticket.id, StoryKind.MOVE, "The evidence now speaks for another cause, so the agent weighs it again.")
    weighed = change(ticket, TicketState.NOTICED, turn.now, due_at=turn.now)
    save_ticket(turn.session, weighed)
    return weighed


def _anew(turn: Turn, device: Device, finding: Finding, fault: str | None) -> Ticket | None:
    """Return a new ticket; the closed one where this was found to be no fault; ``None``: nothing to open one for."""
    if fault is not None and turn.playbooks[device.product].fault(fault).kind is FaultKind.BENIGN:
        settled = closed_lately(turn.session, device.id, device.product, fault, turn.now - SETTLED_FOR)
        if settled is not None:
            return settled
    if fault is None and finding.kind is FindingKind.ONSET and _is_normal(turn, device):
        return None
    return _opened(turn, device)


def _is_normal(turn: Turn, device: Device) -> bool:
    return normal_since(turn.view(device.id), turn.policy, turn.now) is not None


def _opened(turn: Turn, device: Device) -> Ticket:
    playbook = turn.playbooks.get(device.product)
    version = "" if playbook is None else playbook.version
    doubt_what_passed(turn, device.id)
    return open_ticket(
        turn.session, device_id=device.id, product=device.product, playbook_version=version, now=turn.now
    )
