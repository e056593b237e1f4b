"""That customers were forgotten, and which wish to be (shell): rows to values and back."""

from datetime import datetime

from sqlmodel import Session, col, select

from agent.store.erasure_tables import ErasureRequestRow, ErasureRow


def done_erasures(session: Session) -> frozenset[str]:
    """Return the numbers of the erasures that were done to this database."""
    return frozenset(session.exec(select(ErasureRow.id)))


def record_erasure(  # noqa: PLR0913 - what the record says
    session: Session, number: str, *, at: datetime, by: str, devices: tuple[str, ...], tickets: int, samples: int
) -> None:
    """Write down that a customer was forgotten; models in memory are to forget their devices next."""
    session.add(
        ErasureRow(
            id=number, at=at, by=by, devices=len(devices), tickets=tickets, samples=samples, unforgotten=list(devices)
        )
    )
    session.flush()


def devices_to_forget(session: Session) -> tuple[str, ...]:
    """Return the devices that models in memory are still to forget."""
    rows = session.exec(select(ErasureRow).order_by(col(ErasureRow.at)))
    return tuple(device_id for row in rows for device_id in row.unforgotten)


def mark_forgotten(session: Session, devices: frozenset[str]) -> None:
    """Note that models in memory have forgotten these devices; nothing names them any more."""
    for row in session.exec(select(ErasureRow)):
        left = [device_id for device_id in row.unforgotten if device_id not in devices]
        if left != row.unforgotten:
            row.unforgotten = left
            session.add(row)
    session.flush()


def request_erasure(session: Session, customer_id: str, now: datetime) -> None:
    """Note that a customer wishes to be forgotten; a wish noted before keeps its date."""
    if session.get(ErasureRequestRow, customer_id) is None:
        session.add(ErasureRequestRow(customer_id=customer_id, at=now))
        session.flush()


def withdraw_request(session: Session, customer_id: str) -> None:
    """Take the wish back."""
    row = session.get(ErasureRequestRow, customer_id)
    if row is not None:
        session.delete(row)
        session.flush()


def erasure_requests(session: Session) -> tuple[tuple[str, datetime], ...]:
    """Return who wishes to be forgotten, and since when, longest waiting first."""
    rows = session.exec(select(ErasureRequestRow).order_by(col(ErasureRequestRow.at)))
    return tuple((row.customer_id, row.at) for row in rows)
