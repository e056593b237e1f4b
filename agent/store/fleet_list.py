"""The devices as staff see them (shell): reading only, by id, a page at a time, and the whole fleet in figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import func, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from agent.desk.device import Device
from agent.store.devices import find_device
from agent.store.tables import DeviceRow

_Selected = TypeVar("_Selected")


def page_of_devices(
    session: Session, *, product: str = "", text: str = "", after: str = "", limit: int
) -> tuple[Device, ...]:
    """Return devices with an id above ``after``, by id; empty ``product`` or ``text`` matches everything."""
    query = _narrowed(select(DeviceRow), product, text).where(col(DeviceRow.id) > after)
    # The rows stay in the session, so that reading each value again asks the database nothing.
    rows = session.exec(query.order_by(col(DeviceRow.id)).limit(limit)).all()
    return tuple(find_device(session, row.id) for row in rows)


@dataclass(frozen=True, slots=True)
class Switch:
    """A device's id, whether somebody switched it off on purpose, and whether it is connected."""

    id: str
    off_on_purpose: bool
    online: bool


def page_of_switches(
    session: Session, *, product: str = "", text: str = "", after: str = "", limit: int
) -> tuple[Switch, ...]:
    """Return the same devices as ``page_of_devices``, with no more than it takes to look through a whole fleet."""
    query = _narrowed(select(DeviceRow.id), product, text).where(col(DeviceRow.id) > after)
    columns = (col(DeviceRow.off_on_purpose), col(DeviceRow.online))
    found = query.add_columns(*columns).order_by(col(DeviceRow.id)).limit(limit)
    return tuple(Switch(*row) for row in session.execute(found).all())


def devices_named(session: Session, ids: Sequence[str]) -> tuple[Device, ...]:
    """Return the devices of these ids, by id; those nobody knows are left out."""
    rows = session.exec(select(DeviceRow).where(col(DeviceRow.id).in_(ids)).order_by(col(DeviceRow.id))).all()
    return tuple(find_device(session, row.id) for row in rows)


def _narrowed(query: SelectOfScalar[_Selected], product: str, text: str) -> SelectOfScalar[_Selected]:
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
    return query


def products(session: Session) -> tuple[str, ...]:
    """Return the products that have been seen, by name."""
    query = select(DeviceRow.product).where(DeviceRow.product != "").distinct().order_by(col(DeviceRow.product))
    return tuple(session.exec(query).all())


def count_devices(session: Session, product: str) -> int:
    """Return how many devices of a product have been seen."""
    return session.exec(select(func.count()).where(DeviceRow.product == product)).one()


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
    return FleetFigures(
        devices, online, int(missed or 0), without_clock
    )  # PostgreSQL adds wide numbers up to a Decimal
