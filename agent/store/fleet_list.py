"""The devices as staff see them (shell): reading only, by id, a page at a time, and the whole fleet in figures."""

from dataclasses import dataclass

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from agent.desk.device import Device
from agent.store.devices import find_device
from agent.store.tables import DeviceRow


def page_of_devices(
    session: Session, *, product: str = "", text: str = "", after: str = "", limit: int
) -> tuple[Device, ...]:
    """Return devices with an id above ``after``, by id; empty ``product`` or ``text`` matches everything."""
    query = select(DeviceRow).where(col(DeviceRow.id) > after)
    if product:
        query = query.where(DeviceRow.product == product)
    if text:
        query = query.where(
            or_(
                col(DeviceRow.id).icontains(text, autoescape=True),
                col(DeviceRow.serial).icontains(text, autoescape=True),
                col(DeviceRow.firmware).icontains(text, autoescape=True),
            )
        )
    # The rows stay in the session, so that reading each value again asks the database nothing.
    rows = session.exec(query.order_by(col(DeviceRow.id)).limit(limit)).all()
    return tuple(find_device(session, row.id) for row in rows)


def products(session: Session) -> tuple[str, ...]:
    """Return the products that have been seen, by name."""
    query = select(DeviceRow.product).where(DeviceRow.product != "").distinct().order_by(col(DeviceRow.product))
    return tuple(session.exec(query).all())


@dataclass(frozen=True, slots=True)
class FleetFigures:
    """The whole fleet in figures; messages since each device was first seen."""

    devices: int
    online: int
    missed: int
    without_clock: int


def fleet_figures(session: Session) -> FleetFigures:
    """Return the whole fleet in figures."""
    devices, missed = session.exec(select(func.count(), func.sum(DeviceRow.missed))).one()
    online = session.exec(select(func.count()).where(col(DeviceRow.online).is_(True))).one()
    without_clock = session.exec(select(func.count()).where(col(DeviceRow.has_clock).is_(False))).one()
    return FleetFigures(devices, online, missed or 0, without_clock)
