"""From a ticket's evidence to its fault (shell): gathers, lets diagnosis judge, and files the answer."""

from dataclasses import dataclass, replace
from datetime import timedelta

from agent.decide.case import sure_of
from agent.desk.carry import hand_over
from agent.desk.device import Device
from agent.desk.foresight import foresee, promise
from agent.desk.lessons import judge_evidence, keep_impression
from agent.desk.lifecycle import ACTIVE, close, reopen
from agent.desk.recurrence import book_recurrence, healed_and_closed, not_ours, usual_end
from agent.desk.same_cause import frozen_by, join, sight
from agent.desk.ticket import StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.diagnose.diagnosis import Diagnosis, Suspect
from agent.diagnose.evidence import Evidence
from agent.diagnose.learned import Learned
from agent.diagnose.likeness import begins_like_a_visit, hold
from agent.diagnose.playbook import FaultKind
from agent.diagnose.time_left import time_left_sentence
from agent.health.findings import Finding
from agent.health.silence import POWER_OFF
from agent.store.devices import find_device
from agent.store.findings import findings_of, move_findings, recent_codes
from agent.store.tickets import open_tickets_of, save_ticket


@dataclass(frozen=True, slots=True)
class Understood:
    """What is made of a ticket now. ``diagnosis`` is ``None`` where nothing was there to diagnose from."""

    ticket: Ticket
    diagnosis: Diagnosis | None = None


def weigh(turn: Turn, ticket: Ticket) -> Understood:
    """Diagnose a ticket on what is known now, and file the fault once that is sure.

    A ticket that turns out to be a fault the device has a ticket for already is closed in favour of that one;
    if a remedy had healed it there, the fault has come back. The ticket returned is then closed. One that is named is
    put under the freeze that stands for its fault.
    """
    understood = _diagnosed(turn, ticket)
    if understood.ticket.state is TicketState.CLOSED:
        return understood
    return replace(understood, ticket=join(turn, understood.ticket))


def _diagnosed(turn: Turn, ticket: Ticket) -> Understood:
    since = turn.now - turn.policy.evidence_lasts
    learned = _learned(turn, ticket, findings_of(turn.session, ticket.id, since))
    if learned is None:
        return Understood(ticket)
    diagnosis = learned.diagnosis
    suspect = sure_of(diagnosis, turn.ruling(ticket), turn.policy)
    if not _has_held(turn, ticket, suspect, learned) or suspect is None:
        return Understood(_explained(turn, ticket, diagnosis), diagnosis)
    same = _ticket_about(turn, ticket, suspect.fault)
    if same is not None and not ticket.tried:
        return Understood(_fold(turn, ticket, same), diagnosis)
    if same is not None and same.state is not TicketState.CLOSED:
        come_back(turn, same)
        return Understood(ticket, diagnosis)  # with a remedy behind it, it has a story of its own to end
    if same is not None:
        book_recurrence(turn, same)  # it stays closed: what is open already goes on under the name
    return Understood(_named(turn, ticket, suspect, diagnosis), diagnosis)


def _has_held(turn: Turn, ticket: Ticket, suspect: Suspect | None, learned: Learned) -> bool:
    """Keep what was seen; tell whether the name is not about to become that of a fault which begins alike."""
    kept = keep_impression(turn, ticket, learned, None if suspect is None else suspect.fault)
    if suspect is None or suspect.fault == ticket.fault or kept.leader != suspect.fault:
        return True
    playbook = turn.playbook_of(ticket)
    fault = playbook.fault(suspect.fault)
    if not begins_like_a_visit(fault, playbook):
        return True
    view = turn.view(ticket.device_id)
    now = () if view is None else view.now
    return kept.led_since is None or turn.now - kept.led_since >= hold(fault, now)


def diagnose_device(turn: Turn, device: Ticket | Device, findings: tuple[Finding, ...]) -> Diagnosis | None:
    """Return what findings and the device's present health speak for; ``None``: no playbook, or never heard."""
    learned = _learned(turn, device, findings)
    return None if learned is None else learned.diagnosis


def _learned(turn: Turn, device: Ticket | Device, findings: tuple[Finding, ...]) -> Learned | None:
    device_id = device.id if isinstance(device, Device) else device.device_id
    playbook = turn.playbooks.get(device.product) if isinstance(device, Device) else turn.ruling(device)
    view = turn.view(device_id)
    if playbook is None or view is None:
        return None
    codes = recent_codes(turn.session, device_id, turn.now - turn.policy.codes_last)
    if not find_device(turn.session, device_id).off_on_purpose:
        codes = tuple(code for code in codes if code != POWER_OFF)
    age = timedelta() if isinstance(device, Device) else turn.now - device.opened_at
    return judge_evidence(turn, Evidence(view, findings, codes), playbook, age)


def _explained(turn: Turn, ticket: Ticket, diagnosis: Diagnosis) -> Ticket:
    if ticket.fault is not None or ticket.explanation == diagnosis.explanation:
        return ticket
    if not ticket.explanation:
        turn.tell(ticket.id, StoryKind.DIAGNOSIS, f"Not sure yet. {diagnosis.explanation}")
    return _saved(turn, replace(ticket, explanation=diagnosis.explanation))


def _named(turn: Turn, ticket: Ticket, suspect: Suspect, diagnosis: Diagnosis) -> Ticket:
    if ticket.fault == suspect.fault or (ticket.tried and _is_harmless(turn, ticket, suspect)):
        return ticket
    left = foresee(turn, ticket, turn.playbook_of(ticket).fault(suspect.fault))
    usual = diagnosis.time_left if left is None else left.earliest
    fails_by = None if usual is None else turn.now + usual
    explanation = f"{diagnosis.explanation} {time_left_sentence(left)}".strip()
    promise(turn, ticket, suspect.fault, left)
    turn.tell(ticket.id, StoryKind.DIAGNOSIS, explanation)
    named = replace(
        ticket,
        fault=suspect.fault,
        probability=suspect.probability,
        explanation=explanation,
        fails_by=fails_by,
    )
    return sight(turn, _saved(turn, named))


def _is_harmless(turn: Turn, ticket: Ticket, suspect: Suspect) -> bool:
    """Tell whether this is no fault. What a remedy leaves behind may look like it, and must not end the ticket."""
    return turn.playbook_of(ticket).fault(suspect.fault).kind is FaultKind.BENIGN


def _ticket_about(turn: Turn, ticket: Ticket, fault: str) -> Ticket | None:
    """Return the device's other ticket about a fault: an open one, else one that was closed while it is watched.

    Faults of two products are two faults, whatever they are called.
    """
    others = [one for one in open_tickets_of(turn.session, ticket.device_id) if one.product == ticket.product]
    same = next((other for other in others if other.id != ticket.id and other.fault == fault), None)
    if same is not None or ticket.fault == fault:
        return same
    return healed_and_closed(turn, ticket.device_id, ticket.product, fault)


def _fold(turn: Turn, ticket: Ticket, same: Ticket) -> Ticket:
    move_findings(turn.session, ticket.id, same.id)
    if same.state in ACTIVE:
        turn.tell(same.id, StoryKind.FINDING, f"{ticket.number} turned out to be the same fault.")
    come_back(turn, same)
    turn.tell(ticket.id, StoryKind.STATE, f"The same fault as {same.number}, which goes on.")
    return _saved(turn, close(ticket, f"The same fault as {same.number}.", turn.now))


def come_back(turn: Turn, ticket: Ticket) -> Ticket:
    """Take note that a ticket's fault shows again: one that had healed, or was closed after that, is weighed anew.

    Whoever is at it, the remedy that had healed it has not held. What comes back on many at once may have one cause. A
    person gets what was found to be another fault, unless a freeze holds it back with others. What another product
    shows since is nothing of this.
    """
    if find_device(turn.session, ticket.device_id).product != ticket.product:
        return ticket
    recurred = book_recurrence(turn, ticket)
    if ticket.state in ACTIVE:
        return recurred
    nobodys = replace(recurred, owner=None) if ticket.state is TicketState.CLOSED else recurred
    reopened = _saved(turn, replace(reopen(nobodys, turn.now), fails_by=usual_end(turn, ticket)))
    turn.tell(ticket.id, StoryKind.OUTCOME, "The fault has come back.")
    sighted = sight(turn, reopened)
    why = not_ours(turn, ticket)
    if why is None or frozen_by(turn, sighted) is not None:
        return sighted
    return hand_over(turn, sighted, why)


def _saved(turn: Turn, ticket: Ticket) -> Ticket:
    save_ticket(turn.session, ticket)
    return ticket
