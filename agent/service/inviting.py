"""Putting a technician's invitation into the outbox (shell, inside the caller's transaction)."""

from datetime import datetime

import msgspec
from sqlmodel import Session

from agent.care.languages import calendar_for, phrases_for
from agent.care.mail import CalendarEntry, Mail
from agent.service.invitation import Person
from agent.service.job import Change, Job, job_letter, job_occasion
from agent.service.visit import Visit
from agent.store import outbox, people, visits
from agent.store.outbox import EffectKind
from agent.store.tickets import find_ticket


def want_invitation(session: Session, visit: Visit, change: Change, now: datetime) -> None:
    """Want the technician of ``visit`` to hear of a change to it; nothing happens when they have no mail address.

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
        product=ticket.product,
        fault=ticket.fault or "not known yet",
        explanation=ticket.explanation,
        customer=owner.name if owner is not None else "",
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
