"""Which rows are about one customer (shell): found by what a table refers to, so that a new table is not left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Table, or_, select
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_one

from agent.store import erasure_tables, guard_tables, learning_tables
from agent.store.tables import DeviceRow, TicketRow

# Importing the tables is what fills the metadata.
assert erasure_tables.ErasureRow.metadata is guard_tables.BreakerRow.metadata is learning_tables.ImpressionRow.metadata

_REFERS: Final = ("customer_id", "device_id", "ticket_id")


@dataclass(frozen=True, slots=True)
class About:
    """A customer, by everything that rows refer to them by."""

    customer_id: str
    devices: tuple[str, ...]
    tickets: tuple[int, ...]

    def rows_of(self, table: Table) -> ColumnElement[bool] | None:
        """Return what chooses this table's rows about them; ``None``: it has none about anybody."""
        meant: dict[str, Sequence[str] | Sequence[int]] = {
            "customer_id": (self.customer_id,),
            "device_id": self.devices,
            "ticket_id": self.tickets,
        }
        own = {"customer": self.customer_id}
        limits: list[ColumnElement[bool]] = [table.c[name].in_(ids) for name, ids in meant.items() if name in table.c]
        if table.name in own:
            limits.append(table.c.id == own[table.name])
        return or_(*limits) if limits else None


def about(session: Session, customer_id: str) -> About:
    """Return what rows refer to a customer by; one who is unknown has no devices and no tickets."""
    devices = tuple(
        session.exec(select_one(DeviceRow.id).where(DeviceRow.customer_id == customer_id).order_by(col(DeviceRow.id)))
    )
    return about_devices(session, customer_id, devices)


def about_devices(session: Session, customer_id: str, devices: Sequence[str]) -> About:
    """Return what rows refer to a customer by, given which devices are theirs."""
    found = session.exec(
        select_one(TicketRow.id).where(col(TicketRow.device_id).in_(devices)).order_by(col(TicketRow.id))
    )
    return About(customer_id, tuple(devices), tuple(ticket_id for ticket_id in found if ticket_id is not None))


def tables() -> tuple[Table, ...]:
    """Return every table, those that others refer to first."""
    return tuple(SQLModel.metadata.sorted_tables)


def records_of(session: Session, customer_id: str) -> bytes:
    """Return every row about a customer as JSON, by table; what lets its reader act for them is not in it.

    Links are kept as hashes only, and letters that wait are in ``message`` too: neither ``token`` nor ``outbox`` refers
    to a customer, a device or a ticket by name.
    """
    theirs = about(session, customer_id)
    found: dict[str, list[dict[str, Any]]] = {}
    for table in tables():
        chosen = theirs.rows_of(table)
        if chosen is not None:
            rows = session.connection().execute(select(table).where(chosen).order_by(*table.primary_key)).mappings()
            found[table.name] = [dict(row) for row in rows]
    return msgspec.json.format(msgspec.json.encode({name: rows for name, rows in found.items() if rows}), indent=2)
