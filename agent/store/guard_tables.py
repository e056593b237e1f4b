"""The guards' tables (state): what they remember of the whole fleet, so that a restart forgets nothing.

They belong to the metadata of ``tables.py``; like there, rows are made from values only.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from agent.store.columns import UtcDateTime
from agent.store.tables import TicketRow

assert TicketRow.metadata is SQLModel.metadata  # foreign keys below point into the tables there


def _instant(*, nullable: bool = False, index: bool = False) -> Any:  # noqa: ANN401 - SQLModel's Field returns Any
    return Field(default=None, sa_column=Column(UtcDateTime, nullable=nullable, index=index))


class BreakerRow(SQLModel, table=True):
    """The breaker of one remedy on one firmware of one product; none: it was never opened. ``why`` is a sentence."""

    __tablename__ = "breaker"
    product: str = Field(primary_key=True)
    firmware: str = Field(primary_key=True)
    remedy: str = Field(primary_key=True)
    state: str
    changed_at: datetime = _instant()
    counts_after: int = 0
    trials: int = 0
    why: str = ""


class SightingRow(SQLModel, table=True):
    """A fault that was named on a device, and where: what tells one cause everywhere from many of their own."""

    __tablename__ = "sighting"
    __table_args__ = (Index("ix_sighting_fault_at", "fault", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    device_id: str
    product: str
    firmware: str
    site: str
    fault: str
    at: datetime = _instant()


class FreezeRow(SQLModel, table=True):
    """One cause seen everywhere: no automatic fixes until a person decides, or all of it is over."""

    __tablename__ = "freeze"
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", unique=True)
    fault: str
    scope: str
    place: str
    product: str
    at: datetime = _instant(index=True)
    lifted_at: datetime | None = _instant(nullable=True)
    lifted_by: str | None = None
