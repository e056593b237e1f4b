"""The failure learner's tables (state): what a ticket looked like when it was judged, and what came of it.

They belong to the metadata of ``tables.py``; like there, rows are made from values only.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from agent.store.columns import UtcDateTime
from agent.store.tables import TicketRow

assert TicketRow.metadata is SQLModel.metadata  # foreign keys below point into the tables there


def _instant(*, nullable: bool = False, index: bool = False) -> Any:  # noqa: ANN401 - SQLModel's Field returns Any
    return Field(default=None, sa_column=Column(UtcDateTime, nullable=nullable, index=index))


def _json() -> Any:  # noqa: ANN401 - SQLModel's Field returns Any
    return Field(default=None, sa_column=Column(JSON, nullable=False))


class ImpressionRow(SQLModel, table=True):
    """What a ticket looked like when it was judged, for labels that come days later; and what it has taught."""

    __tablename__ = "impression"
    ticket_id: int = Field(primary_key=True, foreign_key="ticket.id")
    product: str = Field(index=True)
    firmware: str
    playbook_version: str
    at: datetime = _instant()
    signs: dict[str, Any] = _json()
    chances: dict[str, Any] = _json()
    drift: float = 0.0
    leader: str | None = None
    led_since: datetime | None = _instant(nullable=True)
    began_at: datetime = _instant()
    confirmed: str | None = None
    ruled_out: list[Any] = _json()
    source: str = ""
    learned_at: datetime | None = _instant(nullable=True)
    failed_at: datetime | None = _instant(nullable=True)
    over_at: datetime | None = _instant(nullable=True)


class SignCountRow(SQLModel, table=True):
    """How many confirmed cases a product had under a signature, and how many of them a fault was behind."""

    __tablename__ = "sign_count"
    product: str = Field(primary_key=True)
    fault: str = Field(primary_key=True)
    signature: str = Field(primary_key=True)
    seen: int = 0
    followed: int = 0


class LearnerRow(SQLModel, table=True):
    """Who is in charge of a product's diagnoses, how each contender did, and the shadow's weights."""

    __tablename__ = "learner"
    product: str = Field(primary_key=True)
    version: int
    state: dict[str, Any] = _json()
    at: datetime = _instant()


class PromiseRow(SQLModel, table=True):
    """A time left that was told, and what came of it. ``off_days`` is how far the end lay outside of it."""

    __tablename__ = "promise"
    ticket_id: int = Field(primary_key=True, foreign_key="ticket.id")
    product: str = Field(index=True)
    fault: str
    made_at: datetime = _instant()
    early_at: datetime = _instant()
    late_at: datetime = _instant()
    basis: str
    alike: int
    within: int
    ending: str | None = Field(default=None, index=True)
    ended_at: datetime | None = _instant(nullable=True)
    off_days: float | None = None


class NoticeRow(SQLModel, table=True):
    """Something about a whole product that staff should know, said once."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("product", "firmware", "metric"),)
    id: int | None = Field(default=None, primary_key=True)
    product: str
    firmware: str
    metric: str
    moved: int
    watched: int
    text: str
    at: datetime = _instant(index=True)
