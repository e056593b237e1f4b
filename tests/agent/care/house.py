"""A real database file with an owner, her freezer and a technician (shell)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from agent.care.customer import Customer, Purpose
from agent.desk.ticket import Ticket
from agent.service.visit import Technician
from agent.store import people, tickets, visits
from agent.store.database import Database, open_database
from agent.store.migrate import migrate
from tests.agent.care.builders import ANNA, NOON, TICKET

EVERYTHING = frozenset(Purpose)
TECHNICIAN = Technician("t-1", "Jo Park", "jo@example.org", "Europe/Berlin", ("cooling",))


def make_database(path: Path) -> Database:
    """Return an open database with every table."""
    url = f"sqlite:///{path / 'amends.sqlite3'}"
    migrate(url)
    return open_database(url)


def settle_in(
    session: Session,
    customer: Customer = ANNA,
    *,
    agrees: Iterable[Purpose] = EVERYTHING,
    device_id: str = "frost-0001",
) -> Ticket:
    """Write down an owner with a device, and a ticket about it; return the ticket."""
    people.save_customer(session, customer)
    people.set_consents(session, customer.id, agrees, NOON)
    people.own_device(session, device_id=device_id, customer_id=customer.id, now=NOON)
    return add_ticket(session, device_id=device_id)


def add_ticket(session: Session, *, device_id: str = "frost-0001", fault: str = "evaporator_iced") -> Ticket:
    """Write down a ticket like the one of ``builders``, about any device."""
    opened = tickets.open_ticket(
        session, device_id=device_id, product="frost-200", playbook_version="1", now=NOON - timedelta(hours=3)
    )
    ticket = replace(TICKET, id=opened.id, device_id=device_id, fault=fault)
    tickets.save_ticket(session, ticket)
    return ticket


def offer(session: Session, *starts: datetime, technician: Technician = TECHNICIAN, hours: int = 2) -> None:
    """Write down a technician with free slots of some hours."""
    visits.save_technician(session, technician)
    for start in starts:
        visits.offer_slot(session, technician_id=technician.id, starts_at=start, ends_at=start + timedelta(hours=hours))
