"""Owners, what they agreed to, and which devices are theirs (shell): rows to values and back."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from agent.care.customer import Consent, Customer, Purpose
from agent.store.mapping import columns, from_row
from agent.store.tables import ConsentRow, CustomerRow, DeviceRow


def customer_by_id(session: Session, customer_id: str) -> Customer | None:
    """Return the customer; ``None``: there is none with this id."""
    row = session.get(CustomerRow, customer_id)
    return None if row is None else from_row(row, Customer)


def owner_of(session: Session, device_id: str) -> Customer | None:
    """Return whose device this is; ``None``: nobody is known to own it."""
    device = session.get(DeviceRow, device_id)
    if device is None or device.customer_id is None:
        return None
    return customer_by_id(session, device.customer_id)


def list_customers(session: Session) -> tuple[Customer, ...]:
    """Return every customer, by id."""
    rows = session.exec(select(CustomerRow).order_by(col(CustomerRow.id)))
    return tuple(from_row(row, Customer) for row in rows)


def devices_of(session: Session, customer_id: str) -> tuple[str, ...]:
    """Return the ids of the customer's devices, sorted."""
    query = select(DeviceRow.id).where(DeviceRow.customer_id == customer_id).order_by(col(DeviceRow.id))
    return tuple(session.exec(query))


def save_customer(session: Session, customer: Customer) -> None:
    """Write the customer down, new or changed."""
    session.merge(CustomerRow(**columns(customer)))
    session.flush()


def own_device(session: Session, *, device_id: str, customer_id: str, now: datetime) -> None:
    """Note whose device this is, even before it was ever heard of."""
    row = session.get(DeviceRow, device_id)
    if row is None:
        row = DeviceRow(id=device_id, birth={}, first_seen_at=now, status_at=now)
    row.customer_id = customer_id
    session.add(row)
    session.flush()


def consents_of(session: Session, customer_id: str) -> frozenset[Purpose]:
    """Return what the customer agrees to now. What they were never asked about is not in it."""
    return frozenset(consent.purpose for consent in newest_answers(session, customer_id) if consent.granted)


def newest_answers(session: Session, customer_id: str) -> tuple[Consent, ...]:
    """Return the customer's newest answer to each purpose they were asked about."""
    rows = session.exec(select(ConsentRow).where(ConsentRow.customer_id == customer_id).order_by(col(ConsentRow.id)))
    newest = {row.purpose: row for row in rows}
    return tuple(
        Consent(Purpose(row.purpose), granted=row.granted, at=row.at)
        for row in newest.values()
        if row.purpose in set(Purpose)
    )


def set_consents(session: Session, customer_id: str, granted: Iterable[Purpose], now: datetime) -> int:
    """Make exactly ``granted`` what the customer agrees to; return how many answers changed.

    Only changes are written, so that the history says when each answer was given.
    """
    wanted = frozenset(granted)
    before = consents_of(session, customer_id)
    changed = sorted(wanted ^ before)
    for purpose in changed:
        session.add(ConsentRow(customer_id=customer_id, purpose=purpose, granted=purpose in wanted, at=now))
    session.flush()
    return len(changed)
