"""What was seen of the broker (state). The tables belong to the metadata of ``tables.py``."""

from datetime import datetime

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel

from agent.store.columns import UtcDateTime


class BrokerLossRow(SQLModel, table=True):
    """Messages of anybody that the broker dropped between two instants; ``since`` ``NULL``: not known."""

    __tablename__ = "broker_loss"
    id: int | None = Field(default=None, primary_key=True)
    messages: int = Field(sa_type=BigInteger)
    since: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True, index=True))
    until: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))


class BrokerCountRow(SQLModel, table=True):
    """The broker's count of what it dropped since its start, when it was last looked at; one row."""

    __tablename__ = "broker_count"
    id: int = Field(primary_key=True)
    count: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
