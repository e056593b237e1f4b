"""Devices (shell): what birth, status and switch say, within the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlmodel import Session, col, select

from agent.desk.device import Device
from agent.errors import UnknownDeviceError
from agent.store.mapping import from_row
from agent.store.tables import DeviceRow
from broker.messages import Birth

_MOST_MISSED = 10**12  # a sum over every device still fits the database


def find_device(session: Session, device_id: str) -> Device:
    """Return a device.

    Raises:
        UnknownDeviceError: it was never seen and belongs to nobody.
    """
    row = session.get(DeviceRow, device_id)
    if row is None:
        raise UnknownDeviceError(device_id)
    return _device(row)


def list_devices(session: Session) -> tuple[Device, ...]:
    """Return every device, by id."""
    return tuple(_device(row) for row in session.exec(select(DeviceRow).order_by(col(DeviceRow.id))))


def _device(row: DeviceRow) -> Device:
    birth = row.birth
    metrics = birth.get("metrics", {})
    return from_row(
        row,
        Device,
        commands=tuple(birth.get("commands", ())),
        units=tuple((name, spec.get("unit", "")) for name, spec in metrics.items()),
    )


def config_of(session: Session, device_id: str) -> dict[str, str | float | bool]:
    """Return the settings a device said it has when it was born last; empty where it says none."""
    row = session.get(DeviceRow, device_id)
    return {} if row is None else dict(row.birth.get("config", {}))


def _seen(session: Session, device_id: str, now: datetime) -> DeviceRow:
    row = session.get(DeviceRow, device_id)
    if row is None:
        row = DeviceRow(id=device_id, birth={}, first_seen_at=now, status_at=now)
        session.add(row)
    return row


def know_device(session: Session, device_id: str, *, now: datetime) -> Device:
    """Return the device, made known first where it is new: heard of, not yet born."""
    row = _seen(session, device_id, now)
    session.flush()
    return _device(row)


def record_birth(session: Session, device_id: str, birth: Birth, *, now: datetime) -> Device:
    """Take over what a device says it is. Whoever is born is connected and switched on."""
    row = _seen(session, device_id, now)
    row.product, row.firmware, row.serial, row.boot = birth.product, birth.firmware, birth.serial, birth.boot
    row.birth = msgspec.to_builtins(birth)
    row.busy, row.off_on_purpose = birth.busy, False
    session.add(row)
    session.flush()
    return _device(row)


def record_status(session: Session, device_id: str, *, online: bool, now: datetime) -> Device:
    """Take over whether a device is connected."""
    row = _seen(session, device_id, now)
    row.online, row.status_at = online, now
    session.add(row)
    session.flush()
    return _device(row)


def record_switch(session: Session, device_id: str, *, off: bool, now: datetime) -> Device:
    """Take over that somebody switched a device off on purpose, or on again."""
    row = _seen(session, device_id, now)
    row.off_on_purpose = off
    session.add(row)
    session.flush()
    return _device(row)


def record_clock(session: Session, device_id: str, *, has_clock: bool, now: datetime) -> None:
    """Take over whether a device's own instants can be believed."""
    row = _seen(session, device_id, now)
    row.has_clock = has_clock
    session.add(row)
    session.flush()


def count_missed(session: Session, missed: Mapping[str, int], *, now: datetime) -> None:
    """Add, by device, to the messages it sent that never came."""
    rows = session.exec(select(DeviceRow).where(col(DeviceRow.id).in_(missed)))
    known = {row.id: row for row in rows}
    for device_id, count in missed.items():
        row = known.get(device_id) or _seen(session, device_id, now)
        row.missed = min(row.missed + count, _MOST_MISSED)
        session.add(row)
    session.flush()
