"""The tables of forgetting (state): who asked for it, and that it was done, without saying whose it was.

They belong to the metadata of ``tables.py``; like there, rows are made from values only.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from agent.store.columns import WIDE, UtcDateTime
from agent.store.tables import CustomerRow

assert CustomerRow.metadata is SQLModel.metadata  # a foreign key below points into the tables there


def _instant() -> Any:  # noqa: ANN401 - SQLModel's Field returns Any
    return Field(default=None, sa_column=Column(UtcDateTime, nullable=False))


class ErasureRow(SQLModel, table=True):
    """One customer was forgotten. ``unforgotten`` are devices that models in memory still know; empty soon after."""

    __tablename__ = "erasure"
    id: str = Field(primary_key=True)
    at: datetime = _instant()
    by: str
    devices: int
    tickets: int
    samples: int = Field(sa_type=WIDE)
    unforgotten: list[Any] = Field(default=None, sa_column=Column(JSON, nullable=False))


class ErasureRequestRow(SQLModel, table=True):
    """An owner wishes to be forgotten; gone with them."""

    __tablename__ = "erasure_request"
    customer_id: str = Field(primary_key=True, foreign_key="customer.id")
    at: datetime = _instant()
