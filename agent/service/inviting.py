"""Putting a technician's invitation into the outbox (shell, inside the caller's transaction)."""

from datetime import datetime

import msgspec
from sqlmodel import Session

from agent.care.languages import calendar_for, phrases_for
from agent.care.mail import CalendarEntry, Mail
from agent.care.matter import fault_of
from agent.desk.ticket import Ticket
from agent.diagnose.playbook import Playbook
from agent.service.invitation import Person
from agent.service.job import Change, Job, job_letter, job_occasion
from agent.service.visit import Visit
from agent.store import outbox, people, visits
from agent.store.outbox import EffectKind
from agent.store.tickets import find_ticket


def want_invitation(
    session: Session, visit: Visit, change: Change, now: datetime, playbook: Playbook | None = None
) -> None:
    """Want the technician of ``visit`` to hear of a change to it; nothing happens when they have no mail address.

    ``playbook`` lends the words for the product and the fault; without one they have their names from the records.
    Keyed by visit, change count and technician, so that deciding twice invites once.
    """
    technician = visits.technician_by_id(session, visit.technician_id)
    if technician is None or "@" not in technician.email:
        return
    ticket = find_ticket(session, visit.ticket_id)
    owner = people.owner_of(session, ticket.device_id)
    job = Job(
        change=change,
        visit=visit,
        ticket=ticket.number,
        device_id=ticket.device_id,
        product=playbook.title if playbook is not None else ticket.product,
        fault=_fault_words(ticket, playbook),
        explanation=ticket.explanation,
        customer=owner.name if owner is not None else "",
        email=owner.email if owner is not None else "",
        technician=technician.name,
    )
    letter = job_letter(job, calendar_for("en", phrases_for("en"), technician.zone))
    mail = Mail(
        ticket=ticket.number,
        to=Person(technician.name, technician.email),
        lang=letter.lang,
        subject=letter.subject,
        text=letter.as_text(),
        html=letter.as_html(),
        wanted_at=now,
        not_after=visit.ends_at,
        calendar=CalendarEntry(visit, job_occasion(job)),
    )
    key = f"{EffectKind.INVITE}:{visit.uid}:{visit.sequence}:{technician.id}"
    outbox.put(session, kind=EffectKind.INVITE, key=key, payload=msgspec.to_builtins(mail), due_at=now)


def _fault_words(ticket: Ticket, playbook: Playbook | None) -> str:
    """Return the fault as the playbook says it in English, which technicians are written to in."""
    fault = fault_of(ticket, playbook) if playbook is not None else None
    said = next((words.name for words in fault.words if words.lang == "en"), "") if fault is not None else ""
    return said or ticket.fault or "not known yet"
